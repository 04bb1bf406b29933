// Papers without a network: the browser's own print, on A4 or on 80 mm rolls; after the sync the server's PDF too.

import { html, render } from './html.js';
import { Doing } from './parts.js';
import { NoticePaper, RecordPaper, ChecklistPaper, SlipPaper, GuestsPaper } from './paper.js';
import { addressOf } from '../photos.js';
import { saidOf } from '../visit_view.js';

const DOCUMENTS = {
  notice: ['告知页', NoticePaper, ['a4', 'roll']],
  record: ['结果记录表', RecordPaper, ['a4', 'roll']],
  checklist: ['要点表', ChecklistPaper, ['a4', 'roll']],
  slip: ['单位链接条', SlipPaper, ['roll', 'a4']],
  guests: ['同行人员签到表', GuestsPaper, ['a4']],
};
const SIZES = { a4: 'A4', roll: '80毫米' };
const SERVED = ['notice', 'record', 'checklist'];

export function PrintButtons({ app, view, document: name, isServed = false, children = null }) {
  const [title, , sizes] = DOCUMENTS[name];
  return html`<div class="print"><span>${title}</span>
    ${sizes.map(
      (size) => html`<${Doing} key=${size} kind="second" busy="正在排版…"
      onPress=${() => print(app, view, name, size)}>打印${SIZES[size]}</${Doing}>`,
    )}
    ${
      isServed && SERVED.includes(name)
        ? html`<a class="second"
      href=${`/api/v1/visits/${view.id}/documents/${name}.pdf`} target="_blank">PDF</a>`
        : null
    }
    ${children}
  </div>`;
}

/** Lay a paper out beside the application, print it, and leave it for a second print by the browser's own key. */
export async function print(app, view, name, size) {
  const [title, Paper] = DOCUMENTS[name];
  const link = name === 'slip' ? await linkFor(app, view) : null;
  const pictures = await drawingsOf(app, view);
  const place = document.getElementById('paper');
  place.className = size;
  document.documentElement.dataset.paper = size;
  render(html`<${Paper} view=${view} pictures=${pictures} link=${link} />`, place);
  await Promise.all([...place.querySelectorAll('img')].map((image) => image.decode().catch(() => null)));
  shapePages(place, size, view.signed?.record_number ?? view.meta.record_number);
  const before = document.title;
  document.title = [title, view.meta.record_number].filter(Boolean).join(' ');
  window.print();
  document.title = before;
  if (link && !view.isLocked) await app.work.setMeta(view.id, { linkShown: true });
}

/** The unit link of this visit: leased in advance, taken by the lead's tablet when it is first printed or shown. */
const linkFor = (app, view) =>
  view.isLead && !view.isLocked ? app.work.linkOf(view.id) : Promise.resolve(view.meta.link ?? null);

/** Addresses of all signatures of a visit, by the field they stand in. */
async function drawingsOf(app, view) {
  const found = {};
  for (const who of ['operator', 'lead', 'second', 'witness']) {
    for (const field of [`signature/${who}`, `signature/notice_${who}`]) {
      const drawing = saidOf(view, field)?.drawing;
      if (drawing) found[field] = await addressOf(app.work.store, drawing);
    }
  }
  return found;
}

let pages = null;

/** A roll is made as long as what stands on it; sheets after the first carry the record number at their head. */
function shapePages(place, size, number) {
  pages ??= new CSSStyleSheet();
  pages.replaceSync(size === 'roll' ? rollOf(place) : sheetsOf(number));
  const { adoptedStyleSheets: adopted } = document;
  if (!adopted.includes(pages)) document.adoptedStyleSheets = [...adopted, pages];
}

function rollOf(place) {
  place.classList.add('measured');
  const millimetres = Math.ceil((place.scrollHeight / 96) * 25.4) + 8;
  place.classList.remove('measured');
  return `@page roll { size: 80mm ${Math.max(60, millimetres)}mm; margin: 4mm; }`;
}

function sheetsOf(number) {
  if (!number) return '';
  const words = JSON.stringify(`记录编号：${number}`);
  return `@page a4 { @top-left { content: ${words}; font: 9pt sans-serif; } }
    @page a4:first { @top-left { content: none; } }`;
}
