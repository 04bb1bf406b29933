// Step one: who inspects, with certificate numbers, and that the certificates were shown.

import { html } from './html.js';
import { Block, Told } from './parts.js';
import { personOf, saidOf } from '../visit_view.js';
import { headLines } from '../record_text.js';
import { certificateInWords } from '../unit_facts.js';
import { shownInstant, dayOf } from '../days.js';

export function Papers({ view, say, app }) {
  const shown = saidOf(view, 'certificates');
  const isShown = shown?.shown === true;
  const faults = [view.opening.lead, view.opening.second].map((id) => faultOf(personOf(view, id))).filter(Boolean);
  return html`<${Block} id="who" title="检查人员" note="两名以上，主动出示执法证">
      <ul class="inspectors">
        <${Inspector} person=${personOf(view, view.opening.lead)} role="主检人员" />
        <${Inspector} person=${personOf(view, view.opening.second)} role="检查人员" />
      </ul>
      ${faults.map((fault) => html`<${Told} tone="fail" key=${fault}>${fault}</${Told}>`)}
      <button type="button" class=${isShown ? 'big pressed' : 'big'} aria-pressed=${String(isShown)}
        disabled=${view.isLocked}
        onClick=${() => say('certificates', { shown: !isShown, at: new Date().toISOString() })}>
        ${isShown ? '✓ 已出示执法证' : '已向对方出示两人的执法证'}</button>
      ${isShown ? html`<p class="quiet">${shownInstant(shown.at, Date.now())}记录</p>` : null}
    </${Block}>
    <${Block} id="task" title="这次检查">
      <ul class="lines">${headLines(view, view.meta.record_number)
        .slice(0, -1)
        .map(
          (line) => html`<li
        key=${line}>${line}</li>`,
        )}</ul>
    </${Block}>
    <p class="quiet">进不去、关门或对方阻挠：<a class="touch" href=${`#/visit/${view.id}/obstruction`}>记录无法检查</a></p>
    ${
      view.isLead
        ? null
        : html`<${Block} id="elsewhere" title="您是第二名检查人员">
      <p>亮证、告知页、认定和签名在主检人员的平板上办理。确认主检人已办理告知页后，可以在本机一起逐项检查。</p>
      <button type="button" class=${view.meta.noticeElsewhere ? 'big pressed' : 'big'}
        aria-pressed=${String(Boolean(view.meta.noticeElsewhere))}
        onClick=${() => app.work.setMeta(view.id, { noticeElsewhere: !view.meta.noticeElsewhere })}>
        ${view.meta.noticeElsewhere ? '✓ 告知页已在主检人处办理' : '告知页已在主检人处办理'}</button></${Block}>`
    }`;
}

const Inspector = ({ person, role }) => html`<li><strong>${person.name}</strong><span>${role}</span>
  <span>执法证号：${person.certificate_number ?? '未登记'}</span></li>`;

/** Why somebody's certificate does not hold today, or soon will not; null otherwise. */
function faultOf(person) {
  if (!person.certificate_number) return `${person.name}没有登记执法证号；请管理员补登后再检查。`;
  return certificateInWords(person, dayOf(Date.now()));
}
