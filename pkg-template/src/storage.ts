/** Reads from localStorage; nothing where it is missing or refuses. */
export function readStored(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Writes to localStorage, if it takes it. */
export function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Blocked or full: it is known for this page only.
  }
}

/** Removes all that we ever stored: what consent does not cover. `withDatabase` if no wasm has it open. */
export function forgetEverything(withDatabase: boolean): void {
  try {
    const keys = Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at));
    for (const key of keys) if (key?.startsWith('beaconry:') === true) localStorage.removeItem(key);
  } catch {
    // What cannot be read was not written either.
  }
  forgetUploads();
  try {
    if (withDatabase) indexedDB.deleteDatabase('beaconry');
  } catch {
    // The same.
  }
}

/** Removes the screenshots that wait to be uploaded. Nobody keeps their database open for long. */
export function forgetUploads(): void {
  try {
    indexedDB.deleteDatabase(UPLOADS);
  } catch {
    // The same.
  }
}

/** The database of the screenshots. */
export const UPLOADS = 'beaconry-uploads';
