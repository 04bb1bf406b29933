// Days and instants for people: Asia/Shanghai, which has had no summer time since 1991.

const SHANGHAI = 8 * 3600 * 1000;
const DAY = 24 * 3600 * 1000;

const local = (instant) => new Date(new Date(instant).getTime() + SHANGHAI);

/** The civil day of an instant, `YYYY-MM-DD`. */
export const dayOf = (instant) => local(instant).toISOString().slice(0, 10);

/** The time of day of an instant, `HH:MM`. */
export const timeOf = (instant) => local(instant).toISOString().slice(11, 16);

/** A day so many days later. */
export const daysLater = (day, count) => new Date(Date.parse(day) + count * DAY).toISOString().slice(0, 10);

/** How many days from one day to another. */
export const daysBetween = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / DAY);

/** 「11月6日」, with the year where it is not this one. */
export function shownDay(day, today) {
  if (!day) return '未知';
  const [year, month, date] = day.split('-').map(Number);
  const short = `${month}月${date}日`;
  return today?.startsWith(`${day.slice(0, 4)}-`) ? short : `${year}年${short}`;
}

/** 「2026年11月6日」 for paper. */
export const fullDay = (day) => shownDay(day, null);

/** 「今天 10:42」, 「11月6日 10:42」. */
export function shownInstant(instant, now) {
  if (!instant) return '未知';
  const day = dayOf(instant);
  const today = dayOf(now);
  return `${day === today ? '今天' : shownDay(day, today)} ${timeOf(instant)}`;
}

/** 「2026年11月6日 10:42」 for paper. */
export const fullInstant = (instant) => `${fullDay(dayOf(instant))} ${timeOf(instant)}`;

/** How long a span is, in the largest unit that says something. */
export function shownSpan(milliseconds) {
  const seconds = Math.round(Math.abs(milliseconds) / 1000);
  if (seconds < 90) return `${seconds}秒`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)}分钟`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)}小时`;
  return `${Math.round(seconds / 86400)}天`;
}
