import type { Answer } from './types.ts';

/** After this long without an answer the server counts as unreachable. */
const TIMEOUT_MS = 8_000;

/** Asks one query. Never throws: what went wrong is part of the answer. */
export async function fetchJson<T>(
  path: string,
  decode: (json: unknown) => T | undefined,
): Promise<Answer<T>> {
  let response: Response;
  try {
    response = await fetch(path, {
      cache: 'no-store',
      headers: { Accept: 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    return { ok: false, failure: { kind: 'unreachable' } };
  }
  if (!response.ok) return { ok: false, failure: { kind: 'refused', status: response.status } };
  const json: unknown = await response.json().catch(() => undefined);
  const value = decode(json);
  // A proxy's HTML page with status 200 ends here as well.
  return value === undefined ? { ok: false, failure: { kind: 'unreadable' } } : { ok: true, value };
}
