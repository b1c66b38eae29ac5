import { claimUrls } from '../ownUrls.js';
import type { Destination } from '../types.js';
import { keptShots, overdue } from './keptShots.js';
import type { KeptShot } from './keptShots.js';

export type Uploads = ReturnType<typeof createUploads>;

/** Brings images to the server: now, again when it fails, when there is a network again, and on later pages. */
export function createUploads(
  destination: () => (Destination & { readonly uploads: string }) | undefined,
  /** Is told of images that are given up. */
  onDrop: (id: string, reason: string) => void,
) {
  /** Those that the browser did not take, for as long as the page is there. */
  const held = new Map<string, KeptShot>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let tries = 0;
  let isSending = false;
  let isStopped = false;

  async function drop(shot: KeptShot, reason: string): Promise<void> {
    await remove(shot);
    onDrop(shot.id, reason);
  }

  async function remove({ id }: KeptShot): Promise<void> {
    held.delete(id);
    await keptShots.remove(id).catch(() => undefined);
  }

  async function waiting(url: string): Promise<KeptShot[]> {
    const shots = [...held.values(), ...(await keptShots.all().catch(() => []))];
    const gone = overdue(shots, Date.now());
    for (const shot of gone) await drop(shot, 'too_many_or_too_old');
    return shots.filter((shot) => shot.url === url && !gone.includes(shot));
  }

  async function send(): Promise<void> {
    const to = destination();
    // Off or denied: what is on the disk is removed by the client, if it has to be.
    if (to === undefined) held.clear();
    if (isSending || isStopped || to?.consent !== 'granted') return;
    isSending = true;
    clearTimeout(timer);
    try {
      for (const shot of await waiting(to.uploads)) {
        const answer = await post(shot, to);
        if (answer === 'kept') await remove(shot);
        else if (answer !== 'later') await drop(shot, answer);
        else return again();
        tries = 0;
      }
    } finally {
      isSending = false;
    }
  }

  function again(): void {
    tries += 1;
    const wait = Math.min(LONGEST_MS, 1_000 * 2 ** tries) * (0.5 + Math.random() / 2);
    if (!isStopped) timer = setTimeout(resume, wait);
  }

  const resume = () => void send().catch(() => undefined);
  globalThis.addEventListener?.('online', resume);

  return {
    /** Keeps an image until it has arrived, and begins to send it. */
    async keep(id: string, blob: Blob, url: string): Promise<void> {
      const shot = { id, blob, at: Date.now(), url };
      await keptShots.put(shot).catch(() => held.set(id, shot));
      resume();
    },
    resume,
    stop(): void {
      isStopped = true;
      clearTimeout(timer);
      globalThis.removeEventListener?.('online', resume);
    },
  };
}

/** Only an answer that is ours says that it is kept, or never will be. */
async function post(shot: KeptShot, { token }: Destination): Promise<'kept' | 'later' | string> {
  try {
    claimUrls(shot.url);
    const response = await fetch(shot.url, {
      method: 'POST',
      headers: { 'Content-Type': shot.blob.type, ...(token && { 'X-Telemetry-Token': token }) },
      body: shot.blob,
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      // One that never ends would hold up all others. Older browsers have no such signal.
      signal: AbortSignal.timeout?.(LONGEST_UPLOAD_MS),
    });
    const { beaconry, id, error } = (await response.json()) as Record<string, unknown>;
    if (!(Number(beaconry) > 0)) return 'later';
    if (response.ok && id === shot.id) return 'kept';
    return error === 'too_large' || error === 'unsupported_type' ? error : 'later';
  } catch {
    return 'later';
  }
}

const LONGEST_MS = 300_000;
const LONGEST_UPLOAD_MS = 60_000;
