// Health certificates of the staff (Food Safety Law, article 45): how many were looked at, and which ends first. No names.

import { html, Component } from './html.js';
import { saidOf } from '../visit_view.js';

export class HealthCertificates extends Component {
  /** What is typed stays on the screen until both are there: the record takes them whole. */
  keep(fields) {
    const { view, say } = this.props;
    const typed = { ...saidOf(view, 'health'), ...this.state, ...fields };
    this.setState(fields);
    const seen = Number(typed.seen);
    const isWhole = Number.isInteger(seen) && seen > 0 && seen <= 1000 && typed.earliest_until_on;
    if (isWhole) say('health', { seen, earliest_until_on: typed.earliest_until_on });
    else if (saidOf(view, 'health')) say('health', null);
  }

  render({ view }, typed) {
    const { seen = '', earliest_until_on: until = '' } = { ...saidOf(view, 'health'), ...typed };
    return html`<div class="pair">
      <label class="text" for="health-seen"><span>查看了几份</span><input id="health-seen" type="text" inputmode="numeric"
        autocomplete="off" maxlength="4" value=${seen} disabled=${view.isLocked}
        onInput=${(event) => this.keep({ seen: event.target.value.trim() })} /></label>
      <label class="text" for="health-until"><span>最早到期日</span><input id="health-until" type="date" value=${until}
        disabled=${view.isLocked} onInput=${(event) => this.keep({ earliest_until_on: event.target.value })} /></label>
    </div>`;
  }
}
