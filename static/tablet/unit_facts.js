// What the register and earlier visits say of a unit, in words for the screens.

import { daysBetween, shownDay, shownInstant } from './days.js';
import { KINDS } from './visit_view.js';

const NEAR_EXPIRY = 60;

/** The name people know: the sign's, else the licence's. */
export const nameOf = (unit) => unit.sign_name ?? unit.licence_name;

/** Type, grade: one line. */
export const shortFacts = (unit) => [unit.unit_type_zh, bareGrade(unit)].filter(Boolean).join(' · ');

export function gradeInWords(unit) {
  const { grade } = unit;
  if (!grade?.level) return grade?.missing?.length ? `尚未评定：${grade.missing[0]}` : '尚未评定等级';
  return `${grade.level}级${grade.meaning ? `，${grade.meaning}` : ''}`;
}

/** The grade alone, for a line that has no room for its meaning. */
export const bareGrade = (unit) => (unit.grade?.level ? `${unit.grade.level}级` : '尚未评定');

/** The last visit: day, kind, result, how much was found. */
export function visitInWords(visit, today) {
  const result = visit.result_zh ?? '结果未定';
  const found = visit.findings?.length ? `，${visit.findings.length}项问题` : '';
  return `${shownDay(visit.on, today)} ${KINDS[visit.kind] ?? visit.kind}：${result}${found}`;
}

/** A check of the same items by a higher authority within three months (Order 49, article 42). */
export function higherCheckInWords(check, today) {
  const items = check.items?.length ? `检查过${check.items.join('、')}` : '检查过全部项目';
  return `${check.authority}于${shownDay(check.checked_on, today)}${items}。三个月内上级已查的项目原则上不重复检查，除非有线索或明显隐患。`;
}

/** A day in the future or the past, and how urgent it is. */
export function untilInWords(day, today) {
  const left = daysBetween(today, day);
  if (left < 0) return { words: `${shownDay(day, today)}（已过${-left}天）`, isLate: true };
  return { words: `${shownDay(day, today)}（还有${left}天）`, isLate: false };
}

/** An inspector's own certificate that ends within two months, or has ended; null otherwise. */
export function certificateInWords({ name, certificate_until_on: until }, today) {
  if (!until || daysBetween(today, until) > NEAR_EXPIRY) return null;
  const cure = daysBetween(today, until) < 0 ? '到期后不能执法，请换人，' : '';
  return `${name}的执法证${untilInWords(until, today).words}到期；${cure}换证后请管理员登记。`;
}

/** An ended offline period: what cannot be done, what still can, and the cure. */
export const periodEndedInWords = ({ offline_until: until }) =>
  `离线期限已过（${shownInstant(until, Date.now())}），不能开始新的检查。联网登录一次后可以继续；` +
  '已经开始的检查不受影响，可以做完、导出和上传。';
