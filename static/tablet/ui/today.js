// The first page: assignments of this inspector, begun ones first, with what the register says of the unit beside them.

import { html } from './html.js';
import { Head, Notices } from './chrome.js';
import { UnitFacts } from './unit.js';
import { Told } from './parts.js';
import { certificateInWords, nameOf, shortFacts, visitInWords } from '../unit_facts.js';
import { dayOf, shownDay, shownInstant, daysBetween } from '../days.js';
import { standingRefusals } from '../outbox.js';
import { KINDS } from '../visit_view.js';

const RANK = { returned: 0, open: 1, none: 2, signed: 3, confirmed: 4, aside: 5 };

/** Every assignment and every visit that is here, in the order in which they want attention. */
export function rowsOf(work) {
  const rows = (work.bundle?.assignments ?? []).map((assignment) => ({
    id: assignment.id,
    assignment,
    unit: work.unit(assignment.unit),
    visit: work.visits.get(assignment.id) ?? null,
  }));
  for (const visit of work.visits.values()) {
    if (!rows.some((row) => row.id === visit.meta.id)) {
      rows.push({ id: visit.meta.id, assignment: null, unit: visit.plan?.unit ?? work.unit(visit.meta.unit), visit });
    }
  }
  const due = (row) => row.assignment?.due_on ?? row.visit?.meta.opened_at ?? '9';
  const isLocked = (row) => Boolean(row.visit && work.view(row.id)?.isLocked);
  const rank = (row) => {
    if (isLocked(row)) return RANK.signed;
    return row.visit?.meta.aside ? RANK.aside : RANK[row.visit?.meta.state ?? 'none'];
  };
  return rows.sort((one, other) => rank(one) - rank(other) || (due(one) < due(other) ? -1 : 1));
}

/** Whether the task of a visit that has begun was given to others or taken back, as far as this tablet has heard. */
export function isTakenBack(work, { id, assignment, visit }) {
  if (assignment || !visit?.plan?.assignment || work.view(id)?.isLocked) return false;
  // One that was sent back is this tablet's, whatever the list of before says.
  if (visit.meta.state === 'returned') return false;
  return work.bundle?.fetched_at > visit.meta.opened_at;
}

/** How far the visit of a row is, in words, and its tone. */
export function stateOf(work, row) {
  const { visit, assignment } = row;
  if (!visit) {
    if (assignment.state === 'on_site') return ['另一台平板已开始', 'wait'];
    // What is done and still on the list was sent back.
    return assignment.state === 'waiting' ? ['未开始', ''] : ['复核退回，待补正', 'fail'];
  }
  const { state } = visit.meta;
  if (state === 'returned') return ['复核退回，待补正', 'fail'];
  if (state === 'confirmed') return ['复核已确认', 'done'];
  if (visit.meta.aside && !work.view(row.id)?.isLocked) return ['不再查，已作为证据', ''];
  const view = work.view(row.id);
  const isOurs = (one) => (one.account ?? work.account) === work.account;
  const unsent = [...visit.changes, ...visit.photos].some((one) => one.state === 'unsent' && isOurs(one));
  const refused = [...standingRefusals(visit.changes), ...visit.photos.filter((one) => one.state === 'refused')];
  const waiting = unsent || refused.some(isOurs);
  if (state === 'signed' || view?.signed) return waiting ? ['已签名，待上传', 'wait'] : ['已签名，已送达', 'done'];
  if (view?.obstruction) return ['未能检查，待签名', 'wait'];
  return view ? [`进行中，已查${view.progress.done}/${view.progress.total}`, 'wait'] : ['进行中', 'wait'];
}

export function Today({ app }) {
  const { work } = app;
  const today = dayOf(Date.now());
  const rows = rowsOf(work);
  const chosen = rows.find((row) => row.id === app.route.id) ?? null;
  const shown = chosen ?? rows[0] ?? null;
  if (shown?.visit && !shown.visit.isLoaded) work.loadVisit(shown.id).then(() => app.notify());
  const fetched = work.bundle?.fetched_at;
  const own = work.bundle ? certificateInWords(work.bundle.account, today) : null;
  return html`<div class=${`frame today${chosen ? ' is-chosen' : ''}`}>
    <${Head} app=${app} title="今天" meta=${`${work.user.name} · ${shownDay(today, today)}`}
      back=${chosen ? '#/today' : null} backWords="名单" />
    <${Notices} app=${app} />
    <main class="split"><nav class="list" aria-label="任务名单">
      ${own ? html`<${Told}>${own}</${Told}>` : null}
      ${work.bundle?.settings.is_demonstration ? html`<p class="demonstration">演示：单位、人员和记录都是虚构的</p>` : null}
      ${
        rows.length
          ? html`<ul>${rows.map(
              (row) => html`<${Row} key=${row.id} row=${row} work=${work} today=${today}
        isShown=${row === shown} />`,
            )}</ul>`
          : html`<p class="empty">现在没有分配给您的检查。名单取自${fetched ? shownInstant(fetched, Date.now()) : '（还没有取过）'}。</p>`
      }
      <p class="list-foot"><a class="second" href="#/unplanned">计划外检查</a><a class="second" href="#/device">本机与账号</a></p>
      <p class="quiet">名单更新于${fetched ? shownInstant(fetched, Date.now()) : '—'}</p>
    </nav>
    <div class="detail">
      ${shown?.unit ? html`<${UnitFacts} app=${app} row=${shown} today=${today} />` : null}
      ${rows.length === 0 ? html`<${Told}>联网后按右上角更新名单。</${Told}>` : null}
    </div></main>
  </div>`;
}

/** A visit that is not on the list any more is still of its kind. */
const kindOf = ({ assignment, visit }) =>
  KINDS[assignment?.kind ?? visit?.meta.kind ?? visit?.plan?.opening.kind] ?? '计划外';

function Row({ row, work, today, isShown }) {
  const { unit, assignment } = row;
  const [words, tone] = stateOf(work, row);
  const last = unit?.last_visits?.[0];
  const due = assignment?.due_on;
  const isLate = due && !row.visit && daysBetween(today, due) < 0;
  return html`<li><a class="row" href=${`#/today/${row.id}`} aria-current=${isShown ? 'true' : undefined}>
    <strong>${unit ? nameOf(unit) : row.visit?.meta.name}</strong>
    <span class=${`state ${tone}`}>${tone === 'done' ? '✓ ' : ''}${words}</span>
    <span class="quiet">${unit ? shortFacts(unit) : ''}</span>
    <span class="quiet">${kindOf(row)}${
      due
        ? html`，<span
      class=${isLate ? 'late' : ''}>${shownDay(due, today)}前</span>`
        : ''
    }</span>
    ${unit ? html`<span class="quiet wide">${unit.address}</span>` : null}
    ${last ? html`<span class="quiet wide">上次：${visitInWords(last, today)}</span>` : null}
  </a></li>`;
}
