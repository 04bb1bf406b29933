// What this tablet knows before anybody has signed in: its id, who uses it, and which leased numbers are used up.
// Nothing in here says what anybody inspected.

import { openDB } from '../vendor/idb.js';

const NAME = 'hhb-tablet';
const STRICT = { durability: 'strict' };

let opened = null;

function database() {
  opened ??= openDB(NAME, 1, {
    upgrade(db) {
      db.createObjectStore('device');
      db.createObjectStore('users', { keyPath: 'store' });
      db.createObjectStore('numbers', { keyPath: 'number' });
    },
  });
  return opened;
}

/** This tablet's own id, made once. */
export async function deviceId() {
  const db = await database();
  const known = await db.get('device', 'id');
  if (known) return known;
  const id = crypto.randomUUID();
  await write('device', id, 'id');
  return id;
}

export const deviceFact = async (name) => (await database()).get('device', name);
export const setDeviceFact = (name, value) => write('device', value, name);

async function write(store, value, key) {
  const tx = (await database()).transaction(store, 'readwrite', STRICT);
  await Promise.all([tx.store.put(value, key), tx.done]);
}

/** Everybody who has a store here: `store`, `account`, `name`, `vault`, `wrong`, `wait_until`, `unsent`, `sealed`. */
export const listUsers = async () => (await database()).getAll('users');
export const findUser = async (store) => (await database()).get('users', store);
export const saveUser = (user) => write('users', user);

/** Change some fields of a user's row, whatever else changed meanwhile. */
export async function updateUser(store, fields) {
  const tx = (await database()).transaction('users', 'readwrite', STRICT);
  const user = await tx.store.get(store);
  await Promise.all([user ? tx.store.put({ ...user, ...fields }) : null, tx.done]);
}

/** Record numbers used on this tablet, by whoever uses it. */
export async function usedNumbers() {
  return await (await database()).getAllKeys('numbers');
}

/** Take a number for good; false where somebody on this tablet has taken it meanwhile. */
export async function takeNumber(number, visit) {
  const tx = (await database()).transaction('numbers', 'readwrite', STRICT);
  const taken = await tx.store.get(number);
  await Promise.all([taken ? null : tx.store.put({ number, visit }), tx.done]);
  return !taken || taken.visit === visit;
}
