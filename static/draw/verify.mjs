/* Recomputes a draw from its certificate alone, with the browser's own Web Crypto.
 *
 * `checks` needs no page. The page gives the address of the certificate and every word that is shown; this file
 * only says which of them hold. Without Web Crypto the page points to the stand-alone file instead.
 */

const utf8 = new TextEncoder();

function bytesOf(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

async function sha(data) {
  const digest = await crypto.subtle.digest("SHA-256", typeof data === "string" ? utf8.encode(data) : data);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function joined(first, second) {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/* Strings by code point: JavaScript's own order takes characters beyond U+FFFF for smaller than they are. */
function compare(first, second) {
  const a = [...first], b = [...second];
  for (let place = 0; place < Math.min(a.length, b.length); place += 1) {
    const difference = a[place].codePointAt(0) - b[place].codePointAt(0);
    if (difference) return difference;
  }
  return a.length - b.length;
}

export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const pairs = Object.keys(value).sort(compare).map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${pairs.join(",")}}`;
}

/* Names by ticket: the decimal digits of a hash, padded to 64 and reversed, read as a fraction. */
async function order(seed, names) {
  const start = await sha(seed);
  const drawn = await Promise.all(names.map(async (name) => {
    const digits = BigInt(`0x${await sha(start + name)}`).toString().padStart(64, "0");
    return { ticket: `0.${[...digits].reverse().join("")}`, name };
  }));
  return drawn.sort((a, b) => (a.ticket === b.ticket ? compare(a.name, b.name) : a.ticket < b.ticket ? -1 : 1));
}

/* Largest remainder by weight times size; what a stratum cannot take is shared again in the same way. */
function quotas(wanted, strata) {
  const given = new Map(strata.map((stratum) => [stratum.name, 0]));
  const total = (values) => values.reduce((sum, value) => sum + value, 0);
  for (let left = wanted; left > 0; left = wanted - total([...given.values()])) {
    const open = strata.filter((stratum) => given.get(stratum.name) < stratum.size);
    const all = total(open.map((stratum) => stratum.weight * stratum.size));
    const shares = open.map((stratum) => {
      const claim = left * stratum.weight * stratum.size;
      return { ...stratum, remainder: claim % all, seats: (claim - (claim % all)) / all };
    });
    shares.sort((a, b) => b.remainder - a.remainder || compare(a.name, b.name));
    const rest = left - total(shares.map((share) => share.seats));
    shares.forEach((share, place) => {
      const room = share.size - given.get(share.name);
      given.set(share.name, given.get(share.name) + Math.min(room, share.seats + (place < rest ? 1 : 0)));
    });
  }
  return given;
}

class Play {
  constructor(roster, seed, opened) {
    Object.assign(this, { roster, seed, opened, fair: true, line: [] });
    Object.assign(this, { chosen: new Map(), off: new Set(), met: new Set() });
  }

  async begin() {
    const stratum = new Map(this.roster.units.map((one) => [one.unit, one.stratum]));
    const places = new Map();
    for (const { ticket, name } of await order(this.seed, [...stratum.keys()])) {
      const place = (places.get(stratum.get(name)) ?? 0) + 1;
      places.set(stratum.get(name), place);
      const one = { unit: name, stratum: stratum.get(name), place, ticket };
      this.line.push({ ...one, replaces: null, inspectors: [], is_out: false });
    }
    return this;
  }

  async take(event) {
    if (event.kind === "drawn") await this.draw();
    else if (event.kind === "excluded") this.exclude(event);
    else if (event.kind === "substitute_opened") await this.substitute(event);
    else if (event.kind === "inspector_replaced") await this.replaceInspector(event);
  }

  async draw() {
    const strata = [...this.roster.strata].sort((a, b) => compare(a.name, b.name));
    for (const { name, quota } of strata)
      for (const one of this.line.filter((free) => free.stratum === name).slice(0, quota)) await this.choose(one, null);
  }

  exclude({ unit, reason }) {
    const one = this.chosen.get(unit) ?? this.line.find((free) => free.unit === unit);
    this.fair &&= !one.is_out && Boolean(reason);
    one.is_out = true;
    this.line = this.line.filter((free) => free !== one);
  }

  async substitute({ unit, replaces, reason }) {
    const left = this.chosen.get(replaces);
    const others = [...this.chosen.values()].filter((one) => one.replaces);
    const opened = others.filter((one) => one.stratum === left.stratum).length;
    const next = this.line.find((free) => free.stratum === left.stratum);
    this.fair &&= !others.some((one) => one.replaces === replaces) && Boolean(reason);
    this.fair &&= next.unit === unit && opened < this.roster.substitutes;
    left.is_out = true;
    await this.choose(next, replaces);
  }

  async replaceInspector({ unit, inspector, reason }) {
    const one = this.chosen.get(unit);
    this.fair &&= one.inspectors.includes(inspector) && !one.is_out && Boolean(reason);
    this.off.add(`${inspector},${unit}`);
    one.inspectors = await this.team(unit, one.inspectors.filter((other) => other !== inspector));
  }

  async choose(one, replaces) {
    this.line = this.line.filter((free) => free !== one);
    this.chosen.set(one.unit, one);
    one.replaces = replaces;
    one.inspectors = await this.team(one.unit, []);
  }

  async team(unit, kept) {
    const teams = [...this.chosen.values()].filter((one) => !one.is_out).map((one) => one.inspectors);
    const above = ({ name }) => Math.max(0, teams.filter((two) => two.includes(name)).length + 1 - this.roster.load);
    const line = await order(`${this.seed},${unit}`, this.roster.inspectors.filter((name) => !kept.includes(name)));
    const team = [...kept];
    for (const { name } of line.sort((a, b) => above(a) - above(b))) {
      const pair = `${name},${unit}`;
      if (team.length === 2 || this.off.has(pair)) continue;
      if (this.opened.has(pair)) this.met.add(pair);
      else team.push(name);
    }
    return team;
  }
}

function quotasHold(roster, weights) {
  const held = roster.units.map((one) => one.stratum);
  const sized = roster.strata.every((stratum) => Number.isInteger(stratum.weight) && stratum.weight > 0
    && stratum.weight === (weights[stratum.name] ?? 1) && stratum.size > 0 && stratum.size === held.filter((name) => name === stratum.name).length);
  if (!sized || new Set(held).size !== roster.strata.length || held.length < roster.draw_count) return false;
  const due = quotas(roster.draw_count, roster.strata);
  return roster.strata.every((stratum) => due.get(stratum.name) === stratum.quota);
}

function eventsHold({ roster, commitment, events }, isLast) {
  const units = new Set(roster.units.map((one) => one.unit));
  const kinds = events.map((event) => event.kind);
  return events.every((event, place) => event.n === place + 1 && (!place || events[place - 1].at <= event.at))
    && units.size === roster.units.length && kinds.filter((kind) => kind === "drawn").length < 2
    && kinds.includes("redrawn") !== isLast
    && kinds[0] === "committed" && events[0].at === commitment.committed_at;
}

/* Every promise of one draw by its key, and whether it holds. */
async function* checksOf(certificate, number, draw) {
  const { roster, commitment, events, value } = draw;
  const nonce = bytesOf(draw.nonce);
  const isThis = roster.campaign === certificate.campaign && roster.draw === number && draw.number === number;
  yield ["roster", isThis && await sha(canonical(roster)) === commitment.roster_sha256];
  yield ["nonce", nonce.length === 32 && await sha(nonce) === commitment.nonce_sha256];
  yield ["quotas", quotasHold(roster, certificate.weights)];
  yield ["events", eventsHold(draw, draw === certificate.draws.at(-1))];
  const drawn = events.filter((event) => event.kind === "drawn").map((event) => event.at);
  if (value === null) {
    yield ["times", draw.seed === null && draw.selection.length + drawn.length === 0];
    return;
  }
  yield ["times", commitment.committed_at < commitment.value_at && commitment.value_at <= value.known_at
    && drawn.every((at) => value.known_at <= at)];
  const seed = await sha(joined(nonce, utf8.encode(value.text.normalize("NFC"))));
  yield ["seed", seed === draw.seed];
  const opened = new Map(draw.opened.map((one) => [`${one.inspector},${one.unit}`, bytesOf(one.salt)]));
  const play = await new Play(roster, seed, opened).begin();
  for (const event of events) await play.take(event);
  yield ["selection", play.fair && canonical([...play.chosen.values()]) === canonical(draw.selection)];
  const hashes = await Promise.all([...opened].map(([pair, salt]) => sha(joined(salt, utf8.encode(pair)))));
  yield ["barred", play.met.size === opened.size && [...opened.keys()].every((pair) => play.met.has(pair))
    && hashes.every((hash) => roster.barred.includes(hash))];
}

/* Number of the draw, key of the promise, whether it holds; for every draw of a certificate. */
export async function* checks(certificate) {
  if (certificate.format !== "honghei-draw/1" || certificate.draws.length === 0) throw new Error("format");
  for (const [place, draw] of certificate.draws.entries())
    for await (const [key, holds] of checksOf(certificate, place + 1, draw)) yield [place + 1, key, holds];
}

async function judge(place) {
  let good = true;
  try {
    const answer = await fetch(place.dataset.certificate);
    for await (const [number, key, holds] of checks(await answer.json())) {
      good &&= holds;
      const line = place.querySelector(`[data-draw="${number}"] [data-check="${key}"]`);
      line.dataset.holds = holds ? "yes" : "no";
    }
  } catch (fault) {
    good = false;
    console.warn(fault);
  }
  say(place, good ? "good" : "bad");
}

function say(place, word) {
  for (const one of place.querySelectorAll("[data-verdict]")) one.hidden = one.dataset.verdict !== word;
}

if (globalThis.document !== undefined) {
  for (const place of document.querySelectorAll("[data-certificate]")) {
    if (globalThis.crypto?.subtle === undefined) say(place, "no-crypto");
    else {
      say(place, "working");
      judge(place);
    }
  }
}
