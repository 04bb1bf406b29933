// The unit link: on a slip of its own or on the screen, and handed over only where the lead says so.

import { html, Component } from './html.js';
import { Choice, Doing } from './parts.js';
import { Code } from './paper.js';
import { PrintButtons } from './print.js';
import { saidOf } from '../visit_view.js';

const HANDED = [
  ['yes', '已交给现场负责人'],
  ['no', '没有交付'],
];

/** What the lead does with the link; the second inspector's tablet has another link, which is not this visit's. */
export class LinkSlip extends Component {
  async show() {
    const { app, view } = this.props;
    const link = await app.work.linkOf(view.id);
    if (link) await app.work.setMeta(view.id, { linkShown: true });
    this.setState({ isOpen: true });
  }

  render({ app, view, say }, { isOpen = false }) {
    if (!view.isLead) return null;
    const { link, linkShown, linkKept } = view.meta;
    const handed = saidOf(view, 'link');
    // A slip that went out and was not said to be handed over would lead nowhere: either answer is one.
    const mark = async (answer) => {
      if (answer === 'yes') await say('link', { token_hash: link.token_hash });
      else if (handed) await say('link', null);
      await app.work.setMeta(view.id, { linkKept: answer === 'no' });
    };
    return html`<div class="slip-block">
      <${PrintButtons} app=${app} view=${view} document="slip">
        ${
          isOpen
            ? html`<button type="button" class="second" onClick=${() => this.setState({ isOpen: false })}>收起二维码</button>`
            : html`<${Doing} kind="second" onPress=${() => this.show()}>屏幕出示</${Doing}>`
        }
      </${PrintButtons}>
      ${isOpen ? html`<${Shown} link=${link} />` : null}
      ${
        link && linkShown
          ? html`<${Choice} label="单位链接" value=${handed ? 'yes' : linkKept ? 'no' : null} options=${HANDED} onChoose=${mark} />`
          : html`<p class="quiet">打印或在屏幕上出示之后，才能记为已交付。</p>`
      }
    </div>`;
  }
}

function Shown({ link }) {
  if (!link) return html`<p>租到本机的单位链接用完了；联网更新名单后再出示。</p>`;
  return html`<div class="shown-link"><${Code} text=${link.address} />
    <p>请现场负责人用手机扫码，保存打开的网址。检查记录上传之后才能查看。只给本单位，请勿转发。</p></div>`;
}
