// What the law asks of a failed item: what was seen, does it affect food safety, corrected at once or by when, photos.

import { html } from './html.js';
import { Choice, Several, Text } from './parts.js';
import { Photos } from './photo_strip.js';
import { daysLater, dayOf, shownDay } from '../days.js';

/** A row of the panel: its word in front, what can be chosen beside it. */
const Row = ({ word, children }) => html`<div class="asks"><span aria-hidden="true">${word}</span>
  <div>${children}</div></div>`;

export function FindingPanel({ app, view, say, item, value }) {
  const { isLocked } = view;
  const keep = (fields) => say(`item/${item.code}`, { ...value, ...fields });
  return html`<div class="panel finding">
    ${
      item.words.length
        ? html`<${Row} word="发现"><${Several} label="发现了什么" disabled=${isLocked}
      values=${value.words ?? []}
      options=${item.words.map((word) => [word.id, word.text])} onChange=${(words) => keep({ words })} />
        </${Row}>`
        : null
    }
    <${Row} word="影响"><${Choice} label="是否影响食品安全" disabled=${isLocked}
      value=${value.safety === true ? 'yes' : value.safety === false ? 'no' : null}
      options=${[
        ['yes', '影响食品安全'],
        ['no', '轻微，不影响'],
      ]}
        onChoose=${(id) => keep({ safety: id === null ? null : id === 'yes' })} /></${Row}>
    <${Row} word="改正"><${Deadline} ...${{ view, value, isLocked, item }} onKeep=${keep} /></${Row}>
    <${Row} word="说明"><${Text} id=${`remark-${item.code}`} label="补充说明" isBare=${true} rows=${2} most=${1000}
      disabled=${isLocked}
      placeholder="补充说明" value=${value.remark ?? ''} onText=${(remark) => keep({ remark })} /></${Row}>
    <${Row} word="照片"><${Photos} app=${app} view=${view} id=${`photos-${item.code}`} label=${`${item.code}的照片`}
      digests=${value.photos ?? []}
      onChange=${(photos) => keep({ photos })} /></${Row}>
  </div>`;
}

/** Corrected on the spot, or by a day: the usual spans as days of the calendar, or any other day. */
function Deadline({ view, value, isLocked, item, onKeep }) {
  const today = dayOf(Date.now());
  const days = view.plan.words.deadlines.days.map((count) => {
    const day = daysLater(today, count);
    return [day, `${count}天内`, `${shownDay(day, today)}前`];
  });
  const isOther = Boolean(value.deadline_on) && !days.some(([day]) => day === value.deadline_on);
  const choose = (id) => onKeep({ corrected_on_spot: id === 'spot', deadline_on: id === 'spot' ? null : id });
  return html`<${Choice} label="如何改正" disabled=${isLocked}
    value=${value.corrected_on_spot ? 'spot' : (value.deadline_on ?? null)}
      options=${[['spot', '当场改正'], ...days]} onChoose=${choose}>
    <label class=${isOther ? 'chip day pressed' : 'chip day'}><span>另选日期</span><input type="date" min=${today}
      disabled=${isLocked} id=${`day-${item.code}`}
      value=${isOther ? value.deadline_on : ''}
        onChange=${(event) => event.target.value && choose(event.target.value)} /></label></${Choice}>`;
}
