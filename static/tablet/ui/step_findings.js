// Step four: everything that was found and whether it is complete, what stands outside the checklist, who came along.

import { html } from './html.js';
import { Block, Choice, Text, Told, Doing } from './parts.js';
import { FindingPanel } from './finding_panel.js';
import { Photos } from './photo_strip.js';
import { Exam } from './exam.js';
import { HealthCertificates } from './health.js';
import { PrintButtons } from './print.js';
import { MARKS, missingOf } from '../checklist.js';
import { itemsWaitFor } from '../procedure.js';
import { REGISTER_KINDS, saidOf } from '../visit_view.js';
import { shownInstant } from '../days.js';

const WANTS_VALUE = { sign_changed: '现在的牌匾名称', new_operator: '现在的经营者', unlicensed: '现场的证照情况' };

export function Findings({ app, view, say }) {
  const wait = itemsWaitFor(view);
  if (wait) return html`<${Told}>${wait}。</${Told}>`;
  const bare = view.unfinished.filter((item) => view.answers.get(item.code).answer === 'na');
  return html`<${Block} id="failed" title="不符合的项目" note=${`${view.failed.length}项`}>
      ${
        view.failed.length
          ? html`<ol class="items">${view.failed.map(
              (item) => html`<${Failed} key=${item.code}
        ...${{ app, view, say, item }} />`,
            )}</ol>`
          : html`<p class="quiet">没有不符合的项目。</p>`
      }
      ${
        bare.length
          ? html`<${Told}>${bare.map((item) => item.code).join('、')}不适用，还没有写理由。<a
        href=${`#/visit/${view.id}/items`}>去补写</a></${Told}>`
          : null
      }
    </${Block}>
    <${Block} id="problems-title" title="检查表以外的问题">
      <${Text} id="problems" label="问题" isBare=${true} rows=${3} most=${2000} disabled=${view.isLocked}
        value=${saidOf(view, 'problems') ?? ''} onText=${(text) => say('problems', text.trim() ? text : null)} />
    </${Block}>
    <${Block} id="register" title="登记信息和公示牌" note="由复核人决定是否采用">
      ${Object.keys(REGISTER_KINDS).map(
        (kind) => html`<${RegisterFinding} key=${kind}
        ...${{ app, view, say, kind }} />`,
      )}
    </${Block}>
    <${Block} id="exam-title" title="人员考核" note="随机抽查食品安全管理人员，可选"><${Exam} ...${{ app, view, say }} /></${Block}>
    <${Block} id="health-title" title="健康证明" note="只记份数和最早的到期日，下次检查前会提醒；不记姓名">
      <${HealthCertificates} ...${{ app, view, say }} /></${Block}>
    <${Block} id="guests-title" title="同行人员" note="签到表留在纸上，这里只记人数">
      <${Guests} ...${{ view, say }} /><${PrintButtons} app=${app} view=${view} document="guests" />
    </${Block}>
    <${Block} id="place-title" title="位置" note="只在需要作为证据时记录"><${Place} ...${{ view, say }} /></${Block}>`;
}

function Failed({ app, view, say, item }) {
  const value = view.answers.get(item.code);
  const missing = missingOf(value);
  return html`<li class="item is-fail" id=${`item-${item.code}`}>
    <div class="asked"><p class="label">
      <span>${item.code} ${item.section}</span>${
        item.mark !== 'general'
          ? html`<span
      class="tag">${MARKS[item.mark]}</span>`
          : null
      }</p>
      <p class="words">${item.text}</p>
      ${missing.length ? html`<p class="fail">还缺：${missing.join('、')}</p>` : html`<p class="done">✓ 已填完</p>`}</div>
    <${FindingPanel} ...${{ app, view, say, item, value }} /></li>`;
}

function RegisterFinding({ app, view, say, kind }) {
  const key = `register/${kind}`;
  const value = saidOf(view, key);
  const keep = (fields) => say(key, { note: '', value: null, photos: [], ...value, ...fields });
  return html`<div class="register">
    <button type="button" class="chip" aria-pressed=${String(Boolean(value))} disabled=${view.isLocked}
      onClick=${() => (value ? say(key, null) : keep({}))}>${REGISTER_KINDS[kind]}</button>
    ${
      value
        ? html`<div class="panel">
      ${
        WANTS_VALUE[kind]
          ? html`<${Text} id=${`${kind}-value`} label=${WANTS_VALUE[kind]} most=${200}
        disabled=${view.isLocked} value=${value.value ?? ''}
        onText=${(text) => keep({ value: text.trim() || null })} />`
          : null
      }
      <${Text} id=${`${kind}-note`} label="说明" disabled=${view.isLocked} value=${value.note ?? ''}
        onText=${(note) => keep({ note })} />
      <${Photos} app=${app} view=${view} id=${`${kind}-photos`} label=${REGISTER_KINDS[kind]}
        digests=${value.photos ?? []} onChange=${(photos) => keep({ photos })} /></div>`
        : null
    }
  </div>`;
}

function Guests({ view, say }) {
  const rows = saidOf(view, 'guests') ?? [];
  const countOf = (role) => rows.find((row) => row.role === role)?.count ?? 0;
  const set = (role, count) => {
    const others = rows.filter((row) => row.role !== role);
    const next = count > 0 ? [...others, { role, count }] : others;
    say('guests', next.length ? next : null);
  };
  return html`<ul class="counters">${view.plan.words.guest_roles.map(
    ({ id, zh }) => html`<li key=${id}>
    <span>${zh}</span>
    <button type="button" aria-label=${`${zh}减一人`} disabled=${view.isLocked || countOf(id) === 0}
      onClick=${() => set(id, countOf(id) - 1)}>−</button>
    <output aria-label=${`${zh}人数`}>${countOf(id)}</output>
    <button type="button" aria-label=${`${zh}加一人`} disabled=${view.isLocked}
      onClick=${() => set(id, countOf(id) + 1)}>＋</button></li>`,
  )}</ul>`;
}

const placeInWords = ({ latitude, longitude, accuracy_m: metres, at }) =>
  `${latitude.toFixed(6)}, ${longitude.toFixed(6)}，误差约${metres}米，${shownInstant(at, Date.now())}`;

/** Where the visit was: asked of the device only when somebody presses, and only once. */
export function Place({ view, say }) {
  const place = saidOf(view, 'location');
  const ask = () =>
    new Promise((resolve) => {
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          const at = new Date().toISOString();
          const { latitude, longitude, accuracy } = coords;
          say('location', { latitude, longitude, accuracy_m: Math.round(accuracy), at });
          resolve();
        },
        () => {
          view.meta.placeFault = true;
          resolve();
        },
        { enableHighAccuracy: true, timeout: 20000 },
      );
    });
  return html`${place ? html`<p>${placeInWords(place)}</p>` : null}
    ${view.meta.placeFault && !place ? html`<p class="quiet">没有取到位置；不影响检查。</p>` : null}
    ${
      view.isLocked
        ? null
        : html`<div class="row"><${Doing} kind="second" busy="正在取位置…"
      onPress=${ask}>${place ? '重新记录位置' : '记录一次位置'}</${Doing}>
      ${
        place
          ? html`<button type="button" class="second"
        onClick=${() => say('location', null)}>移除</button>`
          : null
      }</div>`
    }`;
}
