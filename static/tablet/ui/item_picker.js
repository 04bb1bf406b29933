// Which items a visit of a part looks at: by section, each with how many are chosen.

import { html } from './html.js';

/** Items by the section they stand in, in the checklist's own order. */
function sectionsOf(items) {
  const sections = new Map();
  for (const item of items) sections.set(item.section, [...(sections.get(item.section) ?? []), item]);
  return [...sections];
}

export function ItemPicker({ checklist, codes, onChange }) {
  const toggle = (code) => onChange(codes.includes(code) ? codes.filter((one) => one !== code) : [...codes, code]);
  return html`<div class="picker">${sectionsOf(checklist.items).map(([section, items]) => {
    const count = items.filter((item) => codes.includes(item.code)).length;
    return html`<details key=${section}><summary>${section}${count ? `（已选${count}项）` : ''}</summary>
      ${items.map(
        (item) => html`<button type="button" class="chip" key=${item.code} aria-pressed=${String(codes.includes(item.code))}
        onClick=${() => toggle(item.code)}>${item.code} ${item.text}</button>`,
      )}</details>`;
  })}</div>`;
}
