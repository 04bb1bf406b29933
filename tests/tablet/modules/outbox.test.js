import { test, same, ok } from './testing.js';
import {
  bodyOf,
  mayLeave,
  meaningOf,
  missingPieces,
  pieceOf,
  standingRefusals,
  MOST_CHANGES,
} from '/static/tablet/outbox.js';

const mine = (id, state = 'unsent', order = 1) => ({
  id,
  visit: 'v',
  key: 'item/1',
  value: 1,
  replaces: [],
  made_at: 't',
  account: 3,
  state,
  order,
});
const photo = (sha256, fields = {}) => ({
  sha256,
  visit: 'v',
  media_type: 'image/jpeg',
  size_bytes: 10,
  taken_at: 't',
  state: 'unsent',
  piece_bytes: 4,
  pieces: [],
  ...fields,
});
const context = (changes, photos = [], epoch = 'e1') => ({ epoch, changes, photos, account: 3 });
const answer = (fields) => ({ epoch: 'e1', receipts: [], refusals: [], photos: [], visits: {}, ...fields });

test('a batch holds the unsent changes of this account in the order in which they were made', () => {
  const changes = [
    mine('b', 'unsent', 2),
    mine('a', 'unsent', 1),
    mine('c', 'received', 3),
    { ...mine('d'), account: 4 },
  ];
  const body = bodyOf({
    changes,
    photos: [photo('p'), photo('q', { state: 'received' })],
    account: 3,
    cursors: { v: 7 },
    onlyAsk: false,
  });
  same(
    body.changes.map((change) => change.id),
    ['a', 'b'],
  );
  same(Object.keys(body.changes[0]).sort(), ['id', 'key', 'made_at', 'replaces', 'value', 'visit']);
  same(
    body.photos.map((one) => one.sha256),
    ['p'],
  );
  same([body.unsent, body.visits], [3, { v: 7 }]);
});

test('a long outbox goes in parts', () => {
  const changes = Array.from({ length: MOST_CHANGES + 5 }, (_, order) => mine(`c${order}`, 'unsent', order));
  same(bodyOf({ changes, photos: [], account: 3, cursors: {}, onlyAsk: false }).changes.length, MOST_CHANGES);
});

test('only a receipt makes a change sent', () => {
  const { marks } = meaningOf(answer({ receipts: [{ id: 'a', received_at: 'r' }] }), context([mine('a'), mine('b')]));
  same([...marks.keys()], ['a']);
  same(marks.get('a').state, 'received');
});

test('a refusal for now leaves the change waiting, one for good is kept and shown', () => {
  const refusals = [
    { id: 'a', word: 'not_all_received', error: '其余未到' },
    { id: 'b', word: 'invalid', error: '不对' },
  ];
  const { marks } = meaningOf(answer({ refusals }), context([mine('a'), mine('b')]));
  same([marks.get('a').state, marks.get('b').state, marks.get('b').refusal], ['unsent', 'refused', '不对']);
});

test('a signature over a record that is not whole is refused for good, with what is missing by name', () => {
  const errors = [
    { where: 'item/2.6', what: '还没有检查' },
    { where: 'told', what: '还没有书面告知' },
  ];
  const { marks } = meaningOf(
    answer({ refusals: [{ id: 'a', word: 'incomplete', error: '还不完整。', errors }] }),
    context([mine('a')]),
  );
  same(marks.get('a').state, 'refused');
  same(marks.get('a').refusal, '还不完整。（2.6还没有检查；还没有书面告知）');
});

test('a late refusal never takes a receipt back', () => {
  const { marks } = meaningOf(
    answer({ refusals: [{ id: 'a', word: 'invalid', error: '不对' }] }),
    context([mine('a', 'received')]),
  );
  same(marks.size, 0);
});

test('what the server names of this tablet has its receipt, what others sent is new', () => {
  const visits = {
    v: {
      changes: [
        { ...mine('a'), received_at: 'r' },
        { ...mine('z'), account: 4, tablet: 't2', received_at: 'r' },
      ],
      photos: [],
    },
  };
  const { marks, news } = meaningOf(answer({ visits }), context([mine('a')]));
  same(marks.get('a').state, 'received');
  same(
    news.map((change) => [change.id, change.state]),
    [['z', 'received']],
  );
});

test('another epoch makes everything of this account unsent again and reads every visit anew', () => {
  const changes = [mine('a', 'received'), { ...mine('b', 'received'), account: 4 }];
  const meaning = meaningOf(answer({ epoch: 'e2' }), context(changes, [photo('p', { state: 'received' })]));
  ok(meaning.isNewEpoch);
  same([...meaning.marks.keys()], ['a']);
  same([meaning.marks.get('a').state, meaning.photoMarks.get('v/p').state], ['unsent', 'unsent']);
});

test('the first call after a restored backup asks and sends nothing', () => {
  const body = bodyOf({ changes: [mine('a')], photos: [photo('p')], account: 3, cursors: { v: 0 }, onlyAsk: true });
  same([body.changes, body.photos, body.visits], [[], [], { v: 0 }]);
});

test('an interrupted photo goes on with the pieces that are missing', () => {
  same(missingPieces(photo('p', { pieces: [0, 2] })), [1]);
  same(missingPieces(photo('p', { pieces: null })), [0, 1, 2]);
  const bytes = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).buffer;
  same([...new Uint8Array(pieceOf(bytes, photo('p'), 2))], [8, 9]);
});

test('a photo is sent when the server has it whole', () => {
  const rows = [
    { sha256: 'p', visit: 'v', pieces: [0], piece_bytes: 4, complete: false, refused: null },
    { sha256: 'q', visit: 'v', pieces: [], piece_bytes: 4, complete: true, refused: null, received_at: 'r' },
  ];
  const { photoMarks } = meaningOf(answer({ photos: rows }), context([], [photo('p'), photo('q')]));
  same([photoMarks.get('v/p').state, photoMarks.get('v/p').pieces], ['unsent', [0]]);
  same([photoMarks.get('v/q').state, photoMarks.get('v/q').received_at], ['received', 'r']);
});

test('a visit leaves the tablet only when a completed backup covers it and fourteen days are over', () => {
  const whole = {
    isSigned: true,
    changes: [{ ...mine('a', 'received'), received_at: '2026-11-01T00:00:00Z' }],
    photos: [],
    keepDays: 14,
    now: '2026-11-20T00:00:00Z',
  };
  ok(mayLeave({ ...whole, backedUpUntil: '2026-11-02T00:00:00Z' }));
  ok(!mayLeave({ ...whole, backedUpUntil: '2026-10-31T00:00:00Z' }), 'the backup is older');
  ok(!mayLeave({ ...whole, backedUpUntil: null }));
  ok(!mayLeave({ ...whole, backedUpUntil: '2026-11-02T00:00:00Z', now: '2026-11-10T00:00:00Z' }), 'too early');
  ok(!mayLeave({ ...whole, backedUpUntil: '2026-11-02T00:00:00Z', isSigned: false }));
  ok(!mayLeave({ ...whole, backedUpUntil: '2026-11-02T00:00:00Z', photos: [photo('p')] }), 'a photo waits');
  const arrived = (received_at) => [photo('p', { state: 'received', received_at })];
  ok(mayLeave({ ...whole, backedUpUntil: '2026-11-03T00:00:00Z', photos: arrived('2026-11-02T00:00:00Z') }));
  const late = { ...whole, backedUpUntil: '2026-11-02T00:00:00Z', photos: arrived('2026-11-02T09:00:00Z') };
  ok(!mayLeave(late), 'a photo arrived after the backup');
  ok(!mayLeave({ ...late, photos: arrived(null) }), 'nobody knows when a photo arrived');
});

test('what was refused stands until its own author has said it again and the server has taken that', () => {
  const refused = mine('a', 'refused', 1);
  const again = (fields) => ({ ...mine('b', 'received', 2), received_at: '2026-11-01T00:00:00Z', ...fields });
  const standing = (...others) => standingRefusals([refused, ...others]).map((one) => one.id);
  same(standing(), ['a']);
  same(standing(again({ state: 'unsent' })), ['a']);
  same(standing(again({ account: 4 })), ['a']);
  same(standing(again({ key: 'item/2' })), ['a']);
  same(standing(again({ order: 0 })), ['a']);
  same(standing(again()), []);
  const leaving = (changes) =>
    mayLeave({
      isSigned: true,
      changes,
      photos: [],
      backedUpUntil: '2026-11-02T00:00:00Z',
      now: '2026-11-20T00:00:00Z',
      keepDays: 14,
    });
  ok(leaving([refused, again()]));
  ok(!leaving([refused, again({ account: 4 })]));
});

test('a photo that the server does not want at all is kept and shown', () => {
  const refusals = [{ at: 'photos/0', id: 'p', word: 'too_many', error: '太多' }];
  same(meaningOf(answer({ refusals }), context([], [photo('p')])).photoMarks.get('v/p').state, 'refused');
});

test('what is known of a photo already is not written again', () => {
  const rows = [{ sha256: 'p', visit: 'v', pieces: [], piece_bytes: 4, complete: false, refused: null }];
  same(meaningOf(answer({ photos: rows }), context([], [photo('p')])).photoMarks.size, 0);
});

test('the same picture of two visits is two photos', () => {
  const rows = [{ sha256: 'p', visit: 'w', pieces: [0, 1, 2], piece_bytes: 4, complete: true, refused: null }];
  const { photoMarks } = meaningOf(answer({ photos: rows }), context([], [photo('p'), photo('p', { visit: 'w' })]));
  same([...photoMarks.keys()], ['w/p']);
});

test('after a restored backup even an empty list of pieces is news', () => {
  const rows = [{ sha256: 'p', visit: 'v', pieces: [], piece_bytes: 4, complete: false, refused: null }];
  const forgotten = photo('p', { pieces: null });
  same(meaningOf(answer({ photos: rows }), context([], [forgotten])).photoMarks.get('v/p').pieces, []);
});
