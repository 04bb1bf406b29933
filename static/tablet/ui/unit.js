// What is known of a unit before the visit: licence, grade, what is open, what expires, what was found, with photos.

import { html, Component } from './html.js';
import { Fact, Told, Doing } from './parts.js';
import {
  nameOf,
  gradeInWords,
  visitInWords,
  untilInWords,
  higherCheckInWords,
  periodEndedInWords,
} from '../unit_facts.js';
import { shownDay, shownInstant } from '../days.js';
import { KINDS, SOURCES } from '../visit_view.js';
import { addressOf } from '../photos.js';
import { isTakenBack, stateOf } from './today.js';
import { openStep } from '../procedure.js';

export function UnitFacts({ app, row, today }) {
  const { work } = app;
  const { unit, visit } = row;
  const task = row.assignment ?? visit?.plan?.assignment ?? visit?.plan?.opening ?? null;
  const orders = unit.open_orders ?? [];
  const expiring = unit.near_expiry ?? [];
  return html`<article class="unit">
    <h2>${nameOf(unit)}</h2>
    ${unit.sign_name && unit.sign_name !== unit.licence_name ? html`<p class="quiet">${unit.licence_name}</p>` : null}
    <p>${unit.address}</p>
    <${Start} app=${app} row=${row} today=${today} />
    ${unit.higher_check ? html`<${Told}>${higherCheckInWords(unit.higher_check, today)}</${Told}>` : null}
    <dl class="facts">
      <${Fact} label="任务">${taskInWords(task)}</${Fact}>
      ${
        task?.campaign
          ? html`<${Fact}
        label="随机查餐厅">第${task.campaign.issue_no}期，${task.campaign.theme}</${Fact}>`
          : null
      }
      <${Fact} label="业态">${unit.unit_type_zh}</${Fact}>
      <${Fact} label="风险等级">${gradeInWords(unit)}</${Fact}>
      <${Fact} label="许可证">${licenceInWords(unit, today)}</${Fact}>
      <${Fact} label="门店码">${unit.code}</${Fact}>
    </dl>
    <h3>临近到期</h3>
    ${
      expiring.length
        ? html`<ul class="lines">${expiring.map(
            (one) => html`<li key=${one.what}><${Expiry} one=${one}
      today=${today} /></li>`,
          )}</ul>`
        : html`<p class="quiet">没有临近到期的证件。</p>`
    }
    <h3>未完成的整改</h3>
    ${
      orders.length
        ? html`<ul class="lines">${orders.map(
            (order) => html`<li key=${order.text}><${OpenOrder}
      order=${order} today=${today} /></li>`,
          )}</ul>`
        : html`<p class="quiet">没有未完成的整改。</p>`
    }
    <h3>以往检查</h3>
    <${PastVisits} app=${app} visits=${unit.last_visits ?? []} today=${today} />
    <p class="quiet">本年度已检查${unit.visits_this_year ?? 0}次。</p>
  </article>`;
}

function taskInWords(task) {
  if (!task) return '计划外检查';
  const { kind, source, reason } = task;
  return `${KINDS[kind] ?? kind}，${SOURCES[source] ?? source}${reason ? `：${reason}` : ''}`;
}

const licenceInWords = ({ licence_number: number, licence_until_on: until }, today) =>
  `${number ?? '未登记'}${until ? `，有效期至${shownDay(until, today)}` : ''}`;

function Expiry({ one, today }) {
  const { words, isLate } = untilInWords(one.until_on, today);
  return html`${one.what}：<span class=${isLate ? 'late' : 'wait'}>${words}</span>`;
}

function OpenOrder({ order, today }) {
  const until = order.deadline_on ? untilInWords(order.deadline_on, today) : null;
  return html`${order.text}${
    until
      ? html`　<span
    class=${until.isLate ? 'late' : 'wait'}>期限：${until.words}</span>`
      : null
  }`;
}

function PastVisits({ app, visits, today }) {
  if (!visits.length) return html`<p class="quiet">还没有检查记录。</p>`;
  return html`<ol class="past">${visits.map(
    (visit) => html`<li key=${`${visit.on}${visit.kind}`}>
    <p>${visitInWords(visit, today)}</p>
    ${
      visit.findings?.length
        ? html`<ul>${visit.findings.map(
            (finding) => html`<li key=${finding.code}>
      <span>${finding.code} ${finding.note || finding.text || ''}${
        finding.corrected_on
          ? html`<span
        class="done">　✓ ${shownDay(finding.corrected_on, today)}已改正</span>`
          : ''
      }</span>
      ${
        finding.photos?.length
          ? html`<${Pictures} app=${app} digests=${finding.photos}
        label=${`${finding.code}的照片`} />`
          : null
      }
    </li>`,
          )}</ul>`
        : null
    }</li>`,
  )}</ol>`;
}

/** Kept pictures, shown in a row; one that has not been fetched says so. */
export class Pictures extends Component {
  constructor(props) {
    super(props);
    this.state = { addresses: {} };
  }

  componentDidMount() {
    this.load();
  }

  componentDidUpdate(before) {
    if (before.digests.join() !== this.props.digests.join()) this.load();
  }

  async load() {
    const { app, digests } = this.props;
    for (const digest of digests) {
      const address = await addressOf(app.work.store, digest);
      if (this.isGone) return;
      this.setState(({ addresses }) => ({ addresses: { ...addresses, [digest]: address } }));
    }
  }

  componentWillUnmount() {
    this.isGone = true;
  }

  render({ digests, label, children }, { addresses }) {
    return html`<span class="pictures">${digests.map(
      (digest, index) => html`<span class="picture" key=${digest}>
      ${
        addresses[digest]
          ? html`<a href=${addresses[digest]} target="_blank"><img src=${addresses[digest]}
        alt=${`${label} ${index + 1}`} /></a>`
          : html`<span class="quiet">照片未取到</span>`
      }
      ${children ? children(digest, index) : null}</span>`,
    )}</span>`;
  }
}

/** Begin, or go on; an ended offline period blocks the beginning and nothing else. */
function Start({ app, row, today }) {
  const { work } = app;
  const { assignment, unit, visit } = row;
  if (visit) {
    const [words] = stateOf(work, row);
    return html`<p class="start"><a class="main" href=${`#/visit/${row.id}`}
      onClick=${(event) => goOn(event, app, row.id)}>${work.view(row.id)?.isLocked ? '查看' : '继续'}</a><span>${words}</span></p>
    ${isTakenBack(work, row) ? html`<${TakenBack} work=${work} row=${row} />` : null}`;
  }
  const from = assignment.release_on;
  if (from && from > today) return html`<${Told}>${shownDay(from, today)}起可以开始。</${Told}>`;
  if (!work.mayBegin()) {
    return html`<${Told} tone="fail">${periodEndedInWords(work.bundle)}</${Told}>`;
  }
  return html`<p class="start"><${Doing} onPress=${() => begin(app, assignment, unit)}>${
    assignment.state === 'waiting' ? '开始检查' : '打开这次检查'
  }</${Doing}>
    <span>${peopleInWords(work, assignment)}</span></p>`;
}

/** What was seen stays evidence; whether the visit goes on is for whoever stands there. */
const TakenBack = ({ work, row }) => html`<${Told}><p>这个任务已经改派或撤回。已经查的照样上传，作为证据；接着查完、签名，也照收。</p>
  ${
    row.visit.meta.aside
      ? null
      : html`<${Doing} kind="second" onPress=${() => work.setMeta(row.id, { aside: true })}>不再查了</${Doing}>`
  }</${Told}>`;

function peopleInWords(work, assignment) {
  const name = (id) =>
    [...work.bundle.people, work.bundle.account].find((person) => person.id === id)?.name ?? '待定';
  return `主检：${name(assignment.lead)}，检查人员：${name(assignment.second)}`;
}

async function begin(app, assignment, unit) {
  const { work } = app;
  const { kind, source, reason, checklist } = assignment;
  const id = await work.begin({ assignment, unit, kind, source, reason, checklist });
  app.go(`#/visit/${id}/papers`);
  app.sync.soon();
}

async function goOn(event, app, id) {
  event.preventDefault();
  await app.work.loadVisit(id);
  app.go(`#/visit/${id}/${openStep(app.work.view(id), app.work.suggestion(id))}`);
}
