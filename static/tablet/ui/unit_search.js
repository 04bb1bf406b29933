// Look for a unit that no assignment brought: only with a network; what was found stays for a fortnight.

import { html, Component } from './html.js';
import { Doing } from './parts.js';
import { Refusal } from '../api.js';

export class UnitSearch extends Component {
  constructor(props) {
    super(props);
    this.state = { words: '', found: null, total: 0, fault: null };
  }

  async look() {
    const { app } = this.props;
    try {
      const { units, total } = await app.api.findUnits(this.state.words.trim());
      this.setState({ found: units, total, fault: null });
    } catch (fault) {
      const isRefused = fault instanceof Refusal;
      this.setState({ found: null, fault: isRefused ? fault.message : '现在连不上服务器；只能从本机名单里选。' });
    }
  }

  async take(code) {
    const { app, onTaken } = this.props;
    await app.work.want(code);
    await app.sync.run({ fetchBundle: true });
    const isHere = app.work.unit(code) !== null;
    this.setState({ found: null, fault: isHere ? null : '没有取到这家单位；下次联网更新名单时会一起取来。' });
    if (isHere) onTaken(code);
  }

  render(_, { words, found, total, fault }) {
    return html`<details class="unit-search"><summary>名单里没有？按名称、地址或门店码找（要联网）</summary>
      <div class="row"><label class="text" for="words"><span>名称、地址或门店码</span><input id="words" type="text" inputmode="search" value=${words}
        maxlength="60" autocomplete="off" onInput=${(event) => this.setState({ words: event.target.value })} /></label>
      <${Doing} kind="second" busy="正在找…" disabled=${words.trim().length < 2} onPress=${() => this.look()}>找</${Doing}></div>
      ${fault ? html`<p class="fail" role="alert">${fault}</p>` : null}
      ${found && total > found.length ? html`<p>找到${total}家，先列${found.length}家；多写几个字可以找得更准。</p>` : null}
      ${found && !found.length ? html`<p>没有找到在营的单位；可以少写几个字。</p>` : null}
      ${
        found?.length
          ? html`<ul class="found">${found.map(
              (unit) => html`<li key=${unit.code}><${Doing} kind="second wide" busy="正在取…" onPress=${() => this.take(unit.code)}>
        <strong>${unit.name}</strong><small>${unit.code}　${unit.address}</small></${Doing}></li>`,
            )}</ul>`
          : null
      }</details>`;
  }
}
