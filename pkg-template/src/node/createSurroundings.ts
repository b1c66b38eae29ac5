import { resolve } from 'node:path';
import { guard } from '../guard.js';
import type { Launch } from '../createLaunch.js';
import type { TelemetryClient } from '../TelemetryClient.js';
import { createFolderStorage } from './createFolderStorage.js';
import type { FolderStorage } from './createFolderStorage.js';
import { createLockFiles } from './createLockFiles.js';
import type { LockFiles } from './createLockFiles.js';
import { createScope } from './createScope.js';
import type { Scope } from './createScope.js';
import { loadFromDisk } from './loadFromDisk.js';
import { watchProcess } from './watchProcess.js';

export type Surroundings = ReturnType<typeof createSurroundings>;

interface Wishes {
  readonly spoolDir: string | undefined;
  readonly exitTimeoutMs: number | undefined;
}

/** What a client has around it in Node: its folder, its locks, and the end of the process. */
export function createSurroundings() {
  let storage: FolderStorage | undefined;
  let locks: LockFiles | undefined;
  let scope: Scope | undefined;
  let stop = (): void => undefined;

  /** Opens the folder. Gives back what is wrong with it. */
  function open(spoolDir: string | undefined): string | undefined {
    // What is no path is named by the client.
    if (typeof spoolDir !== 'string' || spoolDir === '') return undefined;
    try {
      const folder = resolve(spoolDir);
      const opened = createFolderStorage(folder);
      locks = createLockFiles(folder);
      const keys = Array.from({ length: opened.length }, (_, at) => opened.key(at) ?? '');
      // The lock of a stream has the stream's id at its end, the keys of its records have it in them.
      locks.sweep((name) => keys.some((key) => key.includes(`:${name.slice(name.lastIndexOf(':') + 1)}:`)));
      storage = opened;
      return undefined;
    } catch (problem) {
      locks = undefined;
      return `the folder ${spoolDir} cannot be used (${String(problem)}): records wait in memory`;
    }
  }

  return {
    hasBegun: (): boolean => scope !== undefined,
    /** Opens the folder and watches the process. Gives back what is wrong, if anything. */
    begin({ spoolDir, exitTimeoutMs }: Wishes, client: TelemetryClient): string | undefined {
      const problem = open(spoolDir);
      const made = (scope = createScope(storage, locks));
      const send = createLastSending(client, exitTimeoutMs ?? EXIT_TIMEOUT_MS, made.abort);
      const end = () => {
        made.leave();
        locks?.releaseAll();
      };
      stop = watchProcess({ write: made.hide, send, end });
      return problem;
    },
    load: async (): Promise<Launch> => loadFromDisk((scope ??= createScope(undefined, undefined)).global),
    /** Removes what was kept, of earlier processes, too. */
    wipe: (): void => guard(() => storage?.wipe(), undefined),
    end: (): void => stop(),
  };
}

/** Sends what waits, within the time, once for the same records: the process is about to end. */
function createLastSending(client: TelemetryClient, timeoutMs: number, abort: () => void) {
  let tried = -1;
  return async (): Promise<void> => {
    const { waiting, inFlight, recorded } = client.stats();
    if (waiting + inFlight === 0 || recorded === tried) return;
    tried = recorded;
    // It does not keep the process alive: the request under way does.
    const timer = setTimeout(abort, timeoutMs).unref();
    await client.flush();
    clearTimeout(timer);
  };
}

const EXIT_TIMEOUT_MS = 2_000;
