// A visit that nobody has assigned: complaint, referral, order from above, or what an inspector saw on the way.

import { html, Component } from './html.js';
import { Head, Notices } from './chrome.js';
import { Choice, Text, Told, Doing } from './parts.js';
import { ItemPicker } from './item_picker.js';
import { UnitSearch } from './unit_search.js';
import { dayOf } from '../days.js';
import { nameOf, periodEndedInWords, visitInWords } from '../unit_facts.js';
import { KINDS, SOURCES } from '../visit_view.js';

const OFFERED_KINDS = ['special', 'case_based', 'flying', 'recheck'];
/** Kinds that look at a part of the items. */
const PARTIAL = ['flying', 'recheck'];
const OFFERED_SOURCES = ['complaint', 'referral', 'superior', 'own'];

/** A re-check follows an order unless somebody says otherwise; nothing else does. */
const sourceFor = (kind, source) => (kind === 'recheck' ? (source ?? 'order') : source === 'order' ? null : source);

export class Unplanned extends Component {
  constructor(props) {
    super(props);
    const { checklist } = props.app.work.bundle.settings;
    this.state = { code: '', kind: null, source: null, reason: '', second: '', checklist, items: [], recheckOf: '' };
  }

  /** The records that may be re-checked: earlier visits, and those that ordered something and do not count yet. */
  get records() {
    const unit = this.props.app.work.unit(this.state.code);
    const shown = (unit?.last_visits ?? []).map((visit) => [visit.record, visit]);
    const owed = (unit?.open_orders ?? []).filter((order) => order.record).map((order) => [order.record, null]);
    return [...new Map([...owed, ...shown])];
  }

  /** What was found or ordered at one of them. */
  codesOf(record) {
    const { last_visits: visits, open_orders: orders } = this.props.app.work.unit(this.state.code);
    const found = visits.find((visit) => visit.record === record)?.findings.map((finding) => finding.code) ?? [];
    return [...found, ...orders.filter((order) => order.record === record).flatMap((order) => order.items)];
  }

  /** Which earlier visit is re-checked; its findings are looked at, as far as this checklist has them. */
  recheck(record) {
    const { work } = this.props.app;
    const { checklist } = this.state;
    const known = new Set(work.bundle.checklists[checklist].items.map((item) => item.code));
    const items = record ? [...new Set(this.codesOf(record))].filter((one) => known.has(one)) : [];
    this.setState({ recheckOf: record, items });
  }

  missing() {
    const { code, kind, source, reason, second, items, recheckOf } = this.state;
    const wanted = [
      [code, '单位'],
      [kind, '种类'],
      [source, '来源'],
      [reason.trim(), '事由'],
      [second, '第二名检查人员'],
      [kind !== 'recheck' || recheckOf || !this.records.length, '复查哪一次检查'],
      [kind !== 'flying' || items.length, '检查哪些项目'],
    ];
    return wanted.filter(([value]) => !value).map(([, words]) => words);
  }

  async begin() {
    const { app } = this.props;
    const { code, kind, source, reason, second, checklist } = this.state;
    const unit = app.work.unit(code);
    const part = PARTIAL.includes(kind)
      ? { items: this.state.items, recheckOf: kind === 'recheck' ? this.state.recheckOf || null : null }
      : {};
    const id = await app.work.begin({
      ...{ unit, kind, source, checklist, ...part },
      reason: reason.trim(),
      second: Number(second),
    });
    app.go(`#/visit/${id}/papers`);
  }

  render({ app }, { code, kind, source, reason, second, checklist, items, recheckOf }) {
    const { work } = app;
    const units = Object.values(work.bundle.units);
    const others = work.bundle.people.filter((person) => person.id !== work.account);
    const missing = this.missing();
    const today = dayOf(Date.now());
    return html`<div class="frame page">
      <${Head} app=${app} title="计划外检查" meta="投诉举报、移送交办、上级部署或自行发现" back="#/today" backWords="今天" />
      <${Notices} app=${app} />
      <main class="column">
        ${
          work.mayBegin()
            ? null
            : html`<${Told} tone="fail">${periodEndedInWords(work.bundle)}</${Told}>`
        }
        <label class="text" for="unit"><span>单位</span><small>本机名单里的单位</small>
          <select id="unit" value=${code}
            onChange=${(event) => this.setState({ code: event.target.value, recheckOf: '', items: [] })}>
            <option value="">请选择</option>
            ${units.map(
              (unit) => html`<option key=${unit.code}
              value=${unit.code}>${nameOf(unit)}（${unit.code}）</option>`,
            )}
          </select></label>
        <${UnitSearch} app=${app} onTaken=${(found) => this.setState({ code: found, recheckOf: '', items: [] })} />
        <h2>种类</h2>
        <${Choice} label="种类" value=${kind} options=${OFFERED_KINDS.map((id) => [id, KINDS[id]])}
          onChoose=${(id) => this.setState({ kind: id, source: sourceFor(id, source), recheckOf: '', items: [] })} />
        <h2>来源</h2>
        <${Choice} label="来源" value=${source} options=${(kind === 'recheck' ? ['order', ...OFFERED_SOURCES] : OFFERED_SOURCES).map((id) => [id, SOURCES[id]])}
          onChoose=${(id) => this.setState({ source: id })} />
        <${Text} id="reason" label="事由" rows=${2} value=${reason} onText=${(text) => this.setState({ reason: text })} />
        <label class="text" for="second"><span>第二名检查人员</span>
          <select id="second" value=${second} onChange=${(event) => this.setState({ second: event.target.value })}>
            <option value="">请选择</option>
            ${others.map((person) => html`<option key=${person.id} value=${person.id}>${person.name}</option>`)}
          </select></label>
        <label class="text" for="checklist"><span>检查要点表</span>
          <select id="checklist" value=${checklist}
            onChange=${(event) => this.setState({ checklist: event.target.value, recheckOf: '', items: [] })}>
            ${Object.entries(work.bundle.checklists).map(
              ([sha, one]) => html`<option key=${sha}
              value=${sha}>${one.title}</option>`,
            )}
          </select></label>
        ${
          kind === 'recheck' && work.unit(code)
            ? html`<label class="text" for="recheck-of"><span>复查哪一次检查</span>
          <select id="recheck-of" value=${recheckOf} onChange=${(event) => this.recheck(event.target.value)}>
            <option value="">${this.records.length ? '请选择' : '本机没有这家的以往检查'}</option>
            ${this.records.map(
              ([record, visit]) => html`<option key=${record} value=${record}>${
                visit ? `${visitInWords(visit, today)}（${record}）` : `还没有公开的检查（${record}）`
              }</option>`,
            )}
          </select></label>`
            : null
        }
        ${
          PARTIAL.includes(kind)
            ? html`<h2>检查哪些项目</h2>
          ${kind === 'recheck' ? html`<p class="quiet">一项也不选，就检查全部项目。</p>` : null}
          <${ItemPicker} checklist=${work.bundle.checklists[checklist]} codes=${items}
            onChange=${(codes) => this.setState({ items: codes })} />`
            : null
        }
        ${missing.length ? html`<p class="quiet">还缺：${missing.join('、')}</p>` : null}
        <p class="start"><${Doing} disabled=${missing.length > 0 || !work.mayBegin()}
          onPress=${() => this.begin()}>开始检查</${Doing}></p>
      </main></div>`;
  }
}
