// Step five: what the rules suggest and why, what the inspectors decide, and the orders that follow.

import { html } from './html.js';
import { Block, Choice, Text, Told } from './parts.js';
import { itemsWaitFor } from '../procedure.js';
import { sayDecision } from '../signing.js';
import { needsReason, missingOfDecision, composedOrders, ordersAreOfBefore, ordersAreStale } from '../decision.js';
import { decisionOf, resultWords } from '../visit_view.js';
import { fullDay } from '../days.js';

export function Decision({ app, view, say, suggestion }) {
  const wait = itemsWaitFor(view);
  if (wait) return html`<${Told}>${wait}。</${Told}>`;
  if (view.obstruction) return html`<${Told}>未能检查，没有检查结果可以认定。</${Told}>`;
  const decision = decisionOf(view);
  const left = view.progress.total - view.progress.done;
  const isLocked = view.isLocked || !view.isLead;
  const keep = (fields) => keepDecision(app, view, fields, suggestion);
  return html`<div class="two">
    <div>
      ${left ? html`<${Told}>还有${left}项未查；全部查完才能签名。</${Told}>` : null}
      ${view.isLead ? null : html`<${Told}>认定由主检人员在主检平板上办理。</${Told}>`}
      <${Block} id="result" title="检查结果">
        <${Choice} label="检查结果" disabled=${isLocked} value=${decision.result}
          options=${Object.entries(resultWords(view))} onChoose=${(result) => keep({ result })} />
      </${Block}>
      <${Block} id="handling" title="处理方式">
        <${Choice} label="处理方式" disabled=${isLocked} value=${decision.handling}
          options=${view.plan.words.handlings.map((one) => [one.id, one.zh])}
          onChoose=${(handling) => keep({ handling })} />
      </${Block}>
      ${
        needsReason(decision, suggestion) || decision.reason || view.refusal?.word === 'incomplete'
          ? html`<${Block} id="reason-title" title="与建议不同的理由">
        <${Text} id="reason" label="理由" isBare=${true} rows=${3} most=${1000} disabled=${isLocked}
          value=${decision.reason ?? ''} onText=${(reason) => keep({ reason })} />
      </${Block}>`
          : null
      }
      <${Missing} decision=${decision} suggestion=${suggestion} />
      <${Orders} ...${{ view, say, isLocked }} />
    </div>
    <${Derivation} suggestion=${suggestion} view=${view} />
  </div>`;
}

/** A decision is said whole, with its reason where it differs; until then its parts stay on this tablet. */
async function keepDecision({ work }, { id }, fields, suggestion) {
  // What holds at this tap, which may come before the last one has reached the disk.
  const { result, handling, reason = '' } = { ...decisionOf(work.view(id)), ...fields };
  const noted = work.setMeta(id, { decision: { result, handling, reason } });
  await sayDecision(work, id, suggestion);
  await noted;
}

function Missing({ decision, suggestion }) {
  const missing = missingOfDecision(decision, suggestion);
  return missing.length ? html`<p class="quiet">还缺：${missing.join('、')}</p>` : html`<p class="done">✓ 已认定</p>`;
}

/** What the suggestion follows from, line by line; what is missing where there is none. */
function Derivation({ suggestion, view }) {
  return html`<${Block} id="why" title="系统建议" note="由检查人员决定">
    <p class="suggested">${suggestion.resultZh ?? suggestion.handlingZh ?? '不能得出建议'}
      <span>${besideSuggestion(suggestion)}</span></p>
    ${
      suggestion.because.length
        ? html`<ol class="because">${suggestion.because.map(
            (line) => html`<li
      key=${line}>${line}</li>`,
          )}</ol>`
        : null
    }
    ${suggestion.missing.length ? html`<p class="quiet">不能得出的原因：${suggestion.missing.join('；')}。</p>` : null}
    ${suggestion.isAssumed ? html`<${Told}>建议依据假定值，没有原文。</${Told}>` : null}
    <p class="quiet">规则：${view.plan.rules?.title ?? '没有适用的规则'}</p>
  </${Block}>`;
}

/** What stands under the suggestion: its handling, or that the rules leave the result to people. */
function besideSuggestion({ resultZh, handlingZh }) {
  if (resultZh === null) return '规则没有给出检查结果，由检查人员综合认定';
  return handlingZh ? `处理：${handlingZh}` : '';
}

/** Orders as the findings give them; their words may be changed, items and days follow the findings. */
function Orders({ view, say, isLocked }) {
  const { orders } = view;
  const isStale = ordersAreStale(view);
  const changed = isStale
    ? '问题有变化，下面的责令改正已不相符。'
    : '下面仍是上次签名时的文字，与现在写的问题不同；需要的话改写，或按问题重新生成。';
  const edit = (index, text) =>
    say(
      'orders',
      orders.map((order, at) => (at === index ? { ...order, text } : order)),
    );
  return html`<${Block} id="orders" title="责令改正" note="期限从签名起算，随签名的记录生效">
    ${
      isStale || ordersAreOfBefore(view)
        ? html`<${Told} tone=${isStale ? 'fail' : 'wait'}><p>${changed}</p>
      <button type="button" class="second" disabled=${isLocked}
        onClick=${() => say('orders', composedOrders(view))}>按问题重新生成</button></${Told}>`
        : null
    }
    ${
      orders.length
        ? orders.map(
            (order, index) => html`<${Text} key=${order.items.join()} id=${`order-${index}`}
      rows=${Math.max(2, order.items.length)} most=${2000} disabled=${isLocked}
      label=${`${order.deadline_on ? `${fullDay(order.deadline_on)}前` : '当场'}改正（${order.items.join('、')}）`}
      value=${order.text} onText=${(text) => edit(index, text)} />`,
          )
        : html`<p class="quiet">没有需要责令改正的问题。</p>`
    }
  </${Block}>`;
}
