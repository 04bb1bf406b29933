// Signing: what was only preset or composed is said, then the text that was shown is bound by its hash and frozen.

import { sha256 } from './bytes.js';
import { missingOfDecision } from './decision.js';
import { recordText } from './record_text.js';
import { heldOfOthers, saidOf } from './visit_view.js';

/** Freeze a visit. The text is the one on the screen: saying what it was composed from changes no letter of it. */
export async function signVisit(work, id) {
  const shown = recordText(work.view(id), work.visits.get(id).meta.record_number);
  await work.sayAll(id, unsaidOf(work, id));
  const view = work.view(id);
  const number = view.meta.record_number;
  const text = recordText(view, number);
  if (text !== shown) throw new Error('The text changed while it was signed.');
  const { changes } = work.visits.get(id);
  const held = heldOfOthers(changes, work.tablet).map(({ tablet, codes, heard_at }) => [
    tablet,
    { answers: codes.length, heard_at },
  ]);
  const covers = changes
    .filter((change) => change.key !== 'signed' && change.state !== 'refused')
    .map((change) => change.id);
  await work.say(id, 'signed', {
    text,
    sha256: await sha256(text),
    record_number: number,
    held: Object.fromEntries(held),
    covers,
    at: new Date().toISOString(),
  });
  await work.setMeta(id, { state: 'signed', returned: null });
}

/**
 * Say a decision as soon as it is whole. It may become so without a tap: a finding that is added later changes what
 * the rules suggest, and with it whether a reason is missing.
 */
export async function sayDecision(work, id, suggestion) {
  const view = work.view(id);
  const parts = view.meta.decision;
  if (!parts || view.isLocked || !view.isLead || missingOfDecision(parts, suggestion).length) return;
  await work.say(id, 'decision', { ...parts, suggested: suggestion.result });
  if (work.visits.get(id).meta.decision === parts) await work.setMeta(id, { decision: null });
}

/** Presets and orders, as far as nobody has said them yet. */
function unsaidOf(work, id) {
  const view = work.view(id);
  const entries = [];
  // Two tablets that opened the visit by different versions of the rules: the lead's holds.
  if (view.fields.get('visit')?.conflict) entries.push(['visit', view.plan.opening]);
  if (!view.obstruction) {
    for (const item of view.items) {
      const { preset, ...answer } = view.answers.get(item.code);
      if (preset) entries.push([`item/${item.code}`, answer]);
    }
    if (saidOf(view, 'orders') === null && view.orders.length) entries.push(['orders', view.orders]);
  }
  return entries;
}
