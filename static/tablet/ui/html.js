// Preact and htm by relative path: the policy of the pages allows no inline script, so no import map either.

import { h, render, Component, Fragment, createRef } from '../../vendor/preact.mjs';
import htm from '../../vendor/htm.mjs';

export const html = htm.bind(h);
export { render, Component, Fragment, createRef };
