// The service worker: keeps one whole version of the application, and no answer of the server.
// SHELL, written before this text, names the version and every file with the beginning of its SHA-256.

const PREFIX = 'hhb-tablet-';
const NAME = PREFIX + SHELL.version;
const AT_ONCE = 3;

self.addEventListener('install', (event) => event.waitUntil(keepAll()));
self.addEventListener('activate', (event) => event.waitUntil(takeOver()));
self.addEventListener('fetch', (event) => {
  const kept = addressOf(event.request);
  if (kept) event.respondWith(answer(kept, event.request));
});
self.addEventListener('message', (event) => {
  if (event.data === 'take-over') self.skipWaiting();
});

/** Every file of this version, checked byte for byte; a version that is not whole is not taken up. */
async function keepAll() {
  const cache = await caches.open(NAME);
  const waiting = Object.entries(SHELL.files);
  // A few at a time: whoever signs in meanwhile must not wait behind seventy files.
  const fetching = Array.from({ length: AT_ONCE }, async () => {
    while (waiting.length) await keepOne(cache, ...waiting.shift());
  });
  await Promise.all(fetching);
}

async function keepOne(cache, address, hash) {
  const known = await caches.match(address);
  if (known && (await hashOf(known.clone())) === hash) {
    await cache.put(address, known);
    return;
  }
  const fresh = await fetch(new Request(address, { cache: 'no-cache', credentials: 'omit' }));
  if (!fresh.ok || (await hashOf(fresh.clone())) !== hash) throw new Error(`${address} is not of this version.`);
  await cache.put(address, fresh);
}

async function hashOf(response) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await response.arrayBuffer()));
  return Array.from(digest.slice(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function takeOver() {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== NAME) await caches.delete(name);
  }
  await self.clients.claim();
}

/** Which kept file a request means; null leaves it to the network. */
function addressOf(request) {
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return null;
  return url.pathname in SHELL.files ? url.pathname : null;
}

async function answer(address, request) {
  const kept = await caches.match(address, { cacheName: NAME });
  return kept ?? fetch(request);
}
