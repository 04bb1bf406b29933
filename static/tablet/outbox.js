// What has to be sent, and what an answer of the server means for it. "Sent" means a receipt and nothing else.

export const MOST_CHANGES = 200;
export const MOST_PHOTOS = 50;
const MOST_FAULTS = 5;

// Refusals that end by themselves once the rest has arrived. What a signature covers is named by it and is judged
// whole, so one that is incomplete stays so: its visit opens again, and its lead signs anew.
const FOR_NOW = new Set(['unknown_visit', 'not_all_received']);

/** Changes of this account that no receipt names yet, in the order in which they were made. */
export function waitingChanges(changes, account) {
  return changes
    .filter((change) => change.account === account && change.state === 'unsent')
    .sort((one, other) => one.order - other.order);
}

/** What the server refused for good and nobody has put right: said again and taken since, it is overcome. */
export function standingRefusals(changes) {
  const takenAt = new Map();
  const place = ({ visit, key, account }) => `${visit}/${account}/${key}`;
  for (const change of changes) {
    if (change.state === 'received')
      takenAt.set(place(change), Math.max(change.order, takenAt.get(place(change)) ?? 0));
  }
  return changes.filter(
    (change) => change.state === 'refused' && !(change.order < (takenAt.get(place(change)) ?? -1)),
  );
}

/** Photos that the server does not hold whole. */
export const waitingPhotos = (photos) => photos.filter((photo) => photo.state === 'unsent');

/** The body of one call. After a restored backup the first call only asks what the server still knows. */
export function bodyOf({ changes, photos, account, cursors, onlyAsk }) {
  const waiting = waitingChanges(changes, account);
  const pending = waitingPhotos(photos);
  return {
    unsent: waiting.length + pending.length,
    changes: onlyAsk ? [] : waiting.slice(0, MOST_CHANGES).map(asSent),
    photos: onlyAsk ? [] : pending.slice(0, MOST_PHOTOS).map(asAnnounced),
    visits: cursors,
  };
}

/** A change without what only this tablet knows of it. */
export const asSent = ({ id, visit, key, value, replaces, made_at }) => ({
  id,
  visit,
  key,
  value,
  replaces,
  made_at,
});

/** What is said of a photo before its bytes. */
export const asAnnounced = ({ sha256, visit, media_type, size_bytes, taken_at }) => ({
  sha256,
  visit,
  media_type,
  size_bytes,
  taken_at,
});

/**
 * What an answer changes here: marks on changes and photos, changes of others, how far each visit was read.
 * Applying it twice, or an older one later, ends in the same state: a receipt is never taken back but by a new epoch.
 */
export function meaningOf(answer, { epoch, changes, photos, account }) {
  if (epoch !== null && answer.epoch !== epoch) return forgetting(changes, photos, account);
  const known = new Map(changes.map((change) => [change.id, change]));
  const marks = new Map();
  const news = [];
  for (const refusal of answer.refusals ?? []) readRefusal(refusal, known, marks);
  for (const receipt of answer.receipts ?? []) readReceipt(receipt, known, marks);
  for (const visit of Object.values(answer.visits ?? {})) {
    for (const change of visit.changes) {
      if (known.has(change.id)) readReceipt(change, known, marks);
      else news.push({ ...change, state: 'received' });
    }
  }
  return { isNewEpoch: false, marks, news, photoMarks: photoMarks(answer, photos) };
}

/** A restored backup: what had a receipt may be missing there, so all of it counts as unsent until it is named. */
const idOf = ({ visit, sha256 }) => `${visit}/${sha256}`;

function forgetting(changes, photos, account) {
  const marks = new Map();
  for (const change of changes) {
    if (change.account === account && change.state === 'received')
      marks.set(change.id, { state: 'unsent', received_at: null });
  }
  const again = photos.map((photo) => [idOf(photo), { state: 'unsent', pieces: null, received_at: null }]);
  return { isNewEpoch: true, marks, news: [], photoMarks: new Map(again) };
}

function readReceipt({ id, received_at }, known, marks) {
  if (known.has(id)) marks.set(id, { state: 'received', received_at, refusal: null });
}

function readRefusal({ id, word, error, errors }, known, marks) {
  if (!known.has(id) || known.get(id).state === 'received') return;
  const refusal = word === 'incomplete' ? `${error}${faultsInWords(errors ?? [])}` : error;
  marks.set(id, { state: FOR_NOW.has(word) ? 'unsent' : 'refused', refusal, refusal_word: word });
}

/** What the server misses, the first few by name: it may know more than this tablet's version asks for. */
function faultsInWords(errors) {
  const named = errors.slice(0, MOST_FAULTS).map(({ where, what }) => `${/^item\/(.*)/.exec(where)?.[1] ?? ''}${what}`);
  const more = errors.length > MOST_FAULTS ? `等${errors.length}处` : '';
  return named.length ? `（${named.join('；')}${more}）` : '';
}

/** What the server says of photos that are here; a photo that it does not want at all is kept and shown. */
function photoMarks(answer, photos) {
  const marks = new Map();
  for (const { at, id, word, error } of answer.refusals ?? []) {
    const refused = at?.startsWith('photos/') && !FOR_NOW.has(word) ? photos.filter((one) => one.sha256 === id) : [];
    for (const photo of refused) marks.set(idOf(photo), { state: 'refused', refusal: error });
  }
  const rows = [
    ...(answer.photos ?? []),
    ...Object.values(answer.visits ?? {}).flatMap((visit) => visit.photos ?? []),
  ];
  const here = new Map(photos.map((photo) => [idOf(photo), photo]));
  for (const row of rows) {
    const photo = here.get(idOf(row));
    if (photo && saysMore(photo, photoMark(row))) marks.set(idOf(row), photoMark(row));
  }
  return marks;
}

/** Whether a mark says anything that is not known of a photo already. */
function saysMore(photo, mark) {
  const said = ({ state, pieces, piece_bytes: size, received_at: at }) =>
    JSON.stringify([state, size, pieces ?? null, at ?? null]);
  return said(photo) !== said(mark);
}

/** What the server says of one photo: whole, refused, or which pieces it has. */
export function photoMark(row) {
  const state = row.complete ? 'received' : row.refused ? 'refused' : 'unsent';
  const { pieces, piece_bytes, received_at = null, refused = null } = row;
  return { state, pieces, piece_bytes, received_at, refusal: refused };
}

/** The numbers of the pieces that are still to be sent. */
export function missingPieces(photo) {
  const count = Math.max(1, Math.ceil(photo.size_bytes / photo.piece_bytes));
  const there = new Set(photo.pieces ?? []);
  return Array.from({ length: count }, (_, number) => number).filter((number) => !there.has(number));
}

/** The bytes of one piece. */
export function pieceOf(bytes, photo, number) {
  return bytes.slice(number * photo.piece_bytes, Math.min((number + 1) * photo.piece_bytes, photo.size_bytes));
}

/** Whether a visit may leave this tablet: signed, received whole, inside a completed backup, and old enough. */
export function mayLeave({ isSigned, changes, photos, backedUpUntil, now, keepDays }) {
  if (!isSigned || !backedUpUntil) return false;
  const taken = changes.filter((one) => one.state === 'received');
  const isWaiting = changes.some((one) => one.state === 'unsent') || standingRefusals(changes).length > 0;
  if (isWaiting || photos.some((one) => one.state !== 'received')) return false;
  const arrived = [...taken, ...photos].map((one) => Date.parse(one.received_at ?? ''));
  const newest = Math.max(...arrived);
  // Where it is not known when something arrived (NaN), nothing is known of the backup either.
  return newest < Date.parse(backedUpUntil) && Date.parse(now) - newest >= keepDays * 86400000;
}
