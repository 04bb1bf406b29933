// The legal order of a visit: which step is done, which waits for what, and what still keeps it from being signed.
// The server asks for the same before it takes the signature (inspections/visits/sync/procedure.py).

import { saidAnew, saidOf, decisionOf } from './visit_view.js';
import { missingOfDecision, ordersAreStale } from './decision.js';

export const STEPS = [
  ['papers', '亮证', '出示执法证'],
  ['notice', '告知', '告知页'],
  ['items', '检查', '逐项检查'],
  ['findings', '问题', '问题与其他'],
  ['decision', '认定', '认定与责令'],
  ['closing', '签名', '书面告知与签名'],
];
const RECORDED = { audio: '已录音', video: '已录像' };
const RULING = '\n决定：';

/** A signature, or a refusal that is written down as article 34 asks. */
export function isSettled(signature) {
  if (!signature) return false;
  if (signature.drawing) return true;
  return Boolean(signature.refused && signature.reason?.trim() && (signature.witness?.trim() || signature.recording));
}

/** The unit signs or refuses; an inspector signs. */
const isSigned = (signature, field) =>
  field.endsWith('operator') ? isSettled(signature) : Boolean(signature?.drawing);

const hasSigned = (view, field) => isSigned(saidOf(view, `signature/${field}`), field);

/**
 * A signature under the record, where it was given to the text that stands there now (`of` is its hash): what was
 * signed before something changed, or before the visit was returned, is no signature of this text.
 */
export function signatureOf(view, field, of) {
  // The notice page is a paper of its own.
  if (field.startsWith('signature/notice_')) return saidOf(view, field);
  const signature = saidAnew(view, field);
  const isOther = of !== null && signature?.text_sha256 && signature.text_sha256 !== of;
  return isOther ? null : signature;
}

/** A refusal in one line: that nobody signed, why, and what stands for the signature; the server's paper says the same. */
export function refusalInWords({ reason, witness, recording, recording_kind: kind }) {
  const why = reason?.trim() ?? '';
  const refused = !why || why.includes('拒绝签名') ? why || '拒绝签名' : `拒绝签名：${why}`;
  return [refused, witness ? `见证人：${witness}` : null, recording ? RECORDED[kind] ?? '已录音录像' : null].filter(Boolean).join('；');
}

/** Recusal applied for: the reason, and what the head of the bureau decided. */
export function recusalParts(note) {
  const [reason, ruling] = (note ?? '').split(RULING);
  return { reason: reason ?? '', ruling: ruling ?? '' };
}
export const recusalNote = ({ reason, ruling }) => (ruling ? `${reason}${RULING}${ruling}` : reason);

/** Whether certificates were shown. */
export const papersShown = (view) => saidOf(view, 'certificates')?.shown === true;

/** Whether the recusal question is settled: put and not applied for, or applied for and ruled upon. */
export function recusalSettled(view) {
  const notice = saidOf(view, 'notice');
  if (notice?.recusal === 'asked') return true;
  return notice?.recusal === 'applied' && recusalParts(notice.note).ruling.startsWith('不予回避');
}

/** What the notice page still lacks, in words. */
export function missingOfNotice(view) {
  const missing = recusalSettled(view) ? [] : ['回避询问'];
  for (const [who, zh] of [
    ['operator', '被检查单位签名'],
    ['lead', '主检人员签名'],
    ['second', '检查人员签名'],
  ]) {
    if (!hasSigned(view, `notice_${who}`)) missing.push(zh);
  }
  return missing;
}

/** Why items cannot be answered yet, or null; the second inspector's tablet takes the lead's word for the notice. */
export function itemsWaitFor(view) {
  if (view.meta.noticeElsewhere) return null;
  if (!papersShown(view)) return '先出示执法证';
  const missing = missingOfNotice(view);
  return missing.length ? `先完成告知页：${missing.join('、')}` : null;
}

/** What a visit that could not take place still lacks, in words: a closed door is told by a photo, not by a word. */
export function missingOfObstruction({ ground, note, photos }) {
  if (ground === 'closed_door' && !photos?.length) return ['拍一张关门的现场照片'];
  return ground === 'other' && !note?.trim() ? ['写明无法检查的经过'] : [];
}

const PLACES = {
  certificates: '亮证',
  notice: '告知页',
  decision: '认定',
  orders: '责令改正',
  told: '书面告知',
  problems: '其他问题',
  guests: '同行人员',
  exam: '抽考',
  health: '健康证明',
  obstruction: '无法检查',
  location: '位置',
};

/** A key of a visit in words. */
function placeOf(key) {
  const [kind, of] = key.split('/');
  if (kind === 'item') return `${of}项`;
  return kind === 'signature' ? '签名' : (PLACES[kind] ?? '登记问题');
}

/** What still keeps the record from being put together, in words. */
export function recordWaitsFor(view, suggestion) {
  if (view.conflicts.length) return [`两台平板有${view.conflicts.length}处填写不一致，由主检人决定`];
  if (view.turnedDown.length) return view.turnedDown.map(({ key, refusal }) => `${placeOf(key)}被服务器退回，请改正：${refusal}`);
  if (view.obstruction) return missingOfObstruction(view.obstruction);
  const left = view.progress.total - view.progress.done;
  const waits = [];
  if (itemsWaitFor(view)) waits.push(itemsWaitFor(view));
  if (left > 0) waits.push(`还有${left}项未查`);
  if (view.unfinished.length) waits.push(`${view.unfinished.map((item) => item.code).join('、')}项没有填完`);
  const missing = missingOfDecision(decisionOf(view), suggestion);
  if (missing.length) waits.push(`认定缺少：${missing.join('、')}`);
  else if (ordersAreStale(view)) waits.push('问题有变化，责令改正需要更新');
  return waits;
}

/** The way of telling a result in writing that needs the unit link in somebody's hands. */
const BY_LINK = 'electronic';

/** How the result was told in writing, or what is missing of that. */
function missingOfTelling(view) {
  const how = saidAnew(view, 'told')?.how;
  if (!how) return [view.isReturned ? '把补充后的结果重新告知' : '选择告知方式'];
  if (saidOf(view, 'link')) return [];
  if (how === BY_LINK) return ['用单位链接送达的，先交付单位链接'];
  return view.meta.linkShown && !view.meta.linkKept ? ['单位链接条打印或出示过，记下交没交给现场负责人'] : [];
}

/** What keeps the signatures from being given, in words: the text is whole, and was told in writing. */
export function signaturesWaitFor(view, suggestion) {
  const waits = recordWaitsFor(view, suggestion);
  return waits.length || view.obstruction ? waits : missingOfTelling(view);
}

/** What still keeps the visit from being signed, in words; `of` is the hash of the text as it stands. */
export function signingWaitsFor(view, suggestion, of = null) {
  const waits = [...signaturesWaitFor(view, suggestion)];
  if (waits.length && recordWaitsFor(view, suggestion).length) return waits;
  const who = view.obstruction
    ? [
        ['lead', '主检人员签名'],
        ['second', '检查人员签名'],
      ]
    : [
        ['operator', '被检查单位签名或拒签记录'],
        ['lead', '主检人员签名'],
        ['second', '检查人员签名'],
      ];
  for (const [signer, zh] of who) {
    if (!isSigned(signatureOf(view, `signature/${signer}`, of), signer)) waits.push(zh);
  }
  return waits;
}

/** The steps with their state: done, open, or waiting for a sentence. */
export function stepsOf(view, suggestion) {
  const record = recordWaitsFor(view, suggestion);
  const itemsWait = itemsWaitFor(view);
  const done = {
    papers: papersShown(view),
    notice: missingOfNotice(view).length === 0,
    items: view.progress.done === view.progress.total && view.unfinished.length === 0,
    findings: view.isLocked,
    decision: missingOfDecision(decisionOf(view), suggestion).length === 0 && !ordersAreStale(view),
    closing: view.isLocked,
  };
  const waits = { items: itemsWait, findings: itemsWait, decision: itemsWait, closing: record[0] ?? null };
  return STEPS.map(([id, short, title]) => ({ id, short, title, done: done[id], waits: waits[id] ?? null }));
}

/** Where a visit goes on: the first step of the legal order that is not done. */
export function openStep(view, suggestion) {
  if (view.isLocked || view.obstruction) return 'closing';
  const open = stepsOf(view, suggestion).find((step) => !step.done && step.id !== 'findings');
  return open?.id ?? 'closing';
}
