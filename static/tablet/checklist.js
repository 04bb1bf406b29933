// Items of a checklist as they are walked: where each one stands, what is preset, what was answered, what comes next.

export const MARKS = { key: '重点', general: '一般', veto: '否决', '': '检查' };
export const ANSWERS = { pass: '符合', fail: '不符合', na: '不适用', unchecked: '未检查' };

/** The items of a visit: those of its checklist, or the named ones of a flying visit, with remarks to choose from. */
export function itemsOf(checklist, words, codes = []) {
  const wanted = new Set(codes);
  return checklist.items
    .filter((item) => wanted.size === 0 || wanted.has(item.code))
    .map((item) => ({
      ...item,
      words: words.words.filter((one) => one.items.includes(`${checklist.id}/${item.code}`)),
    }));
}

/** What failed at the unit's last visit, by item code. */
export function lastFailures(unit) {
  const visit = unit.last_visits?.[0];
  const rows = (visit?.findings ?? []).map((finding) => [finding.code, { ...finding, on: visit.on }]);
  return new Map(rows);
}

/**
 * Why an item does not concern this unit, or null: the server says so where the register surely does. A preset is
 * shown, counted, and said by the lead's tablet when the record is put together; it is never a "conforms".
 */
export function presetOf(item, presets) {
  const reason = presets[item.code];
  return reason ? { answer: 'na', na_reason: reason, preset: true } : null;
}

/** What holds of an item now: what was said, else what is preset, else not yet checked. */
export const answerTo = (value, preset) => value ?? preset ?? { answer: 'unchecked' };

/** Whether an item has one of the three answers. */
export const isAnswered = (value) => value !== null && ['pass', 'fail', 'na'].includes(value?.answer);

/** The letter that the rules count: P, N, F, S, H, or - where nothing was said. */
export function letterOf(value) {
  if (value.answer === 'pass') return 'P';
  if (value.answer === 'na') return 'N';
  if (value.answer !== 'fail') return '-';
  if (value.safety === true) return 'S';
  return value.safety === false ? 'H' : 'F';
}

/** How far the walk is. */
export function progressOf(items, answers) {
  const done = (list) => list.filter((item) => isAnswered(answers.get(item.code))).length;
  const keys = items.filter((item) => item.mark === 'key' || item.mark === 'veto');
  return { done: done(items), total: items.length, keyDone: done(keys), keyTotal: keys.length };
}

/** What failed last time comes first; otherwise the checklist's own order. */
export function inWalkingOrder(items, last) {
  return [...items.filter((item) => last.has(item.code)), ...items.filter((item) => !last.has(item.code))];
}

/** The stations of the walk, by place or by section, with what failed last time as the first one. */
export function stationsOf(items, last, places, by = 'place') {
  const names =
    by === 'place'
      ? places.map((place) => [place.id, place.zh])
      : [...new Set(items.map((item) => item.section))].map((section) => [section, section]);
  const field = by === 'place' ? 'place' : 'section';
  const stations = names.map(([id, zh]) => ({
    id,
    zh,
    items: inWalkingOrder(
      items.filter((item) => item[field] === id),
      last,
    ),
  }));
  const again = items.filter((item) => last.has(item.code));
  if (again.length) stations.unshift({ id: 'last', zh: '上次问题', items: again });
  return stations.filter((station) => station.items.length > 0);
}

/** The next item without an answer, from a station on and then from the start; null when all are answered. */
export function nextUnanswered(stations, answers, stationId = null, afterCode = null) {
  const walk = stations.flatMap((station) => station.items.map((item) => ({ station: station.id, code: item.code })));
  const here = walk.findIndex((step) => step.station === stationId && (!afterCode || step.code === afterCode));
  const turned = here < 0 ? walk : [...walk.slice(afterCode ? here + 1 : here), ...walk.slice(0, here + 1)];
  return turned.find((step) => !isAnswered(answers.get(step.code))) ?? null;
}

/** What a reading says beside its limits; an unknown limit says nothing. */
export function readingAgainst(measure, value) {
  if (value === null || value === undefined || Number.isNaN(value)) return null;
  if (measure.at_least !== undefined && value < measure.at_least) return 'below';
  if (measure.at_most !== undefined && value > measure.at_most) return 'above';
  return measure.at_least === undefined && measure.at_most === undefined ? null : 'within';
}

/** The limits of a measured value in words, with what they rest on. */
export function limitsInWords(measure) {
  if (measure.at_least === undefined && measure.at_most === undefined) return '没有可引用的限值，只记录读数';
  const least = measure.at_least === undefined ? [] : [`不低于${measure.at_least} ${measure.unit}`];
  const most = measure.at_most === undefined ? [] : [`不高于${measure.at_most} ${measure.unit}`];
  const assumed = measure.basis === 'assumed' ? '（假定值）' : '';
  return [...least, ...most].join('，') + assumed;
}

/** What is still missing of a failed item, in words; empty when the record can stand. */
export function missingOf(value) {
  if (value.answer === 'na' && !value.na_reason) return ['不适用的理由'];
  if (value.answer !== 'fail') return [];
  const missing = [];
  if (value.safety !== true && value.safety !== false) missing.push('是否影响食品安全');
  if (!value.corrected_on_spot && !value.deadline_on) missing.push('当场改正或期限');
  if (!value.words?.length && !value.remark?.trim()) missing.push('发现了什么');
  return missing;
}

/** What stands on the record for a finding: its remarks and the inspectors' own words. */
export function findingInWords(item, value) {
  const words = (value.words ?? []).map((id) => item.words.find((word) => word.id === id)?.text ?? id);
  return [...words, value.remark?.trim()].filter(Boolean).join('；');
}
