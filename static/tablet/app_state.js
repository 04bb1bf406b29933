// Who uses the tablet and how far they are in: signing in, PIN, lock, sign-out, and what the browser said of storage
// and versions. Screens read it; `notify` tells them that something changed.

import { Api, NoNetwork, Refusal } from './api.js';
import { openStore } from './storage.js';
import { makeVault, openVault, changePin, waitAfter } from './vault.js';
import { deviceId, deviceFact, setDeviceFact, listUsers, saveUser, findUser, updateUser } from './device.js';
import { Updates } from './updates.js';

const LOCK_AFTER = 15 * 60000;

export class Application {
  constructor(notify) {
    this.notify = notify;
    this.api = new Api();
    this.phase = 'starting';
    this.users = [];
    this.route = routeOf(location.hash);
    this.version = document.documentElement.dataset.version;
    this.updates = new Updates(() => this.notify());
    this.session = null;
    this.persisted = null;
  }

  async start() {
    addEventListener('hashchange', () => this.#routed());
    for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, () => this.#touched(), { passive: true });
    // The browser's own question, and only while something is on the screen that is not yet on the disk.
    addEventListener('beforeunload', (event) => {
      if (this.work?.unsaved.size) event.preventDefault();
    });
    const [tablet, session, enrolled, users] = await Promise.all([
      deviceId(),
      deviceFact('session'),
      deviceFact('enrolled'),
      listUsers(),
    ]);
    Object.assign(this, { tablet, session: session ?? null, isEnrolled: Boolean(enrolled), users });
    this.phase = this.users.some((user) => !user.sealed) ? 'pick' : 'sign-in';
    this.updates.start();
    this.notify();
    // What is behind the door is fetched while somebody still types.
    setTimeout(() => this.#inside(), 50);
    await this.#countWaiting();
  }

  /** Everything that is needed only when somebody is in: loaded once, after the door stands on the screen. */
  async #inside() {
    this.inside ??= await import('./inside.js');
    return this.inside;
  }

  #routed() {
    this.route = routeOf(location.hash);
    this.notify();
  }

  go(path) {
    location.hash = path;
  }

  show(phase, fields = {}) {
    Object.assign(this, { phase, message: null, ...fields });
    this.notify();
  }

  // Signing in, online

  /** Sign in at the server; gives a sentence where it was refused. */
  async signIn({ name, password, code, enrolment }) {
    const body = { name, password, tablet: { id: this.tablet, app_version: this.version } };
    if (code) body.code = code;
    if (enrolment) body.enrolment = enrolment;
    try {
      return await this.#signedIn(await this.api.signIn(body));
    } catch (fault) {
      if (fault instanceof NoNetwork) return '连不上服务器。第一次登录需要网络；已经登录过的人可以用 PIN 打开。';
      if (!(fault instanceof Refusal)) throw fault;
      if (fault.word === 'enrolment_needed') this.isEnrolled = false;
      if (fault.word === 'code_needed') this.needsCode = true;
      if (fault.word === 'tablet_revoked') this.sync?.noteRevoked(fault.message);
      return fault.message;
    }
  }

  async #signedIn({ account, offline_until: offlineUntil }) {
    this.needsCode = false;
    this.isEnrolled = true;
    await setDeviceFact('enrolled', true);
    await this.#setSession(account.id);
    if (this.work) return this.#signedInAgain(account, offlineUntil);
    const known = this.users.find((user) => user.account === account.id && !user.sealed);
    if (known) {
      this.show('pin', { chosen: known, message: '已登录。请输入您在这台平板上的 PIN。' });
      return null;
    }
    this.newcomer = { account, bundle: await this.api.bundle(0) };
    this.show('new-pin');
    return null;
  }

  async #signedInAgain(account) {
    if (account.id !== this.work.account) {
      const { name } = this.work.user;
      await this.lock();
      return `您登录的是“${account.name}”，刚才打开的是“${name}”的记录。已经锁定，请选择要打开的人。`;
    }
    await this.sync.run({ fetchBundle: true });
    return null;
  }

  async #setSession(account) {
    this.session = account;
    await setDeviceFact('session', account);
  }

  /** The first PIN of somebody on this tablet: makes the key, the store, and opens it. */
  async setPin(pin) {
    const { account, bundle } = this.newcomer;
    const { vault, key } = await makeVault(pin, bundle.recovery_key, new Date().toISOString());
    const count = this.users.filter((user) => user.account === account.id).length;
    const user = {
      store: `hhb-user-${account.id}-${count + 1}`,
      account: account.id,
      name: account.name,
      vault,
      wrong: 0,
      wait_until: 0,
      unsent: 0,
    };
    await this.#holdAlone(user.store);
    const store = await openStore(user.store, key);
    await saveUser(user);
    const { Work } = await this.#inside();
    const work = new Work({ user, store, tablet: this.tablet, notify: () => this.notify() });
    await work.load();
    await work.takeBundle(bundle);
    this.users = await usersHere();
    await this.#askForStorage();
    this.#enter(work);
    // Only now: until the screen changes, whatever draws it anew reads who is new.
    this.newcomer = null;
  }

  // PIN

  /** Open a user's store; gives a sentence where the PIN was wrong or it is too early to try again. */
  async unlock(pin) {
    const user = await findUser(this.chosen.store);
    const { refused, opened } = await this.#tryPin(user, () => openVault(user.vault, pin, this.recoveryKey));
    if (refused) return refused;
    if (!(await this.#holdAlone(user.store))) {
      return { sentence: '这个人的记录已经在另一个窗口打开；请在那个窗口继续，或者先关掉它。', wait: 0 };
    }
    const store = await openStore(user.store, opened.key);
    const { Work } = await this.#inside();
    const work = new Work({ user, store, tablet: this.tablet, notify: () => this.notify() });
    await work.load();
    await this.#renewRecovery(user, pin, work.bundle?.recovery_key);
    await this.#askForStorage();
    this.#enter(work);
    return null;
  }

  /** Try a PIN: a wrong one is counted and slows the next one down, wherever it is asked for. */
  async #tryPin(user, open) {
    const early = user.wait_until - Date.now();
    if (early > 0) return { refused: { sentence: null, wait: early } };
    // Counted before it is checked: closing the application does not make a try undone.
    const wrong = user.wrong + 1;
    const wait = waitAfter(wrong) * 1000;
    await updateUser(user.store, { wrong, wait_until: Date.now() + wait });
    const opened = await open();
    const sentence = `PIN 不对（已错${wrong}次）。记录都在，不会因为输错而清除。`;
    if (!opened) return { refused: { sentence, wait } };
    await updateUser(user.store, { wrong: 0, wait_until: 0 });
    return { opened };
  }

  /** The bureau has made another recovery key since: the same data key is wrapped with that one too. */
  async #renewRecovery(user, pin, recovery) {
    if (!recovery || recovery.fingerprint === user.vault.recovery?.fingerprint) return;
    const { vault } = await openVault(user.vault, pin, recovery);
    await updateUser(user.store, { vault });
  }

  /** Another PIN; gives a sentence or a time to wait where the old one was wrong. */
  async changePin(oldPin, newPin) {
    const user = await findUser(this.work.user.store);
    const { refused, opened } = await this.#tryPin(user, () => changePin(user.vault, oldPin, newPin));
    if (refused) return refused;
    await updateUser(user.store, { vault: opened });
    return null;
  }

  /** The PIN is forgotten: the store is kept under seal, and its user begins a new one. */
  async seal(user) {
    await updateUser(user.store, { sealed: true });
    this.users = await usersHere();
    this.show('sign-in', {
      chosen: null,
      message: `“${user.name}”的记录已封存在本机，没有删除。请导出文件交给管理员打开；重新登录后可以设新的 PIN。`,
    });
  }

  /** One window at a time works on a user's store: two would not see what the other says. */
  #holdAlone(store) {
    return new Promise((done) => {
      navigator.locks.request(store, { ifAvailable: true }, (lock) => {
        done(lock !== null);
        return lock
          ? new Promise((release) => {
              this.release = release;
            })
          : undefined;
      });
    });
  }

  #enter(work) {
    this.work = work;
    this.sync = new this.inside.Sync({ work, api: this.api, sessionAccount: () => this.session });
    this.#touched();
    this.show('open', { chosen: null });
    this.sync.start();
  }

  /** Ask that the browser never clears the store by itself; its answer is shown. */
  async #askForStorage() {
    this.persisted = navigator.storage?.persist ? await navigator.storage.persist() : false;
    this.estimate = await navigator.storage?.estimate?.();
  }

  // Leaving

  /** Something goes on that needs no touch. */
  stayOpen() {
    this.#touched();
  }

  #touched() {
    clearTimeout(this.idle);
    if (this.work) this.idle = setTimeout(() => this.lock(), LOCK_AFTER);
  }

  /** Close the store: the key leaves the memory, everything else stays. */
  async lock() {
    const { work } = this;
    if (!work) return;
    // A recording is ended and a text that is being written is kept first; what could not be kept keeps the tablet
    // open, and says so.
    await work.recording?.end();
    document.activeElement?.blur?.();
    await work.saveAgain();
    if (this.work !== work || work.unsaved.size) return;
    this.sync.stop();
    work.store.close();
    this.inside.forgetAddresses();
    const { user } = work;
    this.work = null;
    this.sync = null;
    this.release();
    // At once: whatever draws the screen of the work anew would find no work.
    this.show('pick', { chosen: this.users.find((one) => one.store === user.store), message: null });
    await this.#countWaiting();
  }

  /** How much of everybody's work waits: the screen says so as soon as it is counted. */
  async #countWaiting() {
    this.users = await usersHere();
    this.chosen = this.users.find((one) => one.store === this.chosen?.store) ?? null;
    this.notify();
  }

  /** End the session; what waits stays here, sealed, and goes on when the same person signs in again. */
  async signOut() {
    const { user } = this.work;
    await this.work.recording?.end();
    const { changes, photos, refused } = this.work.counts();
    await this.lock();
    if (this.work) return;
    await this.#endSession();
    const left = changes + photos + refused;
    this.go('');
    this.show('pick', {
      chosen: null,
      message: left
        ? `“${user.name}”已退出。还有${left}条记录没有上传，仍加密存在本机；本人再次登录后继续上传。`
        : `“${user.name}”已退出。全部记录都已送达；本机的副本仍加密保存。`,
    });
  }

  async #endSession() {
    const wasSignedIn = this.session !== null;
    await this.#setSession(null);
    if (!wasSignedIn || !navigator.onLine) return;
    try {
      await this.api.signOut();
    } catch (fault) {
      // Without a network the session ends by itself; this tablet no longer uses it either way.
      if (!(fault instanceof NoNetwork) && !(fault instanceof Refusal) && !(fault instanceof TypeError)) throw fault;
    }
  }
}

/** Everybody who has a store here, with how much of it nobody has received: counted in the store, whatever happened. */
async function usersHere() {
  return Promise.all(
    (await listUsers()).map(async (user) => {
      const store = await openStore(user.store, null);
      const unsent = await store.countUnsent();
      store.close();
      return { ...user, unsent };
    }),
  );
}

/** `#/visit/<id>/<step>` and its like. */
export function routeOf(hash) {
  const [name = '', id = null, step = null, part = null] = hash
    .replace(/^#\/?/, '')
    .split('/')
    .map(decodeURIComponent);
  return { name: name || 'today', id: id || null, step, part };
}
