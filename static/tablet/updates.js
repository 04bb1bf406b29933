// New versions of the application: fetched in the background, taken up only when a person says so or when nobody has it
// open. A visit is never interrupted, and no stored record is touched by it.

const LOOK_EVERY = 30 * 60000;

export class Updates {
  constructor(notify) {
    this.notify = notify;
    this.isReady = false;
    this.isKept = false;
  }

  async start() {
    navigator.serviceWorker.addEventListener('controllerchange', () => this.#changed());
    let registration;
    try {
      registration = await navigator.serviceWorker.register('/tablet/worker.js', {
        scope: '/tablet',
        updateViaCache: 'none',
      });
    } catch {
      // Without a network the version that is kept goes on; where nothing is kept, the screens say so.
      registration = await navigator.serviceWorker.getRegistration('/tablet');
    }
    if (!registration) return;
    this.registration = registration;
    this.isKept = Boolean(registration.active);
    registration.addEventListener('updatefound', () => this.#watch(registration.installing));
    if (registration.waiting) this.#ready();
    if (registration.installing) this.#watch(registration.installing);
    setInterval(() => this.look(), LOOK_EVERY);
    this.notify();
  }

  #watch(worker) {
    worker?.addEventListener('statechange', () => {
      if (worker.state === 'installed' && this.registration.active) this.#ready();
      if (worker.state === 'activated') {
        this.isKept = true;
        this.notify();
      }
    });
  }

  #ready() {
    this.isReady = true;
    this.notify();
  }

  /** Ask whether there is a new version; without a network nothing happens. */
  async look() {
    if (!navigator.onLine) return;
    try {
      await this.registration?.update();
    } catch {
      // The server was not there just now; the version that is kept goes on working.
    }
  }

  /** Take up the version that waits; everything is stored before. */
  takeUp() {
    this.isWanted = true;
    this.registration.waiting?.postMessage('take-over');
  }

  #changed() {
    if (this.isWanted) location.reload();
  }
}
