// Step two: the notice page: what the unit is told, the recusal question, and who signed it.

import { html } from './html.js';
import { Block, Choice, Text, Told } from './parts.js';
import { Signature } from './signature.js';
import { PrintButtons } from './print.js';
import { LinkSlip } from './slip.js';
import { noticeParagraphs } from '../record_text.js';
import { recusalParts, recusalNote, papersShown } from '../procedure.js';
import { saidOf, personOf } from '../visit_view.js';

const RECUSAL = [
  ['asked', '不申请回避'],
  ['applied', '申请回避'],
];
const RULINGS = [
  ['不予回避，检查继续', '不予回避，检查继续'],
  ['回避，改派人员', '回避，改派人员'],
];

export function NoticePage({ view, say, app }) {
  if (!papersShown(view))
    return html`<${Told}>先出示执法证，再送达告知页。<a href=${`#/visit/${view.id}/papers`}>去出示执法证</a>
    </${Told}>`;
  const notice = saidOf(view, 'notice') ?? { recusal: 'not_asked', note: '', place: '' };
  const keep = (fields) => say('notice', { ...notice, ...fields, at: notice.at ?? new Date().toISOString() });
  const parts = recusalParts(notice.note);
  return html`<div class="two">
    <${Block} id="page" title="告知页">
      <div class="sheet">${noticeParagraphs(view).map((text) => html`<p key=${text}>${text}</p>`)}</div>
      <${PrintButtons} app=${app} view=${view} document="notice" />
      ${view.isLocked ? null : html`<${LinkSlip} ...${{ app, view, say }} />`}
      <h3>是否申请检查人员回避？</h3>
      <${Choice} label="是否申请回避" value=${notice.recusal} disabled=${view.isLocked}
        options=${RECUSAL} onChoose=${(recusal) => keep({ recusal: recusal ?? 'not_asked' })} />
      ${
        notice.recusal === 'applied'
          ? html`<div class="applied">
        <${Text} id="recusal-reason" label="申请回避的理由" rows=${2} value=${parts.reason}
          onText=${(reason) => keep({ note: recusalNote({ ...parts, reason }) })} />
        <p>报告单位负责人，由负责人决定：</p>
        <${Choice} label="负责人的决定" value=${parts.ruling || null} options=${RULINGS}
          onChoose=${(ruling) => keep({ note: recusalNote({ ...parts, ruling: ruling ?? '' }) })} />
        ${parts.ruling.startsWith('回避') ? html`<${Told} tone="fail">检查到此停止，请抽查管理人员撤回或换人后再派。已记录的内容都保留。</${Told}>` : null}
      </div>`
          : null
      }
      <${Text} id="place" label="告知地点" most=${200} value=${notice.place ?? ''} placeholder=${view.plan.unit.address}
        disabled=${view.isLocked} onText=${(place) => keep({ place })} />
    </${Block}>
    <${Block} id="signed-notice" title="签名" note="检查前双方签名">
      <${Signature} ...${{ app, view, say }} field="signature/notice_operator" title="被检查单位" mayRefuse=${true} />
      <${Signature} ...${{ app, view, say }} field="signature/notice_lead"
        title=${`主检人员　${personOf(view, view.opening.lead).name}`} name=${personOf(view, view.opening.lead).name} />
      <${Signature} ...${{ app, view, say }} field="signature/notice_second"
        title=${`检查人员　${personOf(view, view.opening.second).name}`}
        name=${personOf(view, view.opening.second).name} />
    </${Block}></div>`;
}
