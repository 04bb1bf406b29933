// The texts of a visit's papers. The record's text is what is shown before signing, hashed, and bound by the signature.

import { ANSWERS, MARKS, findingInWords } from './checklist.js';
import { fullDay, fullInstant, dayOf } from './days.js';
import { saidOf, personOf, resultWords, KINDS, SOURCES, REGISTER_KINDS } from './visit_view.js';
import { recusalParts } from './procedure.js';

const LAW = '《食品生产经营监督检查管理办法》（市场监管总局令第49号）';
const NUMERALS = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];

const inspector = (view, id) => {
  const person = personOf(view, id);
  return `${person.name}（执法证号 ${person.certificate_number ?? '未登记'}）`;
};
const nameOf = (list, id) => list.find((row) => row.id === id)?.zh ?? id;

/** The head of every paper: whose, which unit, where, who inspects. */
export function headLines(view, number) {
  const { unit, authority, assignment } = view.plan;
  const { opening } = view;
  const lines = [
    number ? `记录编号：${number}` : null,
    `被检查单位：${unit.licence_name}${unit.sign_name ? `（牌匾：${unit.sign_name}）` : ''}`,
    `地址：${unit.address}`,
    `食品经营许可证编号：${unit.licence_number ?? '未登记'}`,
    `检查种类：${KINDS[opening.kind] ?? opening.kind}　来源：${SOURCES[opening.source] ?? opening.source}`,
    opening.reason ? `事由：${opening.reason}` : null,
    assignment?.campaign ? `第${assignment.campaign.issue_no}期：${assignment.campaign.theme}` : null,
    `本年度第${(unit.visits_this_year ?? 0) + 1}次检查`,
    `检查开始：${fullInstant(opening.opened_at)}`,
    `检查人员：${inspector(view, opening.lead)}、${inspector(view, opening.second)}`,
    `检查机关：${authority.name}`,
  ];
  return lines.filter(Boolean);
}

/** What the notice page says, as paragraphs. */
export function noticeParagraphs(view) {
  const { unit, authority } = view.plan;
  return [
    `${unit.licence_name}：`,
    `我们是${authority.name}的执法人员，依法对你单位进行食品安全监督检查。检查人员为${inspector(view, view.opening.lead)}、` +
      `${inspector(view, view.opening.second)}，已向你单位出示执法证件。`,
    '检查人员少于两人，或者执法证件与本人不符的，你单位有权拒绝检查。',
    '检查人员是当事人或者当事人的近亲属，本人或者近亲属与本次检查有利害关系，或者有其他关系可能影响公正检查的，你单位有权申请其回避。',
    '请予配合，如实提供有关资料，并提供上次监督检查的结果记录和整改情况。',
  ];
}

/** What was answered to the recusal question, in words. */
export function recusalInWords(view) {
  const notice = saidOf(view, 'notice');
  if (notice?.recusal === 'asked') return '已询问是否申请回避：不申请回避';
  if (notice?.recusal !== 'applied') return '尚未询问是否申请回避';
  const { reason, ruling } = recusalParts(notice.note);
  return `已询问是否申请回避：申请回避，理由：${reason || '未说明'}${ruling ? `；负责人决定：${ruling}` : ''}`;
}

/** The whole record as one text, line by line; the same values give the same text. */
export function recordText(view, number) {
  const title = view.obstruction ? '监督检查情况记录（未能检查）' : '餐饮服务监督检查结果记录表';
  const sections = view.obstruction ? obstructionSections(view) : resultSections(view);
  const body = sections
    .filter(([, lines]) => lines.length)
    .flatMap(([heading, lines], index) => [`${NUMERALS[index]}、${heading}`, ...lines]);
  const demonstration = view.plan.isDemonstration ? ['演示：单位、人员和记录都是虚构的。'] : [];
  return [title, ...demonstration, ...supplementLines(view), ...headLines(view, number), ...body].join('\n');
}

/** What a record that was returned supplements: the paper before it stays as it was signed. */
function supplementLines(view) {
  if (!view.isReturned) return [];
  const { at, sha256: hash } = view.signed;
  const reason = (view.meta.returned?.reason ?? '').replace(/\s+/g, ' ').trim();
  const why = reason ? `；补充原因：${reason}` : '';
  return [`补充签结：原记录于${fullInstant(at)}签结（文本校验${hash.slice(0, 16)}），保持原样存档${why}`];
}

function resultSections(view) {
  return [
    [
      '亮证与告知',
      [
        saidOf(view, 'certificates')?.shown ? '检查人员已出示执法证件。' : '没有出示执法证件的记录。',
        `${recusalInWords(view)}。`,
      ],
    ],
    ['检查情况', countLines(view)],
    ['发现的问题', view.failed.map((item, index) => `${index + 1}. ${findingLine(view, item)}`)],
    ['检查表以外的问题', textLines(saidOf(view, 'problems'))],
    ['登记信息', registerLines(view)],
    ['人员考核', examLines(view)],
    ['同行人员', guestLines(view)],
    ['检查结果与处理', decisionLines(view)],
    ['责令改正', view.orders.flatMap(orderLines)],
    ['结果告知', toldLines(view)],
  ];
}

function obstructionSections(view) {
  const { ground, note } = view.obstruction;
  const when = view.fields.get('obstruction')?.current[0]?.made_at ?? view.opening.opened_at;
  return [
    [
      '未能检查',
      [`${fullInstant(when)}，${nameOf(view.plan.words.obstruction_grounds, ground)}。`, ...textLines(note)],
    ],
    ['登记信息', registerLines(view)],
    ['同行人员', guestLines(view)],
  ];
}

function countLines(view) {
  const { checklist } = view.plan;
  const lines = [
    `依据${LAW}，使用《${checklist.title}》（版本${checklist.sha256.slice(0, 12)}），共${view.items.length}项。`,
  ];
  for (const [mark, zh] of [
    ['veto', '否决项'],
    ['key', '重点项'],
    ['general', '一般项'],
    ['', '检查项'],
  ]) {
    const items = view.items.filter((item) => item.mark === mark);
    const checked = items.filter((item) => ['pass', 'fail'].includes(view.answers.get(item.code).answer));
    const failed = checked.filter((item) => view.answers.get(item.code).answer === 'fail');
    if (!items.length) continue;
    const which = failed.length ? `：${codes(failed)}` : '';
    lines.push(`${zh}检查${checked.length}项：${codes(checked)}。发现问题${failed.length}项${which}。`);
  }
  const absent = view.items.filter((item) => view.answers.get(item.code).answer === 'na');
  const whyAbsent = absent.map((item) => `${item.code}（${view.answers.get(item.code).na_reason || '未写理由'}）`);
  lines.push(`不适用${absent.length}项${absent.length ? `：${whyAbsent.join('、')}` : ''}。`);
  const health = saidOf(view, 'health');
  if (health) lines.push(`查看从业人员健康证明${health.seen}份，最早一份${fullDay(health.earliest_until_on)}到期。`);
  const provisional = view.items.filter((item) => item.provisional);
  if (provisional.length) lines.push(`其中${provisional.length}项为暂代项，原表文字待核实。`);
  for (const item of view.items) {
    const { measure } = view.answers.get(item.code);
    if (measure?.value !== undefined && measure?.value !== null) {
      lines.push(`${item.code} ${item.measure?.label ?? '测量值'}：${measure.value} ${measure.unit}。`);
    }
  }
  return lines;
}

const codes = (items) => items.map((item) => item.code).join('、');

function findingLine(view, item) {
  const value = view.answers.get(item.code);
  const effect =
    value.safety === true ? '影响食品安全' : value.safety === false ? '不影响食品安全' : '是否影响食品安全未判定';
  const until = value.corrected_on_spot
    ? '当场改正'
    : value.deadline_on
      ? `${fullDay(value.deadline_on)}前改正`
      : '未定期限';
  const photos = value.photos?.length ? `，照片${value.photos.length}张` : '';
  const found = findingInWords(item, value) || '未写明';
  return `${item.code}（${MARKS[item.mark]}项）${item.text}：${ANSWERS.fail}，${effect}；${found}；${until}${photos}。`;
}

const textLines = (text) => (text?.trim() ? text.trim().split('\n') : []);

function registerLines(view) {
  return Object.keys(REGISTER_KINDS)
    .map((kind) => [kind, saidOf(view, `register/${kind}`)])
    .filter(([, value]) => value)
    .map(([kind, value]) => [REGISTER_KINDS[kind], value.value, value.note].filter(Boolean).join('：') + '。');
}

function examLines(view) {
  const exam = saidOf(view, 'exam');
  return exam
    ? [`食品安全管理人员抽查考核${view.plan.exam?.is_demonstration ? '（样例题，不作评价）' : ''}：答${exam.asked}题，对${exam.right}题（题库${exam.file.slice(0, 12)}）。`]
    : [];
}

function guestLines(view) {
  const guests = (saidOf(view, 'guests') ?? []).filter((row) => row.count > 0);
  if (!guests.length) return [];
  const rows = guests.map((row) => `${nameOf(view.plan.words.guest_roles, row.role)} ${row.count}人`);
  return [`${rows.join('、')}（签到表另存）。`];
}

function decisionLines(view) {
  const decision = saidOf(view, 'decision');
  if (!decision) return [];
  const lines = [
    `检查结果：${resultWords(view)[decision.result] ?? decision.result}。`,
    `处理：${handlingInWords(view, decision.handling)}。`,
  ];
  if (decision.reason?.trim()) lines.push(`与规则建议不同的理由：${decision.reason.trim()}`);
  return lines;
}

/** A handling in words. */
export const handlingInWords = (view, id) => (id ? nameOf(view.plan.words.handlings, id) : '未定');

function orderLines(order) {
  const until = order.deadline_on ? `（期限：${fullDay(order.deadline_on)}）` : '';
  return order.text.split('\n').map((line) => `${line}${until}`);
}

function toldLines(view) {
  const told = saidOf(view, 'told');
  if (!told?.how) return [];
  return [
    `${fullInstant(told.at)}，${nameOf(view.plan.words.told_ways, told.how)}。`,
    '本记录表应在经营场所张贴至下次监督检查。对检查结果有异议的，可向检查机关提出。',
  ];
}

/** The day a visit belongs to. */
export const dayOfVisit = (view) => dayOf(view.opening.opened_at);
