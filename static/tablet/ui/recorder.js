// A recording of a refusal (article 34), begun and ended by a person.

import { html, Component, createRef } from './html.js';
import { Told } from './parts.js';
import { beginRecording } from '../recording.js';

const ZH = { audio: '录音', video: '录像' };
const LONGEST = { audio: 3600, video: 600 };

export class Recorder extends Component {
  constructor(props) {
    super(props);
    this.view = createRef();
    this.state = { on: null, seconds: 0, fault: null, isBeginning: false };
  }

  async begin(kind) {
    const { app, view, field } = this.props;
    this.setState({ isBeginning: true, fault: null });
    try {
      this.recording = await beginRecording(app.work, { visit: view.id, field, kind });
    } catch (fault) {
      const device = kind === 'video' ? '相机和麦克风' : '麦克风';
      this.setState({
        isBeginning: false,
        fault: `不能${ZH[kind]}（${fault.name}）：请在浏览器里允许本站使用${device}，或者改用见证人。`,
      });
      return;
    }
    // Whoever left while the browser asked records nothing.
    if (this.isGone) {
      this.recording.end();
      return;
    }
    this.recording.ended.then(() => this.stopped());
    this.clock = setInterval(() => this.tick(), 1000);
    this.setState({ on: kind, seconds: 0, isBeginning: false }, () => this.show());
  }

  /** What the camera sees while it records. */
  show() {
    if (!this.view.current) return;
    this.view.current.srcObject = this.recording.stream;
    this.view.current.play();
  }

  tick() {
    const { on, seconds } = this.state;
    // Whoever records touches nothing: the tablet must not lock itself over it.
    this.props.app.stayOpen();
    if (seconds + 1 >= LONGEST[on]) this.recording.end();
    else this.setState({ seconds: seconds + 1 });
  }

  stopped() {
    clearInterval(this.clock);
    this.recording = null;
    if (!this.isGone) this.setState({ on: null });
  }

  componentWillUnmount() {
    this.isGone = true;
    this.recording?.end();
  }

  /** What kind the kept recording is. */
  kindOfKept({ app, view, recording }) {
    const kept = app.work.visits.get(view.id).photos.find((one) => one.sha256 === recording);
    return kept?.media_type.split('/')[0] ?? 'audio';
  }

  render(props, { on, seconds, fault, isBeginning }) {
    const { recording } = props;
    return html`<div class="recorder">
      ${on === 'video' ? html`<video ref=${this.view} playsinline muted></video>` : null}
      ${
        on
          ? html`<button type="button" class="main"
          onClick=${() => this.recording?.end()}>结束${ZH[on]}（${seconds}秒）</button>`
          : Object.entries(ZH).map(
              ([kind, zh]) => html`<button type="button" class="second" key=${kind} disabled=${isBeginning}
          onClick=${() => this.begin(kind)}>${recording ? `重新${zh}` : zh}</button>`,
            )
      }
      ${recording ? html`<span class="done">✓ 已有${ZH[this.kindOfKept(props)]}</span>` : null}
      ${fault ? html`<${Told} tone="fail">${fault}</${Told}>` : null}</div>`;
  }
}
