// Bytes, texts and hashes.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const bytesOf = (text) => encoder.encode(text);
export const textOf = (bytes) => decoder.decode(bytes);
export const randomBytes = (count) => crypto.getRandomValues(new Uint8Array(count));

/** Bytes as base64; in slices, because a call takes only so many arguments. */
export function toBase64(bytes) {
  const view = new Uint8Array(bytes);
  let binary = '';
  for (let at = 0; at < view.length; at += 0x8000) binary += String.fromCharCode(...view.subarray(at, at + 0x8000));
  return btoa(binary);
}

export function fromBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** SHA-256 of bytes or of a text in UTF-8, as lower-case hex. */
export async function sha256(content) {
  const bytes = typeof content === 'string' ? bytesOf(content) : content;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
