// One item: its text, a measured value where it has one, and the three answers in the same order everywhere.

import { html, Component } from './html.js';
import { Choice, Text } from './parts.js';
import { FindingPanel } from './finding_panel.js';
import { ConflictOf } from './conflict.js';
import { MARKS, readingAgainst, limitsInWords } from '../checklist.js';
import { shownDay, dayOf } from '../days.js';

const THREE = [
  ['pass', '符合'],
  ['fail', '不符合'],
  ['na', '不适用'],
];
const KEYS = { 1: 'pass', 2: 'fail', 3: 'na' };

export class ItemRow extends Component {
  shouldComponentUpdate(next) {
    const { value, isConflict, view, app } = this.props;
    const isOther =
      next.value !== value ||
      next.isConflict !== isConflict ||
      next.view.isLocked !== view.isLocked ||
      next.app !== app;
    // What stands in a conflict or under a photo may change without the answer itself.
    return isOther || (next.view.fields !== view.fields && (next.isConflict || next.value.photos?.length > 0));
  }

  answer(answer) {
    const { item, value, say, view } = this.props;
    if (view.isLocked) return;
    const { preset, ...kept } = value;
    const isSame = value.answer === answer && !preset;
    const reason = answer === 'na' ? (kept.na_reason ?? '') : '';
    say(`item/${item.code}`, isSame ? { ...kept, answer: 'unchecked' } : { ...kept, answer, na_reason: reason });
  }

  render({ app, view, say, item, value, last, isConflict, visit }) {
    const shown = { ...value };
    return html`<li class=${`item is-${value.answer}`} id=${`item-${item.code}`}>
      <div class="asked">
        <p class="label"><span>${item.code} ${item.section}</span>
          ${item.mark !== 'general' ? html`<span class="tag">${MARKS[item.mark]}</span>` : null}
          ${view.plan.assignment?.campaign?.theme_items.includes(item.code) ? html`<span class="tag">本期主题</span>` : null}
          ${item.provisional ? html`<span class="tag quiet">暂代</span>` : null}
          ${last ? html`<strong class="again">上次不符合</strong>` : null}
          ${value.preset ? html`<span class="quiet">按业态预设</span>` : null}</p>
        <p class="words" id=${`words-${item.code}`}>${item.text}</p>
        ${last ? html`<p class="quiet">${lastInWords(last)}</p>` : null}
        ${item.measure ? html`<${Measure} ...${{ item, value, say, view }} />` : null}
      </div>
      <${Answers} item=${item} value=${value} isLocked=${view.isLocked || isConflict}
        onAnswer=${(answer) => this.answer(answer)} visit=${visit} />
      ${isConflict ? html`<${ConflictOf} ...${{ app, view, say }} field=${`item/${item.code}`} />` : null}
      ${
        !isConflict && value.answer === 'fail'
          ? html`<${FindingPanel} ...${{ app, view, say, item }}
        value=${shown} />`
          : null
      }
      ${!isConflict && value.answer === 'na' ? html`<${NotApplicable} ...${{ view, say, item, value }} />` : null}
    </li>`;
  }
}

const lastInWords = ({ on, note, corrected_on: corrected }) =>
  `${shownDay(on, dayOf(Date.now()))}：${note || '没有写明'}${corrected ? '，已改正' : ''}`;

/** Three buttons, one stop of the keyboard: arrows move, 1 2 3 answer, up and down go to the item before and after. */
function Answers({ item, value, isLocked, onAnswer }) {
  const at = Math.max(
    0,
    THREE.findIndex(([id]) => id === value.answer),
  );
  return html`<div class="answers" role="group" aria-labelledby=${`words-${item.code}`}
    onKeyDown=${(event) => steer(event, onAnswer)}>
    ${THREE.map(
      ([id, words], index) => html`<button type="button" key=${id} class=${id} disabled=${isLocked}
      aria-pressed=${String(value.answer === id)}
      tabindex=${index === at ? 0 : -1} onClick=${() => onAnswer(id)}>${words}</button>`,
    )}</div>`;
}

function steer(event, onAnswer) {
  const group = event.currentTarget;
  const buttons = [...group.querySelectorAll('button')];
  const at = buttons.indexOf(document.activeElement);
  const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (move !== undefined) buttons[(at + move + 3) % 3].focus();
  else if (KEYS[event.key]) onAnswer(KEYS[event.key]);
  else if (event.key === 'ArrowDown' || event.key === 'ArrowUp')
    stepTo(group.closest('li'), event.key === 'ArrowDown');
  else return;
  event.preventDefault();
}

function stepTo(row, isDown) {
  const next = isDown ? row.nextElementSibling : row.previousElementSibling;
  next?.querySelector('.answers button[tabindex="0"]')?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

const NUMBER = /^[-+]?\d+(\.\d+)?$/;

/** A reading with its unit beside its limits; it judges nothing by itself. What is no number changes no reading. */
class Measure extends Component {
  keep(text) {
    const { item, value, say } = this.props;
    const { preset, ...kept } = value;
    const written = text.trim().replace('，', '.').replace(',', '.');
    const isNumber = NUMBER.test(written);
    this.setState({ wrong: written && !isNumber ? text.trim() : null });
    if (isNumber) say(`item/${item.code}`, { ...kept, measure: { value: Number(written), unit: item.measure.unit } });
    else if (!written) say(`item/${item.code}`, { ...kept, measure: null });
  }

  render({ item, value, view }, { wrong }) {
    const { measure } = item;
    const reading = value.measure?.value ?? null;
    const against = readingAgainst(measure, reading);
    const words = { below: '低于限值', above: '高于限值', within: '在限值内' }[against];
    const kept = reading === null ? '没有记下读数' : `记下的仍是 ${reading} ${measure.unit}`;
    return html`<div class="measure"><${Text} id=${`measure-${item.code}`} label=${measure.label} mode="decimal"
      most=${8} disabled=${view.isLocked}
      value=${reading === null ? '' : String(reading)} onText=${(text) => this.keep(text)} /><span>${measure.unit}</span>
      <small class=${against === 'below' || against === 'above' ? 'fail' : ''}>
        ${limitsInWords(measure)}${words ? `：${words}` : ''}</small>
      ${wrong ? html`<p class="fail" role="alert">“${wrong}”不是数字，${kept}。只写数字，例如 4.5。</p>` : null}</div>`;
  }
}

/** Why an item does not concern this unit: the reason stands on the record. */
function NotApplicable({ view, say, item, value }) {
  const { preset, ...kept } = value;
  const keep = (reason) => say(`item/${item.code}`, { ...kept, na_reason: reason ?? '' });
  const listed = view.plan.words.na_reasons.map((reason) => [reason.zh, reason.zh]);
  if (view.isLocked || preset) return html`<p class="panel quiet">不适用：${value.na_reason || '没有写理由'}</p>`;
  return html`<div class="panel"><${Choice} label="不适用的理由" options=${listed} value=${value.na_reason}
    onChoose=${keep} />
    <${Text} id=${`na-${item.code}`} label="其他理由" most=${200}
      value=${listed.some(([zh]) => zh === value.na_reason) ? '' : (value.na_reason ?? '')}
      onText=${(text) => text.trim() && keep(text.trim())} /></div>`;
}
