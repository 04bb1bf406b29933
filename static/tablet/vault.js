// Data at rest: AES-GCM under a random key, which is wrapped by the PIN and by the bureau's public recovery key.
// The key itself is stored nowhere; what is stored of it is a "vault" record.

import { bytesOf, textOf, toBase64, fromBase64, randomBytes } from './bytes.js';

export const ROUNDS = 600000;
export const SHORTEST_PIN = 6;

/** Why a PIN cannot be used, or null. */
export function faultOfPin(pin) {
  if (!/^\d+$/.test(pin)) return 'PIN 只能是数字';
  if (pin.length < SHORTEST_PIN) return `PIN 至少${SHORTEST_PIN}位`;
  if (/^(\d)\1+$/.test(pin) || '01234567890123456789'.includes(pin) || '98765432109876543210'.includes(pin)) {
    return 'PIN 太容易猜：不要用重复或连续的数字';
  }
  return null;
}

/** How long to wait after so many wrong PINs in a row, in seconds. Nothing is ever erased. */
export const waitAfter = (wrong) => [0, 0, 0, 5, 15, 60][wrong] ?? 300;

/** A new random key with its vault record; the record may be stored, the key may not. */
export async function makeVault(pin, recovery, now) {
  const raw = randomBytes(32);
  const vault = {
    made_at: now,
    pin: await wrapByPin(raw, pin),
    recovery: recovery ? await wrapByRecovery(raw, recovery) : null,
  };
  return { vault, key: await keyOf(raw) };
}

/** The key behind a PIN, or null where the PIN is wrong; the record may come back renewed (a new recovery key). */
export async function openVault(vault, pin, recovery = null) {
  const raw = await unwrapByPin(vault.pin, pin);
  if (raw === null) return null;
  const isNewKey = recovery && recovery.fingerprint !== vault.recovery?.fingerprint;
  const renewed = isNewKey ? { ...vault, recovery: await wrapByRecovery(raw, recovery) } : vault;
  return { key: await keyOf(raw), vault: renewed };
}

/** The vault record under another PIN, or null where the old one is wrong. */
export async function changePin(vault, oldPin, newPin) {
  const raw = await unwrapByPin(vault.pin, oldPin);
  return raw === null ? null : { ...vault, pin: await wrapByPin(raw, newPin) };
}

async function wrapByPin(raw, pin) {
  const salt = randomBytes(16);
  const iv = randomBytes(12);
  const key = await keyFromWords(pin, salt, ROUNDS);
  const wrapped = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, raw);
  return { salt: toBase64(salt), rounds: ROUNDS, iv: toBase64(iv), wrapped: toBase64(wrapped) };
}

async function unwrapByPin({ salt, rounds, iv, wrapped }, pin) {
  const key = await keyFromWords(pin, fromBase64(salt), rounds);
  try {
    return new Uint8Array(
      await crypto.subtle.decrypt({ name: 'AES-GCM', iv: fromBase64(iv) }, key, fromBase64(wrapped)),
    );
  } catch (fault) {
    if (fault.name === 'OperationError') return null;
    throw fault;
  }
}

async function keyFromWords(words, salt, rounds) {
  const material = await crypto.subtle.importKey('raw', bytesOf(words), 'PBKDF2', false, ['deriveKey']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds };
  return crypto.subtle.deriveKey(how, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** A key under the bureau's public recovery key (PEM), for an administrator who holds the private half. */
export async function wrapByRecovery(raw, { fingerprint, public_key }) {
  const der = fromBase64(public_key.replace(/-----[^-]+-----|\s/g, ''));
  const key = await crypto.subtle.importKey('spki', der, { name: 'RSA-OAEP', hash: 'SHA-256' }, false, ['encrypt']);
  return { fingerprint, wrapped: toBase64(await crypto.subtle.encrypt({ name: 'RSA-OAEP' }, key, raw)) };
}

const keyOf = (raw) => crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);

/** Bytes sealed for one place; moved to another place they cannot be opened. */
export async function seal(key, place, bytes) {
  const iv = randomBytes(12);
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: bytesOf(place) }, key, bytes);
  return { iv, data };
}

export const open = (key, place, { iv, data }) =>
  crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: bytesOf(place) }, key, data);

/** A value sealed as JSON, and back. */
export const sealValue = (key, place, value) => seal(key, place, bytesOf(JSON.stringify(value)));
export const openValue = async (key, place, sealed) => JSON.parse(textOf(await open(key, place, sealed)));

const CODE_LETTERS = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** A one-time code for a file: 15 characters of 5 bits, in groups, without letters that look alike. */
export function newFileCode() {
  const letters = Array.from(randomBytes(15), (byte) => CODE_LETTERS[byte % 32]).join('');
  return letters.match(/.{5}/g).join('-');
}

/** A new key for a file, with the ways in which the file carries it. */
export async function makeFileKey(code, recovery) {
  const raw = randomBytes(32);
  const keys = [{ kind: 'code', ...(await wrapByPin(raw, plainCode(code))) }];
  if (recovery) keys.unshift({ kind: 'recovery', ...(await wrapByRecovery(raw, recovery)) });
  return { key: await keyOf(raw), keys };
}

/** The key of a file by its code, or null where the code is wrong. */
export async function openFileKey(keys, code) {
  const byCode = keys.find((one) => one.kind === 'code');
  const raw = byCode ? await unwrapByPin(byCode, plainCode(code)) : null;
  return raw === null ? null : keyOf(raw);
}

const plainCode = (code) => code.toUpperCase().replace(/[^0-9A-Z]/g, '');
