import { UPLOADS } from '../storage.js';

/** An image that waits to be uploaded. */
export interface KeptShot {
  readonly id: string;
  readonly blob: Blob;
  /** When it was taken, in epoch milliseconds. */
  readonly at: number;
  /** Where it goes. */
  readonly url: string;
}

/** Images on the browser's disk. Each call opens the database and closes it, so that it can be deleted at any time. */
export const keptShots = {
  all: (): Promise<KeptShot[]> => use('readonly', (store) => store.getAll()),
  put: (shot: KeptShot): Promise<unknown> => use('readwrite', (store) => store.put(shot)),
  remove: (id: string): Promise<unknown> => use('readwrite', (store) => store.delete(id)),
};

async function use<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const opening = indexedDB.open(UPLOADS, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: 'id' });
  const database = await done(opening);
  try {
    const transaction = database.transaction(STORE, mode, { durability: 'strict' });
    const ended = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    const [answer] = await Promise.all([done(act(transaction.objectStore(STORE))), ended]);
    return answer;
  } finally {
    database.close();
  }
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Which of them have to go: the old ones, and the oldest beyond what may be kept. */
export function overdue(shots: readonly KeptShot[], now: number): KeptShot[] {
  let [count, bytes] = [0, 0];
  return [...shots]
    .sort((one, other) => other.at - one.at)
    .filter((shot) => (count += 1) > MOST_SHOTS || (bytes += shot.blob.size) > MOST_BYTES || now - shot.at > MOST_MS);
}

const STORE = 'shots';
const MOST_SHOTS = 3;
const MOST_BYTES = 3 * 1_048_576;
const MOST_MS = 14 * 86_400_000;
