// One user's store on this tablet: every value sealed, every write durable before anybody is told that it is kept.
// In clear stand only random ids, the state of a record, and its order.

import { openDB } from '../vendor/idb.js';
import { seal, open, sealValue, openValue } from './vault.js';

const STRICT = { durability: 'strict' };

/** Open (or make) the store of a user; `key` is the data key, and null only to read what stands in clear. */
export async function openStore(name, key) {
  const db = await openDB(name, 2, {
    upgrade(made, from) {
      if (from < 2) makeRecorded(made);
      if (from > 0) return;
      made.createObjectStore('facts', { keyPath: 'id' });
      made.createObjectStore('visits', { keyPath: 'id' });
      const changes = made.createObjectStore('changes', { keyPath: 'id' });
      changes.createIndex('visit', 'visit');
      changes.createIndex('order', 'order');
      const photos = made.createObjectStore('photos', { keyPath: 'id' });
      photos.createIndex('visit', 'visit');
      const bytes = made.createObjectStore('bytes', { keyPath: 'id' });
      bytes.createIndex('sha256', 'sha256');
      made.createObjectStore('pictures', { keyPath: 'id' });
    },
    blocking() {
      db.close();
    },
  });
  return new Store(db, key);
}

/** Parts of recordings that run, or that were cut off. */
function makeRecorded(made) {
  made.createObjectStore('recorded', { keyPath: 'id' }).createIndex('recording', ['recording', 'number']);
}

/** A photo belongs to a visit: the same picture of two visits is two photos. */
export const photoId = ({ visit, sha256 }) => `${visit}/${sha256}`;

/** The parts of one recording, in their order. */
const partsOf = (recording) => IDBKeyRange.bound([recording, 0], [recording, Infinity]);

export class Store {
  constructor(db, key) {
    this.db = db;
    this.key = key;
  }

  /** A named value of this user: the bundle, leased links, what the server last said. */
  async fact(id) {
    const row = await this.db.get('facts', id);
    return row ? openValue(this.key, `facts/${id}`, row) : null;
  }

  async setFact(id, value) {
    await this.#put('facts', [{ id, ...(await sealValue(this.key, `facts/${id}`, value)) }]);
  }

  /** What this tablet keeps of each visit beside its changes. */
  async visits() {
    const rows = await this.db.getAll('visits');
    return Promise.all(rows.map((row) => openValue(this.key, `visits/${row.id}`, row)));
  }

  async saveVisit(meta) {
    await this.#put('visits', [{ id: meta.id, ...(await sealValue(this.key, `visits/${meta.id}`, meta)) }]);
  }

  /** Changes of one visit, in the order in which they came to this tablet. */
  async changesOf(visit) {
    const rows = await this.db.getAllFromIndex('changes', 'visit', visit);
    return (await Promise.all(rows.map((row) => this.#openChange(row)))).sort(
      (one, other) => one.order - other.order,
    );
  }

  async #openChange({ iv, data, ...clear }) {
    return { ...(await openValue(this.key, `changes/${clear.id}`, { iv, data })), ...clear };
  }

  /** Changes, sealed and durable when the promise is kept. `order` makes "as they were made" a fact and no clock. */
  async saveChanges(changes) {
    await this.#put('changes', await Promise.all(changes.map((change) => this.#sealedChange(change))));
  }

  async #sealedChange(change) {
    const { id, visit, state, order, ...rest } = change;
    return { id, visit, state, order, ...(await sealValue(this.key, `changes/${id}`, { id, visit, ...rest })) };
  }

  /** The place after the last change that this tablet made or heard of. */
  async nextOrder() {
    const last = await this.db.transaction('changes').store.index('order').openKeyCursor(null, 'prev');
    return last ? last.key + 1 : 1;
  }

  /** Visits with something that no receipt names yet. */
  async unsentVisits() {
    const [changes, photos] = await Promise.all([this.#clearRows('changes'), this.#clearRows('photos')]);
    return new Set([...changes, ...photos].filter((row) => row.state !== 'received').map((row) => row.visit));
  }

  /** How many changes, photos and unended recordings no receipt names yet: readable without the key. */
  async countUnsent() {
    const [changes, photos] = await Promise.all([this.#clearRows('changes'), this.#clearRows('photos')]);
    const unsent = [...changes, ...photos].filter((row) => row.state !== 'received').length;
    return unsent + (await this.unfinishedRecordings()).length;
  }

  async #clearRows(store) {
    const rows = [];
    let cursor = await this.db.transaction(store).store.openCursor();
    while (cursor) {
      const { data, ...clear } = cursor.value;
      rows.push(clear);
      cursor = await cursor.continue();
    }
    return rows;
  }

  /** Photos of a visit without their bytes. */
  photosOf(visit) {
    return this.db.getAllFromIndex('photos', 'visit', visit);
  }

  /** A photo, drawing or recording of a visit: its facts in clear (hash, kind, size, state), its bytes sealed. */
  async savePhoto(photo, bytes) {
    const id = photoId(photo);
    const sealed = { id, sha256: photo.sha256, ...(await seal(this.key, `photos/${id}`, bytes)) };
    const tx = this.db.transaction(['photos', 'bytes'], 'readwrite', STRICT);
    const [facts, content] = [tx.objectStore('photos'), tx.objectStore('bytes')];
    await Promise.all([facts.put({ id, ...photo }), content.put(sealed), tx.done]);
  }

  /** The bytes behind a hash, whichever visit they were kept for. */
  async photoBytes(sha256) {
    const row = await this.db.getFromIndex('bytes', 'sha256', sha256);
    return row ? open(this.key, `photos/${row.id}`, row) : null;
  }

  async markPhoto(id, fields) {
    const tx = this.db.transaction('photos', 'readwrite', STRICT);
    const row = await tx.store.get(id);
    await Promise.all([row ? tx.store.put({ ...row, ...fields }) : null, tx.done]);
  }

  /** One part of a recording: what it is for in clear, its bytes sealed. */
  async saveRecorded(part, bytes) {
    const id = `${part.recording}/${part.number}`;
    await this.#put('recorded', [{ id, ...part, ...(await seal(this.key, `recorded/${id}`, bytes)) }]);
  }

  /** Recordings that were not ended, without their bytes. */
  async unfinishedRecordings() {
    return (await this.#clearRows('recorded')).filter((part) => part.number === 0);
  }

  /** What was kept of a recording, in one. */
  async recordedBytes(recording) {
    const parts = await this.db.getAllFromIndex('recorded', 'recording', partsOf(recording));
    const opened = await Promise.all(parts.map((part) => open(this.key, `recorded/${part.id}`, part)));
    return new Blob(opened).arrayBuffer();
  }

  async dropRecorded(recording) {
    const tx = this.db.transaction('recorded', 'readwrite', STRICT);
    for (const id of await tx.store.index('recording').getAllKeys(partsOf(recording))) tx.store.delete(id);
    await tx.done;
  }

  /** Pictures of earlier visits, kept for a look without a network. */
  async savePicture(sha256, mediaType, bytes) {
    await this.#put('pictures', [
      { id: sha256, media_type: mediaType, ...(await seal(this.key, `pictures/${sha256}`, bytes)) },
    ]);
  }

  async picture(sha256) {
    const row = await this.db.get('pictures', sha256);
    return row ? new Blob([await open(this.key, `pictures/${sha256}`, row)], { type: row.media_type }) : null;
  }

  pictureIds() {
    return this.db.getAllKeys('pictures');
  }

  /** Forget pictures that no unit of the list shows any more. */
  async keepPictures(wanted) {
    const keep = new Set(wanted);
    const tx = this.db.transaction('pictures', 'readwrite');
    for (const id of await tx.store.getAllKeys()) if (!keep.has(id)) tx.store.delete(id);
    await tx.done;
  }

  /** Forget a visit that the server has in a completed backup. */
  async forgetVisit(visit) {
    const all = ['facts', 'visits', 'changes', 'photos', 'bytes', 'recorded'];
    const parts = (await this.#clearRows('recorded')).filter((part) => part.visit === visit);
    const tx = this.db.transaction(all, 'readwrite', STRICT);
    for (const part of parts) tx.objectStore('recorded').delete(part.id);
    tx.objectStore('visits').delete(visit);
    tx.objectStore('facts').delete(`plan/${visit}`);
    for (const id of await tx.objectStore('changes').index('visit').getAllKeys(visit)) {
      tx.objectStore('changes').delete(id);
    }
    for (const id of await tx.objectStore('photos').index('visit').getAllKeys(visit)) {
      tx.objectStore('photos').delete(id);
      tx.objectStore('bytes').delete(id);
    }
    await tx.done;
  }

  async #put(store, rows) {
    const tx = this.db.transaction(store, 'readwrite', STRICT);
    // A full disk fails both the write and its transaction; neither may be left to itself.
    await Promise.all([...rows.map((row) => tx.store.put(row)), tx.done]);
  }

  /**
   * Every sealed row as it lies on the disk: for the export of a tablet whose PIN nobody knows. Photos that the
   * server has received are most of the file; it needs them only after an older backup was restored.
   */
  async sealedRows({ withReceived }) {
    const all = [];
    for (const store of ['facts', 'visits', 'changes']) {
      for (const row of await this.db.getAll(store)) all.push({ store, row });
    }
    for (const row of await this.db.getAll('recorded')) all.push({ store: 'recorded', row });
    const photos = (await this.db.getAll('photos')).filter((one) => withReceived || one.state !== 'received');
    for (const photo of photos) {
      const { iv, data } = await this.db.get('bytes', photo.id);
      all.push({ store: 'photos', row: { ...photo, iv, data } });
    }
    return all;
  }

  close() {
    this.db.close();
  }
}
