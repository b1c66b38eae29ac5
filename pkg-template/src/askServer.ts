import { defer } from './defer.js';
import { asRemote } from './remote.js';
import type { Remote } from './remote.js';

/**
 * Asks the server. Nothing if it cannot be reached in time, or if whoever answers is not ours.
 * The browser's cache keeps the ETag, so an answer that has not changed has no body.
 */
export async function askServer(url: () => string, mayStore: boolean): Promise<Remote | undefined> {
  const { promise, settle } = defer<Remote | undefined>();
  const abort = new AbortController();
  const timer = setTimeout(() => {
    abort.abort();
    settle(undefined);
  }, LONGEST_WAIT_MS);
  void (async () => {
    try {
      const cache = mayStore ? 'no-cache' : 'no-store';
      const response = await fetch(url(), { cache, credentials: 'omit', redirect: 'error', signal: abort.signal });
      settle(response.ok ? asRemote(await response.json()) : undefined);
    } catch {
      settle(undefined);
    }
  })();
  const answer = await promise;
  clearTimeout(timer);
  return answer;
}

const LONGEST_WAIT_MS = 5_000;
