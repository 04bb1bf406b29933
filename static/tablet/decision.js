// From findings to orders: what must be put right by when, in words that stand on the record.

import { findingInWords } from './checklist.js';
import { canonical } from './merge.js';

/** Orders as the findings give them: one for what was corrected on the spot, one for each deadline. */
export function composedOrders(view) {
  const byDay = new Map();
  for (const item of view.failed) {
    const value = view.answers.get(item.code);
    const day = value.corrected_on_spot ? null : (value.deadline_on ?? null);
    if (!value.corrected_on_spot && day === null) continue;
    if (!byDay.has(day)) byDay.set(day, []);
    byDay.get(day).push(item);
  }
  const days = [...byDay.keys()].sort((one, other) => (one ?? '').localeCompare(other ?? ''));
  return days.map((day) => ({
    items: byDay.get(day).map((item) => item.code),
    text: byDay
      .get(day)
      .map((item) => orderLine(item, view.answers.get(item.code)))
      .join('\n'),
    deadline_on: day,
  }));
}

function orderLine(item, value) {
  const found = findingInWords(item, value) || item.text;
  return value.corrected_on_spot ? `${item.code} ${found}：已当场改正` : `${item.code} ${found}：责令改正`;
}

/** Whether orders that were edited no longer fit the findings: other items, or another day. */
export function ordersAreStale(view) {
  const shape = (orders) => canonical(orders.map(({ items, deadline_on }) => ({ items, deadline_on })));
  return shape(view.orders) !== shape(composedOrders(view));
}

/** Whether a returned visit still has the orders of its signed paper, and the findings would word them otherwise now. */
export function ordersAreOfBefore(view) {
  const said = view.fields.get('orders')?.current ?? [];
  const isOfBefore = said.length > 0 && said.every((change) => view.signedOver.has(change.id));
  return isOfBefore && canonical(view.orders) !== canonical(composedOrders(view));
}

/** Whether a decision differs from what the rules suggest, and so needs a reason. */
export function needsReason(decision, suggestion) {
  if (!decision?.result || !suggestion?.result) return false;
  return decision.result !== suggestion.result;
}

/** What keeps a decision from standing, in words. */
export function missingOfDecision(decision, suggestion) {
  const missing = [];
  if (!decision?.result) missing.push('检查结果');
  if (!decision?.handling) missing.push('处理方式');
  if (needsReason(decision, suggestion) && !decision.reason?.trim()) missing.push('与建议不同的理由');
  return missing;
}
