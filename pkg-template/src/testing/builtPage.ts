import { join } from 'node:path';
import { root } from './examples.js';

/** What the wasm asks of its page, for a scope that is given. */
export interface Page {
  readText(what: number, key: string): unknown;
  randomBits(): unknown;
  connect(tell: Tell): void;
  createPage(app: string, endpoint: string, token: string | undefined): number;
  perform(page: number, what: number, ...given: unknown[]): number;
  endAll(): void;
}

export type Tell = (page: number, what: number, text: string) => void;

/** The scripts of the page as they are built. */
export async function builtPage(): Promise<(scope: object) => Page> {
  const folder = process.env['BEACONRY_PACKAGE'] ?? join(root, 'target/npm/beaconry');
  const { pageIn } = (await import(join(folder, 'wasm/page.js'))) as { pageIn(scope: object): Page };
  return pageIn;
}

/** A localStorage that keeps what it is given in a map. */
export function storageOf(values: Map<string, string>): object {
  return {
    get length() {
      return values.size;
    },
    key: (at: number) => [...values.keys()][at],
    getItem: (name: string) => values.get(name),
    setItem: (name: string, value: string) => values.set(name, value),
    removeItem: (name: string) => values.delete(name),
  };
}

/** What is done and told, by the numbers of `page.rs` and `scope.js`. */
export const [ATTACH, DETACH, SET_OWN, ADOPT, WRITE, SEND, SEND_LATER] = [0, 1, 2, 3, 7, 17, 20] as const;
export const [RECOVERED, STREAM_LOST] = [9, 12] as const;
