import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileNameOf, namesIn } from './fileNames.js';

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
      const written = `${path}.${process.pid}`;
      writeFileSync(written, value, { mode: 0o600 });
      renameSync(written, path);
    },
    removeItem: (key: string): void => rmSync(pathOf(key), { force: true }),
    /** Removes everything of ours. */
    wipe(): void {
      for (const key of keys()) storage.removeItem(key);
    },
  };
  // Found out now, not when there is something to lose.
  storage.setItem(PROBE, '');
  storage.removeItem(PROBE);
  return storage;
}

const PROBE = 'beaconry:probe';
const ENDING = '.json';
