import { test, same, ok } from './testing.js';
import { bytesOf, fromBase64, sha256, toBase64 } from '/static/tablet/bytes.js';
import {
  changePin,
  faultOfPin,
  makeFileKey,
  makeVault,
  newFileCode,
  open,
  openFileKey,
  openValue,
  openVault,
  sealValue,
  waitAfter,
  ROUNDS,
} from '/static/tablet/vault.js';

async function bureauKey() {
  const how = { name: 'RSA-OAEP', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const pair = await crypto.subtle.generateKey(how, true, ['encrypt', 'decrypt']);
  const der = toBase64(await crypto.subtle.exportKey('spki', pair.publicKey));
  return {
    pair,
    recovery: { fingerprint: 'f', public_key: `-----BEGIN PUBLIC KEY-----\n${der}\n-----END PUBLIC KEY-----\n` },
  };
}

test('a PIN has at least six digits and none that everybody guesses', () => {
  ok(faultOfPin('12345'));
  ok(faultOfPin('123456'));
  ok(faultOfPin('777777'));
  ok(faultOfPin('48392a'));
  same(faultOfPin('483920'), null);
});

test('the derivation costs at least 600,000 rounds', () => ok(ROUNDS >= 600000));

test('wrong PINs wait longer and longer, and never for ever', () => {
  same(
    [1, 2, 3, 4, 5, 6, 7, 100].map((wrong) => waitAfter(wrong)),
    [0, 0, 5, 15, 60, 300, 300, 300],
  );
});

test('the PIN opens, another PIN does not, and a changed one opens the same', async () => {
  const { vault, key } = await makeVault('483920', null, 'now');
  const sealed = await sealValue(key, 'facts/x', { secret: '甲' });
  same(await openVault(vault, '483921'), null);
  const again = await openVault(vault, '483920');
  same(await openValue(again.key, 'facts/x', sealed), { secret: '甲' });
  same(await changePin(vault, '000001', '593821'), null);
  const moved = await changePin(vault, '483920', '593821');
  same(await openVault(moved, '483920'), null);
  same(await openValue((await openVault(moved, '593821')).key, 'facts/x', sealed), { secret: '甲' });
});

test('the bureau opens with its private key what the PIN protects', async () => {
  const { pair, recovery } = await bureauKey();
  const { vault, key } = await makeVault('483920', recovery, 'now');
  const raw = await crypto.subtle.decrypt({ name: 'RSA-OAEP' }, pair.privateKey, fromBase64(vault.recovery.wrapped));
  const same32 = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['decrypt']);
  const sealed = await sealValue(key, 'facts/x', 7);
  same(await openValue(same32, 'facts/x', sealed), 7);
});

test('a new recovery key of the bureau is taken up at the next opening', async () => {
  const { recovery } = await bureauKey();
  const { vault } = await makeVault('483920', null, 'now');
  const opened = await openVault(vault, '483920', recovery);
  same([vault.recovery, opened.vault.recovery.fingerprint], [null, 'f']);
});

test('a value cannot be moved to another place', async () => {
  const { key } = await makeVault('483920', null, 'now');
  const sealed = await sealValue(key, 'changes/a', 1);
  let fault = null;
  try {
    await open(key, 'changes/b', sealed);
  } catch (found) {
    fault = found.name;
  }
  same(fault, 'OperationError');
});

test('nothing of the key or of a value stands in the stored record', async () => {
  const { vault, key } = await makeVault('483920', null, 'now');
  const raw = await crypto.subtle.exportKey('raw', key).catch((fault) => fault.name);
  same(raw, 'InvalidAccessError');
  ok(!JSON.stringify(vault).includes('483920'));
});

test('a file opens with its code however it is typed, and not with another', async () => {
  const code = newFileCode();
  ok(/^[2-9A-Z]{5}-[2-9A-Z]{5}-[2-9A-Z]{5}$/.test(code), code);
  const { key, keys } = await makeFileKey(code, null);
  const sealed = await sealValue(key, 'x/1', 'y');
  same(await openValue(await openFileKey(keys, ` ${code.toLowerCase().replaceAll('-', ' ')}`), 'x/1', sealed), 'y');
  same(await openFileKey(keys, newFileCode()), null);
});

test('hashes and base64 agree with their standards', async () => {
  same(await sha256('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  const bytes = bytesOf('红黑榜'.repeat(50000));
  same(fromBase64(toBase64(bytes)).length, bytes.length);
});
