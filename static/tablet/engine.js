/**
 * Judges a visit's answers without the server: evaluates the portable rules of `grading/portable.py` and gives
 * the same judgement as `grading/judging.py`, word for word. It knows no scheme; every Chinese word comes with
 * the rules. No DOM, no imports, no clock; numbers are exact decimals.
 *
 *     import { prepare, judge } from "./engine.js";
 *     const rules = prepare(JSON.parse(text));
 *     const judgement = judge(rules, "PPFSN-…");
 *     judgement.result;        // a word of the rulebook's scale, null where undetermined
 *     judgement.items[0].said; // what is to be done about the first failed item
 *     judgement.reasons;       // lines, the conclusion first
 */

const FORM = 1;
const NUMBER = "#";
// As many digits as the server keeps: in sums and products, and in ratios and roundings.
const DIGITS = 28;
const RATIO_DIGITS = 40;

/** What was asked for rests on something that nobody has said. */
class Unknown extends Error {
  constructor(missing) {
    super("unknown");
    this.missing = new Set(missing);
  }
}

/* ---- exact decimals: n / 10 ** places ---- */

class Decimal {
  constructor(n, places) {
    this.n = n;
    this.places = places;
  }

  static of(text) {
    const found = /^(-?)([0-9]+)(?:\.([0-9]+))?$/.exec(text);
    if (found === null) throw new TypeError(`not a number: ${text}`);
    const [, sign, whole, fraction = ""] = found;
    return new Decimal(BigInt(sign + whole + fraction), fraction.length);
  }

  /** The number with its shortest digits. */
  toString() {
    const digits = abs(this.n).toString().padStart(this.places + 1, "0");
    const cut = digits.length - this.places;
    const fraction = digits.slice(cut).replace(/0+$/, "");
    return (this.n < 0n ? "-" : "") + digits.slice(0, cut) + (fraction === "" ? "" : `.${fraction}`);
  }
}

const ZERO = new Decimal(0n, 0);
const abs = (n) => (n < 0n ? -n : n);
const power = (places) => 10n ** BigInt(places);
const lengthOf = (n) => abs(n).toString().length;

function aligned(a, b) {
  const places = Math.max(a.places, b.places);
  return [a.n * power(places - a.places), b.n * power(places - b.places), places];
}

function compare(a, b) {
  const [x, y] = aligned(a, b);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** n / by, rounded half to even, or half away from zero. */
function divided(n, by, halfUp) {
  const sign = n < 0n !== by < 0n ? -1n : 1n;
  const [above, below] = [abs(n), abs(by)];
  const whole = above / below;
  const twice = (above % below) * 2n;
  const up = twice > below || (twice === below && (halfUp || whole % 2n === 1n));
  return sign * (up ? whole + 1n : whole);
}

/** At most so many digits, rounded half to even. */
function fit(value, digits) {
  const extra = lengthOf(value.n) - digits;
  if (extra <= 0 || value.places === 0) return value;
  const cut = Math.min(extra, value.places);
  const rounded = new Decimal(divided(value.n, power(cut), false), value.places - cut);
  return lengthOf(rounded.n) > digits ? fit(rounded, digits) : rounded;
}

function plus(a, b, digits = DIGITS) {
  const [x, y, places] = aligned(a, b);
  return fit(new Decimal(x + y, places), digits);
}

const sumOf = (values, digits = DIGITS) => values.reduce((a, b) => plus(a, b, digits), ZERO);

const minus = (a, b) => plus(a, new Decimal(-b.n, b.places));
const times = (a, b, digits = DIGITS) => fit(new Decimal(a.n * b.n, a.places + b.places), digits);

function over(a, b) {
  const [x, y] = aligned(a, b);
  // Enough places that the wanted digits are among them, whatever the size of the quotient.
  const places = RATIO_DIGITS + 2 + Math.max(0, lengthOf(y) - lengthOf(x));
  const scaled = x * power(places);
  const exact = scaled % y === 0n;
  // A remainder is kept as one more digit, so that a half is told from a little more than a half.
  const quotient = new Decimal(scaled / y, places);
  if (exact) return fit(quotient, RATIO_DIGITS);
  const sign = quotient.n < 0n || (quotient.n === 0n && x < 0n !== y < 0n) ? -1n : 1n;
  return fit(new Decimal(quotient.n * 10n + sign, places + 1), RATIO_DIGITS);
}

/** Rounded half away from zero to a multiple of the step. */
function rounded(value, step) {
  if (step.n <= 0n) throw new RangeError("a step of rounding must be above 0");
  const quotient = over(value, step);
  const whole = new Decimal(divided(quotient.n, power(quotient.places), true), 0);
  return times(whole, step, RATIO_DIGITS);
}

/* ---- values ---- */

/** Data of the rules as values: tables as maps, numbers as decimals. */
function valueOf(data) {
  if (Array.isArray(data)) return data.map(valueOf);
  if (data === null || typeof data !== "object") return data;
  if (Object.hasOwn(data, NUMBER)) return Decimal.of(data[NUMBER]);
  return new Map(Object.entries(data).map(([key, value]) => [key, valueOf(value)]));
}

/** A value as data again; numbers as text with their shortest digits. */
function dataOf(value) {
  if (value instanceof Decimal) return value.toString();
  if (Array.isArray(value)) return value.map(dataOf);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, row]) => [key, dataOf(row)]));
  return value;
}

/** The key under which a table holds a value. */
const keyOf = (value) => (typeof value === "boolean" ? (value ? "yes" : "no") : String(value));

const listOf = (value) => (Array.isArray(value) ? value : [value]);
const keysOf = (value) => new Set(listOf(value).map(keyOf));

function numberOf(value) {
  if (value instanceof Decimal) return value;
  throw new TypeError(`not a number: ${String(value)}`);
}

/** In the order of code points, as the server sorts. */
function byCodePoint(a, b) {
  const [x, y] = [[...a], [...b]];
  for (let place = 0; place < Math.min(x.length, y.length); place += 1) {
    const difference = x[place].codePointAt(0) - y[place].codePointAt(0);
    if (difference !== 0) return difference;
  }
  return x.length - y.length;
}

const sorted = (names) => [...names].sort(byCodePoint);

/** Follows a path into a table: where it ends, and the part of the path walked. */
function stepInto(start, path) {
  let value = start;
  for (let place = 0; place < path.length; place += 1) {
    value = value instanceof Map && value.has(path[place]) ? value.get(path[place]) : null;
    if (value === null) return [null, path.slice(0, place + 1)];
  }
  return [value, path];
}

/* ---- reading answers ---- */

const TALLIES = {
  count(rules, answers, p) {
    const codes = p.has("items") ? namedItems(rules, p.get("items")) : null;
    const letters = p.get("answers");
    const wanted = (item) => (!p.has("marks") || p.get("marks").includes(item.mark)) && (!codes || codes.has(item.code));
    const found = rules.items.filter((item, place) => wanted(item) && letters.includes(answers[place]));
    return new Decimal(BigInt(found.length), 0);
  },
  failed_kinds(rules, answers) {
    const kinds = new Map();
    for (const [item, letter] of failedOf(rules, answers)) kinds.set(`${item.mark} ${letter}`, [item.mark, letter]);
    return [...kinds.values()].sort((a, b) => byCodePoint(a[0], b[0]) || byCodePoint(a[1], b[1]));
  },
  failed_items(rules, answers, p) {
    const found = failedOf(rules, answers).map(([item]) => item);
    return found.filter((item) => !p.has("marks") || p.get("marks").includes(item.mark)).map((item) => item.code);
  },
};

function namedItems(rules, name) {
  const table = rules.cells.get(name)?.value ?? null;
  const [codes] = stepInto(table, [rules.checklist.id]);
  return new Set(listOf(codes).map(keyOf));
}

function failedOf(rules, answers) {
  const rows = rules.items.map((item, place) => [item, answers[place]]);
  return rows.filter(([, letter]) => rules.failed.includes(letter));
}

/* ---- operations over an environment ---- */

/** All values, or everything that is missing at once. */
function gather(env, names) {
  const missing = new Set();
  const values = names.map((name) => attempt(() => env.get(name), missing));
  if (missing.size > 0) throw new Unknown(missing);
  return values;
}

/** What a reading gives; where it is unknown, undefined, and what is missing is noted. */
function attempt(read, missing) {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Unknown)) throw error;
    error.missing.forEach((name) => missing.add(name));
    return undefined;
  }
}

const numbers = (env, names) => gather(env, names).map(numberOf);

function pointsOf(env, p) {
  const missing = new Set();
  const found = listOf(env.get(p.get("of"))).map((code) =>
    attempt(() => numberOf(env.at(p.get("table"), [keyOf(code)])), missing),
  );
  if (missing.size > 0) throw new Unknown(missing);
  return found;
}

const greater = (a, b) => (compare(a, b) < 0 ? b : a);
const smaller = (a, b) => (compare(b, a) < 0 ? b : a);

const LIMITS = {
  from: (order) => order >= 0,
  above: (order) => order > 0,
  to: (order) => order <= 0,
  below: (order) => order < 0,
};

function within(value, limits) {
  const what = numberOf(value);
  return Object.entries(LIMITS).every(
    ([word, holds]) => !limits.has(word) || holds(compare(what, numberOf(limits.get(word)))),
  );
}

/** The place of the band that a number falls in. */
function bandAround(value, rows, table) {
  let unknown = false;
  const list = Array.isArray(rows) ? rows : [];
  for (const [place, row] of list.entries()) {
    if (!(row instanceof Map) || !row.has("is")) throw new TypeError(`no bands: ${table}`);
    if (Object.keys(LIMITS).some((word) => row.has(word) && row.get(word) === null)) unknown = true;
    else if (within(value, row)) return place;
  }
  throw new Unknown([unknown ? table : `${table}(${keyOf(value)})`]);
}

/** The places of the rows that may decide, the last surely, and what is missing to tell which. */
function rowsInQuestion(env, name) {
  const rows = env.get(name);
  const [found, missing] = [[], new Set()];
  for (const [place, row] of (Array.isArray(rows) ? rows : []).entries()) {
    const condition = row.get("when") ?? new Map();
    const holds = attempt(() => allHold(env, name, [condition]), missing);
    if (holds === false) continue;
    found.push(place);
    if (holds) return { rows, found, missing };
  }
  missing.add(`${name}(${env.rules.wording.no_row})`);
  return { rows, found, missing };
}

/** Whether all conditions hold; unknown only where that decides. */
function allHold(env, name, conditions) {
  const missing = new Set();
  for (const condition of conditions) {
    for (const [key, test] of condition) {
      if (attempt(() => partHolds(env, name, key, test), missing) === false) return false;
    }
  }
  if (missing.size > 0) throw new Unknown(missing);
  return true;
}

function anyHolds(env, name, conditions) {
  const missing = new Set();
  for (const condition of conditions) {
    if (attempt(() => allHold(env, name, [condition]), missing)) return true;
  }
  if (missing.size > 0) throw new Unknown(missing);
  return false;
}

/** Whether each of several conditions holds, one after the other. */
function eachHolds(env, name, conditions) {
  const missing = new Set();
  for (const condition of conditions) {
    if (attempt(() => allHold(env, name, [condition]), missing) === false) return false;
  }
  if (missing.size > 0) throw new Unknown(missing);
  return true;
}

function partHolds(env, name, key, test) {
  if (key === "all" && Array.isArray(test)) return eachHolds(env, name, test);
  if (key === "any" && Array.isArray(test)) return anyHolds(env, name, test);
  return passes(env.get(key), test, name);
}

function passes(value, test, name) {
  if (test === null || (test instanceof Map && [...test.values()].includes(null))) throw new Unknown([name]);
  if (!(test instanceof Map)) return keyOf(value) === keyOf(test);
  if (Object.keys(LIMITS).some((word) => test.has(word)) && !within(value, test)) return false;
  if (test.has("is") && keyOf(value) !== keyOf(test.get("is"))) return false;
  if (test.has("in") && !keysOf(test.get("in")).has(keyOf(value))) return false;
  return !test.has("has") || [...keysOf(test.get("has"))].some((key) => keysOf(value).has(key));
}

function outcomeOf(name, row) {
  if (row.has("undetermined")) return new Unknown([`case.${keyOf(row.get("undetermined"))}`]);
  const word = row.has("is") ? row.get("is") : null;
  return word === null ? new Unknown([name]) : word;
}

/** The one word on which all possibilities agree. */
function settled(outcomes, missing, noRow) {
  const words = outcomes.filter((word) => !(word instanceof Unknown));
  for (const word of outcomes) if (word instanceof Unknown) word.missing.forEach((name) => missing.add(name));
  const same = words.length === outcomes.length && new Set(words.map(keyOf)).size === 1;
  if (same && ![...missing].some((name) => name.includes(noRow))) return words[0];
  throw new Unknown(missing);
}

function rankOf(scale, word) {
  const text = keyOf(word);
  if (!scale.ranks.has(text)) throw new TypeError(`not a word of the scale: ${text}`);
  return scale.ranks.get(text);
}

function worstOf(scale, found, missing, p) {
  const worst = found.reduce(
    (one, other) => (one === null || rankOf(scale, other) > rankOf(scale, one) ||
      (rankOf(scale, other) === rankOf(scale, one) && byCodePoint(one, other) < 0) ? other : one),
    null,
  );
  if (worst !== null && rankOf(scale, worst) >= scale.levels.length - 1) return worst;
  if (missing.size > 0) throw new Unknown(missing);
  if (worst !== null) return worst;
  if (p.has("if_none")) return p.get("if_none");
  throw new Unknown(["fact.visits"]);
}

const STEPS = {
  sum: (env, p) => sumOf(numbers(env, listOf(p.get("of")))),
  product: (env, p) => numbers(env, listOf(p.get("of"))).reduce((a, b) => times(a, b), new Decimal(1n, 0)),
  difference: (env, p) => minus(...numbers(env, [p.get("from"), p.get("minus")])),
  highest: (env, p) => numbers(env, listOf(p.get("of"))).reduce(greater),
  lowest: (env, p) => numbers(env, listOf(p.get("of"))).reduce(smaller),
  round: (env, p) => rounded(...numbers(env, [p.get("of"), p.get("to")])),
  ratio(env, p) {
    const names = [p.get("of"), p.get("among"), ...(p.has("times") ? [p.get("times")] : [])];
    const [part, whole, factor = new Decimal(1n, 0)] = numbers(env, names);
    if (whole.n === 0n) throw new Unknown(["fact.answers"]);
    const value = over(times(part, factor, RATIO_DIGITS), whole);
    return p.has("round_to") ? rounded(value, numberOf(env.get(p.get("round_to")))) : value;
  },
  mean(env, p) {
    const values = env.get(p.get("of"));
    if (!Array.isArray(values) || values.length === 0 || values.includes(null)) throw new Unknown(["fact.visits"]);
    const sum = sumOf(values.map(numberOf), RATIO_DIGITS);
    const value = over(sum, new Decimal(BigInt(values.length), 0));
    return p.has("round_to") ? rounded(value, numberOf(env.get(p.get("round_to")))) : value;
  },
  points: (env, p) => sumOf(pointsOf(env, p)),
  highest_points: (env, p) => pointsOf(env, p).reduce((a, b) => (a === null ? b : greater(a, b)), null) ?? ZERO,
  band(env, p) {
    const table = p.get("table");
    const [value, rows] = gather(env, [p.get("of"), table]);
    const word = rows[bandAround(value, rows, table)].get("is");
    if (word === null) throw new Unknown([table]);
    return word;
  },
  lookup: (env, p) => env.at(p.get("table"), gather(env, listOf(p.get("keys"))).map(keyOf)),
  choose(env, p) {
    const word = env.get(p.get("by"));
    const name = p.get("cases").get(keyOf(word));
    if (name !== undefined) return env.get(name);
    return p.has("otherwise") ? env.get(p.get("otherwise")) : word;
  },
  known(env, p) {
    const missing = new Set();
    attempt(() => env.get(p.get("of")), missing);
    return missing.size > 0 ? (p.get("no") ?? "no") : (p.get("yes") ?? "yes");
  },
  same: (env, p) => (new Set(gather(env, listOf(p.get("of"))).map(keyOf)).size === 1 ? "yes" : "no"),
  match(env, p) {
    const name = p.get("rules");
    const { rows, found, missing } = rowsInQuestion(env, name);
    return settled(found.map((place) => outcomeOf(name, rows[place])), missing, env.rules.wording.no_row);
  },
  worst(env, p) {
    const scale = env.rules.scales.get(p.get("scale"));
    const missing = new Set();
    const read = listOf(p.get("of")).map((name) => attempt(() => listOf(env.get(name)), missing) ?? []);
    const found = read.flat().map((word) => (rankOf(scale, word), keyOf(word)));
    return worstOf(scale, found, missing, p);
  },
  worst_of_each(env, p) {
    const scale = env.rules.scales.get(p.get("scale"));
    const missing = new Set();
    const found = [];
    for (const code of listOf(env.get(p.get("of")))) {
      const word = attempt(() => env.at(p.get("table"), listOf(code).map(keyOf)), missing);
      if (word !== undefined) found.push((rankOf(scale, word), keyOf(word)));
    }
    return worstOf(scale, found, missing, p);
  },
  shift(env, p) {
    const scale = env.rules.scales.get(p.get("scale"));
    const word = env.get(p.get("of"));
    const rank = rankOf(scale, word);
    const by = numberOf(env.get(p.get("by")));
    if (rank >= scale.levels.length) return keyOf(word);
    const moved = rank + Number(by.n / power(by.places));
    return scale.levels[Math.max(0, Math.min(scale.levels.length - 1, moved))];
  },
  size(env, p) {
    const rows = env.get(p.get("of"));
    return new Decimal(BigInt(Array.isArray(rows) ? rows.length : 1), 0);
  },
  latest(env, p) {
    const rows = env.get(p.get("of"));
    const last = Array.isArray(rows) && rows.length > 0 ? rows[rows.length - 1] : null;
    if (last !== null) return last;
    if (p.has("if_none") && (!Array.isArray(rows) || rows.length === 0)) return p.get("if_none");
    throw new Unknown(["fact.visits"]);
  },
};

/** Every operation that portable rules may use. */
export const OPERATIONS = Object.freeze([...Object.keys(TALLIES), ...Object.keys(STEPS)].sort());

/* ---- one run ---- */

const useOf = (name, path) => JSON.stringify([name, ...path]);

/** Works out each name when it is asked for, and keeps what it rests on. */
class Evaluation {
  constructor(rules, facts) {
    this.rules = rules;
    this.facts = facts;
    this.worked = new Map();
    this.trail = { cells: new Set(), steps: new Set() };
  }

  /** A name's value or what is missing for it, with the cells and steps it rests on. */
  workOut(name, steps = []) {
    const before = this.trail;
    this.trail = { cells: new Set(), steps: new Set(steps) };
    const missing = new Set();
    const run = steps.length > 0 ? () => this.run(name) : () => this.get(name);
    const value = attempt(run, missing);
    const worked = { value, missing: value === undefined ? missing : null, ...this.trail };
    this.trail = before;
    return worked;
  }

  step(name) {
    if (!this.worked.has(name)) this.worked.set(name, this.workOut(name, [name]));
    return this.worked.get(name);
  }

  get(name) {
    if (this.rules.steps.has(name)) {
      const worked = this.step(name);
      worked.cells.forEach((use) => this.trail.cells.add(use));
      worked.steps.forEach((step) => this.trail.steps.add(step));
      if (worked.missing !== null) throw new Unknown(worked.missing);
      return worked.value;
    }
    return this.rules.cells.has(name) ? this.cell(name, []) : this.fact(name);
  }

  at(name, path) {
    if (this.rules.cells.has(name)) return this.cell(name, path);
    const [value, walked] = stepInto(this.get(name), path);
    if (value === null) throw new Unknown([[name, ...walked].join(".")]);
    return value;
  }

  run(name) {
    const step = this.rules.steps.get(name);
    if (!Object.hasOwn(TALLIES, step.op)) return STEPS[step.op](this, step.with);
    if (step.with.has("items")) this.at(step.with.get("items"), [this.rules.checklist.id]);
    return this.fact(name);
  }

  fact(name) {
    const value = this.facts.get(name) ?? null;
    if (value === null) throw new Unknown([`fact.${name}`]);
    return value;
  }

  cell(name, path) {
    const { state, value } = this.rules.cells.get(name);
    this.trail.cells.add(useOf(name, path));
    if (state !== null) throw new Unknown([`${name}:${state}`]);
    const [found, walked] = stepInto(value, path);
    if (found === null) throw new Unknown([[name, ...walked].join(".")]);
    return found;
  }
}

/* ---- words ---- */

const filled = (phrase, values) => phrase.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

class Wording {
  constructor(wording) {
    Object.assign(this, wording);
  }

  name(name) {
    return (Object.hasOwn(this.labels, name) && this.labels[name]) || name;
  }

  word(text) {
    return Object.hasOwn(this.words, text) ? this.words[text] : text;
  }

  missing(name) {
    const dot = name.indexOf(".");
    const [head, rest] = dot < 0 ? [name, ""] : [name.slice(0, dot), name.slice(dot + 1)];
    if (head === "case") return rest;
    if (head === "fact") {
      if (Object.hasOwn(this.lacking, rest)) return this.lacking[rest];
      return filled(this.phrases.not_registered, { fact: this.name(rest) });
    }
    const found = /^([^.:(]+)(?:\((.*)\)|:(\w+)|\.(.*))?$/s.exec(name);
    if (found === null) return name;
    const [, cellName, given, why, path] = found;
    const cell = this.name(cellName);
    if (given !== undefined) {
      return filled(this.phrases[given === this.no_row ? "no_row" : "no_band"], { cell, given });
    }
    if (why !== undefined) return filled(this.phrases.no_value_then, { cell, why: this.why[why] ?? why });
    return filled(this.phrases.unknown_cell, { cell: [cell, ...this.path(path ?? "")].join(" ") });
  }

  path(path) {
    const parts = path === "" ? [] : path.split(".");
    return parts.map((part, place) => this.part(part, place === 0 ? "" : parts[place - 1]));
  }

  part(part, before) {
    const isMark = before !== "" && Object.hasOwn(this.marks, before);
    if (isMark && Object.hasOwn(this.answers, part)) return this.answers[part];
    return Object.hasOwn(this.marks, part) ? this.marks[part] : this.word(part);
  }

  value(value) {
    if (value === null) return this.phrases.unknown;
    if (value instanceof Decimal) return this.number(value);
    if (!Array.isArray(value)) return this.word(typeof value === "boolean" ? (value ? "True" : "False") : String(value));
    return value.length > 0 ? value.map((row) => this.item(row)).join(this.phrases.between) : this.phrases.none;
  }

  number(value) {
    const short = rounded(value, new Decimal(1n, this.places_shown));
    if (compare(short, value) === 0) return value.toString();
    return filled(this.phrases.about, { number: short.toString() });
  }

  item(row) {
    if (!Array.isArray(row)) return this.value(row);
    const [mark, letter] = row.map(String);
    const isPair = row.length === 2 && Object.hasOwn(this.marks, mark) && Object.hasOwn(this.answers, letter);
    if (isPair) return this.marks[mark] + this.answers[letter];
    return filled(this.phrases.pair, { parts: this.value(row) });
  }

  /** Several missing names, in words. */
  lackingOf(names) {
    return names.map((name) => this.missing(name)).join(this.reasons.rows_between);
  }
}

/* ---- judging ---- */

/** Portable rules made ready; do it once and keep it. */
export function prepare(portable) {
  if (portable.form !== FORM) throw new RangeError(`these rules have form ${portable.form}, not ${FORM}`);
  const strange = portable.steps.filter((step) => !OPERATIONS.includes(step.op)).map((step) => step.op);
  if (strange.length > 0) throw new RangeError(`unknown operations: ${strange.join(", ")}`);
  const cells = Object.entries(portable.cells).map(([name, cell]) => [name, { ...cell, value: valueOf(cell.value) }]);
  const scales = Object.entries(portable.scales).map(([name, scale]) => {
    const inside = scale.levels.map((word, rank) => [word, rank]);
    const outside = scale.outside.map((word) => [word, scale.levels.length]);
    return [name, { ...scale, ranks: new Map([...outside, ...inside]) }];
  });
  return Object.freeze({
    ...portable,
    items: portable.checklist.items,
    steps: new Map(portable.steps.map((step) => [step.name, { ...step, with: valueOf(step.with) }])),
    cells: new Map(cells),
    scales: new Map(scales),
    wording: new Wording(portable.wording),
  });
}

/**
 * What the rules say about packed answers, one letter per item of the checklist.
 * `findings` and `unit_class` are for the few schemes that count findings, or keep item points by class.
 */
export function judge(rules, answers, { findings = [], unit_class = null } = {}) {
  refuseStrange(rules, answers);
  const { evaluation, outputs, value } = suggested(rules, answers, findings, unit_class);
  const said = rules.wording;
  const missing = sorted(value.missing ?? []);
  const result = value.missing === null ? keyOf(value.value) : null;
  const extras = sorted(outputs.keys()).filter((name) => name !== "value");
  const provisional = rules.items.some(
    (item, place) => item.provisional && !rules.not_looked_at.includes(answers[place]),
  );
  const handling = wordOf(outputs.get("handling"));
  return {
    scheme: rules.scheme,
    rulebook_sha256: rules.rulebook,
    checklist_sha256: rules.checklist.sha256,
    day: rules.day,
    result,
    result_zh: result === null ? null : said.value(result),
    outputs: Object.fromEntries(extras.map((name) => [name, known(outputs.get(name))])),
    handling,
    handling_zh: handling === null ? null : said.value(handling),
    items: failedOf(rules, answers).map(([item, letter]) => judgedItem(rules, answers, item, letter, unit_class)),
    missing,
    missing_zh: missing.map((name) => said.missing(name)),
    rests_on_assumed: assumedIn(rules, value.cells),
    provisional,
    reasons: [
      conclusion(said, value, result, missing),
      ...stepLines(evaluation, value),
      ...(provisional ? [said.reasons.provisional] : []),
      ...sources(rules, value),
    ],
  };
}

function refuseStrange(rules, answers) {
  const letters = [...answers];
  if (letters.length !== rules.items.length || letters.some((letter) => !rules.letters.includes(letter))) {
    throw new RangeError(`expected ${rules.items.length} letters of ${rules.letters}, got "${answers}"`);
  }
}

function suggested(rules, answers, findings, unitClass) {
  const facts = new Map([
    ["findings", sorted(findings)],
    ["checklist", rules.checklist.id],
    ["unit_class", unitClass],
  ]);
  for (const step of rules.steps.values()) {
    if (Object.hasOwn(TALLIES, step.op)) facts.set(step.name, TALLIES[step.op](rules, answers, step.with));
  }
  const evaluation = new Evaluation(rules, facts);
  const outputs = new Map(
    Object.entries(rules.outputs).map(([key, name]) => [key, evaluation.workOut(name)]),
  );
  return { evaluation, outputs, value: outputs.get("value") };
}

const known = (worked) => (worked.missing === null ? dataOf(worked.value) : null);
const wordOf = (worked) => (worked && typeof worked.value === "string" ? worked.value : null);

function judgedItem(rules, answers, item, letter, unitClass) {
  const here = rules.items.indexOf(item);
  const alone = [...answers].map((other, place) =>
    place !== here && rules.failed.includes(other) ? rules.conforming : other,
  );
  const worked = suggested(rules, alone.join(""), [], unitClass).outputs.get("handling");
  const handling = wordOf(worked);
  const missing = worked && worked.missing !== null ? sorted(worked.missing) : [];
  const said = rules.wording;
  const handlingZh = handling === null ? null : said.value(handling);
  const phrase = said.reasons[phraseFor(rules, handling, missing, letter)];
  const words = { ...item, mark: said.marks[item.mark], answer: said.answers[letter] };
  return {
    code: item.code,
    answer: letter,
    handling,
    handling_zh: handlingZh,
    missing,
    said: filled(phrase, { ...words, handling: handlingZh, missing: said.lackingOf(missing) }),
  };
}

function phraseFor(rules, handling, missing, letter) {
  if (handling !== null) return "item";
  if (missing.length === 0) return "item_only";
  return letter === rules.effect_not_judged ? "item_unjudged" : "item_unsettled";
}

function assumedIn(rules, uses) {
  const names = [...uses].map((use) => JSON.parse(use)).filter(([name, ...path]) => {
    const { whole, default: usual, paths } = rules.cells.get(name).assumed;
    if (path.length === 0) return whole;
    for (let size = path.length; size > 0; size -= 1) {
      const part = path.slice(0, size).join(".");
      if (Object.hasOwn(paths, part)) return paths[part];
    }
    return usual;
  });
  return sorted(new Set(names.map(([name]) => name)));
}

function conclusion(said, value, result, missing) {
  if (result === null) return filled(said.reasons.not_suggested, { missing: said.lackingOf(missing) });
  return filled(said.reasons.suggested, { value: said.value(result) });
}

const isTable = (value) => value instanceof Map || (Array.isArray(value) && value.some((row) => row instanceof Map));

/** One line for each step that the result rests on. */
function stepLines(evaluation, value) {
  const { rules } = evaluation;
  const said = rules.wording;
  const lines = [];
  for (const step of rules.steps.values()) {
    const worked = value.steps.has(step.name) ? evaluation.step(step.name) : null;
    if (worked === null || (worked.missing === null && isTable(worked.value))) continue;
    const label = said.name(step.name);
    if (worked.missing !== null) {
      lines.push(filled(said.reasons.step_unknown, { label, missing: said.lackingOf(sorted(worked.missing)) }));
      continue;
    }
    const rows = decidingRows(evaluation, step);
    const phrase = said.reasons[rows === "" ? "step" : "step_by_rows"];
    lines.push(filled(phrase, { label, value: said.value(worked.value), rows }));
  }
  return lines;
}

function decidingRows(evaluation, step) {
  const { rules } = evaluation;
  if (step.op === "match") {
    const name = step.with.get("rules");
    if (!rules.cells.has(name)) return "";
    const { found } = rowsInQuestion(evaluation, name);
    return found.map((place) => rules.cells.get(name).rows[place]).join(rules.wording.reasons.rows_between);
  }
  const table = step.with.get("table");
  if (step.op !== "band" || !rules.cells.has(table)) return "";
  const place = bandAround(evaluation.get(step.with.get("of")), evaluation.get(table), table);
  return rules.cells.get(table).rows[place];
}

/** One line for each rule value that the result rests on. */
function sources(rules, value) {
  const names = new Set([...value.cells].map((use) => JSON.parse(use)[0]));
  return sorted(names).map((name) => rules.cells.get(name).source);
}
