import type { FolderStorage } from './createFolderStorage.js';
import type { LockFiles } from './createLockFiles.js';

export type Scope = ReturnType<typeof createScope>;

/**
 * What the wasm finds where it looks for the global scope of a page: the same engine runs here, with a folder for
 * localStorage, lock files for Web Locks, and timers that do not keep the process alive.
 */
export function createScope(storage: FolderStorage | undefined, locks: LockFiles | undefined) {
  let ending = new AbortController();
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  const scope = Object.assign(new EventTarget(), {
    document,
    localStorage: storage,
    navigator: { platform: `${process.platform} node ${process.versions.node}`, locks },
    // Read at each call: an app may replace it.
    fetch: (url: string, init: RequestInit) => fetch(url, { ...init, signal: eitherOf(init.signal, ending.signal) }),
    setTimeout: (body: () => void, delay: number) => setTimeout(body, delay).unref(),
    clearTimeout: (timer: NodeJS.Timeout) => clearTimeout(timer),
    queueMicrotask,
    AbortController,
    CompressionStream,
    Response,
    crypto,
    performance,
    console,
    // The storage of a page is looked for at its window.
    Window: { [Symbol.hasInstance]: (value: unknown) => value === scope },
  });
  return {
    global: scope as object,
    /** Says that the process may go: all that waits is written before this returns, and on its way. */
    hide(): void {
      for (const state of ['hidden', 'visible']) {
        document.visibilityState = state;
        document.dispatchEvent(new Event('visibilitychange'));
      }
    },
    /** Says that the process goes: all that waits is written before this returns, and others may take it over. */
    leave: (): void => void scope.dispatchEvent(new Event('pagehide')),
    /** Gives up the requests under way. */
    abort(): void {
      ending.abort();
      ending = new AbortController();
    },
  };
}

function eitherOf(given: AbortSignal | null | undefined, ending: AbortSignal): AbortSignal {
  return given ? AbortSignal.any([given, ending]) : ending;
}
