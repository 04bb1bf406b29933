import { test, same, ok, seeded, shuffled } from './testing.js';
import { canonical, conflictsOf, fieldsOf, newChange, unionOfAnswers, valueOf } from '/static/tablet/merge.js';

const change = (id, value, replaces = [], key = 'item/1') => ({ id, key, value, replaces });

/** What two tablets say that hear of each other now and then. */
function history(seed) {
  const random = seeded(seed);
  const seen = [[], []];
  const all = [];
  for (let number = 0; number < 14; number += 1) {
    const here = random(2);
    if (random(3) === 0) seen[here] = [...new Set([...seen[0], ...seen[1]])];
    const key = ['item/1', 'item/2', 'decision'][random(3)];
    const value = { answer: ['pass', 'fail'][random(2)], at: `2026-11-25T02:${10 + number}:00Z` };
    const made = newChange(fieldsOf(seen[here]), {
      visit: 'v',
      key,
      value,
      id: `${random(10)}${100 + number}`,
      madeAt: 'now',
    });
    seen[here].push(made);
    all.push(made);
  }
  return all;
}

test('any order and any repetition of what two tablets say end in the same state', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const said = history(seed);
    const wanted = fieldsOf(said);
    const random = seeded(seed + 1000);
    const again = shuffled([...said, ...said.slice(0, random(said.length))], random);
    for (const [key, field] of fieldsOf(again)) {
      same(
        field.current.map((one) => one.id),
        wanted.get(key).current.map((one) => one.id),
      );
      same(field.value, wanted.get(key).value);
    }
  }
});

test('an answer by somebody who saw the other one replaces it', () => {
  const fields = fieldsOf([change('a', { answer: 'pass' }), change('b', { answer: 'fail' }, ['a'])]);
  same(valueOf(fields, 'item/1'), { answer: 'fail' });
  same(conflictsOf(fields), []);
});

test('two answers that did not see each other both stay until somebody replaces both', () => {
  const said = [change('a', { answer: 'pass' }), change('b', { answer: 'fail' })];
  const fields = fieldsOf(said);
  same(conflictsOf(fields), ['item/1']);
  same(valueOf(fields, 'item/1'), null);
  const decided = newChange(fields, { visit: 'v', key: 'item/1', value: { answer: 'fail' }, id: 'c', madeAt: 'now' });
  same(decided.replaces.sort(), ['a', 'b']);
  same(conflictsOf(fieldsOf([...said, decided])), []);
});

test('two who say the same at another minute do not contradict each other', () => {
  const fields = fieldsOf([
    change('b', { unit: 'X', opened_at: '2026-11-25T02:05:00Z' }, [], 'visit'),
    change('a', { unit: 'X', opened_at: '2026-11-25T02:01:00Z' }, [], 'visit'),
  ]);
  same(conflictsOf(fields), []);
  same(valueOf(fields, 'visit').opened_at, '2026-11-25T02:01:00Z');
});

test('what arrived after the signing is never merged', () => {
  same(fieldsOf([change('a', 1), { ...change('b', 2, ['a']), after_signing: true }]).get('item/1').value, 1);
});

test('equal values have one text whatever the order of their fields', () => {
  ok(canonical({ b: [1, { d: null, c: 'x' }], a: undefined }) === canonical({ b: [1, { c: 'x', d: null }] }));
  ok(canonical({ a: 1 }) !== canonical({ a: '1' }));
});

test('two failed answers put together lose nothing that either inspector noted', () => {
  const one = {
    answer: 'fail',
    safety: false,
    words: ['x'],
    photos: ['p'],
    remark: '甲',
    deadline_on: '2026-12-09',
    corrected_on_spot: false,
  };
  const other = {
    answer: 'fail',
    safety: true,
    words: ['x', 'y'],
    photos: ['q'],
    remark: '乙',
    deadline_on: '2026-12-02',
    corrected_on_spot: true,
  };
  const both = unionOfAnswers(one, other);
  same(
    [both.safety, both.words, both.photos, both.remark, both.deadline_on, both.corrected_on_spot],
    [true, ['x', 'y'], ['p', 'q'], '甲；乙', '2026-12-02', false],
  );
  same(unionOfAnswers(one, { answer: 'pass' }), null);
});
