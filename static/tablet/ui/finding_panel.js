// What the law asks of a failed item: does it affect food safety, corrected at once or by when, what was seen, photos.

import { html } from './html.js';
import { Choice, Several, Text } from './parts.js';
import { Photos } from './photo_strip.js';
import { daysLater, dayOf, shownDay } from '../days.js';

export function FindingPanel({ app, view, say, item, value }) {
  const today = dayOf(Date.now());
  const key = `item/${item.code}`;
  const keep = (fields) => say(key, { ...value, ...fields });
  const { deadlines } = view.plan.words;
  const days = deadlines.days.map((count) => [daysLater(today, count), `限期 ${count} 天`, shownDay(daysLater(today, count), today)]);
  const chosen = value.corrected_on_spot ? 'spot' : (value.deadline_on ?? null);
  const isOther = value.deadline_on && !days.some(([day]) => day === value.deadline_on);
  const choose = (id) => keep({ corrected_on_spot: id === 'spot', deadline_on: id === 'spot' ? null : id });
  const isLocked = view.isLocked;
  return html`<div class="panel finding">
    <${Choice} label="是否影响食品安全" disabled=${isLocked} value=${value.safety === true ? 'yes' : value.safety === false ? 'no' : null}
      options=${[['yes', '影响食品安全'], ['no', '轻微，不影响']]} onChoose=${(id) => keep({ safety: id === null ? null : id === 'yes' })} />
    <${Choice} label="如何改正" disabled=${isLocked} value=${chosen} options=${[['spot', '当场改正'], ...days, ...(isOther ? [[value.deadline_on, `限期 ${shownDay(value.deadline_on, today)}`]] : [])]} onChoose=${choose} />
    <label class="day"><span>另选日期</span><input type="date" min=${today} disabled=${isLocked} value=${isOther ? value.deadline_on : ''}
      onChange=${(event) => event.target.value && choose(event.target.value)} /></label>
    ${item.words.length ? html`<${Several} label="发现了什么" disabled=${isLocked} values=${value.words ?? []} options=${item.words.map((word) => [word.id, word.text])} onChange=${(words) => keep({ words })} />` : null}
    <${Text} id=${`remark-${item.code}`} label="补充说明" rows=${2} most=${1000} disabled=${isLocked} value=${value.remark ?? ''} onText=${(remark) => keep({ remark })} />
    <${Photos} app=${app} view=${view} id=${`photos-${item.code}`} label=${`${item.code} 的照片`} digests=${value.photos ?? []} onChange=${(photos) => keep({ photos })} />
  </div>`;
}
