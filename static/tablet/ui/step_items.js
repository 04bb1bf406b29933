// Step three: the walk. One item is one row, one tap for the usual answer; a failed item opens what the law asks of it.

import { html } from './html.js';
import { Told } from './parts.js';
import { ItemRow } from './item_row.js';
import { itemsWaitFor } from '../procedure.js';
import { isAnswered } from '../checklist.js';

const toTop = () => document.querySelector('.frame > main').scrollTo(0, 0);

const GROUPINGS = [
  ['place', '按地点'],
  ['section', '按章节'],
];

/** By place on the walk, or by section of the checklist: above the stations in landscape, above the items otherwise. */
const Grouping = ({ visit, by }) => html`<div class="by" role="group" aria-label="排列方式">
  ${GROUPINGS.map(
    ([id, words]) => html`<button type="button" key=${id} aria-pressed=${String(by === id)}
    onClick=${() => visit.setState({ by: id, station: null })}>${words}</button>`,
  )}</div>`;

/** The stations of the walk with their counts: a column in landscape, a strip above the items otherwise. */
export function Stations({ visit, stations, view, by }) {
  const current = visit.station;
  return html`<nav class="stations" aria-label="检查地点">
    <${Grouping} visit=${visit} by=${by} />
    <ul>${stations.map(
      (station) => html`<${Station} key=${station.id} station=${station} view=${view}
      isCurrent=${station.id === current}
      onChoose=${() => visit.setState({ station: station.id }, toTop)} />`,
    )}
      <li><a href=${`#/visit/${view.id}/findings`}><span>全部问题</span><b>${view.failed.length}</b></a></li></ul></nav>`;
}

function Station({ station, view, isCurrent, onChoose }) {
  const done = station.items.filter((item) => isAnswered(view.answers.get(item.code))).length;
  const isDone = done === station.items.length;
  return html`<li><button type="button" class=${isDone ? 'done' : ''} aria-current=${isCurrent ? 'true' : undefined}
    onClick=${onChoose}>
    <span>${isDone ? '✓ ' : ''}${station.zh}</span><b>${done}/${station.items.length}</b></button></li>`;
}

export function Items({ app, view, say, stations, station, visit }) {
  const wait = itemsWaitFor(view);
  if (view.obstruction) return html`<${Told}>这次检查记录为“未能检查”，不再逐项检查。</${Told}>`;
  if (wait)
    return html`<${Told}>${wait}。<a
    href=${`#/visit/${view.id}/${wait.includes('告知页') ? 'notice' : 'papers'}`}>现在去办</a></${Told}>`;
  const here = stations.find((one) => one.id === station);
  return html`<h2 class="unseen">${here.zh}</h2><${Grouping} visit=${visit} by=${visit.state.by} /><ol class="items">${here.items.map(
    (item) => html`<${ItemRow}
    key=${item.code} ...${{ app, view, say, item, visit }}
    value=${view.answers.get(item.code)} last=${view.last.get(item.code) ?? null}
      isConflict=${view.fields.get(`item/${item.code}`)?.conflict ?? false} />`,
  )}</ol>`;
}

/** Show an item and put the focus on its answers. */
export function focusItem(code) {
  const row = document.getElementById(`item-${code}`);
  row?.scrollIntoView({ block: 'nearest' });
  row?.querySelector('.answers button[tabindex="0"]')?.focus({ preventScroll: true });
}
