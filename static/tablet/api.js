// Calls of the server. A failure says what happened in words; where the data is now, the caller knows.

const BASE = '/api/v1';
const PATIENCE = 30000;

/** The server could not be reached, or did not answer in time. */
export class NoNetwork extends Error {}

/** The server answered and refused. */
export class Refusal extends Error {
  constructor(status, { word = 'failed', error = '', errors = [] } = {}) {
    super(error || `服务器回答${status}。`);
    this.status = status;
    this.word = word;
    this.errors = errors;
  }
}

export class Api {
  constructor() {
    this.token = null;
    this.account = null;
  }

  /** Whose session the cookie belongs to, by the server's word: what is sent is sent in that name. */
  async whoAmI() {
    if (this.account === null || !this.token) await this.#freshToken();
    return this.account;
  }

  /** Sign in; the cookie that comes back holds for this tablet and this account. */
  async signIn(body) {
    const answer = await this.#call('POST', '/session', { json: body, bare: true });
    this.token = answer.token;
    this.account = answer.account.id;
    return answer;
  }

  /** End the session on the server; what this tablet keeps is not touched. */
  async signOut() {
    await this.#freshToken();
    const headers = { 'X-CSRFToken': this.token };
    await fetch('/desk/sign-out', { method: 'POST', headers, redirect: 'manual', credentials: 'same-origin' });
    this.token = null;
    this.account = null;
  }

  bundle(links, codes = []) {
    return this.#call('GET', `/bundle?links=${links}&units=${codes.join(',')}`);
  }

  /** Units by words: only with a network. */
  async findUnits(words) {
    return this.#call('GET', `/units?q=${encodeURIComponent(words)}`);
  }

  changes(body) {
    return this.#writing('POST', '/changes', { json: body });
  }

  pieces(sha256) {
    return this.#call('GET', `/photos/${sha256}/pieces`);
  }

  piece(sha256, number, bytes) {
    return this.#writing('PUT', `/photos/${sha256}/pieces/${number}`, { bytes });
  }

  async picture(sha256) {
    const response = await this.#fetch('GET', `/photos/${sha256}`, {});
    if (!response.ok) throw await refusalOf(response);
    return response.blob();
  }

  async #freshToken() {
    const answer = await this.#call('GET', '/token');
    this.token = answer.token;
    this.account = answer.account.id;
    return answer;
  }

  /** A call that writes: with a token, and once more with a fresh one where the old one went stale. */
  async #writing(method, path, what) {
    if (!this.token) await this.#freshToken();
    try {
      return await this.#call(method, path, what);
    } catch (fault) {
      if (fault.word !== 'stale_token') throw fault;
      await this.#freshToken();
      return this.#call(method, path, what);
    }
  }

  async #call(method, path, what = {}) {
    const asked = Date.now();
    const response = await this.#fetch(method, path, what);
    const answer = await jsonOf(response);
    if (!response.ok && !answer.receipts) throw new Refusal(response.status, answer);
    return { ...answer, offset: offsetOf(response, answer, asked) };
  }

  async #fetch(method, path, { json, bytes, bare }) {
    const headers = {};
    if (json !== undefined) headers['Content-Type'] = 'application/json';
    if (bytes !== undefined) headers['Content-Type'] = 'application/octet-stream';
    if (this.token && !bare && method !== 'GET') headers['X-CSRFToken'] = this.token;
    const body = json !== undefined ? JSON.stringify(json) : bytes;
    try {
      return await fetch(BASE + path, {
        method,
        headers,
        body,
        credentials: 'same-origin',
        cache: 'no-store',
        signal: AbortSignal.timeout(PATIENCE),
      });
    } catch {
      // fetch has one kind of failure for every way in which nothing came back.
      throw new NoNetwork('连不上服务器');
    }
  }
}

async function jsonOf(response) {
  try {
    return await response.json();
  } catch {
    if (response.ok) throw new NoNetwork('回答没有收全');
    return {};
  }
}

const refusalOf = async (response) => new Refusal(response.status, await jsonOf(response));

/** How far this tablet's clock is behind the server's, in milliseconds; half the way there and back counted in. */
function offsetOf(response, answer, asked) {
  const said = answer.server_time ?? response.headers.get('X-HHB-Server-Time');
  if (!said) return null;
  return Math.round(Date.parse(said) - (asked + Date.now()) / 2);
}
