// What stands on every screen: whose work, the network, what has no receipt, and sentences that must be seen.

import { html } from './html.js';
import { Told, Doing } from './parts.js';
import { SignIn } from './start.js';
import { statusLine, statusSentence, clockSentence } from '../status_words.js';

/** Network and outbox in one short line; pressing it leads to the tablet's own page and sends at once. */
export function Status({ app }) {
  const { work, sync } = app;
  const { network, text, tone } = statusLine(sync.net, work.counts(), Date.now(), work.server.heard_at);
  const press = () => {
    app.go('#/device');
    sync.run();
  };
  return html`<button type="button" class=${`status ${tone}`} onClick=${press}>
    <span>${tone === 'done' ? '✓ ' : ''}${network}</span> <span>${text}</span></button>`;
}

/** Sentences about storage, session, clock and versions; none where all is well. */
export function Notices({ app, isVisit = false }) {
  const { work, sync, updates } = app;
  const counts = work.counts();
  const session = statusSentence(sync.net, counts);
  const clock = clockSentence(work.server.offset);
  const isOut = sync.net.state === 'signed_out';
  return html`<div class="notices">
    ${
      work.fault
        ? html`<${Told} tone="fail"><p>${work.fault}</p>
      <${Doing} kind="second" onPress=${() => work.retry()}>再存一次</${Doing}></${Told}>`
        : null
    }
    ${
      session
        ? html`<${Told}><p>${session}</p>
      ${
        isOut && navigator.onLine
          ? html`<details><summary>现在重新登录</summary>
        <${SignIn} app=${app} isInside=${true} name=${work.user.name} /></details>`
          : null
      }</${Told}>`
        : null
    }
    ${clock ? html`<${Told}>${clock}</${Told}>` : null}
    ${
      updates.isReady && !isVisit
        ? html`<${Told} tone="done"><p>新版本已下载。更新不影响任何记录，只是重新打开这个页面。</p>
      <button type="button" class="second" onClick=${() => updates.takeUp()}>现在更新</button></${Told}>`
        : null
    }
  </div>`;
}

/** The head of every screen. */
export function Head({ app, title, meta, children, back = null, backWords = '返回' }) {
  return html`<header class="head">
    ${back === null ? null : html`<a class="back" href=${back} aria-label=${backWords}>‹<span>${backWords}</span></a>`}
    <div class="title"><h1>${title}</h1>${meta ? html`<p>${meta}</p>` : null}</div>
    ${children}
    <${Status} app=${app} />
  </header>`;
}
