// Visits as sets of changes: what of each field is current. The server merges by the same rules (docs/tablet-sync.md).

// Two inspectors who opened one visit without a network do not contradict each other about the minute.
const INSTANTS = ['at', 'opened_at'];

/** One text for equal values, whatever the order of their fields. */
export function canonical(value) {
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const fields = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .sort();
  return `{${fields.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
}

/** What two changes may agree in: the value without the instants at its top. */
function essenceOf(value) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return canonical(value);
  return canonical({ ...value, at: undefined, opened_at: undefined });
}

const precedence = ({ id, value }) => [INSTANTS.map((name) => value?.[name]).find(Boolean) ?? '', id].join(' ');
const byPrecedence = (one, other) => (precedence(one) < precedence(other) ? -1 : 1);

/** Changes that count: what arrived after the signing is a proposed addendum and never merged. */
const counts = (change) => !change.after_signing && !change.key.startsWith('addendum/');

/**
 * Every field of a visit: the changes of it that no other change replaces, what they say, and its value: null where
 * they contradict each other. Neither order nor repetition nor a clock plays a part.
 */
export function fieldsOf(changes) {
  const byKey = new Map();
  for (const change of changes) {
    if (!counts(change)) continue;
    if (!byKey.has(change.key)) byKey.set(change.key, new Map());
    byKey.get(change.key).set(change.id, change);
  }
  return new Map([...byKey].map(([key, known]) => [key, fieldOf(known)]));
}

function fieldOf(known) {
  const replaced = new Set();
  for (const change of known.values()) for (const id of change.replaces) if (id !== change.id) replaced.add(id);
  const standing = [...known.values()].filter((change) => !replaced.has(change.id));
  // Only changes that replace each other in a circle leave nothing: then all of them are said at once.
  const current = (standing.length ? standing : [...known.values()]).sort(byPrecedence);
  const said = new Map();
  for (const change of current) {
    const essence = essenceOf(change.value);
    if (!said.has(essence)) said.set(essence, change);
  }
  const alternatives = [...said.values()];
  const conflict = alternatives.length > 1;
  return { current, alternatives, conflict, value: conflict ? null : alternatives[0].value };
}

/** The value of a field, null where nobody has said anything or two say different things. */
export const valueOf = (fields, key) => fields.get(key)?.value ?? null;

/** The fields on which two tablets differ without having seen each other. */
export const conflictsOf = (fields) => [...fields].filter(([, field]) => field.conflict).map(([key]) => key);

/** A change of a field by somebody who saw what is current. */
export function newChange(fields, { visit, key, value, id, madeAt }) {
  const seen = fields.get(key)?.current.map((change) => change.id) ?? [];
  return { id, visit, key, value, replaces: seen, made_at: madeAt };
}

/** Two answers of the same kind to one item, put together: everything that either inspector noted stays. */
export function unionOfAnswers(one, other) {
  if (one?.answer !== other?.answer) return null;
  const both = (name) => [...new Set([...(one[name] ?? []), ...(other[name] ?? [])])];
  const remarks = [...new Set([one.remark, other.remark].filter(Boolean))];
  const days = [one.deadline_on, other.deadline_on].filter(Boolean).sort();
  return {
    ...one,
    safety: one.safety === true || other.safety === true ? true : (one.safety ?? other.safety),
    corrected_on_spot: Boolean(one.corrected_on_spot && other.corrected_on_spot),
    deadline_on: days[0] ?? null,
    measure: one.measure ?? other.measure ?? null,
    words: both('words'),
    photos: both('photos'),
    remark: remarks.join('；'),
  };
}
