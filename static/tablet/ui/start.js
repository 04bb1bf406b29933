// Before anybody is in: whose records to open, and the sign-in that needs a network once.

import { html, Component } from './html.js';
import { Doing, Told } from './parts.js';
import { openStore } from '../storage.js';

/** The frame of the screens before the work: a name, a sentence, one thing to do. */
export function Door({ title, message, tone, children, app }) {
  return html`<main class="door">
    <p class="mark">检查平板</p>
    <h1>${title}</h1>
    ${message ? html`<${Told} tone=${tone ?? 'wait'}>${message}</${Told}>` : null}
    ${children}
    <p class="foot">版本 ${app.version}${app.updates.isKept ? '，已存本机，无网络也能打开' : '，正在存到本机'}</p>
  </main>`;
}

/** Whose records are here. Nothing of anybody's work is shown, only who it is. */
export function Pick({ app }) {
  const open = app.users.filter((user) => !user.sealed);
  const sealed = app.users.filter((user) => user.sealed);
  return html`<${Door} app=${app} title="谁在用这台平板" message=${app.message}>
    <ul class="people">
      ${open.map(
        (user) => html`<li key=${user.store}>
        <button type="button" class="person" onClick=${() => app.show('pick', { chosen: user })}>
          <strong>${user.name}</strong><span>${user.unsent ? `${user.unsent}条未上传` : '没有未上传的记录'}</span>
        </button></li>`,
      )}
    </ul>
    <button type="button" class="second" onClick=${() => app.show('sign-in')}>其他人登录</button>
    ${
      sealed.length
        ? html`<section class="sealed"><h2>已封存（PIN 遗忘）</h2>
      ${sealed.map(
        (user) => html`<div key=${user.store}><p>${user.name}，${user.unsent}条未上传</p>
        <${StoreExport} app=${app} user=${user} /></div>`,
      )}
      <small>文件是加密的，只有持有单位恢复密钥的管理员能打开。</small></section>`
        : null
    }
  </${Door}>`;
}

/** The two files of a whole store: with what is not yet at the server, or with everything. */
export const StoreExport = ({ app, user }) => html`<div class="row">
  <${Doing} kind="second" busy="正在导出…" onPress=${() => saveStore(app, user, false)}>导出文件</${Doing}>
  <${Doing} kind="second" busy="正在导出…" onPress=${() => saveStore(app, user, true)}>连同已送达的照片导出</${Doing}>
  <small>服务器恢复过旧的备份时，才需要连同已送达的照片，文件大得多。</small></div>`;

async function saveStore(app, user, withReceived) {
  const { exportStore, saveFile } = await import('../exports.js');
  const { dayOf } = await import('../days.js');
  const store = await openStore(user.store, null);
  saveFile(
    await exportStore({ store, tablet: app.tablet, user, withReceived }),
    `检查平板-${user.name}-${dayOf(Date.now())}.hhb.json`,
  );
  store.close();
}

/** Name and password, once with a network; a new tablet asks for its enrolment code first. */
export class SignIn extends Component {
  constructor(props) {
    super(props);
    this.state = { fault: null, isBusy: false };
  }

  async submit(event) {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.target));
    this.setState({ isBusy: true, fault: null });
    const fault = await this.props.app.signIn(fields);
    if (!this.isGone) this.setState({ isBusy: false, fault });
  }

  componentWillUnmount() {
    this.isGone = true;
  }

  render({ app, isInside = false, name = '' }, { fault, isBusy }) {
    const form = html`<form class="narrow" onSubmit=${(event) => this.submit(event)}>
      ${
        app.isEnrolled
          ? null
          : html`<label class="text" for="enrolment"><span>平板登记码</span>
        <small>管理员在工作台登记这台平板时给出，只用一次</small>
        <input id="enrolment" name="enrolment" autocomplete="off" autocapitalize="characters" required /></label>`
      }
      <label class="text" for="name"><span>姓名</span><input id="name" name="name" autocomplete="username" required
        defaultValue=${name} /></label>
      <label class="text" for="password"><span>密码</span>
        <input id="password" name="password" type="password" autocomplete="current-password" required /></label>
      ${
        app.needsCode
          ? html`<label class="text" for="code"><span>动态口令</span>
        <input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required /></label>`
          : null
      }
      ${fault ? html`<${Told} tone="fail">${fault}</${Told}>` : null}
      <button type="submit" class="main" disabled=${isBusy}>${isBusy ? '正在登录…' : '登录'}</button>
      ${
        !isInside && app.users.some((user) => !user.sealed)
          ? html`<button type="button" class="second"
          onClick=${() => app.show('pick', { chosen: null })}>返回</button>`
          : null
      }
    </form>`;
    if (isInside) return form;
    return html`<${Door} app=${app} title="登录" message=${app.message}>
      ${app.isEnrolled ? null : html`<p>第一次使用这台平板，需要网络。登录一次后，可以离线工作。</p>`}
      ${form}</${Door}>`;
  }
}
