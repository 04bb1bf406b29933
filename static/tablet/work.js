// What one inspector works on: visits with their changes and photos in memory, every write durable in the store.
// Knows no screen and no network; `notify` is called whenever something that a screen may show has changed.

import { canonical, newChange } from './merge.js';
import { viewOf, lettersOf, saidOf } from './visit_view.js';
import { standingRefusals } from './outbox.js';
import { suggestionFor } from './suggestion.js';
import { usedNumbers, takeNumber } from './device.js';
import { unusedNumbers, unusedLinks, withNewLinks } from './numbers.js';
import { sha256 } from './bytes.js';
import { photoId } from './storage.js';

const WANTED_FOR = 14 * 24 * 3600 * 1000;
const MOST_WANTED = 20;
const RECORDING_STOPPED = '录音录像已停，此前录下的都在。';
const NOTHING_HEARD = { epoch: null, backed_up_until: null, heard_at: null, offset: null, session: null };

export class Work {
  constructor({ user, store, tablet, notify }) {
    Object.assign(this, { user, store, tablet, notify });
    this.account = user.account;
    this.visits = new Map();
    this.unsaved = new Map();
    this.fault = null;
    /** The recording that runs (recording.js). */
    this.recording = null;
  }

  /** Read what is kept; of visits that are finished and received, their changes only when somebody looks. */
  async load() {
    const [bundle, server, links, used, wanted, metas, unsent, order] = await Promise.all([
      this.store.fact('bundle'),
      this.store.fact('server'),
      this.store.fact('links'),
      this.store.fact('used_links'),
      this.store.fact('wanted_units'),
      this.store.visits(),
      this.store.unsentVisits(),
      this.store.nextOrder(),
    ]);
    this.bundle = bundle;
    this.server = server ?? NOTHING_HEARD;
    this.links = links ?? [];
    this.usedLinks = used ?? [];
    this.wanted = wanted ?? [];
    this.order = order;
    for (const meta of metas)
      this.visits.set(meta.id, { meta, changes: [], photos: [], isLoaded: false, version: 0 });
    const needed = metas.filter((meta) => unsent.has(meta.id) || meta.state === 'open' || meta.state === 'returned');
    await Promise.all(needed.map((meta) => this.loadVisit(meta.id)));
    await this.#endCutOff();
  }

  async loadVisit(id) {
    const visit = this.visits.get(id);
    if (!visit || visit.isLoaded) return visit ?? null;
    const [changes, photos, plan] = await Promise.all([
      this.store.changesOf(id),
      this.store.photosOf(id),
      this.store.fact(`plan/${id}`),
    ]);
    // Somebody may have written while this was read.
    const known = new Set(visit.changes.map((change) => change.id));
    visit.changes = [...changes.filter((change) => !known.has(change.id)), ...visit.changes];
    visit.photos = photos;
    visit.plan = plan;
    visit.isLoaded = true;
    visit.version += 1;
    return visit;
  }

  async loadAll() {
    await Promise.all([...this.visits.keys()].map((id) => this.loadVisit(id)));
  }

  // Reading

  /** A visit as its screens need it; worked out once for each state of its changes. */
  view(id) {
    const visit = this.visits.get(id);
    if (!visit?.isLoaded) return null;
    if (visit.seen !== visit.version) {
      visit.view = viewOf({ id, changes: visit.changes, plan: visit.plan, account: this.account, meta: visit.meta });
      visit.suggestion = suggestionFor(visit.plan.rules, lettersOf(visit.view));
      visit.seen = visit.version;
    }
    return visit.view;
  }

  suggestion(id) {
    this.view(id);
    return this.visits.get(id)?.suggestion ?? null;
  }

  changes() {
    return [...this.visits.values()].flatMap((visit) => visit.changes);
  }

  photos() {
    return [...this.visits.values()].flatMap((visit) => visit.photos);
  }

  /** What is on this tablet and has no receipt. */
  counts() {
    const mine = this.changes().filter((change) => change.account === this.account);
    const photos = this.photos();
    return {
      changes: mine.filter((change) => change.state === 'unsent').length,
      photos: photos.filter((photo) => photo.state === 'unsent').length,
      refused: standingRefusals(mine).length + photos.filter((photo) => photo.state === 'refused').length,
      unsaved: this.unsaved.size,
    };
  }

  /** The doors that somebody looked for lately: their units come with every bundle. */
  wantedCodes(now = Date.now()) {
    return this.wanted.filter((one) => now - one.at < WANTED_FOR).map((one) => one.code);
  }

  /** Want a unit with the next bundles; the one that was wanted first makes room. */
  async want(code) {
    const others = this.wanted.filter((one) => one.code !== code).slice(1 - MOST_WANTED);
    this.wanted = [...others, { code, at: Date.now() }];
    await this.store.setFact('wanted_units', this.wanted);
  }

  unit(code) {
    return this.bundle?.units[code] ?? null;
  }

  assignment(id) {
    return this.bundle?.assignments.find((one) => one.id === id) ?? null;
  }

  /** Whether a new visit may be begun: an ended offline period blocks that, and nothing else. */
  mayBegin(now = Date.now()) {
    return Boolean(this.bundle?.offline_until) && now <= Date.parse(this.bundle.offline_until);
  }

  // Writing

  /** Begin the visit of an assignment, or one without; gives its id. */
  async begin({ assignment, unit, kind, source, reason, second, checklist, items = [], recheckOf = null }) {
    const id = assignment?.id ?? crypto.randomUUID();
    if (this.visits.has(id)) return id;
    // Said also of an assigned visit: a restored backup may know nothing of its assignment.
    const codes = assignment?.items ?? items;
    const before = assignment?.recheck_of ?? recheckOf;
    const opening = {
      unit: unit.code,
      assignment: assignment?.id ?? null,
      kind,
      source,
      reason: reason ?? '',
      lead: assignment?.lead ?? this.account,
      second: assignment?.second ?? second ?? null,
      checklist,
      rulebook: this.#rulebookFor(assignment, checklist),
      ...(codes.length ? { items: codes } : {}),
      ...(before ? { recheck_of: before } : {}),
      opened_at: new Date().toISOString(),
    };
    const plan = this.#planFor({ assignment, unit, checklist, opening });
    const meta = {
      id,
      state: 'open',
      cursor: 0,
      unit: unit.code,
      name: unit.sign_name ?? unit.licence_name,
      kind,
      opened_at: opening.opened_at,
    };
    await this.store.setFact(`plan/${id}`, plan);
    await this.store.saveVisit(meta);
    this.visits.set(id, { meta, plan, changes: [], photos: [], isLoaded: true, version: 0 });
    await this.say(id, 'visit', opening);
    return id;
  }

  #rulebookFor(assignment, checklist) {
    if (assignment?.rulebook) return assignment.rulebook;
    const fits = Object.entries(this.bundle.rules).find(([, byChecklist]) => byChecklist[checklist]);
    return fits ? Number(fits[0]) : null;
  }

  /** What a visit needs until its end, kept beside it: a later bundle may no longer name its unit. */
  #planFor({ assignment, unit, checklist, opening }) {
    const { bundle } = this;
    return {
      assignment,
      unit,
      opening,
      checklist: { ...bundle.checklists[checklist], sha256: checklist },
      rules: bundle.rules[opening.rulebook]?.[checklist] ?? null,
      words: bundle.words,
      exam: bundle.exam,
      people: [...bundle.people, bundle.account],
      authority: { name: bundle.settings.authority ?? '检查机关', complaint_line: bundle.settings.complaint_line },
      isDemonstration: Boolean(bundle.settings.is_demonstration),
    };
  }

  /** Say what a field became. On screen at once, in the store durably, and only then counted as kept. */
  async say(id, key, value) {
    await this.sayAll(id, [[key, value]]);
  }

  async sayAll(id, entries) {
    const visit = this.visits.get(id);
    const { fields } = this.view(id);
    const fresh = entries.filter(([key, value]) => {
      const field = fields.get(key);
      return !field || field.conflict || canonical(field.value) !== canonical(value);
    });
    const made = fresh.map(([key, value]) => this.#change(fields, { id, key, value }));
    if (!made.length) return;
    visit.changes.push(...made);
    visit.version += 1;
    this.notify();
    await this.#keep(made);
  }

  #change(fields, { id, key, value }) {
    const change = newChange(fields, {
      visit: id,
      key,
      value,
      id: crypto.randomUUID(),
      madeAt: new Date().toISOString(),
    });
    this.order += 1;
    return { ...change, account: this.account, tablet: this.tablet, state: 'unsent', order: this.order };
  }

  async #keep(changes) {
    for (const change of changes) this.unsaved.set(change.id, change);
    await this.saveAgain();
  }

  /** Write what is not yet durable; a full disk keeps it on screen and says so. */
  async saveAgain() {
    const waiting = [...this.unsaved.values()];
    if (!waiting.length) return;
    try {
      await this.store.saveChanges(waiting);
      for (const change of waiting) this.unsaved.delete(change.id);
      this.fault = null;
      this.onKept?.();
    } catch (fault) {
      this.fault = faultInWords(fault);
    }
    this.notify();
  }

  /** Try again what found no room. */
  async retry() {
    this.fault = null;
    await this.saveAgain();
    await this.#endCutOff();
    this.notify();
  }

  /** Keep a photo or drawing before anything names it; gives its hash, or null where the disk is full. */
  async keepPhoto(id, bytes, mediaType) {
    try {
      return await this.#storePhoto(id, bytes, { media_type: mediaType, taken_at: new Date().toISOString() });
    } catch (fault) {
      this.#tell(`${faultInWords(fault)}没有存下来的照片、签名，请再拍一次、再签一次。`);
      return null;
    }
  }

  async #storePhoto(id, bytes, facts) {
    const visit = this.visits.get(id);
    const digest = await sha256(bytes);
    if (visit.photos.some((photo) => photo.sha256 === digest)) return digest;
    const photo = {
      sha256: digest,
      visit: id,
      size_bytes: bytes.byteLength,
      ...facts,
      state: 'unsent',
      pieces: null,
      piece_bytes: null,
    };
    await this.store.savePhoto(photo, bytes);
    visit.photos.push(photo);
    this.fault = null;
    this.notify();
    this.onKept?.();
    return digest;
  }

  /** Keep one more part of a recording (recording.js); false where the disk is full. */
  async keepRecorded(part, bytes) {
    try {
      await this.store.saveRecorded(part, bytes);
      return true;
    } catch (fault) {
      this.#tell(`${faultInWords(fault)}${RECORDING_STOPPED}`);
      return false;
    }
  }

  /**
   * The parts of a recording become one piece of evidence, named by the refusal that it was made for. They go last:
   * cut off anywhere, this is done again from its beginning and ends in the same.
   */
  async endRecorded({ recording, visit, field, media_type, begun_at }) {
    let digest;
    try {
      const bytes = await this.store.recordedBytes(recording);
      if (!bytes.byteLength) return;
      await this.loadVisit(visit);
      digest = await this.#storePhoto(visit, bytes, { media_type, taken_at: begun_at });
    } catch (fault) {
      this.#tell(`${faultInWords(fault)}${RECORDING_STOPPED}`);
      return;
    }
    const said = saidOf(this.view(visit), field);
    const { photos } = this.visits.get(visit);
    const other = photos.find((photo) => photo.sha256 === said?.recording);
    // One that was cut off may be ended after a newer one; after a signature it is an addendum.
    if (said?.refused && !(other?.taken_at > begun_at)) await this.say(visit, field, { ...said, recording: digest, recording_kind: media_type.split('/')[0] });
    if (!this.unsaved.size) await this.store.dropRecorded(recording);
  }

  #tell(fault) {
    this.fault = fault;
    this.notify();
  }

  async #endCutOff() {
    const parts = await this.store.unfinishedRecordings();
    for (const cutOff of parts.filter((part) => part.recording !== this.recording?.facts.recording))
      await this.endRecorded(cutOff);
  }

  /** Change what this tablet alone keeps of a visit. */
  async setMeta(id, fields) {
    const visit = this.visits.get(id);
    visit.meta = { ...visit.meta, ...fields };
    visit.version += 1;
    this.notify();
    // One write after the other, each of what then holds: an older one never comes last.
    visit.saving = Promise.resolve(visit.saving)
      .catch(() => null)
      .then(() => this.store.saveVisit(visit.meta));
    await visit.saving;
  }

  /** The visit's record number: taken once, the first time a paper needs it. Null where none is left. */
  async numberOf(id) {
    const { meta } = this.visits.get(id);
    if (meta.record_number) return meta.record_number;
    for (const number of unusedNumbers(this.bundle?.record_numbers ?? [], await usedNumbers())) {
      if (await takeNumber(number, id)) {
        await this.setMeta(id, { record_number: number });
        return number;
      }
    }
    return null;
  }

  /** The unit link of a visit: taken once, from what was leased to this tablet. Null where none is left. */
  async linkOf(id) {
    const { meta } = this.visits.get(id);
    if (meta.link) return meta.link;
    const [link] = unusedLinks(this.links, this.usedLinks);
    if (!link) return null;
    // In memory at once: whoever asks again meanwhile gets the same one.
    this.usedLinks = [...this.usedLinks, link.token_hash];
    this.visits.get(id).meta = { ...meta, link };
    await this.store.setFact('used_links', this.usedLinks);
    await this.setMeta(id, { link });
    return link;
  }

  /** Number and link that the server did not take from this visit: it asks for others. */
  #refusedLeases(id) {
    const { meta, changes } = this.visits.get(id);
    const refused = (key, word, fits) =>
      changes.some(
        (change) =>
          change.key === key && change.refusal_word === word && change.state === 'refused' && fits(change.value),
      );
    return {
      record_number: refused('signed', 'number_not_leased', (value) => value.record_number === meta.record_number),
      link: refused('link', 'link_not_leased', (value) => value.token_hash === meta.link?.token_hash),
    };
  }

  hasRefusedLease(id) {
    return Object.values(this.#refusedLeases(id)).some(Boolean);
  }

  async dropRefusedLeases(id) {
    const names = Object.entries(this.#refusedLeases(id)).filter(([, isRefused]) => isRefused);
    if (!names.length) return;
    // A slip with another link is another slip: it is to be handed over anew.
    if (names.some(([name]) => name === 'link')) await this.say(id, 'link', null);
    await this.setMeta(id, { ...Object.fromEntries(names.map(([name]) => [name, null])), linkShown: false, linkKept: false });
  }

  linksLeft() {
    return unusedLinks(this.links, this.usedLinks).length;
  }

  /** What came with a bundle. Links first: each token is given only once. */
  async takeBundle(bundle) {
    this.links = withNewLinks(this.links, bundle.unit_links ?? []);
    await this.store.setFact('links', this.links);
    this.bundle = { ...bundle, unit_links: [], fetched_at: new Date().toISOString() };
    await this.store.setFact('bundle', this.bundle);
    this.notify();
  }

  async setServer(fields) {
    this.server = { ...this.server, ...fields };
    await this.store.setFact('server', this.server);
    this.notify();
  }

  /** Write down what an answer of the server means (see outbox.js). */
  async applyMeaning({ marks, news, photoMarks }) {
    const changed = [];
    for (const visit of this.visits.values()) {
      visit.changes = visit.changes.map((change) => {
        if (!marks.has(change.id)) return change;
        changed.push({ ...change, ...marks.get(change.id) });
        return changed.at(-1);
      });
    }
    for (const change of news) {
      const visit = this.visits.get(change.visit);
      if (!visit || visit.changes.some((known) => known.id === change.id)) continue;
      this.order += 1;
      visit.changes.push({ ...change, order: this.order });
      changed.push(visit.changes.at(-1));
    }
    for (const id of new Set(changed.map((change) => change.visit))) this.visits.get(id).version += 1;
    await this.store.saveChanges(changed);
    for (const [id, mark] of photoMarks) await this.markPhoto(id, mark);
    if (changed.length || photoMarks.size) this.notify();
  }

  async markPhoto(id, mark) {
    await this.store.markPhoto(id, mark);
    for (const visit of this.visits.values()) {
      visit.photos = visit.photos.map((photo) => (photoId(photo) === id ? { ...photo, ...mark } : photo));
    }
  }

  /** Take in a draft from a file: what this tablet knows already stays, what it lacks is added with its author. */
  async takeDraft({ meta, plan, changes, photos }) {
    if (!this.visits.has(meta.id)) {
      const fresh = { ...meta, cursor: 0 };
      await this.store.setFact(`plan/${meta.id}`, plan);
      await this.store.saveVisit(fresh);
      this.visits.set(meta.id, { meta: fresh, plan, changes: [], photos: [], isLoaded: true, version: 0 });
    }
    const visit = await this.loadVisit(meta.id);
    for (const { bytes, ...photo } of photos) {
      if (visit.photos.some((known) => known.sha256 === photo.sha256)) continue;
      await this.store.savePhoto(photo, bytes);
      visit.photos.push(photo);
    }
    const known = new Set(visit.changes.map((change) => change.id));
    const fresh = changes
      .filter((change) => !known.has(change.id))
      .map((change) => ({ ...change, order: (this.order += 1) }));
    await this.store.saveChanges(fresh);
    visit.changes.push(...fresh);
    visit.version += 1;
    this.notify();
  }

  async forget(id) {
    await this.store.forgetVisit(id);
    this.visits.delete(id);
    this.notify();
  }
}

/** Why something could not be written to this tablet, and what to do. */
export function faultInWords(fault) {
  if (fault.name === 'QuotaExceededError') {
    return '平板空间不足，刚才的内容还没有存下来。请不要关闭此页：先清理平板空间，再按“再存一次”。';
  }
  return `没有存进平板（${fault.name}）。请不要关闭此页，按“再存一次”。`;
}
