// The first script: starts the application and draws it anew whenever something has changed.

import { html, render } from './ui/html.js';
import { Screens } from './ui/screens.js';
import { Application } from './app_state.js';

let app = null;

if (!document.documentElement.dataset.refused) {
  const root = document.getElementById('app');
  let isAsked = false;
  const draw = () => {
    isAsked = false;
    render(html`<${Screens} app=${app} />`, root);
  };
  app = new Application(() => {
    if (isAsked) return;
    isAsked = true;
    queueMicrotask(draw);
  });
  root.replaceChildren();
  app.start();
}

/** The running application; null where this browser was refused. */
export const running = app;
