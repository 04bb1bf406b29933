// The camera inside the application: a view finder and one button; without a view finder the browser's own camera.

import { html, Component, createRef } from './html.js';
import { Doing } from './parts.js';

const WISH = {
  audio: false,
  video: { facingMode: { ideal: 'environment' }, width: { ideal: 1920 }, height: { ideal: 1440 } },
};

export class Camera extends Component {
  constructor(props) {
    super(props);
    this.view = createRef();
    this.state = { isLive: false, isWithout: false };
  }

  async componentDidMount() {
    try {
      const stream = await navigator.mediaDevices.getUserMedia(WISH);
      if (this.isGone) {
        stream.getTracks().forEach((track) => track.stop());
        return;
      }
      this.stream = stream;
      this.view.current.srcObject = stream;
      await this.view.current.play();
      this.setState({ isLive: true }, () => this.base?.querySelector?.('button')?.focus());
    } catch {
      // No camera, or none allowed: the browser's own camera or a file serves.
      if (!this.isGone) this.setState({ isWithout: true });
    }
  }

  componentWillUnmount() {
    this.isGone = true;
    this.stream?.getTracks().forEach((track) => track.stop());
  }

  async shoot() {
    await this.props.onTake(this.view.current);
  }

  async pick(event) {
    const [file] = event.target.files;
    event.target.value = '';
    if (file) await this.props.onTake(file);
  }

  render({ label, count, onClose }, { isLive, isWithout }) {
    return html`<div class="camera" role="group" aria-label=${`拍照：${label}`}>
      ${isWithout ? null : html`<video ref=${this.view} playsinline muted></video>`}
      <div class="row">
        ${isLive ? html`<${Doing} kind="main shutter" busy="正在保存…" onPress=${() => this.shoot()}>拍下</${Doing}>` : null}
        ${
          isWithout
            ? html`<label class="second file">用系统相机拍照<input type="file" accept="image/*" capture="environment"
          onChange=${(event) => this.pick(event)} /></label>`
            : null
        }
        ${!isLive && !isWithout ? html`<span>正在打开相机…</span>` : null}
        <button type="button" class="second" onClick=${onClose}>完成${count ? `（${count}张）` : ''}</button>
      </div></div>`;
  }
}
