// The papers themselves: black on white, one size of rule, the record number on every page.

import { html } from './html.js';
import { recordText, headLines, noticeParagraphs } from '../record_text.js';
import { ANSWERS, MARKS, findingInWords } from '../checklist.js';
import { saidOf, personOf } from '../visit_view.js';
import { refusalInWords } from '../procedure.js';
import { fullDay, fullInstant, dayOf } from '../days.js';
import { generate, correction } from '../../vendor/lean-qr.mjs';

const numberOf = (view) => view.signed?.record_number ?? view.meta.record_number ?? null;

const Running = ({ view }) => html`<p
  class="running">${numberOf(view) ? `记录编号：${numberOf(view)}` : '未编号'}　${view.plan.unit.licence_name}</p>`;
const Demonstration = ({ view }) =>
  view.plan.isDemonstration ? html`<p class="demo">演示：单位、人员和记录都是虚构的</p>` : null;

const authorityLine = ({ name, complaint_line: line }) => `${name}${line ? `　投诉举报：${line}` : ''}`;
const inspectorsOf = (view) =>
  [view.opening.lead, view.opening.second].map((id) => personOf(view, id).name).join('、');

/** Where somebody signs, with what was signed or why not. */
function Signed({ view, pictures, field, title }) {
  const said = saidOf(view, field);
  return html`<div class="sign"><span>${title}</span>
    ${
      pictures[field]
        ? html`<img src=${pictures[field]}
      alt="签名" />`
        : html`<i>${said?.refused ? refusalInWords(said) : ''}</i>`
    }
    <span>${said?.at ? fullDay(dayOf(said.at)) : '　　年　　月　　日'}</span></div>`;
}

export function NoticePaper({ view, pictures }) {
  const notice = saidOf(view, 'notice');
  const box = (is) => (is ? '☑' : '☐');
  return html`<article><${Running} view=${view} /><h1>监督检查告知页</h1><${Demonstration} view=${view} />
    ${noticeParagraphs(view).map((text) => html`<p key=${text}>${text}</p>`)}
    <p>检查日期：${fullInstant(view.opening.opened_at)}　地点：${notice?.place || view.plan.unit.address}</p>
    <p>是否申请检查人员回避：${box(notice?.recusal === 'asked')}不申请回避　${box(notice?.recusal === 'applied')}申请回避</p>
    ${notice?.note ? html`<p class="lines">${notice.note}</p>` : null}
    <${Signed} ...${{ view, pictures }} field="signature/notice_operator" title="被检查单位（签名或盖章）" />
    <${Signed} ...${{ view, pictures }} field="signature/notice_lead" title="检查人员" />
    <${Signed} ...${{ view, pictures }} field="signature/notice_second" title="检查人员" />
    <p class="end">${view.plan.authority.name}</p></article>`;
}

/** The record as a form: the head as a table, then the text line by line, as it was shown and hashed. */
export function RecordPaper({ view, pictures }) {
  const [title, ...lines] = (view.signed?.text ?? recordText(view, numberOf(view))).split('\n');
  const start = lines.findIndex((line) => line.startsWith('一、'));
  const head = lines.slice(0, start).filter((line) => !line.startsWith('演示'));
  return html`<article><${Running} view=${view} /><h1>${title}</h1><${Demonstration} view=${view} />
    <table class="who"><tbody>${head.map((line) => {
      const at = line.indexOf('：');
      if (at < 0) return html`<tr key=${line}><td colspan="2">${line}</td></tr>`;
      return html`<tr key=${line}><th scope="row">${line.slice(0, at)}</th><td>${line.slice(at + 1)}</td></tr>`;
    })}</tbody></table>
    ${lines.slice(start).map((line, index) =>
      /^[一二三四五六七八九十]、/.test(line)
        ? html`<h2
      key=${index}>${line}</h2>`
        : html`<p key=${index}>${line}</p>`,
    )}
    <${Signed} ...${{ view, pictures }} field="signature/operator" title="被检查单位意见及签名（盖章）" />
    <${Signed} ...${{ view, pictures }} field="signature/lead"
      title=${`检查人员　${personOf(view, view.opening.lead).name}`} />
    <${Signed} ...${{ view, pictures }} field="signature/second"
      title=${`检查人员　${personOf(view, view.opening.second).name}`} />
    ${
      saidOf(view, 'signature/witness')
        ? html`<${Signed} ...${{ view, pictures }} field="signature/witness"
      title="见证人" />`
        : null
    }
    <p class="end">${authorityLine(view.plan.authority)}</p></article>`;
}

/** What the checklist says beside an answer: the reason, the finding, the reading. */
function remarkOn(item, { measure, ...value }) {
  const words = value.answer === 'na' ? value.na_reason : findingInWords(item, value);
  return [words, measure ? `${measure.value} ${measure.unit}` : null].filter(Boolean).join('；');
}

export function ChecklistPaper({ view }) {
  return html`<article><${Running} view=${view} /><h1>${view.plan.checklist.title}</h1><${Demonstration} view=${view} />
    <p>${headLines(view, null).slice(0, 2).join('　')}</p>
    <table class="grid"><thead><tr><th>序号</th><th>检查内容</th><th>结果</th><th>说明</th></tr></thead><tbody>
      ${view.items.map((item) => {
        const value = view.answers.get(item.code);
        return html`<tr key=${item.code}>
          <td>${item.code}${item.mark === 'general' ? '' : `\n${MARKS[item.mark]}`}</td><td>${item.text}</td>
          <td>${ANSWERS[value.answer]}</td>
          <td>${remarkOn(item, value)}</td></tr>`;
      })}</tbody></table>
    <p class="end">检查人员：${inspectorsOf(view)}　${fullDay(dayOf(view.opening.opened_at))}</p></article>`;
}

const noLinkInWords = (view) =>
  view.isLocked ? '这次检查没有交付单位链接。' : '租到本机的单位链接用完了；联网更新名单后再打印。';

/** The unit link on a slip of its own: handed over, never hung up. */
export function SlipPaper({ view, link }) {
  if (!link) return html`<article><h1>单位链接</h1><p>${noLinkInWords(view)}</p></article>`;
  return html`<article class="slip"><h1>单位链接</h1><${Demonstration} view=${view} />
    <p><strong>${view.plan.unit.licence_name}</strong></p>
    <${Code} text=${link.address} />
    <p class="address">${link.address}</p>
    <p>扫码查看本次检查结果，提交整改说明和照片。检查记录上传之后才能查看。</p>
    <p><strong>只交给本单位，请勿张贴、勿转给他人。</strong></p>
    ${numberOf(view) ? html`<p>记录编号：${numberOf(view)}</p>` : null}
    <p>${view.plan.authority.name}　${fullDay(dayOf(view.opening.opened_at))}</p></article>`;
}

export function GuestsPaper({ view }) {
  return html`<article><${Running} view=${view} /><h1>同行人员签到表</h1><${Demonstration} view=${view} />
    <p>${headLines(view, null).slice(0, 2).join('　')}　日期：${fullDay(dayOf(view.opening.opened_at))}</p>
    <table class="grid blank"><thead><tr><th>身份</th><th>姓名</th><th>单位</th><th>签名</th></tr></thead>
      <tbody>${Array.from(
        { length: 8 },
        (_, index) => html`<tr key=${index}><td></td><td></td><td></td><td></td>
        </tr>`,
      )}</tbody></table>
    <p>本表只留纸质，由检查机关存档，不录入系统。</p></article>`;
}

/** A QR code as one path, with the quiet zone that readers need. */
export function Code({ text }) {
  const grid = generate(text, { minCorrectionLevel: correction.Q });
  const quiet = 4;
  let path = '';
  for (let y = 0; y < grid.size; y += 1) {
    for (let x = 0; x < grid.size; x += 1) if (grid.get(x, y)) path += `M${x} ${y}h1v1h-1z`;
  }
  const side = grid.size + 2 * quiet;
  return html`<svg class="qr" viewBox=${`${-quiet} ${-quiet} ${side} ${side}`} role="img" aria-label="二维码"
    shape-rendering="crispEdges">
    <path d=${`M${-quiet} ${-quiet}h${side}v${side}h${-side}z`} fill="#fff" /><path d=${path} fill="#000" /></svg>`;
}
