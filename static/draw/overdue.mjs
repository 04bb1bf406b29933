/* An overdue reveal shows by itself, whenever the page was written: the reader's clock is held against the last day.
 *
 * The page holds both sentences; this file only says which of them is true today, in the bureau's time zone.
 */

const today = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" }).format(new Date());

for (const overdue of document.querySelectorAll("[data-last-day]")) {
  const isOverdue = today > overdue.dataset.lastDay;
  overdue.hidden = !isOverdue;
  overdue.previousElementSibling.hidden = isOverdue;
}
