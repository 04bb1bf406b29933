// One visit: the steps of the legal order above, the step in the middle, what follows and the next thing to do below.

import { html, Component } from './html.js';
import { Head, Notices } from './chrome.js';
import { Told } from './parts.js';
import { Papers } from './step_papers.js';
import { NoticePage } from './step_notice.js';
import { Items, Stations, focusItem } from './step_items.js';
import { Findings } from './step_findings.js';
import { Decision } from './step_decision.js';
import { Closing } from './step_closing.js';
import { Obstruction } from './obstruction.js';
import { Conflicts } from './conflict.js';
import { stepsOf, itemsWaitFor, missingOfObstruction } from '../procedure.js';
import { nextUnanswered, stationsOf } from '../checklist.js';
import { nameOf, shortFacts } from '../unit_facts.js';
import { KINDS, decisionOf, resultWords } from '../visit_view.js';
import { handlingInWords } from '../record_text.js';
import { missingOfDecision } from '../decision.js';

const SCREENS = {
  papers: Papers,
  notice: NoticePage,
  items: Items,
  findings: Findings,
  decision: Decision,
  closing: Closing,
  obstruction: Obstruction,
};

export class Visit extends Component {
  constructor(props) {
    super(props);
    this.state = { by: 'place', station: null };
  }

  componentDidMount() {
    const { app, id } = this.props;
    app.work.loadVisit(id).then(() => app.notify());
  }

  /** A new step, and the record that has just been signed, are read from their top. */
  componentDidUpdate() {
    const { app, id } = this.props;
    const place = `${app.route.step} ${app.work?.view(id)?.isLocked}`;
    if (place !== this.place) document.querySelector('.frame > main')?.scrollTo(0, 0);
    this.place = place;
  }

  get stations() {
    const view = this.props.app.work.view(this.props.id);
    return stationsOf(view.items, view.last, view.plan.words.places, this.state.by);
  }

  /** Where the next item without an answer stands: go there, show it, and put the focus on its answers. */
  next(after = null) {
    const { app, id } = this.props;
    const view = app.work.view(id);
    const step = nextUnanswered(this.stations, view.answers, this.station, after);
    if (!step) {
      app.go(`#/visit/${id}/findings`);
      return;
    }
    this.setState({ station: step.station }, () => focusItem(step.code));
  }

  get station() {
    const { stations } = this;
    return stations.some((one) => one.id === this.state.station) ? this.state.station : stations[0]?.id;
  }

  render({ app, id }, { by }) {
    const { work } = app;
    const view = work.view(id);
    if (!view) return html`<main class="opening"><p>正在打开…</p></main>`;
    const suggestion = work.suggestion(id);
    const steps = stepsOf(view, suggestion);
    const step = SCREENS[app.route.step] ? app.route.step : 'papers';
    const Screen = SCREENS[step];
    const isWalk = step === 'items' && !view.obstruction;
    const say = (key, value) => work.say(id, key, value);
    const shared = { app, view, suggestion, say, visit: this };
    return html`<div class=${`frame visit${isWalk ? ' walk' : ''}`}>
      <${Head} app=${app} title=${nameOf(view.plan.unit)} back="#/today" backWords="今天"
        meta=${[shortFacts(view.plan.unit), KINDS[view.opening.kind]].join(' · ')}>
        <${Progress} progress=${view.progress} />
      </${Head}>
      <${StepBar} id=${id} steps=${steps} current=${step} isWhole=${isToldWhole(view.obstruction)} />
      <${Notices} app=${app} isVisit=${true} />
      ${isWalk ? html`<${Stations} visit=${this} stations=${this.stations} view=${view} by=${by} />` : null}
      <main class=${isWalk ? 'walk' : 'column'} tabindex="-1">
        <${Marks} view=${view} />
        <${Conflicts} ...${shared} step=${step} />
        <${Screen} ...${shared} stations=${isWalk ? this.stations : []} station=${isWalk ? this.station : null} />
      </main>
      <${Foot} ...${shared} step=${step} steps=${steps} />
    </div>`;
  }
}

function Progress({ progress }) {
  const { done, total, keyDone, keyTotal } = progress;
  return html`<div class="progress">
    <p>已查${done}/${total}${keyTotal ? html`<span>，重点${keyDone}/${keyTotal}</span>` : null}</p>
    <progress max=${total} value=${done} aria-label="已查项目"></progress></div>`;
}

/** Whether "could not inspect" is told with all that it needs. */
const isToldWhole = (obstruction) => Boolean(obstruction) && missingOfObstruction(obstruction).length === 0;

/** The legal order; a step that waits says for what when it is opened. */
function StepBar({ id, steps, current, isWhole }) {
  return html`<nav class="steps" aria-label="检查步骤"><ol>
    ${steps.map(
      (step, index) => html`<li key=${step.id}><a href=${`#/visit/${id}/${step.id}`}
      class=${step.done ? 'done' : step.waits ? 'waits' : ''} aria-current=${step.id === current ? 'step' : undefined}>
      <span aria-hidden="true">${step.done ? '✓' : index + 1}</span>${step.short}${
        step.done
          ? html`<span
        class="unseen">（已完成）</span>`
          : null
      }</a></li>`,
    )}
  </ol>
  <a class="aside" href=${`#/visit/${id}/obstruction`}
    aria-current=${current === 'obstruction' ? 'step' : undefined}>${isWhole ? '✓ ' : ''}无法检查</a></nav>`;
}

/** What holds of the whole visit and changes what can be done with it. */
function Marks({ view }) {
  if (view.refusal) {
    return html`<${Told} tone="fail">服务器没有收下签名：${view.refusal.sentence}
      内容都在本机，改正后由主检人重新签名。</${Told}>`;
  }
  if (view.isReturned)
    return html`<${Told}
    tone="fail">${returnInWords(view.meta.returned)}</${Told}>`;
  if (view.isLocked) return html`<${Told} tone="done">这次检查已经签名，内容不再改变。</${Told}>`;
  return null;
}

const returnInWords = (returned) =>
  `复核人退回了这次检查：${(returned?.reason || '没有写明理由').replace(/[。．.]+$/, '')}。` +
  '已签名的记录不变；补正后重新告知、重新签名，作为补充记录。';

function Foot({ app, view, suggestion, step, steps, visit }) {
  const wait = itemsWaitFor(view);
  const following = steps[steps.findIndex((one) => one.id === step) + 1];
  return html`<footer class="foot">
    <${Following} view=${view} suggestion=${suggestion} />
    ${
      step === 'items' && !wait && !view.isLocked
        ? html`<button type="button" class="main next"
        onClick=${() => visit.next()}>${view.progress.done < view.progress.total ? '下一个未查项' : '问题与其他'} ›</button>`
        : following && step !== 'obstruction'
          ? html`<a class="main next"
        href=${`#/visit/${view.id}/${following.id}`}>${following.title} ›</a>`
          : step === 'obstruction' && view.obstruction && !view.isLocked
            ? html`<a class="main next"
          href=${`#/visit/${view.id}/closing`}>去签名 ›</a>`
            : html`<a class="main next" href="#/today">回到今天 ›</a>`
    }
  </footer>`;
}

/** What the answers so far lead to by the rules; the inspectors decide. */
function Following({ view, suggestion }) {
  if (view.obstruction) return html`<p><strong>未能检查</strong><span>签名后结束，如实报告</span></p>`;
  const value = suggestion.handlingZh ?? suggestion.resultZh;
  const decided = decisionOf(view);
  if (view.conflicts.length)
    return html`<p><strong>两台平板有${view.conflicts.length}处不一致</strong><span>由主检人决定以后再算</span></p>`;
  if (missingOfDecision(decided, suggestion).length === 0) {
    const words = `${resultWords(view)[decided.result]}，${handlingInWords(view, decided.handling)}`;
    return html`<p>已认定：<strong>${words}</strong><span>建议：${value ?? '无'}</span></p>`;
  }
  const left = view.progress.total - view.progress.done;
  if (left > 0 && !view.failed.length)
    return html`<p><strong>目前没有不符合项</strong><span>还有${left}项未查</span></p>`;
  return html`<p>目前建议：<strong>${value ?? '不能得出'}</strong>
    <span>${suggestion.headline}${suggestion.isAssumed ? '（依据假定值）' : ''} · 由检查人员决定</span></p>`;
}
