// Photos of an item: taken in the application, turned and scaled on the device, kept sealed, sent in pieces.

import { html, Component } from './html.js';
import { Told } from './parts.js';
import { Pictures } from './unit.js';
import { Camera } from './camera.js';
import { preparedPhoto } from '../photos.js';

export class Photos extends Component {
  constructor(props) {
    super(props);
    this.state = { isOpen: false, isBusy: false, fault: null };
  }

  /** Prepare and keep one picture; gives whether it is kept. */
  async take(source) {
    const { app, view } = this.props;
    this.setState({ isBusy: true, fault: null });
    let digest = null;
    try {
      digest = await app.work.keepPhoto(view.id, await preparedPhoto(source), 'image/jpeg');
    } catch (fault) {
      this.setState({ fault: `这张照片读不出来（${fault.name}），没有保存；请重拍。` });
    }
    // By what holds now: somebody may have gone on writing while the picture was prepared.
    if (digest) this.props.onChange([...this.props.digests.filter((one) => one !== digest), digest]);
    this.setState({ isBusy: false });
    return digest !== null;
  }

  async turn(digest) {
    const { app, view } = this.props;
    const bytes = await app.work.store.photoBytes(digest);
    const turned = await app.work.keepPhoto(view.id, await preparedPhoto(new Blob([bytes]), 1), 'image/jpeg');
    if (turned) this.props.onChange(this.props.digests.map((one) => (one === digest ? turned : one)));
  }

  states() {
    const { app, view } = this.props;
    return new Map(app.work.visits.get(view.id).photos.map((photo) => [photo.sha256, photo]));
  }

  render({ app, view, id, label, digests, onChange }, { isOpen, isBusy, fault }) {
    const states = this.states();
    const isLocked = view.isLocked;
    const tools = (digest) => html`<span class="tools">
      <small class=${states.get(digest)?.state === 'received' ? 'done' : 'wait'}>
        ${stateInWords(states.get(digest))}</small>
      ${
        isLocked
          ? null
          : html`<button type="button" class="small" onClick=${() => this.turn(digest)}>转向</button>
        <button type="button" class="small"
          onClick=${() => onChange(digests.filter((one) => one !== digest))}>移除</button>`
      }</span>`;
    return html`<div class="photos" id=${id}>
      ${digests.length ? html`<${Pictures} app=${app} digests=${digests} label=${label}>${tools}</${Pictures}>` : null}
      ${
        isLocked || isOpen
          ? null
          : html`<button type="button" class="chip add" disabled=${isBusy}
        onClick=${() => this.setState({ isOpen: true })}>${isBusy ? '正在保存…' : '＋ 拍照'}</button>`
      }
      ${
        isOpen
          ? html`<${Camera} label=${label} count=${digests.length} onTake=${(source) => this.take(source)}
        onClose=${() => this.setState({ isOpen: false })} />`
          : null
      }
      ${fault ? html`<${Told} tone="fail">${fault}</${Told}>` : null}
    </div>`;
  }
}

function stateInWords(photo) {
  if (!photo) return '在另一台平板';
  return { received: '✓ 已送达', unsent: '已存本机', refused: `被退回：${photo.refusal ?? ''}` }[photo.state];
}
