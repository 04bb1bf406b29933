// A visit as its screens and papers need it: worked out from its changes and what the tablet knows of the unit.

import { fieldsOf, conflictsOf, valueOf } from './merge.js';
import { itemsOf, lastFailures, presetOf, answerTo, progressOf, missingOf, letterOf } from './checklist.js';
import { composedOrders } from './decision.js';
import { standingRefusals } from './outbox.js';
import { RESULTS } from './results.js';

// Keys whose refusal has a way of its own: the whole visit, its signature, a link that is leased anew.
const LEASED_OR_WHOLE = new Set(['visit', 'signed', 'link']);

export const SIGNERS = { operator: '被检查单位', lead: '主检人员', second: '检查人员', witness: '见证人' };
export const REGISTER_KINDS = {
  sign_changed: '牌匾与登记不一致',
  closed: '已停业',
  new_operator: '换了经营者',
  plate_seen: '公示牌在位',
  plate_missing: '公示牌缺失',
  unlicensed: '没有有效许可证',
};
export const KINDS = {
  daily: '日常检查',
  campaign: '随机查餐厅',
  flying: '飞行检查',
  special: '专项检查',
  case_based: '个案检查',
  recheck: '复查',
};
export const SOURCES = {
  plan: '年度计划',
  draw: '随机抽取',
  complaint: '投诉举报',
  referral: '移送交办',
  order: '责令改正后的复查',
  superior: '上级部署',
  own: '自行发现',
};

/** A signature that the server will never take: refused itself, or resting on something that was refused for good. */
function isVoid(change, changes) {
  if (change.key !== 'signed') return false;
  if (change.state === 'refused') return true;
  const covered = new Set(change.value.covers ?? []);
  return change.state !== 'received' && changes.some((one) => one.state === 'refused' && covered.has(one.id));
}

/** The signature that was made last, whatever became of it. */
export const lastSignature = (changes) =>
  changes.filter((change) => change.key === 'signed').sort((one, other) => one.order - other.order).at(-1) ?? null;

/** Why the last signature came to nothing, in the server's words; null where it did not. */
export function refusalOfSignature(changes) {
  const last = lastSignature(changes);
  if (!last || !isVoid(last, changes)) return null;
  const cause = last.state === 'refused' ? last : changes.find((one) => one.state === 'refused');
  return { sentence: cause.refusal, word: cause.refusal_word ?? null };
}

/** What is signed: the changes that the signature names. Without a signature, or after a return, everything counts. */
export function standingChanges(changes, state) {
  const signed = fieldsOf(changes.filter((change) => !isVoid(change, changes)))
    .get('signed')
    ?.current.at(-1);
  // A returned visit is open again until its lead has signed anew, also where the server has not heard of that yet.
  const isOpen = state === 'returned' && signed?.state === 'received';
  if (!signed || isOpen) return { standing: changes, addenda: [], signed: signed ?? null, isOpen: true };
  const covered = new Set([...(signed.value.covers ?? changes.map((change) => change.id)), signed.id]);
  return {
    standing: changes.filter((change) => covered.has(change.id)),
    addenda: changes.filter((change) => !covered.has(change.id) && change.key !== 'signed'),
    signed,
    isOpen: false,
  };
}

/**
 * Everything the screens ask of a visit.
 * `plan` holds assignment, unit, checklist, words, people, authority; `changes` all that this tablet holds.
 */
export function viewOf({ id, changes, plan, account, meta }) {
  const { standing, addenda, signed, isOpen } = standingChanges(changes, meta.state);
  const fields = fieldsOf(standing);
  const opening = valueOf(fields, 'visit') ?? plan.opening;
  const items = itemsOf(plan.checklist, plan.words, plan.assignment?.items ?? opening.items ?? []);
  const presets = plan.assignment?.not_applicable ?? plan.unit.not_applicable?.[plan.checklist.sha256] ?? {};
  const said = new Map(items.map((item) => [item.code, valueOf(fields, `item/${item.code}`)]));
  const answers = new Map(
    items.map((item) => [item.code, answerTo(said.get(item.code), presetOf(item, presets))]),
  );
  const failed = items.filter((item) => answers.get(item.code).answer === 'fail');
  const view = {
    id,
    plan,
    opening,
    fields,
    items,
    said,
    answers,
    failed,
    addenda,
    meta,
    signed: signed?.value ?? null,
    isLocked: !isOpen,
    isReturned: meta.state === 'returned' && isOpen,
    /** Of a returned visit, the changes that its paper was signed over: they were said of that text, not of this one. */
    signedOver: new Set(meta.state === 'returned' && isOpen ? (signed?.value.covers ?? []) : []),
    refusal: isOpen ? refusalOfSignature(changes) : null,
    turnedDown: standingRefusals(changes).filter((change) => !LEASED_OR_WHOLE.has(change.key)),
    last: lastFailures(plan.unit),
    progress: progressOf(items, answers),
    conflicts: conflictsOf(fields).filter((key) => key !== 'visit'),
    obstruction: valueOf(fields, 'obstruction'),
    isLead: opening.lead === account,
    account,
  };
  view.unfinished = items.filter((item) => missingOf(answers.get(item.code)).length > 0);
  view.orders = valueOf(fields, 'orders') ?? composedOrders(view);
  return view;
}

/** The letters that the rules count, for the whole checklist: what is not part of the visit was not checked. */
export function lettersOf(view) {
  const letters = {};
  for (const item of view.plan.checklist.items) {
    const answer = view.answers.get(item.code);
    letters[item.code] = answer ? letterOf(answer) : '-';
  }
  return letters;
}

/** A field's value in this visit. */
export const saidOf = (view, key) => valueOf(view.fields, key);

/** A field's value where it was said since the visit was returned; of a visit that never was, its value. */
export function saidAnew(view, key) {
  const field = view.fields.get(key);
  return field?.current.some((change) => view.signedOver.has(change.id)) ? null : (field?.value ?? null);
}

/** What is decided so far: a decision is said whole, until then its parts are this tablet's alone. */
export const decisionOf = (view) => ({ ...saidOf(view, 'decision'), ...view.meta.decision });

/** The words by which a result may be decided: of the visit's own rules. */
export function resultWords(view) {
  const { results } = view.plan.rules ?? {};
  return results?.length ? Object.fromEntries(results.map((level) => [level.id, level.zh])) : RESULTS;
}

/** Somebody of the staff by account id. */
export function personOf(view, id) {
  return view.plan.people.find((person) => person.id === id) ?? { id, name: '未知', certificate_number: null };
}

const byCode = (one, other) => one.localeCompare(other, 'en', { numeric: true });

/** Answers of others that this tablet holds, by their tablet: what the lead is shown before signing. */
export function heldOfOthers(changes, ownTablet) {
  const held = new Map();
  for (const change of changes) {
    if (!change.tablet || change.tablet === ownTablet) continue;
    const row = held.get(change.tablet) ?? {
      tablet: change.tablet,
      account: change.account,
      items: new Set(),
      heard_at: null,
    };
    if (change.key.startsWith('item/')) row.items.add(change.key.slice('item/'.length));
    if (!row.heard_at || change.received_at > row.heard_at) row.heard_at = change.received_at;
    held.set(change.tablet, row);
  }
  return [...held.values()].map(({ items, ...row }) => ({ ...row, codes: [...items].sort(byCode) }));
}
