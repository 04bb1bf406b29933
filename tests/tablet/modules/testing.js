// Promises in sentences, run in the browser that the application runs in.

const promises = [];

export function test(sentence, act) {
  promises.push([sentence, act]);
}

export function same(found, wanted) {
  const [one, other] = [found, wanted].map((value) => JSON.stringify(value, ordered));
  if (one !== other) throw new Error(`found ${one}, wanted ${other}`);
}

function ordered(_, value) {
  if (value instanceof Map) return [...value].sort();
  if (value instanceof Set) return [...value].sort();
  return value && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort())
    : value;
}

export function ok(value, words = 'not true') {
  if (!value) throw new Error(words);
}

/** Numbers from a seed, so that a failure comes again. */
export function seeded(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * below);
  };
}

export function shuffled(list, random) {
  const copy = [...list];
  for (let at = copy.length - 1; at > 0; at -= 1) {
    const other = random(at + 1);
    [copy[at], copy[other]] = [copy[other], copy[at]];
  }
  return copy;
}

/** Run one promise by its sentence; null, or what was wrong. */
export async function run(sentence) {
  const found = promises.find(([known]) => known === sentence);
  if (!found) return 'no such promise';
  try {
    await found[1]();
    return null;
  } catch (fault) {
    return `${fault.message}\n${fault.stack}`;
  }
}
