/** An image that is small enough, and the canvas that shows it. */
export interface Shot {
  readonly id: string;
  readonly blob: Blob;
  readonly canvas: HTMLCanvasElement;
}

/** Whether the screen can be captured here: phones cannot. */
export function canCapture(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === 'function';
}

/** Whether an image can have an id here: only pages that came by https, or from this machine, have `subtle`. */
export function canName(): boolean {
  return globalThis.crypto?.subtle !== undefined;
}

/**
 * One picture of what the user chooses to show. All tracks are stopped when it is taken, when it fails, and
 * when `signal` says that nobody wants it any more. `uncover` is called before it is taken.
 */
export async function captureScreen(uncover: () => void, signal: AbortSignal): Promise<Shot> {
  const options = { video: true, preferCurrentTab: true, selfBrowserSurface: 'include' };
  const stream = await navigator.mediaDevices.getDisplayMedia(options as DisplayMediaStreamOptions);
  const stop = () => stream.getTracks().forEach((track) => track.stop());
  signal.addEventListener('abort', stop);
  try {
    signal.throwIfAborted();
    uncover();
    const video = document.createElement('video');
    video.muted = true;
    video.srcObject = stream;
    await video.play();
    // The first frames may be of what was covered.
    await new Promise((shown) => setTimeout(shown, SETTLE_MS));
    return await shrink(video, video.videoWidth, video.videoHeight);
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}

/** An image that the user has chosen. Drawing it anew leaves what a camera wrote into it behind. */
export async function readImage(file: Blob): Promise<Shot> {
  const bitmap = await createImageBitmap(file);
  try {
    return await shrink(bitmap, bitmap.width, bitmap.height);
  } finally {
    bitmap.close();
  }
}

async function shrink(source: CanvasImageSource, width: number, height: number): Promise<Shot> {
  const canvas = document.createElement('canvas');
  for (const [scale, quality] of attempts(width, height)) {
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    canvas.getContext('2d')?.drawImage(source, 0, 0, canvas.width, canvas.height);
    const blob = await encode(canvas, quality);
    if (blob.size <= MOST_BYTES) return { id: await hashOf(blob), blob, canvas };
  }
  throw new Error('too large');
}

/** Scales and qualities, the best first. */
export function attempts(width: number, height: number): [scale: number, quality: number][] {
  const first = Math.min(1, MOST_PIXELS / Math.max(width, height));
  return [1, 0.7, 0.5, 0.25].flatMap((part) => [0.85, 0.6].map((quality): [number, number] => [first * part, quality]));
}

/** WebP; where a browser cannot write it, JPEG. */
async function encode(canvas: HTMLCanvasElement, quality: number): Promise<Blob> {
  for (const type of ['image/webp', 'image/jpeg']) {
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, type, quality));
    if (blob?.type === type) return blob;
  }
  throw new Error('no image');
}

async function hashOf(blob: Blob): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer());
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** As the server takes. */
const MOST_BYTES = 1_048_576;
const MOST_PIXELS = 2_560;
const SETTLE_MS = 300;
