// Two tablets that did not see each other: both answers stay, and the lead inspector decides, not the clock.

import { html } from './html.js';
import { Told } from './parts.js';
import { personOf, resultWords, SIGNERS, REGISTER_KINDS } from '../visit_view.js';
import { unionOfAnswers } from '../merge.js';
import { ANSWERS, findingInWords } from '../checklist.js';
import { shownInstant } from '../days.js';

const NAMES = {
  certificates: '亮证',
  notice: '告知页',
  problems: '检查表以外的问题',
  guests: '同行人员',
  exam: '人员考核',
  decision: '认定',
  orders: '责令改正',
  told: '结果告知',
  link: '单位链接',
  obstruction: '无法检查',
  location: '位置',
};

/** Conflicts that do not stand at an item; items show theirs where they stand. */
export function Conflicts({ app, view, say, step }) {
  const keys = view.conflicts.filter((key) => !key.startsWith('item/'));
  const items = view.conflicts.length - keys.length;
  return html`<div class="conflicts">
    ${keys.map((key) => html`<${ConflictOf} key=${key} ...${{ app, view, say }} field=${key} hasName=${true} />`)}
    ${
      items && step !== 'items'
        ? html`<${Told} tone="fail">两台平板有${items}项答案不一致。<a
      href=${`#/visit/${view.id}/items`}>去看这些项目</a></${Told}>`
        : null
    }
  </div>`;
}

export function ConflictOf({ view, say, field, hasName = false }) {
  const { alternatives } = view.fields.get(field);
  const [one, other, ...more] = alternatives;
  const union = field.startsWith('item/') && other && !more.length ? unionOfAnswers(one.value, other.value) : null;
  const mayDecide = view.isLead && !view.isLocked;
  return html`<div class="panel conflict" role="group" aria-label="不一致的填写">
    <p><strong>两台平板填的不一样${hasName ? `：${nameOfField(field)}` : ''}</strong>
      <span>${mayDecide ? '请主检人选一个' : '等主检人决定，两个都保留'}</span></p>
    <ul>${alternatives.map(
      (change) => html`<li key=${change.id}>
      <span><strong>${personOf(view, change.account).name}</strong>
        <span>${shownInstant(change.made_at, Date.now())}：${inWords(view, field, change.value)}</span></span>
      ${
        mayDecide
          ? html`<button type="button" class="second"
        onClick=${() => say(field, change.value)}>用这个</button>`
          : null
      }</li>`,
    )}</ul>
    ${
      mayDecide && union
        ? html`<button type="button" class="second"
      onClick=${() => say(field, union)}>两份合并</button>`
        : null
    }
  </div>`;
}

function nameOfField(field) {
  const [kind, rest] = field.split('/');
  if (kind === 'signature') return `签名（${SIGNERS[rest.replace('notice_', '')] ?? rest}）`;
  if (kind === 'register') return REGISTER_KINDS[rest] ?? rest;
  return NAMES[kind] ?? field;
}

function inWords(view, field, value) {
  if (value === null) return '没有';
  if (field.startsWith('item/')) return answerInWords(view, field.slice(5), value);
  if (field === 'decision') return [resultWords(view)[value.result], value.reason].filter(Boolean).join('，');
  if (typeof value === 'string') return value;
  if (field === 'notice')
    return { asked: '不申请回避', applied: '申请回避', not_asked: '未询问' }[value.recusal] ?? '';
  return value.note ?? value.reason ?? value.name ?? (value.drawing ? '手写签名' : JSON.stringify(value));
}

function answerInWords(view, code, value) {
  const item = view.items.find((one) => one.code === code);
  const parts = [
    ANSWERS[value.answer],
    value.safety === true ? '影响食品安全' : value.safety === false ? '不影响' : null,
  ];
  if (value.corrected_on_spot) parts.push('当场改正');
  if (value.deadline_on) parts.push(`${value.deadline_on}前改正`);
  if (item) parts.push(findingInWords(item, value));
  if (value.photos?.length) parts.push(`照片${value.photos.length}张`);
  parts.push(value.na_reason);
  return parts.filter(Boolean).join('，');
}
