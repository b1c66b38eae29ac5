import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileNameOf, namesIn } from './fileNames.js';
import { isAlive, ownIdentity } from './identity.js';

export type LockFiles = ReturnType<typeof createLockFiles>;

interface Options {
  readonly ifAvailable?: boolean;
  readonly steal?: boolean;
}

/**
 * As much of the Web Locks API as the client uses, between the processes that share a folder: a file for each lock,
 * with who holds it. The lock of a process that is gone is free.
 *
 * Two processes that find the same dead lock in the same moment may both believe that it is theirs for an instant;
 * then both send the same records, and the server keeps one copy.
 */
export function createLockFiles(folder: string) {
  const own = ownIdentity();
  const held = new Set<string>();
  const pathOf = (name: string) => join(folder, fileNameOf(name, ENDING));

  /** Makes the file with its content in one step, or throws if it is there. */
  function create(path: string): void {
    const written = `${path}.${process.pid}`;
    writeFileSync(written, own, { mode: 0o600 });
    try {
      linkSync(written, path);
    } finally {
      rmSync(written, { force: true });
    }
  }

  function take(path: string, steals: boolean): boolean {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      try {
        create(path);
        held.add(path);
        return true;
      } catch (problem) {
        if ((problem as NodeJS.ErrnoException).code !== 'EEXIST') throw problem;
      }
      const holder = read(path);
      if (!steals && holder !== undefined && isAlive(holder)) return false;
      putAway(path, holder);
    }
    return false;
  }

  /** Removes the file, unless somebody else has just made it anew. */
  function putAway(path: string, holder: string | undefined): void {
    const away = `${path}.${process.pid}.old`;
    try {
      renameSync(path, away);
      if (holder !== undefined && read(away) !== holder) linkSync(away, path);
    } catch {
      // Somebody was quicker.
    }
    rmSync(away, { force: true });
  }

  function release(path: string): void {
    if (held.delete(path)) rmSync(path, { force: true });
  }

  return {
    async request(name: string, options: Options, callback: (lock: object | null) => unknown): Promise<unknown> {
      const path = pathOf(name);
      if (!take(path, options.steal === true)) return callback(null);
      try {
        return await callback({ name });
      } finally {
        release(path);
      }
    },
    /** Releases all at once: the process ends, and no promise goes on. */
    releaseAll(): void {
      for (const path of held) release(path);
    },
    /** Removes locks of processes that are gone and left nothing to send. `isOfUse` looks at the name of a lock. */
    sweep(isOfUse: (name: string) => boolean): void {
      for (const name of namesIn(readdirSync(folder), ENDING)) {
        const path = pathOf(name);
        const holder = read(path);
        const isDead = holder !== undefined && !isAlive(holder);
        if (isDead && !isOfUse(name)) putAway(path, holder);
      }
    },
  };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

const ENDING = '.lock';
