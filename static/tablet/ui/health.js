// Health certificates of the staff (Food Safety Law, article 45): how many were looked at, and which ends first. No names.

import { html, Component } from './html.js';
import { saidOf } from '../visit_view.js';

/** Half of it is this tablet's alone, like a decision that is not whole: the record takes both, or nothing. */
export class HealthCertificates extends Component {
  async keep(fields) {
    const { app, view, say } = this.props;
    const typed = { ...saidOf(view, 'health'), ...view.meta.health, ...fields };
    await app.work.setMeta(view.id, { health: typed });
    const seen = Number(typed.seen);
    const isWhole = Number.isInteger(seen) && seen > 0 && seen <= 1000 && typed.earliest_until_on;
    if (isWhole) {
      await say('health', { seen, earliest_until_on: typed.earliest_until_on });
      // From here on the record says it, whoever corrects it.
      if (app.work.visits.get(view.id).meta.health === typed) await app.work.setMeta(view.id, { health: null });
    } else if (saidOf(view, 'health')) await say('health', null);
  }

  render({ view }) {
    const { seen = '', earliest_until_on: until = '' } = { ...saidOf(view, 'health'), ...view.meta.health };
    const isHalf = Boolean(seen || until) && !saidOf(view, 'health');
    return html`<div class="pair">
      <label class="text" for="health-seen"><span>查看了几份</span><input id="health-seen" type="text" inputmode="numeric"
        autocomplete="off" maxlength="4" value=${seen} disabled=${view.isLocked}
        onInput=${(event) => this.keep({ seen: event.target.value.trim() })} /></label>
      <label class="text" for="health-until"><span>最早到期日</span><input id="health-until" type="date" value=${until}
        disabled=${view.isLocked} onInput=${(event) => this.keep({ earliest_until_on: event.target.value })} /></label>
    </div>
    ${isHalf && !view.isLocked ? html`<p class="wait">份数（1至1000）和最早到期日都写了，才记入检查记录。</p>` : null}`;
  }
}
