// Sending and fetching: on start, when the network comes back, after a change, and on a visible button. Never in the
// background of the system. Whatever fails, everything stays in the store, and `net` says what happened.

import {
  bodyOf,
  meaningOf,
  missingPieces,
  photoMark,
  pieceOf,
  waitingChanges,
  waitingPhotos,
  mayLeave,
} from './outbox.js';
import { NoNetwork, Refusal } from './api.js';
import { photoId } from './storage.js';
import { standingChanges } from './visit_view.js';
import { updateUser } from './device.js';

const EVERY = 20000;
const SOON = 1200;
const BUNDLE_AFTER = 15 * 60000;
// Whoever unlocks looks at the list: what was fetched this minute still holds.
const BUNDLE_AFTER_UNLOCKING = 60000;
const MOST_ROUNDS = 40;
const KEEP_DAYS = 14;

// What the server's refusals of a whole call mean for the person at the tablet.
const WORDS = {
  not_signed_in: 'signed_out',
  forbidden: 'signed_out',
  tablet_revoked: 'revoked',
  not_an_inspector: 'signed_out',
};

export class Sync {
  constructor({ work, api, sessionAccount }) {
    Object.assign(this, { work, api, sessionAccount });
    this.net = { state: navigator.onLine ? 'unknown' : 'offline', sentence: null };
    this.isRunning = false;
    this.isStopped = false;
    /** What the server did not give is not asked for again until somebody unlocks anew. */
    this.refusedPictures = new Set();
    this.timer = null;
  }

  /** Begin to send and fetch by itself; `stop` ends it (lock, sign-out). */
  start() {
    this.onNetwork = () => this.run();
    this.onLost = () => this.isRevoked || this.#say('offline');
    this.onSeen = () => {
      if (document.visibilityState === 'visible') this.run();
    };
    addEventListener('online', this.onNetwork);
    addEventListener('offline', this.onLost);
    document.addEventListener('visibilitychange', this.onSeen);
    this.work.onKept = () => this.soon();
    this.interval = setInterval(() => this.run(), EVERY);
    this.run({ fetchBundle: this.#bundleIsOlderThan(BUNDLE_AFTER_UNLOCKING) });
  }

  stop() {
    this.isStopped = true;
    removeEventListener('online', this.onNetwork);
    removeEventListener('offline', this.onLost);
    document.removeEventListener('visibilitychange', this.onSeen);
    clearInterval(this.interval);
    clearTimeout(this.timer);
  }

  /** Send soon: several taps in a row make one call. */
  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.run(), SOON);
  }

  /** Send and fetch until nothing moves; gives whether everything has its receipt. */
  async run({ fetchBundle = false } = {}) {
    if (this.isStopped || this.isRevoked) return false;
    if (this.isRunning) {
      this.isWantedAgain = true;
      return false;
    }
    if (!navigator.onLine) return this.#say('offline');
    if (this.sessionAccount() !== this.work.account) return this.#say('signed_out');
    this.isRunning = true;
    try {
      if ((await this.api.whoAmI()) !== this.work.account) return this.#say('signed_out');
      await this.#everything(fetchBundle);
      return this.#say('online');
    } catch (fault) {
      return this.#explain(fault);
    } finally {
      this.isRunning = false;
      await this.#countForOthers();
      if (this.isWantedAgain) {
        this.isWantedAgain = false;
        this.soon();
      }
    }
  }

  async #everything(fetchBundle) {
    const isWhole = fetchBundle || this.#bundleIsOlderThan(BUNDLE_AFTER);
    for (let round = 0; round < MOST_ROUNDS && !this.isStopped; round += 1) {
      const isMoving = await this.#round({ ofAll: isWhole && round === 0 });
      await this.#sendPieces();
      if (!isMoving) break;
    }
    if (isWhole) await this.fetchBundle();
    await this.#forgetWhatIsSafe();
    await this.#fetchPictures();
  }

  /** One call of changes; whether another one is worth it. `ofAll`: also of visits that a reviewer has confirmed. */
  async #round({ ofAll }) {
    const { work } = this;
    const changes = work.changes().filter((change) => !work.unsaved.has(change.id));
    const cursors = Object.fromEntries(
      [...work.visits.values()]
        // What is not in memory may be returned all the same.
        .filter((visit) => ofAll || visit.isLoaded || visit.meta.state !== 'confirmed')
        .map((visit) => [visit.meta.id, visit.meta.cursor ?? 0]),
    );
    const before = waitingChanges(changes, work.account).length;
    const answer = await this.api.changes(
      bodyOf({
        changes,
        photos: work.photos(),
        account: work.account,
        cursors,
        onlyAsk: this.mustAsk,
      }),
    );
    // A restored backup may lack what was finished long ago, too.
    if (work.server.epoch !== null && answer.epoch !== work.server.epoch) await work.loadAll();
    const meaning = meaningOf(answer, {
      epoch: work.server.epoch,
      changes: work.changes(),
      photos: work.photos(),
      account: work.account,
    });
    await work.applyMeaning(meaning);
    const wasAsking = this.mustAsk;
    this.mustAsk = meaning.isNewEpoch;
    if (meaning.isNewEpoch) await this.#startOver();
    else await this.#noteVisits(answer);
    await work.setServer({
      epoch: answer.epoch,
      backed_up_until: answer.backed_up_until ?? null,
      heard_at: new Date().toISOString(),
      offset: answer.offset,
    });
    const after = waitingChanges(work.changes(), work.account).length;
    return meaning.isNewEpoch || wasAsking || (after > 0 && after < before);
  }

  async #startOver() {
    for (const visit of this.work.visits.values()) await this.work.setMeta(visit.meta.id, { cursor: 0 });
  }

  /** How far each visit was read, and what the server and its reviewers say of it. */
  async #noteVisits(answer) {
    for (const [id, said] of Object.entries(answer.visits ?? {})) {
      const visit = this.work.visits.get(id);
      if (!visit) continue;
      const { meta } = visit;
      const isSame =
        meta.cursor === said.cursor && meta.state === said.state && meta.returned === (said.returned ?? null);
      if (!isSame)
        await this.work.setMeta(id, { cursor: said.cursor, state: said.state, returned: said.returned ?? null });
    }
  }

  /** Pieces of photos: only those that the server does not have. */
  async #sendPieces() {
    for (const photo of waitingPhotos(this.work.photos())) {
      if (this.isStopped) return;
      if (photo.piece_bytes && photo.pieces) await this.#sendPhoto(photo);
    }
  }

  async #sendPhoto(photo) {
    const bytes = await this.work.store.photoBytes(photo.sha256);
    for (const number of missingPieces(photo)) {
      try {
        const row = await this.api.piece(photo.sha256, number, pieceOf(bytes, photo, number));
        await this.work.markPhoto(photoId(photo), photoMark(row));
        this.work.notify();
      } catch (fault) {
        if (!(fault instanceof Refusal) || fault.status !== 422) throw fault;
        await this.work.markPhoto(photoId(photo), { state: 'refused', refusal: fault.message });
        return;
      }
    }
  }

  #bundleIsOlderThan(period) {
    const fetched = this.work.bundle?.fetched_at;
    return !fetched || Date.now() - Date.parse(fetched) > period;
  }

  /** Everything that work without a network needs. */
  async fetchBundle() {
    const bundle = await this.api.bundle(this.work.linksLeft(), this.work.wantedCodes());
    await this.work.takeBundle(bundle);
  }

  /** Photos of the last findings, for a look without a network. */
  async #fetchPictures() {
    const { bundle, store } = this.work;
    const wanted = Object.values(bundle?.units ?? {})
      .flatMap((unit) => unit.last_visits ?? [])
      .flatMap((visit) => visit.findings ?? [])
      .flatMap((finding) => finding.photos ?? []);
    const held = new Set(await store.pictureIds());
    for (const digest of new Set(wanted)) {
      if (held.has(digest) || this.refusedPictures.has(digest) || this.isStopped) continue;
      try {
        const blob = await this.api.picture(digest);
        await store.savePicture(digest, blob.type, await blob.arrayBuffer());
      } catch (fault) {
        // A picture that cannot be had now is a picture less to look at, and nothing else.
        if (!(fault instanceof Refusal)) throw fault;
        this.refusedPictures.add(digest);
      }
    }
    if (wanted.length) await store.keepPictures(wanted);
  }

  /** A visit stays until a completed backup covers it, and at least so many days. */
  async #forgetWhatIsSafe() {
    const { work } = this;
    for (const { meta } of [...work.visits.values()]) {
      const isFinished = meta.state === 'signed' || meta.state === 'confirmed';
      if (!isFinished || Date.now() - Date.parse(meta.opened_at) < KEEP_DAYS * 86400000) continue;
      const { changes, photos } = await work.loadVisit(meta.id);
      const isSafe = mayLeave({
        isSigned: Boolean(standingChanges(changes, meta.state).signed),
        changes,
        photos,
        backedUpUntil: work.server.backed_up_until,
        now: new Date().toISOString(),
        keepDays: Math.max(KEEP_DAYS, work.bundle?.settings.keep_days ?? KEEP_DAYS),
      });
      if (isSafe) await work.forget(meta.id);
    }
  }

  async #countForOthers() {
    await updateUser(this.work.user.store, { used_at: new Date().toISOString() });
  }

  /** The administrator has shut this tablet out: nothing is sent any more, everything can still be handed out. */
  noteRevoked(sentence) {
    this.#say('revoked', sentence);
    this.isRevoked = true;
  }

  #explain(fault) {
    if (fault instanceof NoNetwork) return this.#say(navigator.onLine ? 'unreachable' : 'offline');
    if (!(fault instanceof Refusal)) {
      this.#say('failed', `这次没有传完（${fault.name}）。`);
      // What the browser's store refuses (no room, closed by a lock) is no fault of the program.
      if (fault instanceof DOMException) return false;
      throw fault;
    }
    if (fault.status === 401) {
      this.api.account = null;
      return this.#say('signed_out');
    }
    if (WORDS[fault.word]) return this.#say(WORDS[fault.word], fault.message);
    if ([429, 503, 507].includes(fault.status)) return this.#say('busy', fault.message);
    return this.#say('failed', fault.message);
  }

  #say(state, sentence = null) {
    this.net = { state, sentence, at: new Date().toISOString() };
    this.work.notify();
    const { changes, photos } = this.work.counts();
    return state === 'online' && changes + photos === 0;
  }
}
