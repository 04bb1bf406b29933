// Step six: the whole text, told in writing, signed or refused, and frozen. After it: what has arrived where.

import { html, Component } from './html.js';
import { Block, Choice, Told, Doing } from './parts.js';
import { Signature } from './signature.js';
import { PrintButtons } from './print.js';
import { LinkSlip } from './slip.js';
import { ExportDraft } from './draft_file.js';
import { recordText } from '../record_text.js';
import { recordWaitsFor, signaturesWaitFor, signingWaitsFor } from '../procedure.js';
import { saidAnew, saidOf, personOf, heldOfOthers, lastSignature } from '../visit_view.js';
import { sha256 } from '../bytes.js';
import { sayDecision, signVisit } from '../signing.js';
import { shownInstant } from '../days.js';

export class Closing extends Component {
  componentDidMount() {
    this.prepare();
  }

  componentDidUpdate() {
    this.prepare();
  }

  /** A number for the paper, as soon as the record can be put together. */
  async prepare() {
    const { app, view, suggestion } = this.props;
    const { work } = app;
    await this.hash(view);
    await sayDecision(work, view.id, suggestion);
    const isReady = view.meta.record_number && !work.hasRefusedLease(view.id);
    if (this.isPreparing || view.isLocked || !view.isLead || isReady || recordWaitsFor(view, suggestion).length)
      return;
    this.isPreparing = true;
    await work.dropRefusedLeases(view.id);
    const number = await work.numberOf(view.id);
    this.isPreparing = number === null;
    this.setState({ isShort: number === null });
  }

  /** The hash of the text as it stands: signatures are given to it. */
  async hash(view) {
    const text = recordText(view, view.meta.record_number);
    if (view.isLocked || text === this.hashed) return;
    this.hashed = text;
    const of = await sha256(text);
    if (text === this.hashed) this.setState({ text, of });
  }

  render({ app, view, suggestion, say }) {
    if (view.isLocked) return html`<${Signed} app=${app} view=${view} />`;
    const waits = recordWaitsFor(view, suggestion);
    const text = recordText(view, view.meta.record_number);
    const of = view.meta.record_number && this.state?.text === text ? this.state.of : null;
    return html`${
      waits.length
        ? html`<${Told}><p>还不能签名：</p><ul>${waits.map(
            (words) => html`<li
      key=${words}>${words}</li>`,
          )}</ul></${Told}>`
        : null
    }
      ${this.state?.isShort ? html`<${Told} tone="fail">租到本机的记录编号用完了，联网更新名单后会再给一批；此前不能签名，内容都已保存。</${Told}>` : null}
      <div class="two">
        <${Block} id="record" title=${view.obstruction ? '情况记录' : '监督检查结果记录表'}
          note=${view.meta.record_number ? `编号：${view.meta.record_number}` : null}>
          <${Sheet} text=${text} />
        </${Block}>
        <div>
          ${view.obstruction ? null : html`<${TellInWriting} ...${{ app, view, say, waits }} />`}
          <${Held} app=${app} view=${view} />
          <${Signatures} ...${{ app, view, say, suggestion, waits, of }} />
          <${ExportDraft} app=${app} view=${view} />
        </div>
      </div>`;
  }
}

/** The text that is signed, as it is hashed: every line as it stands. */
export const Sheet = ({ text }) =>
  html`<div class="sheet record">${text.split('\n').map((line, index) =>
    index === 0
      ? html`<h3 key="title">${line}</h3>`
      : html`<p key=${index}
    class=${/^[一二三四五六七八九十]、/.test(line) ? 'heading' : ''}>${line}</p>`,
  )}</div>`;

function TellInWriting({ app, view, say, waits }) {
  const told = saidAnew(view, 'told');
  const options = view.plan.words.told_ways.map((way) => [way.id, way.zh]);
  return html`<${Block} id="told" title="书面告知" note="当场告知检查结果">
    <${PrintButtons} app=${app} view=${view} document="record" />
    <${PrintButtons} app=${app} view=${view} document="checklist" />
    <${LinkSlip} ...${{ app, view, say }} />
    ${
      waits.length
        ? null
        : html`<${Choice} label="告知方式" value=${told?.how ?? null} options=${options}
      disabled=${!view.isLead}
      onChoose=${(how) => say('told', how ? { how, at: new Date().toISOString() } : null)} />`
    }
    ${told?.how ? html`<p class="done">✓ ${shownInstant(told.at, Date.now())}已告知</p>` : null}
  </${Block}>`;
}

/** Whose tablet, which of its answers are here, and when it was last heard. */
function heldInWords(view, { account, codes, heard_at: heardAt }) {
  const which = codes.length ? `（${codes.join('、')}）` : '';
  const heard = shownInstant(heardAt, Date.now());
  return `${personOf(view, account).name}的平板：已收到${codes.length}条答案${which}，最后一次${heard}`;
}

/** What this tablet holds of the other one: shown before the lead signs, and bound by the signature. */
function Held({ app, view }) {
  const held = heldOfOthers(app.work.visits.get(view.id).changes, app.tablet);
  const other = personOf(view, view.opening.lead === view.account ? view.opening.second : view.opening.lead);
  return html`<${Block} id="held" title="另一台平板">
    ${
      held.length
        ? html`<ul class="lines">${held.map(
            (row) => html`<li
      key=${row.tablet}>${heldInWords(view, row)}</li>`,
          )}</ul>`
        : html`<p>还没有收到另一台平板的任何内容。如果${other.name}也在用平板填写，请先联网收齐；签名之后到达的只作为补充，由复核人处理。</p>`
    }
  </${Block}>`;
}

function Signatures({ app, view, say, suggestion, waits, of }) {
  if (waits.length || !of) return null;
  if (!view.isLead)
    return html`<${Told}>由主检人员${personOf(view, view.opening.lead).name}在主检平板上签名。</${Told}>`;
  // What is being recorded belongs to the text that is signed.
  const telling = signaturesWaitFor(view, suggestion);
  if (telling.length) return html`<${Told}>先书面告知结果，再签名。还缺：${telling.join('、')}</${Told}>`;
  const left = [...signingWaitsFor(view, suggestion, of), ...(app.work.recording ? ['先结束录音录像'] : [])];
  const lead = personOf(view, view.opening.lead);
  const second = personOf(view, view.opening.second);
  return html`<${Block} id="sign" title="签名" note="签名后内容不再改变">
    <${Signature} ...${{ app, view, say, of }} field="signature/operator" title="被检查单位" mayRefuse=${true} />
    <${Signature} ...${{ app, view, say, of }} field="signature/lead" title=${`主检人员　${lead.name}`} name=${lead.name} />
    <${Signature} ...${{ app, view, say, of }} field="signature/second" title=${`检查人员　${second.name}`}
      name=${second.name} />
    <${Signature} ...${{ app, view, say, of }} field="signature/witness" title="见证人（需要时）" />
    ${left.length ? html`<p class="quiet">还缺：${left.join('、')}</p>` : null}
    <${Doing} kind="main wide" busy="正在固定记录…" disabled=${left.length > 0 || !view.meta.record_number}
      onPress=${() => signVisit(app.work, view.id)}>签名完成，结束检查</${Doing}>
  </${Block}>`;
}

const ALL_THERE = '✓ 服务器已全部收到。本机的副本保留到服务器完成备份之后，至少14天。';
/** What somebody else made is for them to send. */
const isOurs = (one, work) => (one.account ?? work.account) === work.account;

/** A slip that was not handed over before the signature leads nowhere; one that was is printed again, by its lead. */
const papersOf = (view) => ['notice', 'record', 'checklist', ...(view.isLead && saidOf(view, 'link') ? ['slip'] : [])];

/** After the signature: the paper's number and hash, what has arrived at the server, and what came too late. */
function Signed({ app, view }) {
  const visit = app.work.visits.get(view.id);
  const waiting = [...visit.changes, ...visit.photos].filter(
    (one) => one.state === 'unsent' && isOurs(one, app.work),
  ).length;
  const last = lastSignature(visit.changes);
  return html`<div class="two">
    <${Block} id="record" title=${view.obstruction ? '情况记录' : '监督检查结果记录表'} note=${`编号：${view.signed.record_number}`}>
      <${Sheet} text=${view.signed.text} />
      <p class="quiet">签名时间：${shownInstant(view.signed.at, Date.now())}；文本校验：${view.signed.sha256.slice(0, 16)}</p>
    </${Block}>
    <div>
      ${
        last?.refusal && last.state !== 'received'
          ? html`<${Told}
        tone="fail">服务器暂时没有收下签名：${last.refusal}</${Told}>`
          : null
      }
      <${Told} tone=${waiting ? 'wait' : 'done'}>
        ${waiting ? `还有${waiting}条没有送达服务器，都已加密存在本机；联网后自动上传。` : ALL_THERE}</${Told}>
      ${view.addenda.length ? html`<${Told}>签名之后收到${view.addenda.length}条补充，已转复核人，不改变已签名的内容。</${Told}>` : null}
      <${Block} id="papers" title="文书">
        ${papersOf(view).map(
          (document) => html`<${PrintButtons} key=${document} app=${app}
          view=${view} document=${document} isServed=${waiting === 0} />`,
        )}
      </${Block}>
    </div></div>`;
}
