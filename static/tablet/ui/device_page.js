// The tablet's own page: what waits, storage, clock, versions, PIN, lock, sign-out, drafts from files.

import { standingRefusals } from '../outbox.js';
import { html, Component } from './html.js';
import { Head, Notices } from './chrome.js';
import { Block, Fact, Told, Doing } from './parts.js';
import { ImportDraft } from './draft_file.js';
import { StoreExport } from './start.js';
import { faultOfPin } from '../vault.js';
import { shownInstant, shownSpan } from '../days.js';
import { nameOf } from '../unit_facts.js';

const KEPT = '✓ 浏览器同意长期保存，不会自动清除';
const NOT_KEPT = '浏览器没有同意长期保存：请把本应用安装到主屏幕，并且不要清除浏览数据';

export function DevicePage({ app }) {
  const { work, sync } = app;
  const { changes, photos, refused, unsaved } = work.counts();
  const { server, bundle } = work;
  return html`<div class="frame page">
    <${Head} app=${app} title="本机与账号" meta=${work.user.name} back="#/today" backWords="今天" />
    <${Notices} app=${app} />
    <main class="column">
      <${Block} id="outbox" title="上传">
        <dl class="facts">
          <${Fact} label="没有送达">${changes}条记录，${photos}个照片或签名${unsaved ? `，另有${unsaved}条还没存进平板` : ''}</${Fact}>
          <${Fact} label="被退回" tone=${refused ? 'fail' : ''}>${refused}条${refused ? '，都保留在本机' : ''}</${Fact}>
          <${Fact} label="最后收到服务器回执">${server.heard_at ? shownInstant(server.heard_at, Date.now()) : '还没有'}</${Fact}>
        </dl>
        <${Refused} work=${work} />
        <div class="row"><${Doing} busy="正在上传…" onPress=${() => sync.run({ fetchBundle: true })}>现在上传并更新名单</${Doing}>
          </div>
      </${Block}>
      <${Block} id="store" title="存储与时间">
        <dl class="facts">
          <${Fact} label="长期保存"
            tone=${app.persisted ? 'done' : 'wait'}>${app.persisted ? KEPT : NOT_KEPT}</${Fact}>
          <${Fact} label="离线使用"
            tone=${app.updates.isKept ? 'done' : 'wait'}>
            ${app.updates.isKept ? '✓ 应用已存本机，无网络也能打开' : '正在把应用存到本机'}</${Fact}>
          <${Fact} label="占用空间">${spaceInWords(app.estimate)}</${Fact}>
          <${Fact} label="离线期限">${periodInWords(bundle?.offline_until)}</${Fact}>
          <${Fact} label="平板时间">${clockInWords(server.offset)}</${Fact}>
          <${Fact} label="记录编号">${bundle?.record_numbers?.length ?? 0}个可用（含本机已用的）</${Fact}>
          <${Fact} label="单位链接">${work.linksLeft()}个可用</${Fact}>
          <${Fact} label="应用版本">${app.version}</${Fact}>
          <${Fact} label="浏览器要求">${document.documentElement.dataset.oldest}</${Fact}>
          <${Fact} label="平板编号">${app.tablet.slice(0, 8)}</${Fact}>
        </dl>
      </${Block}>
      <${Block} id="drafts" title="文件">
        <${ImportDraft} app=${app} />
        <p>平板出故障或被停用时，可以把本机全部记录导出成加密文件；只有持有单位恢复密钥的管理员能打开。</p>
        <${StoreExport} app=${app} user=${work.user} />
      </${Block}>
      <${Block} id="pin-title" title="PIN"><${ChangePin} app=${app} /></${Block}>
      <${Block} id="leave" title="离开">
        <p>锁定或退出都不会删除记录：没有上传的仍加密存在本机，本人再次打开后继续上传。</p>
        <div class="row"><${Doing} kind="second" onPress=${() => app.lock()}>锁定</${Doing}>
          <${Doing} kind="second" onPress=${() => app.signOut()}>退出账号</${Doing}></div>
      </${Block}>
    </main></div>`;
}

/** What the server refused for good, with its words; nothing of it is thrown away. */
function Refused({ work }) {
  const photos = work.photos().filter((one) => one.state === 'refused');
  const rows = [...standingRefusals(work.changes()), ...photos];
  if (!rows.length) return null;
  return html`<ul class="lines">${rows.map(
    (row) => html`<li key=${row.id ?? row.sha256}>
    <strong>${nameOf(work.visits.get(row.visit)?.plan?.unit ?? { licence_name: row.visit })}</strong>
    <span>${row.key ?? '附件'}：<span class="fail">${row.refusal}</span></span></li>`,
  )}</ul>`;
}

const periodInWords = (until) => (until ? `${shownInstant(until, Date.now())}之前可以开始新的检查` : '未知');

function spaceInWords(estimate) {
  if (!estimate?.quota) return '未知';
  const mega = (bytes) => `${Math.round(bytes / 1048576)} MB`;
  return `${mega(estimate.usage)}，可用${mega(estimate.quota - estimate.usage)}`;
}

function clockInWords(offset) {
  if (offset === null || offset === undefined) return '还没有与服务器核对';
  return Math.abs(offset) < 2000 ? '与服务器一致' : `比服务器${offset > 0 ? '慢' : '快'} ${shownSpan(offset)}`;
}

const CHANGED = { told: 'PIN 已更换。', tone: 'done' };
const refusedInWords = ({ sentence, wait }) => `${sentence ?? ''}${wait ? `请等${Math.ceil(wait / 1000)}秒再试。` : ''}`;

class ChangePin extends Component {
  constructor(props) {
    super(props);
    this.state = { told: null, tone: 'fail' };
  }

  async submit(event) {
    event.preventDefault();
    const { old, fresh } = event.target;
    const fault = faultOfPin(fresh.value);
    if (fault) {
      this.setState({ told: `${fault}。`, tone: 'fail' });
      return;
    }
    const refused = await this.props.app.changePin(old.value, fresh.value);
    event.target.reset();
    this.setState(refused ? { told: `${refusedInWords(refused)}没有更换。`, tone: 'fail' } : CHANGED);
  }

  render(_, { told, tone }) {
    return html`<details class="export"><summary>更换 PIN</summary><form class="narrow"
      onSubmit=${(event) => this.submit(event)}>
      <label class="text" for="old-pin"><span>原来的 PIN</span><input id="old-pin" name="old" type="password"
        inputmode="numeric" autocomplete="current-password" required /></label>
      <label class="text" for="fresh-pin"><span>新的 PIN</span><input id="fresh-pin" name="fresh" type="password"
        inputmode="numeric" autocomplete="new-password" required /></label>
      <button type="submit" class="second">更换</button></form>
      ${told ? html`<${Told} tone=${tone}>${told}</${Told}>` : null}</details>`;
  }
}
