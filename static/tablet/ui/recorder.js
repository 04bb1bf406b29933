// A sound or video recording of a refusal (article 34): begun and ended by a person, kept sealed like a photo.

import { html, Component, createRef } from './html.js';
import { Told } from './parts.js';

const ZH = { audio: '录音', video: '录像' };
const TYPES = {
  audio: ['audio/webm', 'audio/mp4', 'audio/ogg'],
  video: ['video/webm', 'video/mp4'],
};
// Clear enough to see who refuses, small enough to be sent; both ends stay well below what the server takes.
const RATES = { audioBitsPerSecond: 32000, videoBitsPerSecond: 480000 };
const LONGEST = { audio: 3600, video: 600 };
const WISH = {
  audio: { audio: true },
  video: { audio: true, video: { facingMode: { ideal: 'environment' }, width: { ideal: 640 }, height: { ideal: 480 } } },
};

export class Recorder extends Component {
  constructor(props) {
    super(props);
    this.view = createRef();
    this.state = { on: null, seconds: 0, fault: null };
  }

  async begin(kind) {
    try {
      this.stream = await navigator.mediaDevices.getUserMedia(WISH[kind]);
    } catch (fault) {
      const device = kind === 'video' ? '相机和麦克风' : '麦克风';
      this.setState({
        fault: `不能${ZH[kind]}（${fault.name}）：请在浏览器里允许本站使用${device}，或者改用见证人。`,
      });
      return;
    }
    const mimeType = TYPES[kind].find((one) => MediaRecorder.isTypeSupported(one));
    const parts = [];
    this.recorder = new MediaRecorder(this.stream, { mimeType, ...RATES });
    this.recorder.addEventListener('dataavailable', (event) => parts.push(event.data));
    this.recorder.addEventListener('stop', () => this.keep(new Blob(parts, { type: mimeType })));
    this.recorder.start();
    this.clock = setInterval(() => this.tick(), 1000);
    this.setState({ on: kind, seconds: 0, fault: null }, () => this.show());
  }

  /** What the camera sees while it records. */
  show() {
    if (!this.view.current) return;
    this.view.current.srcObject = this.stream;
    this.view.current.play();
  }

  tick() {
    const { on, seconds } = this.state;
    // Whoever records touches nothing: the tablet must not lock itself over it.
    this.props.app.stayOpen();
    if (seconds + 1 >= LONGEST[on]) this.end();
    else this.setState({ seconds: seconds + 1 });
  }

  end() {
    clearInterval(this.clock);
    this.recorder?.stop();
    this.stream?.getTracks().forEach((track) => track.stop());
    this.setState({ on: null });
  }

  async keep(blob) {
    const { app, view } = this.props;
    const digest = await app.work.keepPhoto(view.id, await blob.arrayBuffer(), blob.type.split(';')[0]);
    if (digest) this.props.onRecording(digest);
  }

  componentWillUnmount() {
    if (this.state.on) this.end();
  }

  /** What kind the kept recording is. */
  kindOfKept({ app, view, recording }) {
    const kept = app.work.visits.get(view.id).photos.find((one) => one.sha256 === recording);
    return kept?.media_type.split('/')[0] ?? 'audio';
  }

  render(props, { on, seconds, fault }) {
    const { recording } = props;
    return html`<div class="recorder">
      ${on === 'video' ? html`<video ref=${this.view} playsinline muted></video>` : null}
      ${
        on
          ? html`<button type="button" class="main" onClick=${() => this.end()}>结束${ZH[on]}（${seconds}秒）</button>`
          : Object.entries(ZH).map(
              ([kind, zh]) => html`<button type="button" class="second" key=${kind}
          onClick=${() => this.begin(kind)}>${recording ? `重新${zh}` : zh}</button>`,
            )
      }
      ${recording ? html`<span class="done">✓ 已有${ZH[this.kindOfKept(props)]}</span>` : null}
      ${fault ? html`<${Told} tone="fail">${fault}</${Told}>` : null}</div>`;
  }
}
