// Small pieces that every screen uses.

import { html, Component } from './html.js';

/** One of several: a row of chips, of which one is pressed; pressing it again takes it back. */
export function Choice({ label, options, value, onChoose, disabled = false, children = null }) {
  return html`<div class="choice" role="group" aria-label=${label}>
    ${options.map(
      ([id, words, hint]) => html`<button type="button" class="chip" key=${id} disabled=${disabled}
      aria-pressed=${String(value === id)} onClick=${() => onChoose(value === id ? null : id)}>
      ${words}${hint ? html`<small>${hint}</small>` : null}</button>`,
    )}
    ${children}
  </div>`;
}

/** Several of many: chips that stay pressed. */
export function Several({ label, options, values, onChange, disabled = false }) {
  const toggle = (id) => onChange(values.includes(id) ? values.filter((one) => one !== id) : [...values, id]);
  return html`<div class="choice" role="group" aria-label=${label}>
    ${options.map(
      ([id, words]) => html`<button type="button" class="chip" key=${id} disabled=${disabled}
      aria-pressed=${String(values.includes(id))} onClick=${() => toggle(id)}>${words}</button>`,
    )}
  </div>`;
}

/**
 * A text that is kept while it is written: shortly after each pause, and at once when the field is left.
 * What others make of the field shows only while nobody writes in it.
 */
export class Text extends Component {
  constructor(props) {
    super(props);
    this.state = { text: props.value ?? '', isWriting: false };
  }

  static getDerivedStateFromProps(props, state) {
    return state.isWriting ? null : { text: props.value ?? '' };
  }

  write(text) {
    this.setState({ text, isWriting: true });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.props.onText(text), 400);
  }

  leave() {
    clearTimeout(this.timer);
    if (!this.state.isWriting) return;
    this.props.onText(this.state.text);
    this.setState({ isWriting: false });
  }

  componentWillUnmount() {
    this.leave();
  }

  render({ id, label, hint, rows = 1, most = 500, isBare = false, disabled = false, placeholder, mode }, { text }) {
    const shared = {
      id,
      value: text,
      maxlength: most,
      disabled,
      placeholder,
      inputmode: mode,
      onInput: (event) => this.write(event.target.value),
      onBlur: () => this.leave(),
    };
    return html`<label class="text" for=${id}>
      <span class=${isBare ? 'unseen' : ''}>${label}</span>
      ${hint ? html`<small>${hint}</small>` : null}
      ${
        rows > 1
          ? html`<textarea ...${shared} rows=${rows}></textarea>`
          : html`<input ...${shared} type="text"
        autocomplete="off" />`
      }
    </label>`;
  }
}

/** A fact with its label. */
export const Fact = ({ label, children, tone }) => html`<div class="fact"><dt>${label}</dt><dd
  class=${tone ?? ''}>${children}</dd></div>`;

/** A sentence that has to be seen; `tone` is wait, fail or done. */
export function Told({ tone = 'wait', children }) {
  return html`<div class=${`told ${tone}`} role=${tone === 'fail' ? 'alert' : 'status'}>${children}</div>`;
}

/** A heading with what belongs to it. */
export const Block = ({ title, note, children, id }) => html`<section class="block" aria-labelledby=${id}>
  <h2 id=${id}>${title}${note ? html`<small>${note}</small>` : null}</h2>${children}</section>`;

/** A button that says what it does while it does it, and cannot be pressed twice. */
export class Doing extends Component {
  constructor(props) {
    super(props);
    this.state = { isBusy: false };
  }

  async press() {
    if (this.state.isBusy) return;
    this.setState({ isBusy: true });
    try {
      await this.props.onPress();
    } finally {
      if (!this.isGone) this.setState({ isBusy: false });
    }
  }

  componentWillUnmount() {
    this.isGone = true;
  }

  render({ children, busy = '请稍候…', kind = 'main', disabled = false }, { isBusy }) {
    return html`<button type="button" class=${kind} disabled=${disabled || isBusy} onClick=${() => this.press()}>
      ${isBusy ? busy : children}</button>`;
  }
}
