// What the register and earlier visits say of a unit, in words for the screens.

import { daysBetween, shownDay } from './days.js';
import { KINDS } from './visit_view.js';
import { RESULTS } from './record_text.js';

/** The name people know: the sign's, else the licence's. */
export const nameOf = (unit) => unit.sign_name ?? unit.licence_name;

/** Type, grade: one line. */
export const shortFacts = (unit) => [unit.unit_type_zh, gradeInWords(unit)].filter(Boolean).join(' · ');

export function gradeInWords(unit) {
  if (!unit.grade) return '尚未评定等级';
  return `${unit.grade} 级${unit.grade_meaning ? `，${unit.grade_meaning}` : ''}`;
}

/** The last visit: day, kind, result, how much was found. */
export function visitInWords(visit, today) {
  const result = RESULTS[visit.result] ?? '结果未定';
  const found = visit.findings?.length ? `，${visit.findings.length} 项问题` : '';
  return `${shownDay(visit.on, today)} ${KINDS[visit.kind] ?? visit.kind}：${result}${found}`;
}

/** A day in the future or the past, and how urgent it is. */
export function untilInWords(day, today) {
  const left = daysBetween(today, day);
  if (left < 0) return { words: `${shownDay(day, today)}（已过 ${-left} 天）`, isLate: true };
  return { words: `${shownDay(day, today)}（还有 ${left} 天）`, isLate: false };
}
