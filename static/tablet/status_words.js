// The state of network and outbox in words: always on screen, always saying where the data is.

import { shownSpan, shownInstant } from './days.js';

const CLOCK_TOLERANCE = 2 * 60000;

/** The short line: network, and how much has no receipt. */
export function statusLine(net, counts, now, heardAt) {
  const waiting = counts.changes + counts.photos;
  const network = {
    online: '已联网',
    offline: '无网络',
    unknown: '正在连接',
    unreachable: '连不上服务器',
    signed_out: '需要重新登录',
    revoked: '平板已停用',
    busy: '服务器忙',
    failed: '上传出错',
  }[net.state];
  if (counts.unsaved) return { network, text: `${counts.unsaved}条还没存进平板`, tone: 'fail' };
  if (counts.refused) return { network, text: `${counts.refused}条被服务器退回，仍在本机`, tone: 'fail' };
  if (waiting)
    return { network, text: net.state === 'online' ? `正在上传${waiting}条` : `${waiting}条已存本机，待上传`, tone: 'wait' };
  const sent = heardAt ? `全部已送达，${shownInstant(heardAt, now)}` : '还没有要上传的记录';
  return { network, text: sent, tone: net.state === 'online' ? 'done' : 'wait' };
}

function waitingInWords({ changes, photos }, unit = '条') {
  return [changes ? `${changes}${unit}` : '', photos ? `${photos}个附件` : ''].filter(Boolean).join('、');
}

/** What happened, what is safe, what to do: a longer sentence where one is needed. */
export function statusSentence(net, counts) {
  const waiting = counts.changes + counts.photos;
  const safe = waiting ? `${waitingInWords(counts, '条记录')}都加密存在本机，不会丢失。` : '本机没有等待上传的记录。';
  return {
    online: null,
    unknown: null,
    offline: null,
    unreachable: `平板有网络，但连不上服务器。${safe}连上后自动上传。`,
    signed_out: `登录已过期。${safe}可以继续检查；联网后重新登录就会上传。`,
    revoked: `管理员停用了这台平板。${safe}请导出文件交给管理员。`,
    busy: `服务器忙，暂时收不下。${safe}稍后自动再传。${net.sentence ?? ''}`,
    failed: `服务器没有收下：${net.sentence ?? '原因不明。'}${safe}稍后自动再传。`,
  }[net.state];
}

/** A clock that is wrong is shown, with what is stored because of it. */
export function clockSentence(offset) {
  if (offset === null || offset === undefined || Math.abs(offset) < CLOCK_TOLERANCE) return null;
  const how = offset > 0 ? '慢' : '快';
  return `平板时间${how}了${shownSpan(offset)}，请在系统设置里校准。记录同时保存平板时间和服务器收到的时间。`;
}
