// A draft as an encrypted file: for another tablet when this one fails. The code is shown once and kept nowhere.

import { html, Component } from './html.js';
import { Doing, Told } from './parts.js';
import { exportVisit, readVisitFile, saveFile, FileFault } from '../exports.js';
import { dayOf } from '../days.js';
import { nameOf } from '../unit_facts.js';

export class ExportDraft extends Component {
  constructor(props) {
    super(props);
    this.state = { code: null };
  }

  async save() {
    const { app, view } = this.props;
    const { work } = app;
    const { code, text } = await exportVisit({
      visit: await work.loadVisit(view.id),
      store: work.store,
      tablet: app.tablet,
      user: work.user,
      recovery: work.bundle?.recovery_key,
    });
    saveFile(text, `草稿-${nameOf(view.plan.unit)}-${dayOf(Date.now())}.hhb.json`);
    this.setState({ code });
  }

  render(_, { code }) {
    return html`<details class="export"><summary>导出草稿到另一台平板</summary>
      <p>文件是加密的。平板出故障、没电或需要换平板时，在另一台平板上用同一个人登录后导入。</p>
      <${Doing} kind="second" busy="正在加密…" onPress=${() => this.save()}>导出加密文件</${Doing}>
      ${
        code
          ? html`<${Told} tone="done"><p>文件已保存。导入时需要这个一次性的码，请抄下来，离开此页后不再显示：</p><p class="code">${code}</p>
        </${Told}>`
          : null
      }
    </details>`;
  }
}

export class ImportDraft extends Component {
  constructor(props) {
    super(props);
    this.state = { file: null, code: '', fault: null, done: null };
  }

  async read() {
    const { app } = this.props;
    const { file, code } = this.state;
    try {
      const found = await readVisitFile(await file.text(), code);
      if (!found) {
        this.setState({ fault: '码不对，文件没有打开；请核对后再输入。' });
        return;
      }
      await app.work.takeDraft(found);
      this.setState({ fault: null, done: found.meta });
      app.sync.soon();
    } catch (fault) {
      if (!(fault instanceof FileFault)) throw fault;
      this.setState({ fault: fault.message });
    }
  }

  render(_, { file, code, fault, done }) {
    return html`<details class="export"><summary>导入草稿</summary>
      <label class="text" for="draft-file"><span>从另一台平板导出的文件</span>
        <input id="draft-file" type="file" accept=".json,application/json"
          onChange=${(event) => this.setState({ file: event.target.files[0] ?? null, done: null })} /></label>
      <label class="text" for="draft-code"><span>一次性的码</span><input id="draft-code" autocomplete="off"
        autocapitalize="characters" value=${code} onInput=${(event) => this.setState({ code: event.target.value })} />
        </label>
      ${fault ? html`<${Told} tone="fail">${fault}</${Told}>` : null}
      ${
        done
          ? html`<${Told} tone="done">已导入“${done.name}”的检查。<a href=${`#/visit/${done.id}/items`}>打开</a>
        </${Told}>`
          : null
      }
      <${Doing} kind="second" busy="正在解密…" disabled=${!file || !code.trim()} onPress=${() => this.read()}>导入</${Doing}>
    </details>`;
  }
}
