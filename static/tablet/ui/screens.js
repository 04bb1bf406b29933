// Which screen stands: by how far somebody is signed in, then by the address.

import { html } from './html.js';
import { Pick, SignIn } from './start.js';
import { Unlock, NewPin } from './pin.js';

export function Screens({ app }) {
  if (app.phase === 'starting') return html`<main class="opening"><h1>检查平板</h1><p>正在打开…</p></main>`;
  if (app.phase === 'pick')
    return app.chosen
      ? html`<${Unlock} app=${app} key=${app.chosen.store} />`
      : html`<${Pick}
    app=${app} />`;
  if (app.phase === 'pin') return html`<${Unlock} app=${app} key=${app.chosen.store} />`;
  if (app.phase === 'sign-in') return html`<${SignIn} app=${app} />`;
  if (app.phase === 'new-pin') return html`<${NewPin} app=${app} />`;
  const { name, id } = app.route;
  const { Today, Visit, DevicePage, Unplanned } = app.inside;
  if (name === 'visit' && app.work.visits.has(id)) return html`<${Visit} app=${app} id=${id} key=${id} />`;
  if (name === 'device') return html`<${DevicePage} app=${app} />`;
  if (name === 'unplanned') return html`<${Unplanned} app=${app} />`;
  return html`<${Today} app=${app} />`;
}
