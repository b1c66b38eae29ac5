import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { guard } from '../guard.js';
import { fileNameOf, namesIn } from './fileNames.js';
import { exists } from './identity.js';

export type FolderStorage = ReturnType<typeof createFolderStorage>;

/**
 * A folder as a browser's localStorage: a file for each key, written at once and whole.
 *
 * What is here survives the process being killed. It is not synced to the disk, which would hold up the app: a
 * power cut can take what was written in the last seconds. Throws if the folder cannot be made or written.
 */
export function createFolderStorage(folder: string) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  /** As they were when somebody asked how many there are. */
  let listed: readonly string[] = [];

  const pathOf = (key: string) => join(folder, fileNameOf(key, ENDING));
  const keys = () => namesIn(readdirSync(folder), ENDING);

  const storage = {
    get length(): number {
      listed = keys();
      return listed.length;
    },
    key: (at: number): string | null => listed[at] ?? null,
    getItem(key: string): string | null {
      try {
        return readFileSync(pathOf(key), 'utf8');
      } catch {
        // Another process may have sent and removed it.
        return null;
      }
    },
    setItem(key: string, value: string): void {
      const path = pathOf(key);
      // Nobody ever reads half a file.
      const written = `${path}.${process.pid}-${randomBytes(6).toString('hex')}`;
      try {
        // A name that nobody can have put a link at.
        writeFileSync(written, value, { mode: 0o600, flag: 'wx' });
        renameSync(written, path);
      } catch (problem) {
        rmSync(written, { force: true });
        throw problem;
      }
    },
    removeItem: (key: string): void => rmSync(pathOf(key), { force: true }),
    /** Removes everything of ours. */
    wipe(): void {
      for (const key of keys()) storage.removeItem(key);
      sweep(folder);
    },
  };
  // Found out now, not when there is something to lose.
  storage.setItem(PROBE, '');
  storage.removeItem(PROBE);
  sweep(folder);
  return storage;
}

/** Removes what processes that are gone have written half. */
function sweep(folder: string): void {
  for (const file of readdirSync(folder)) {
    const pid = HALF_WRITTEN.exec(file)?.[1];
    const path = join(folder, file);
    const isLeft = pid !== undefined && (!exists(Number(pid)) || isOld(path));
    // One that may not be removed is no reason to do without the folder.
    if (isLeft) guard(() => rmSync(path, { force: true }), undefined);
  }
}

/** No write takes that long: another process has the number now, perhaps this one. */
function isOld(path: string): boolean {
  const changedAt = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - changedAt > LONGEST_WRITE_MS;
}

const HALF_WRITTEN = /^beaconry%3A.*\.json\.(\d+)(?:-[\da-f]+)?$/;
const LONGEST_WRITE_MS = 60_000;
const PROBE = 'beaconry:probe';
const ENDING = '.json';
