// A sound recording of a refusal (article 34): begun and ended by a person, kept sealed like a photo.

import { html, Component } from './html.js';
import { Told } from './parts.js';

const KINDS = ['audio/webm', 'audio/mp4', 'audio/ogg'];

export class Recorder extends Component {
  constructor(props) {
    super(props);
    this.state = { isOn: false, seconds: 0, fault: null };
  }

  async begin() {
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (fault) {
      this.setState({ fault: `不能录音（${fault.name}）：请在浏览器里允许本站使用麦克风，或者改用见证人。` });
      return;
    }
    const kind = KINDS.find((one) => MediaRecorder.isTypeSupported(one));
    const parts = [];
    this.recorder = new MediaRecorder(this.stream, { mimeType: kind, audioBitsPerSecond: 32000 });
    this.recorder.addEventListener('dataavailable', (event) => parts.push(event.data));
    this.recorder.addEventListener('stop', () => this.keep(new Blob(parts, { type: kind })));
    this.recorder.start();
    this.clock = setInterval(() => this.setState(({ seconds }) => ({ seconds: seconds + 1 })), 1000);
    this.setState({ isOn: true, seconds: 0, fault: null });
  }

  end() {
    clearInterval(this.clock);
    this.recorder?.stop();
    this.stream?.getTracks().forEach((track) => track.stop());
    this.setState({ isOn: false });
  }

  async keep(blob) {
    const { app, view, onRecording } = this.props;
    const digest = await app.work.keepPhoto(view.id, await blob.arrayBuffer(), blob.type.split(';')[0]);
    if (digest) onRecording(digest);
  }

  componentWillUnmount() {
    if (this.state.isOn) this.end();
  }

  render({ recording }, { isOn, seconds, fault }) {
    return html`<div class="recorder">
      ${
        isOn
          ? html`<button type="button" class="main" onClick=${() => this.end()}>结束录音（${seconds}秒）</button>`
          : html`<button type="button" class="second"
          onClick=${() => this.begin()}>${recording ? '重新录音' : '录音'}</button>`
      }
      ${recording ? html`<span class="done">✓ 已有录音</span>` : null}
      ${fault ? html`<${Told} tone="fail">${fault}</${Told}>` : null}</div>`;
  }
}
