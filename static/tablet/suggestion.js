// The suggested result of a visit, live and without a network, with what it follows from: the engine's judgement,
// which the server gives word for word (docs/engine.md). The inspectors decide.

import { judge, prepare } from './engine.js';

const NOTHING = {
  result: null,
  resultZh: null,
  handling: null,
  handlingZh: null,
  headline: '',
  because: [],
  missing: ['没有适用的规则'],
  isAssumed: false,
};
const ready = new WeakMap();

/** What the rules of a visit say about its letters, by item code of the whole checklist. */
export function suggestionFor(rules, letters) {
  const portable = rules?.portable;
  if (!portable) return NOTHING;
  if (!ready.has(portable)) ready.set(portable, prepare(portable));
  const judged = judge(
    ready.get(portable),
    portable.checklist.items.map((item) => letters[item.code] ?? '-').join(''),
  );
  return {
    result: judged.result,
    resultZh: judged.result_zh,
    handling: judged.handling,
    handlingZh: judged.handling_zh,
    headline: headlineOf(judged),
    because: [...judged.items.map((item) => item.said), ...judged.reasons],
    missing: judged.missing_zh,
    isAssumed: judged.rests_on_assumed.length > 0,
  };
}

/** The one line that says why: the gravest item, or the conclusion. */
function headlineOf({ items, handling, reasons }) {
  return (
    items.find((item) => handling !== null && item.handling === handling)?.said ?? items[0]?.said ?? reasons[0] ?? ''
  );
}
