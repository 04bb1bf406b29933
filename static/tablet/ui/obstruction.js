// Could not inspect: which of the closed list of grounds it was, what happened, and a photo of it.

import { html } from './html.js';
import { Block, Choice, Text, Told } from './parts.js';
import { Photos } from './photo_strip.js';
import { Place } from './step_findings.js';

export function Obstruction({ app, view, say }) {
  const value = view.obstruction;
  const isLocked = view.isLocked || !view.isLead;
  const keep = (fields) => say('obstruction', { note: '', photos: [], ...value, ...fields });
  const { obstruction_grounds: grounds } = view.plan.words;
  return html`<${Block} id="ground" title="无法检查" note="如实记录，签名后结束">
      <p>只有检查不能进行时才填写。填写后，这次检查以“未能检查”结束，不再认定结果。</p>
      <div class="choice column" role="group" aria-label="情形">${grounds.map(({ id, zh }) => html`<button type="button" class="chip" key=${id} disabled=${isLocked}
        aria-pressed=${String(value?.ground === id)} onClick=${() => (value?.ground === id ? say('obstruction', null) : keep({ ground: id }))}>${zh}</button>`)}</div>
    </${Block}>
    ${value ? html`<${Block} id="what" title="经过">
      <${Text} id="obstruction-note" label="写明经过、在场人员、时间" rows=${3} most=${1000} disabled=${isLocked} value=${value.note ?? ''} onText=${(note) => keep({ note })} />
      <${Photos} app=${app} view=${view} id="obstruction-photos" label="现场" digests=${value.photos ?? []} onChange=${(photos) => keep({ photos })} />
      ${value.photos?.length ? null : html`<${Told}>请拍一张现场照片，例如关闭的门。</${Told}>`}
      <${Place} view=${view} say=${say} />
      <p class="start"><a class="main" href=${`#/visit/${view.id}/closing`}>去签名</a></p>
    </${Block}>` : null}`;
}
