import { test, same, ok } from './testing.js';
import {
  answerTo,
  findingInWords,
  isAnswered,
  itemsOf,
  lastFailures,
  letterOf,
  limitsInWords,
  missingOf,
  nextUnanswered,
  presetOf,
  progressOf,
  readingAgainst,
  stationsOf,
} from '/static/tablet/checklist.js';

const checklist = {
  id: 'c',
  items: ['1', '2', '3', '4'].map((code) => ({
    code,
    section: code < '3' ? '甲' : '乙',
    mark: code === '2' ? 'key' : 'general',
    place: code === '4' ? 'kitchen' : 'front',
  })),
};
const words = { words: [{ id: 'w', text: '有积垢', items: ['c/3'] }] };
const places = [
  { id: 'front', zh: '门口' },
  { id: 'kitchen', zh: '厨房' },
];
const items = itemsOf(checklist, words);
const last = lastFailures({
  last_visits: [
    { on: '2026-06-12', findings: [{ code: '3', note: '脏' }] },
    { on: '2025-06-12', findings: [{ code: '1' }] },
  ],
});

test('a flying visit looks at the named items only', () => {
  same(
    itemsOf(checklist, words, ['2', '4']).map((item) => item.code),
    ['2', '4'],
  );
});

test('what failed at the last visit comes first, as a station of its own and within its place', () => {
  const stations = stationsOf(items, last, places);
  same(
    stations.map((station) => [station.id, station.items.map((item) => item.code)]),
    [
      ['last', ['3']],
      ['front', ['3', '1', '2']],
      ['kitchen', ['4']],
    ],
  );
  same(
    stationsOf(items, last, places, 'section').map((station) => station.id),
    ['last', '甲', '乙'],
  );
  same(lastFailures({}).size, 0);
});

test('a unit without a visit has no station of last failures', () => {
  same(
    stationsOf(items, new Map(), places).map((station) => station.id),
    ['front', 'kitchen'],
  );
});

test('the next unanswered item is looked for from here on and then from the start', () => {
  const stations = stationsOf(items, new Map(), places);
  const answers = new Map([
    ['1', { answer: 'pass' }],
    ['4', { answer: 'pass' }],
  ]);
  same(nextUnanswered(stations, answers, 'kitchen'), { station: 'front', code: '2' });
  same(nextUnanswered(stations, answers, 'front', '2'), { station: 'front', code: '3' });
  for (const item of items) answers.set(item.code, { answer: 'na' });
  same(nextUnanswered(stations, answers, 'front'), null);
});

test('nothing is checked by default; a preset is an answer with its reason and never a pass', () => {
  same(answerTo(null, null).answer, 'unchecked');
  const preset = presetOf(items[0], { 1: '只适用于学校食堂' });
  same([preset.answer, preset.na_reason, isAnswered(preset)], ['na', '只适用于学校食堂', true]);
  same(presetOf(items[1], {}), null);
});

test('the letters of answers carry the judgement', () => {
  const letters = [
    { answer: 'pass' },
    { answer: 'na' },
    { answer: 'unchecked' },
    { answer: 'fail', safety: true },
    { answer: 'fail', safety: false },
    { answer: 'fail', safety: null },
  ];
  same(letters.map(letterOf).join(''), 'PN-SHF');
});

test('progress counts items and key items', () => {
  const answers = new Map([
    ['1', { answer: 'pass' }],
    ['2', { answer: 'fail' }],
  ]);
  same(progressOf(items, answers), { done: 2, total: 4, keyDone: 1, keyTotal: 1 });
});

test('a reading is held against its limits, and an unknown limit judges nothing', () => {
  const measure = { unit: '℃', at_least: 60, at_most: 70, basis: 'assumed' };
  same(
    [59.9, 60, 70, 70.1, null].map((value) => readingAgainst(measure, value)),
    ['below', 'within', 'within', 'above', null],
  );
  same(readingAgainst({ unit: 'mg/L', basis: 'unknown' }, 5), null);
  ok(limitsInWords(measure).includes('假定值'));
  ok(limitsInWords({ unit: 'mg/L', basis: 'unknown' }).includes('只记录读数'));
});

test('a failed item says what it still lacks, and an item that is not applicable wants its reason', () => {
  same(missingOf({ answer: 'fail' }).length, 3);
  same(missingOf({ answer: 'fail', safety: false, corrected_on_spot: true, remark: '脏' }), []);
  same(missingOf({ answer: 'na', na_reason: '' }).length, 1);
  same(missingOf({ answer: 'pass' }), []);
});

test('remarks stand in their words, with what the inspectors add', () => {
  same(findingInWords(items[2], { words: ['w'], remark: ' 墙角 ' }), '有积垢；墙角');
});
