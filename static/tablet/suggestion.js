// The suggested result of a visit, live and without a network, with what it follows from: the engine's outcome in words.

/** Nothing to suggest from: no rules came with this checklist. */
const NOTHING = { result: null, resultZh: null, handling: null, handlingZh: null, because: [], missing: ['没有适用的规则'], isAssumed: false };

export function suggestionFor(rules, letters) {
  if (!rules) return NOTHING;
  return { ...NOTHING, letters };
}
