// Could not inspect: which of the closed list of grounds it was, what happened, and a photo of it.

import { html, Component } from './html.js';
import { Block, Choice, Text, Told } from './parts.js';
import { Photos } from './photo_strip.js';
import { Place } from './step_findings.js';
import { missingOfObstruction } from '../procedure.js';

export class Obstruction extends Component {
  constructor(props) {
    super(props);
    this.state = { isChoosing: !props.view.obstruction };
  }

  choose(ground) {
    const { view, say } = this.props;
    const { obstruction: value } = view;
    this.setState({ isChoosing: false });
    say('obstruction', { note: '', photos: [], ...value, ground });
  }

  render({ app, view, say }, { isChoosing }) {
    const value = view.obstruction;
    const isLocked = view.isLocked || !view.isLead;
    const keep = (fields) => say('obstruction', { ...value, ...fields });
    const grounds = view.plan.words.obstruction_grounds.filter(
      ({ id }) => isChoosing || !value || id === value.ground,
    );
    return html`<${Block} id="ground" title="无法检查" note="如实记录，签名后结束">
      <p>只有检查不能进行时才填写。填写后，这次检查以“未能检查”结束，不再认定结果。</p>
      <div class="choice column" role="group" aria-label="情形">${grounds.map(
        ({ id, zh }) => html`<button type="button"
        class="chip" key=${id} disabled=${isLocked}
        aria-pressed=${String(value?.ground === id)} onClick=${() => this.choose(id)}>${zh}</button>`,
      )}</div>
      ${
        value && !isLocked
          ? html`<div class="row">
        ${
          isChoosing
            ? null
            : html`<button type="button" class="second"
          onClick=${() => this.setState({ isChoosing: true })}>改选</button>`
        }
        <button type="button" class="second" onClick=${() => say('obstruction', null)}>撤销，继续检查</button></div>`
          : null
      }
    </${Block}>
    ${
      value
        ? html`<${Block} id="what" title="经过">
      <${Text} id="obstruction-note" label="写明经过、在场人员、时间" rows=${3} most=${1000} disabled=${isLocked}
        value=${value.note ?? ''} onText=${(note) => keep({ note })} />
      <${Photos} app=${app} view=${view} id="obstruction-photos" label="现场" digests=${value.photos ?? []}
        onChange=${(photos) => keep({ photos })} />
      ${missingOfObstruction(value).map((words) => html`<${Told} key=${words}>签名之前，请${words}。</${Told}>`)}
      <${Place} view=${view} say=${say} />
    </${Block}>`
        : null
    }`;
  }
}
