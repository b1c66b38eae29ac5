import type { WasmClient as Bound } from '../wasm/beaconry.js';
import { flat } from './flat.js';
import type { RecordType } from './makeRecord.js';

/** What is asked of the wasm. */
export interface WasmClient {
  /** Returns the record's place in the stream, or 0. */
  record(type: RecordType, fields: object, context: unknown, at: number | undefined): number;
  setUser(id: unknown, anonymousId: unknown): void;
  setConsent(state: string): void;
  setEnabled(isOn: boolean): void;
  navigated(href: string): void;
  discarded(reason: string, count: number): void;
  flush(): Promise<unknown>;
  delivered(place: number): Promise<unknown>;
  shutdown(): Promise<unknown>;
  isEnabled(): boolean;
  getSessionId(): string;
  getBuffer(): unknown;
  stats(): unknown;
}

/** Names for the few exports of the wasm, each of which takes much. */
export function bindClient(bound: Bound): WasmClient {
  const tell = (kind: number, fields: object, context?: unknown, at = 0): number =>
    bound.tell(kind, flat(kind, fields, context), at);
  const change = (kind: number, fields: object): void => void tell(kind, fields);
  return {
    record: (type, fields, context, at) => tell(RECORDS.indexOf(type), fields, context, at),
    setUser: (id, anonymousId) => change(7, { id, anonymousId }),
    setConsent: (value) => change(8, { value }),
    setEnabled: (value) => change(9, { value }),
    navigated: (value) => change(10, { value }),
    discarded: (reason, count) => change(11, { reason, count }),
    flush: () => bound.ask(0, 0),
    delivered: (place) => bound.ask(1, place),
    shutdown: () => bound.ask(2, 0),
    getSessionId: () => bound.read(0),
    isEnabled: () => bound.read(1) !== '',
    getBuffer: () => JSON.parse(bound.read(2)) as unknown,
    stats: () => JSON.parse(bound.read(3)) as unknown,
  };
}

/** The numbers of these, and of what is changed, are those in `src/bindings/client.rs`. */
const RECORDS: readonly RecordType[] = ['log', 'metric', 'trace', 'vital', 'error', 'event', 'feedback'];
