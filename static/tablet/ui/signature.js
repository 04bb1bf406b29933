// A signature by hand, or by keyboard for whoever cannot draw; a refusal is written down (art. 34), blocking nothing.

import { html, Component, createRef } from './html.js';
import { Choice, Text, Doing } from './parts.js';
import { Pictures } from './unit.js';
import { Recorder } from './recorder.js';
import SignaturePad from '../../vendor/signature_pad.min.js';
import { canvasBytes } from '../photos.js';
import { saidOf } from '../visit_view.js';
import { isSettled, refusalInWords, signatureOf } from '../procedure.js';
import { shownInstant } from '../days.js';

const REFUSALS = ['拒绝签名', '负责人不在场，在场人员拒绝签名', '对检查内容有异议，拒绝签名'];

export class Signature extends Component {
  constructor(props) {
    super(props);
    const { view, field, of = null } = props;
    this.state = { isOpen: false, isRefusing: Boolean(signatureOf(view, field, of)?.refused), isTyping: false };
  }

  /** What is signed: the record as it stands, by its hash; the notice page has none. */
  get under() {
    return this.props.of ? { text_sha256: this.props.of } : {};
  }

  async keep(bytes, name) {
    const { app, view, say, field } = this.props;
    const drawing = await app.work.keepPhoto(view.id, bytes, 'image/png');
    if (!drawing) return;
    await say(field, { drawing, name: name || '', at: new Date().toISOString(), ...this.under });
    if (!this.isGone) this.setState({ isOpen: false, isRefusing: false, isTyping: false });
  }

  componentWillUnmount() {
    this.isGone = true;
  }

  render({ app, view, say, field, of = null, title, name = '', mayRefuse = false }, { isOpen, isRefusing, isTyping }) {
    const before = saidOf(view, field);
    const said = signatureOf(view, field, of);
    const id = field.replace('/', '-');
    const isDone = isSettled(said);
    return html`<div class=${`signature${isDone ? ' done' : ''}`}>
      <h3>${isDone ? '✓ ' : ''}${title}</h3>
      ${
        said?.drawing
          ? html`<p class="signed"><${Pictures} app=${app} digests=${[said.drawing]}
        label=${`${title}的签名`} />
        <span>${said.name ?? ''} ${shownInstant(said.at, Date.now())}</span></p>`
          : null
      }
      ${said?.refused && !isOpen ? html`<p>${refusalInWords(said)}</p>` : null}
      ${before && !said ? html`<p class="wait">${shownInstant(before.at, Date.now())}的签名是对改动以前的全文，请重签。</p>` : null}
      ${
        view.isLocked
          ? null
          : html`<div class="row">
        ${
          isOpen
            ? null
            : html`<button type="button" class="second"
          onClick=${() => this.setState({ isOpen: true, isRefusing: false })}>
          ${said?.drawing ? '重签' : '手写签名'}</button>`
        }
        ${
          mayRefuse && !isRefusing
            ? html`<button type="button" class="second"
          onClick=${() => this.refuse()}>对方拒绝签名</button>`
            : null
        }</div>`
      }
      ${
        isOpen && !view.isLocked
          ? html`<${Pad} id=${id} name=${name} isTyping=${isTyping} title=${title}
        onTyping=${() => this.setState({ isTyping: !isTyping })}
        onKeep=${(bytes, who) => this.keep(bytes, who)} onClose=${() => this.setState({ isOpen: false })} />`
          : null
      }
      ${
        isRefusing && !isOpen && !view.isLocked
          ? html`<${Refused} ...${{ app, view, say, field, id, under: this.under }}
        said=${said ?? {}} />`
          : null
      }
    </div>`;
  }

  refuse() {
    const { say, field } = this.props;
    this.setState({ isRefusing: true, isOpen: false });
    const at = new Date().toISOString();
    say(field, { refused: true, reason: REFUSALS[0], witness: null, recording: null, at, ...this.under });
  }
}

/** Reason, and a witness or a recording: without one of the two the refusal does not stand. */
function Refused({ app, view, say, field, id, said, under }) {
  const before = { reason: REFUSALS[0], witness: null, recording: null, at: new Date().toISOString() };
  const keep = (fields) => say(field, { ...before, ...said, refused: true, ...under, ...fields });
  return html`<div class="panel refused">
    <p>拒签不影响检查结束：写明理由，并请见证人签名，或者录音、录像。</p>
    <${Choice} label="拒签的理由" options=${REFUSALS.map((words) => [words, words])} value=${said.reason}
      onChoose=${(reason) => keep({ reason: reason ?? '' })} />
    <${Text} id=${`${id}-reason`} label="补充理由" value=${REFUSALS.includes(said.reason) ? '' : (said.reason ?? '')}
      onText=${(text) => text.trim() && keep({ reason: text.trim() })} />
    <${Text} id=${`${id}-witness`} label="见证人姓名" most=${200} value=${said.witness ?? ''}
      onText=${(witness) => keep({ witness: witness.trim() || null })} />
    <${Recorder} app=${app} view=${view} field=${field} recording=${said.recording ?? null} />
  </div>`;
}

/** The field to sign in: as wide as its place, black on white whatever the scheme. */
class Pad extends Component {
  constructor(props) {
    super(props);
    this.canvas = createRef();
    this.state = { isEmpty: true, text: props.name };
  }

  componentDidMount() {
    const canvas = this.canvas.current;
    const density = Math.min(2, devicePixelRatio || 1);
    canvas.width = canvas.offsetWidth * density;
    canvas.height = canvas.offsetHeight * density;
    canvas.getContext('2d').scale(density, density);
    this.pad = new SignaturePad(canvas, { penColor: '#000', backgroundColor: '#fff', minWidth: 1, maxWidth: 3.2 });
    this.pad.addEventListener('endStroke', () => this.setState({ isEmpty: false }));
    canvas.scrollIntoView({ block: 'center' });
  }

  componentWillUnmount() {
    this.pad.off();
  }

  clear() {
    this.pad.clear();
    this.setState({ isEmpty: true });
  }

  /** The typed name as a picture, so that a signature is one thing however it was made. */
  type() {
    const canvas = this.canvas.current;
    const pen = canvas.getContext('2d');
    this.pad.clear();
    pen.fillStyle = '#000';
    pen.textBaseline = 'middle';
    pen.font = `${Math.round(canvas.offsetHeight * 0.36)}px serif`;
    pen.fillText(this.state.text, 16, canvas.offsetHeight * 0.42);
    pen.font = '15px sans-serif';
    pen.fillText('（键盘输入）', 16, canvas.offsetHeight * 0.84);
    this.setState({ isEmpty: !this.state.text.trim() });
  }

  async done() {
    await this.props.onKeep(await canvasBytes(this.canvas.current), this.state.text.trim());
  }

  render({ id, title, isTyping, onTyping, onClose }, { isEmpty, text }) {
    return html`<div class="pad">
      <canvas ref=${this.canvas} aria-label=${`${title}在此手写签名`} role="img"></canvas>
      <div class="row">
        <${Doing} kind="main" disabled=${isEmpty} onPress=${() => this.done()}>确认签名</${Doing}>
        <button type="button" class="second" onClick=${() => this.clear()}>清除</button>
        <button type="button" class="second" onClick=${onClose}>取消</button>
        <button type="button" class="plain" aria-expanded=${String(isTyping)} onClick=${onTyping}>用键盘签名</button>
      </div>
      ${
        isTyping
          ? html`<div class="row"><label class="text" for=${`${id}-typed`}><span>签名人姓名</span>
        <input id=${`${id}-typed`} value=${text} maxlength="20"
          onInput=${(event) => this.setState({ text: event.target.value })} /></label>
        <button type="button" class="second" onClick=${() => this.type()}>写入签名栏</button></div>`
          : null
      }
    </div>`;
  }
}
