// Pictures as they leave the camera: turned upright, scaled down, encoded anew. Nothing of the original is kept, its
// place and device least of all.

export const LONGEST_SIDE = 1600;
const QUALITY = 0.82;

/** Width and height so that the longer side fits. */
export function fitted(width, height, longest = LONGEST_SIDE) {
  const factor = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

/** A photo from a file or a video frame, upright and scaled, as JPEG bytes. `turns` are further quarter turns. */
export async function preparedPhoto(source, turns = 0) {
  const bitmap = await createImageBitmap(source, { imageOrientation: 'from-image' });
  const { width, height } = fitted(bitmap.width, bitmap.height);
  const isTurned = turns % 2 === 1;
  const canvas = new OffscreenCanvas(isTurned ? height : width, isTurned ? width : height);
  const pen = canvas.getContext('2d');
  pen.translate(canvas.width / 2, canvas.height / 2);
  pen.rotate((turns * Math.PI) / 2);
  pen.drawImage(bitmap, -width / 2, -height / 2, width, height);
  bitmap.close();
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY });
  return blob.arrayBuffer();
}

/** A canvas as PNG bytes: signatures. */
export function canvasBytes(canvas) {
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob.arrayBuffer()) : reject(new Error('The canvas is empty.'))),
      'image/png',
    );
  });
}

const shown = new Map();

/** An address under which a kept picture can be shown; made once for each picture. */
export async function addressOf(store, digest) {
  if (shown.has(digest)) return shown.get(digest);
  const bytes = await store.photoBytes(digest);
  const blob = bytes ? new Blob([bytes]) : await store.picture(digest);
  if (!blob) return null;
  if (!shown.has(digest)) shown.set(digest, URL.createObjectURL(blob));
  return shown.get(digest);
}

/** Forget every shown picture: at the lock, and when somebody else comes. */
export function forgetAddresses() {
  for (const address of shown.values()) URL.revokeObjectURL(address);
  shown.clear();
}
