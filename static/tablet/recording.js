// A sound or video recording while it runs: each second of it is sealed in the store as it comes, so that neither a
// crash nor a lock loses more than the last one. Work.load makes evidence of what was cut off.

// Clear enough to see who refuses, small enough to be sent; both ends stay well below what the server takes.
const RATES = { audioBitsPerSecond: 32000, videoBitsPerSecond: 480000 };
const TYPES = {
  audio: ['audio/webm', 'audio/mp4', 'audio/ogg'],
  video: ['video/webm', 'video/mp4'],
};
const WISH = {
  audio: { audio: true },
  video: { audio: true, video: { facingMode: { ideal: 'environment' }, width: { ideal: 640 }, height: { ideal: 480 } } },
};
const PART_MS = 1000;

/** Begin to record for a field of a visit; rejects as the browser does where its devices may not be used. */
export async function beginRecording(work, { visit, field, kind }) {
  const stream = await navigator.mediaDevices.getUserMedia(WISH[kind]);
  // Another one began while the browser asked: one at a time.
  await work.recording?.end();
  return new Recording(work, stream, { visit, field, kind });
}

class Recording {
  constructor(work, stream, { visit, field, kind }) {
    const mimeType = TYPES[kind].find((one) => MediaRecorder.isTypeSupported(one));
    Object.assign(this, { work, stream, count: 0, isCut: false, writing: Promise.resolve() });
    this.facts = {
      recording: crypto.randomUUID(),
      visit,
      field,
      media_type: mimeType.split(';')[0],
      begun_at: new Date().toISOString(),
    };
    this.recorder = new MediaRecorder(stream, { mimeType, ...RATES });
    this.recorder.addEventListener('dataavailable', ({ data }) => {
      this.writing = this.#write(data, this.writing);
    });
    /** Kept when the last part is; also where nobody ended it but the microphone was taken away. */
    this.ended = new Promise((done) => {
      this.recorder.addEventListener('stop', done);
    }).then(() => this.#keep());
    this.recorder.start(PART_MS);
    work.recording = this;
    work.notify();
  }

  /** End it; kept when the promise is. */
  end() {
    if (this.recorder.state !== 'inactive') this.recorder.stop();
    return this.ended;
  }

  /** One part after the other: what follows a part that found no room would not belong to what is kept. */
  async #write(data, before) {
    await before;
    if (this.isCut || !data.size) return;
    const part = { ...this.facts, number: this.count };
    this.count += 1;
    this.isCut = !(await this.work.keepRecorded(part, await data.arrayBuffer()));
    if (this.isCut) this.end();
  }

  async #keep() {
    this.stream.getTracks().forEach((track) => track.stop());
    await this.writing;
    await this.work.endRecorded(this.facts);
    this.work.recording = null;
    this.work.notify();
  }
}
