import { warn } from './explain.js';

/** Says what a call takes. The words for it are fetched: only in debug mode are they said. */
export async function explainMisuse(kind: number, fields: object, at: number): Promise<void> {
  try {
    const { describeMisuse } = await import('./describeMisuse.js');
    warn(describeMisuse(kind, fields as Record<string, unknown>, at));
  } catch {
    // The file is gone, or this is a service worker, which fetches none.
    warn('a call got what it does not take: see the types of the package');
  }
}
