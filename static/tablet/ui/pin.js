// The PIN: opens what is stored on this tablet. Wrong ones slow down and never erase.

import { html, Component } from './html.js';
import { Door, StoreExport } from './start.js';
import { Told } from './parts.js';
import { faultOfPin, SHORTEST_PIN } from '../vault.js';

const PinField = ({ id, label, name, isNew = false, hint = null }) => html`<label class="text" for=${id}>
  <span>${label}</span>
  ${hint ? html`<small>${hint}</small>` : null}
  <input id=${id} name=${name ?? id} type="password" inputmode="numeric" pattern="[0-9]*" minlength=${SHORTEST_PIN}
    maxlength="12" required
    autocomplete=${isNew ? 'new-password' : 'current-password'} /></label>`;

export class Unlock extends Component {
  constructor(props) {
    super(props);
    this.state = { fault: null, waitUntil: props.app.chosen.wait_until ?? 0, isBusy: false, isForgotten: false };
  }

  componentDidMount() {
    this.base?.querySelector?.('input')?.focus();
    this.clock = setInterval(() => {
      if (this.state.waitUntil > Date.now() - 1000) this.setState({});
    }, 500);
  }

  componentWillUnmount() {
    clearInterval(this.clock);
    this.isGone = true;
  }

  async submit(event) {
    event.preventDefault();
    const form = event.target;
    this.setState({ isBusy: true, fault: null });
    const refused = await this.props.app.unlock(form.pin.value);
    if (this.isGone || !refused) return;
    form.reset();
    this.setState({ isBusy: false, fault: refused.sentence, waitUntil: Date.now() + refused.wait });
    form.pin.focus();
  }

  render({ app }, { fault, waitUntil, isBusy, isForgotten }) {
    const wait = Math.ceil((waitUntil - Date.now()) / 1000);
    const user = app.chosen;
    return html`<${Door} app=${app} title=${user.name} message=${app.message}>
      <form class="narrow" onSubmit=${(event) => this.submit(event)}>
        <${PinField} id="pin" label="PIN" hint="打开本机加密的记录，不需要网络" />
        ${fault ? html`<${Told} tone="fail">${fault}</${Told}>` : null}
        ${wait > 0 ? html`<${Told}>请等${wait}秒再试。</${Told}>` : null}
        <button type="submit" class="main" disabled=${isBusy || wait > 0}>${isBusy ? '正在打开…' : '打开'}</button>
        <button type="button" class="second" onClick=${() => app.show('pick', { chosen: null })}>换人</button>
        <button type="button" class="plain" aria-expanded=${String(isForgotten)}
          onClick=${() => this.setState({ isForgotten: !isForgotten })}>忘记 PIN</button>
      </form>
      ${isForgotten ? html`<${Forgotten} app=${app} user=${user} />` : null}
    </${Door}>`;
  }
}

/** What can still be done without the PIN: nothing is lost, but only the bureau's recovery key opens it. */
function Forgotten({ app, user }) {
  return html`<section class="block"><h2>忘记 PIN 怎么办</h2>
    <p>本机的记录是加密的，没有 PIN 谁也打不开${user.vault.recovery ? '，只有单位的恢复密钥可以' : ''}。记录不会被删除。</p>
    <ol>
      <li>导出文件，交给管理员；管理员用恢复密钥打开，${user.unsent ? `没有上传的${user.unsent}条` : '没有上传的记录'}就进入系统。每次打开都有记录。</li>
      <li>封存旧记录，联网重新登录，设一个新的 PIN。</li>
    </ol>
    <${StoreExport} app=${app} user=${user} />
    <div class="row">
      <button type="button" class="second" onClick=${() => app.seal(user)}>封存并重新登录</button>
    </div></section>`;
}

export class NewPin extends Component {
  constructor(props) {
    super(props);
    this.state = { fault: null, isBusy: false };
  }

  componentDidMount() {
    this.base?.querySelector?.('input')?.focus();
  }

  async submit(event) {
    event.preventDefault();
    const { pin, again } = event.target;
    const fault = faultOfPin(pin.value) ?? (pin.value === again.value ? null : '两次输入不一样');
    if (fault) {
      this.setState({ fault: `${fault}。` });
      return;
    }
    this.setState({ isBusy: true, fault: null });
    await this.props.app.setPin(pin.value);
  }

  render({ app }, { fault, isBusy }) {
    const { account, bundle } = app.newcomer;
    return html`<${Door} app=${app} title=${`${account.name}，请设 PIN`}>
      <p>PIN 只用于这台平板：记录在本机加密保存，离线时用 PIN 打开。至少${SHORTEST_PIN}位数字。</p>
      ${
        bundle.recovery_key
          ? null
          : html`<${Told}
        tone="fail">单位还没有恢复密钥：忘记 PIN 后，没有上传的记录将无法找回。请提醒管理员先制作恢复密钥。</${Told}>`
      }
      <form class="narrow" onSubmit=${(event) => this.submit(event)}>
        <${PinField} id="pin" label="PIN" isNew=${true} />
        <${PinField} id="again" label="再输入一次" isNew=${true} />
        ${fault ? html`<${Told} tone="fail">${fault}</${Told}>` : null}
        <button type="submit" class="main" disabled=${isBusy}>${isBusy ? '正在加密…' : '设好并开始'}</button>
      </form></${Door}>`;
  }
}
