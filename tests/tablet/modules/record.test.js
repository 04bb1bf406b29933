import { test, same, ok } from './testing.js';
import { viewOf, standingChanges, heldOfOthers, lettersOf } from '/static/tablet/visit_view.js';
import { recordText, noticeParagraphs } from '/static/tablet/record_text.js';
import {
  itemsWaitFor,
  isSettled,
  missingOfNotice,
  openStep,
  recordWaitsFor,
  signingWaitsFor,
  stepsOf,
} from '/static/tablet/procedure.js';
import { composedOrders, missingOfDecision, needsReason, ordersAreStale } from '/static/tablet/decision.js';
import { unusedLinks, unusedNumbers, withNewLinks } from '/static/tablet/numbers.js';
import { dayOf, daysLater, shownDay, shownInstant, shownSpan } from '/static/tablet/days.js';
import { clockSentence, statusLine, statusSentence } from '/static/tablet/status_words.js';
import { fitted } from '/static/tablet/photos.js';

const plan = {
  assignment: { items: [], not_applicable: { 3: '只适用于学校食堂' }, campaign: { issue_no: 11, theme: '饺子馆' } },
  unit: {
    code: '7K3M-92QF',
    sign_name: '福满源',
    licence_name: '福满源餐饮有限公司',
    address: '柳口路28号',
    licence_number: 'JY1',
    visits_this_year: 1,
    last_visits: [],
  },
  checklist: {
    id: 'c',
    title: '要点表',
    sha256: 'a'.repeat(64),
    items: [
      { code: '1', section: '甲', mark: 'key', text: '许可证有效', place: 'front', measure: null },
      {
        code: '2',
        section: '甲',
        mark: 'general',
        text: '冷藏温度',
        place: 'front',
        measure: { label: '冷藏温度', unit: '℃', at_most: 8, basis: 'assumed' },
      },
      {
        code: '3',
        section: '乙',
        mark: 'general',
        text: '学校公示',
        place: 'front',
        measure: null,
        provisional: true,
      },
    ],
  },
  words: {
    places: [{ id: 'front', zh: '门口' }],
    words: [{ id: 'warm', text: '温度过高', items: ['c/2'] }],
    handlings: [{ id: 'written_deadline', zh: '书面责令限期整改' }],
    guest_roles: [{ id: 'deputy', zh: '人大代表' }],
    told_ways: [{ id: 'paper', zh: '当场打印' }],
    obstruction_grounds: [{ id: 'entry', zh: '拒绝进入' }],
  },
  people: [
    { id: 3, name: '刘洋', certificate_number: '001' },
    { id: 4, name: '王芳', certificate_number: '002' },
  ],
  authority: { name: '某区市场监督管理局' },
  rules: null,
  isDemonstration: false,
};
const nothing = { result: null, because: [], missing: [] };
let number = 0;
const said = (key, value, fields = {}) => ({
  id: `id${(number += 1)}`,
  key,
  value,
  replaces: [],
  account: 3,
  tablet: 't1',
  made_at: '2026-11-25T02:00:00Z',
  received_at: null,
  state: 'unsent',
  ...fields,
});
const opening = () =>
  said('visit', {
    unit: '7K3M-92QF',
    kind: 'campaign',
    source: 'draw',
    reason: '',
    lead: 3,
    second: 4,
    opened_at: '2026-11-25T02:00:00Z',
  });
const view = (changes, meta = {}) => viewOf({ id: 'v', changes, plan, account: 3, meta: { state: 'open', ...meta } });
const drawn = { drawing: 'd'.repeat(64), at: '2026-11-25T02:01:00Z' };

/** Everything until the signature, in the legal order. */
function whole() {
  return [
    opening(),
    said('certificates', { shown: true, at: '2026-11-25T02:01:00Z' }),
    said('notice', { recusal: 'asked', note: '', place: '' }),
    said('signature/notice_operator', drawn),
    said('signature/notice_lead', drawn),
    said('signature/notice_second', drawn),
    said('item/1', { answer: 'pass' }),
    said('item/2', {
      answer: 'fail',
      safety: true,
      words: ['warm'],
      remark: '15度',
      deadline_on: '2026-12-02',
      photos: ['p'],
      measure: { value: 15, unit: '℃' },
    }),
    said('guests', [{ role: 'deputy', count: 2 }]),
    said('decision', { result: 'basically_compliant', handling: 'written_deadline', suggested: null, reason: '' }),
    said('told', { at: '2026-11-25T02:30:00Z', how: 'paper' }),
  ];
}

test('items wait for certificates, the recusal question and the signatures of the notice page', () => {
  ok(itemsWaitFor(view([opening()])).includes('执法证'));
  same(missingOfNotice(view(whole().slice(0, 2))).length, 4);
  same(itemsWaitFor(view(whole())), null);
  same(openStep(view([opening()]), nothing), 'papers');
});

test('the second inspector may take the lead’s word for the notice page', () => {
  same(itemsWaitFor(view([opening()], { noticeElsewhere: true })), null);
});

test('an applied recusal stops the items until the head has ruled', () => {
  const changes = whole().filter((change) => change.key !== 'notice');
  ok(itemsWaitFor(view([...changes, said('notice', { recusal: 'applied', note: '认识老板' })])));
  ok(
    itemsWaitFor(view([...changes, said('notice', { recusal: 'applied', note: '认识老板\n决定：回避，改派人员' })])),
  );
  same(
    itemsWaitFor(
      view([...changes, said('notice', { recusal: 'applied', note: '认识老板\n决定：不予回避，检查继续' })]),
    ),
    null,
  );
});

test('a refused signature stands with its reason and a witness or a recording', () => {
  ok(!isSettled({ refused: true, reason: '拒签' }));
  ok(!isSettled({ refused: true, witness: '李四' }));
  ok(isSettled({ refused: true, reason: '拒签', witness: '李四' }));
  ok(isSettled({ refused: true, reason: '拒签', recording: 'r' }));
});

test('the record waits for every item, a whole decision and orders that fit, each in words', () => {
  same(recordWaitsFor(view(whole()), nothing), []);
  ok(recordWaitsFor(view(whole().filter((change) => change.key !== 'item/1')), nothing)[0].includes('1项未查'));
  ok(recordWaitsFor(view(whole().filter((change) => change.key !== 'decision')), nothing)[0].includes('检查结果'));
  ok(
    recordWaitsFor(
      view([...whole(), said('orders', [{ items: ['1'], text: 'x', deadline_on: null }])]),
      nothing,
    )[0].includes('责令改正'),
  );
  same(signingWaitsFor(view(whole()), nothing).length, 3);
});

test('a conflict blocks the record whatever else is there', () => {
  const changes = [...whole(), said('item/1', { answer: 'fail' }, { account: 4, tablet: 't2' })];
  same(view(changes).conflicts, ['item/1']);
  ok(recordWaitsFor(view(changes), nothing)[0].includes('不一致'));
});

test('a decision that differs from the suggestion needs a reason, an open suggestion needs none', () => {
  const decision = { result: 'compliant', handling: 'none', reason: ' ' };
  ok(needsReason(decision, { result: 'non_compliant' }));
  ok(!needsReason(decision, { result: null }));
  same(missingOfDecision(decision, { result: 'non_compliant' }), ['与建议不同的理由']);
  same(missingOfDecision({ ...decision, reason: '现场已改' }, { result: 'non_compliant' }), []);
});

test('orders follow the findings: one for each day, one for what was put right at once', () => {
  const changes = [
    ...whole().filter((change) => change.key !== 'item/1'),
    said('item/1', { answer: 'fail', safety: false, corrected_on_spot: true, remark: '已换' }),
  ];
  same(
    composedOrders(view(changes)).map((order) => [order.items, order.deadline_on]),
    [
      [['1'], null],
      [['2'], '2026-12-02'],
    ],
  );
  ok(!ordersAreStale(view(changes)));
});

test('the text of the record names who, which unit, every count, finding, order and how it was told', () => {
  const text = recordText(view(whole()), '食检〔2026〕000001号');
  for (const words of [
    '食检〔2026〕000001号',
    '福满源餐饮有限公司（牌匾：福满源）',
    '刘洋（执法证号 001）',
    '本年度第2次检查',
    '共3项',
    '重点项检查1项：1。发现问题0项。',
    '一般项检查1项：2。发现问题1项：2。',
    '不适用1项：3（只适用于学校食堂）',
    '影响食品安全；温度过高；15度',
    '2026年12月2日前改正，照片1张',
    '2 冷藏温度：15 ℃',
    '人大代表 2人',
    '检查结果：基本符合',
    '当场打印',
    '1项为暂代项',
  ]) {
    ok(text.includes(words), `${words} is missing in\n${text}`);
  }
  ok(!text.includes('undefined') && !text.includes('null'));
});

test('saying what was preset and composed does not change a letter of the text', () => {
  const changes = whole();
  const before = view(changes);
  const after = view([
    ...changes,
    said('item/3', { answer: 'na', na_reason: '只适用于学校食堂' }),
    said('orders', before.orders),
  ]);
  same(recordText(after, 'n'), recordText(before, 'n'));
});

test('a unit without a single finding has a whole record too', () => {
  const changes = whole().map((change) =>
    change.key === 'item/2' ? { ...change, value: { answer: 'pass' } } : change,
  );
  same(recordWaitsFor(view(changes), nothing), []);
  ok(!recordText(view(changes), 'n').includes('责令改正：'));
});

test('a visit that could not take place says why, and asks for no items', () => {
  const changes = [opening(), said('obstruction', { ground: 'entry', note: '关门', photos: [] })];
  same(recordWaitsFor(view(changes), nothing), []);
  const text = recordText(view(changes), 'n');
  ok(text.includes('未能检查') && text.includes('拒绝进入') && text.includes('关门'));
  same(openStep(view(changes), nothing), 'closing');
});

test('a closed door waits for a photo of it and for the two inspectors, another ground for its words', () => {
  const closed = (fields) => view([opening(), said('obstruction', { ground: 'closed_door', note: '', ...fields })]);
  same(recordWaitsFor(closed({ photos: [] }), nothing), ['拍一张关门的现场照片']);
  same(signingWaitsFor(closed({ photos: ['p'] }), nothing), ['主检人员签名', '检查人员签名']);
  same(recordWaitsFor(closed({ ground: 'other', photos: [] }), nothing), ['写明无法检查的经过']);
});

test('the unit may refuse to sign, an inspector may not', () => {
  const refusal = { refused: true, reason: '拒签', witness: '李四' };
  const left = (who) => signingWaitsFor(view([...whole(), said(`signature/${who}`, refusal)]), nothing).length;
  same([left('operator'), left('lead'), left('second')], [2, 3, 3]);
});

test('a signature freezes what it covers; what it does not cover is an addendum however early it arrived', () => {
  const changes = whole();
  const late = said('item/1', { answer: 'fail' }, { account: 4, tablet: 't2' });
  const signed = said('signed', { text: 'x', covers: changes.map((change) => change.id) });
  const frozen = view([...changes, late, signed], { state: 'signed' });
  same([frozen.isLocked, frozen.conflicts, frozen.addenda.map((change) => change.id)], [true, [], [late.id]]);
  same(frozen.answers.get('1').answer, 'pass');
});

test('a returned visit is open again until its lead has signed anew', () => {
  const changes = whole();
  const covers = changes.map((change) => change.id);
  const first = said('signed', { text: 'x', covers }, { state: 'received' });
  ok(!view([...changes, first], { state: 'returned' }).isLocked);
  const second = said('signed', { text: 'y', covers }, { replaces: [first.id] });
  ok(view([...changes, first, second], { state: 'returned' }).isLocked, 'signed anew, not yet received');
  same(standingChanges([...changes, first, second], 'signed').signed.id, second.id);
});

test('what is held of the other tablet is named item by item, with when it was last heard', () => {
  const changes = [
    opening(),
    said('item/10', {}, { tablet: 't2', account: 4, received_at: 'r1' }),
    said('item/2', {}, { tablet: 't2', account: 4, received_at: 'r2' }),
    said('item/2', {}, { tablet: 't1', account: 3, received_at: 'r3' }),
  ];
  same(heldOfOthers(changes, 't1'), [{ tablet: 't2', account: 4, heard_at: 'r2', codes: ['2', '10'] }]);
});

test('letters are given for the whole checklist', () => same(lettersOf(view(whole())), { 1: 'P', 2: 'S', 3: 'N' }));

test('the notice page names both inspectors with their certificates and the right to refuse', () => {
  const text = noticeParagraphs(view([opening()])).join('\n');
  for (const words of ['刘洋（执法证号 001）', '王芳（执法证号 002）', '有权拒绝检查', '申请其回避'])
    ok(text.includes(words), words);
});

test('the steps stand in the legal order', () => {
  same(
    stepsOf(view(whole()), nothing).map((step) => step.id),
    ['papers', 'notice', 'items', 'findings', 'decision', 'closing'],
  );
});

test('a leased number or link is used once, and new links never push out old ones', () => {
  same(unusedNumbers(['1', '2', '3'], ['1', '3']), ['2']);
  const held = [{ token_hash: 'a' }, { token_hash: 'b' }];
  same(
    withNewLinks(held, [{ token_hash: 'b' }, { token_hash: 'c' }]).map((link) => link.token_hash),
    ['a', 'b', 'c'],
  );
  same(unusedLinks(held, ['a']), [{ token_hash: 'b' }]);
});

test('a day is the day of Shanghai on both sides of local midnight', () => {
  same([dayOf('2026-11-24T15:59:59Z'), dayOf('2026-11-24T16:00:00Z')], ['2026-11-24', '2026-11-25']);
  same(
    [daysLater('2026-12-30', 7), shownDay('2026-11-06', '2026-11-25'), shownDay('2025-11-06', '2026-11-25')],
    ['2027-01-06', '11月6日', '2025年11月6日'],
  );
  same(
    [shownInstant('2026-11-25T02:42:00Z', '2026-11-25T09:00:00Z'), shownSpan(12 * 60000)],
    ['今天 10:42', '12分钟'],
  );
});

test('the status always says how much has no receipt and where it is', () => {
  const counts = { changes: 21, photos: 2, refused: 0, unsaved: 0 };
  same(statusLine({ state: 'offline' }, counts, 0, null), {
    network: '无网络',
    text: '23条已存本机，待上传',
    tone: 'wait',
  });
  ok(
    statusLine(
      { state: 'online' },
      { changes: 0, photos: 0, refused: 0, unsaved: 0 },
      Date.now(),
      '2026-11-25T02:42:00Z',
    ).text.startsWith('全部已送达'),
  );
  same(statusLine({ state: 'online' }, { ...counts, unsaved: 1 }, 0, null).tone, 'fail');
  for (const state of ['signed_out', 'revoked', 'busy', 'failed', 'unreachable'])
    ok(statusSentence({ state, sentence: '' }, counts).includes('本机'), state);
});

test('a wrong clock is shown with its direction, a small difference is not', () => {
  ok(clockSentence(12 * 60000).includes('慢了12分钟'));
  ok(clockSentence(-12 * 60000).includes('快了'));
  same([clockSentence(30000), clockSentence(null)], [null, null]);
});

test('a picture is scaled to its longer side and never enlarged', () => {
  same(
    [fitted(4000, 3000), fitted(3000, 4000), fitted(800, 600), fitted(9000, 2)],
    [
      { width: 1600, height: 1200 },
      { width: 1200, height: 1600 },
      { width: 800, height: 600 },
      { width: 1600, height: 1 },
    ],
  );
});

test('a signature that was refused, or rests on something refused for good, opens the visit again and says why', () => {
  const changes = whole();
  const covers = changes.map((change) => change.id);
  const refused = said(
    'signed',
    { text: 'x', covers, record_number: 'n' },
    { state: 'refused', refusal: '换一个编号', refusal_word: 'number_not_leased' },
  );
  const again = view([...changes, refused]);
  same([again.isLocked, again.refusal], [false, { sentence: '换一个编号', word: 'number_not_leased' }]);
  const waiting = said('signed', { text: 'x', covers });
  const broken = changes.map((change, index) =>
    index === 3 ? { ...change, state: 'refused', refusal: '不对' } : change,
  );
  same([view([...changes, waiting]).isLocked, view([...broken, waiting]).isLocked], [true, false]);
});
