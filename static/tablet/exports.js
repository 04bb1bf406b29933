// Files that leave a tablet: one visit under a one-time code, or a whole store as it lies on the disk, which only the
// holder of the bureau's recovery key can open. docs/tablet-sync.md describes the format.

import { toBase64, fromBase64 } from './bytes.js';
import { photoId } from './storage.js';
import { seal, open, sealValue, openValue, makeFileKey, openFileKey, newFileCode } from './vault.js';

const FORMAT = 'hhb-tablet-export';
const VERSION = 1;

/** A file that this application did not write, or that was cut on its way. */
export class FileFault extends Error {}

const head = (tablet, user) => ({
  format: FORMAT,
  version: VERSION,
  tablet,
  account: { id: user.account, name: user.name },
  made_at: new Date().toISOString(),
});

/** Everything of one user, sealed as it is: needs no PIN, and no PIN opens it. */
export async function exportStore({ store, tablet, user, withReceived }) {
  const rows = await store.sealedRows({ withReceived });
  const keys = user.vault.recovery ? [{ kind: 'recovery', ...user.vault.recovery }] : [];
  const records = rows.map(({ store: name, row: { id, iv, data, ...clear } }) => ({
    store: name,
    id,
    clear,
    iv: toBase64(iv),
    data: toBase64(data),
  }));
  return JSON.stringify({ ...head(tablet, user), keys, records });
}

/** One visit under a new code; gives the file's text and the code, which is shown once and stored nowhere. */
export async function exportVisit({ visit, store, tablet, user, recovery }) {
  const code = newFileCode();
  const { key, keys } = await makeFileKey(code, recovery);
  const records = [
    await record(key, 'visits', visit.meta.id, {}, { meta: visit.meta, plan: visit.plan }),
    ...(await Promise.all(
      visit.changes.map(({ id, visit: of, state, order, ...rest }) =>
        record(key, 'changes', id, { visit: of, state, order }, { id, visit: of, ...rest }),
      ),
    )),
  ];
  for (const photo of visit.photos) {
    const id = photoId(photo);
    const { iv, data } = await seal(key, `photos/${id}`, await store.photoBytes(photo.sha256));
    records.push({ store: 'photos', id, clear: photo, iv: toBase64(iv), data: toBase64(data) });
  }
  return { code, text: JSON.stringify({ ...head(tablet, user), keys, records }) };
}

async function record(key, store, id, clear, value) {
  const { iv, data } = await sealValue(key, `${store}/${id}`, value);
  return { store, id, clear, iv: toBase64(iv), data: toBase64(data) };
}

/** What a draft's file holds: meta, plan, changes, photos with bytes; null where the code is wrong. */
export async function readVisitFile(text, code) {
  const file = parsed(text);
  const key = await openFileKey(file.keys, code);
  if (!key) return null;
  const found = { account: file.account, changes: [], photos: [] };
  for (const row of file.records) {
    const sealed = { iv: fromBase64(row.iv), data: fromBase64(row.data) };
    const place = `${row.store}/${row.id}`;
    if (row.store === 'photos') found.photos.push({ ...row.clear, bytes: await open(key, place, sealed) });
    else if (row.store === 'changes') found.changes.push({ ...(await openValue(key, place, sealed)), ...row.clear });
    else if (row.store === 'visits') Object.assign(found, await openValue(key, place, sealed));
  }
  if (!found.meta || !found.plan) throw new FileFault('文件里没有检查草稿；请选择“导出草稿”得到的文件。');
  return found;
}

function parsed(text) {
  let file;
  try {
    file = JSON.parse(text);
  } catch {
    throw new FileFault('文件不完整或不是草稿文件；请重新导出。');
  }
  if (file?.format !== FORMAT || !Array.isArray(file.records)) throw new FileFault('这不是从检查平板导出的文件。');
  if (file.version > VERSION) throw new FileFault('文件来自更新的版本；请先更新本机的应用。');
  return file;
}

/** Hand a file to the browser's own download. */
export function saveFile(text, name) {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}
