// The staff exam (article 29): a few questions drawn at random; the result is how many were answered right.

import { html, Component } from './html.js';
import { Choice, Told } from './parts.js';
import { saidOf } from '../visit_view.js';

/** Some of many, each choice equally likely (crypto, no modulo bias worth naming at this size). */
export function drawn(questions, count) {
  const pool = [...questions];
  const taken = [];
  while (taken.length < count && pool.length) {
    const [at] = crypto.getRandomValues(new Uint32Array(1));
    taken.push(...pool.splice(at % pool.length, 1));
  }
  return taken;
}

export class Exam extends Component {
  constructor(props) {
    super(props);
    this.state = { questions: null, answers: {} };
  }

  begin() {
    const { exam } = this.props.view.plan;
    this.setState({ questions: drawn(exam.questions, exam.asked), answers: {} });
  }

  finish() {
    const { view, say } = this.props;
    const { questions, answers } = this.state;
    const right = questions.filter((question) => answers[question.id] === question.right).length;
    say('exam', { file: view.plan.exam.sha256, answers, asked: questions.length, right });
    this.setState({ questions: null });
  }

  render({ view }, { questions, answers }) {
    const result = saidOf(view, 'exam');
    const { exam } = view.plan;
    if (!exam) return html`<p class="quiet">没有题库。</p>`;
    const sample = exam.is_demonstration ? html`<p class="wait">样例题：本局还没有放入自己的题库，结果只作演示。</p>` : null;
    if (questions) {
      const left = questions.filter((question) => answers[question.id] === undefined).length;
      return html`<p>请被考核人自己作答。</p><ol class="exam">${questions.map(
        (question) => html`<li key=${question.id}>
        <p>${question.text}</p>
        <${Choice} label=${question.text} value=${answers[question.id] ?? null}
          options=${question.choices.map((words, index) => [index, words])}
          onChoose=${(index) => this.setState({ answers: { ...answers, [question.id]: index ?? undefined } })} />
            </li>`,
      )}</ol>
        <div class="row"><button type="button" class="main" disabled=${left > 0}
          onClick=${() => this.finish()}>${left ? `还有${left}题` : '交卷'}</button>
        <button type="button" class="second" onClick=${() => this.setState({ questions: null })}>不考了</button></div>`;
    }
    return html`${sample}${result ? html`<${Told} tone="done">答${result.asked}题，对${result.right}题。</${Told}>` : null}
      ${
        view.isLocked
          ? null
          : html`<button type="button" class="second"
        onClick=${() => this.begin()}>${result ? '重新抽题' : `抽${exam.asked}题考核`}</button>`
      }`;
  }
}
