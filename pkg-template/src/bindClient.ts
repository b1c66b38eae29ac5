import type { Glue } from '../wasm/beaconry.js';
import { explainMisuse } from './explainMisuse.js';
import { bufferOf, flat, statsOf } from './flat.js';
import type { RecordType } from './makeRecord.js';

/** What is asked of the wasm. */
export interface WasmClient {
  /** Returns the record's place in the stream; 0 or less if there is none. */
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

/** Names for the few exports of the wasm, each of which takes much. `client` is the number of the client. */
export function bindClient(bound: Pick<Glue, 'tell' | 'read' | 'promise'>, client: number): WasmClient {
  const tell = (kind: number, fields: object, context?: unknown, at = 0): number => {
    const place = bound.tell(client, kind, flat(kind, fields, context), at);
    if (place < 0) void explainMisuse(kind, fields, -place);
    return place;
  };
  const change = (kind: number, fields: object): void => void tell(kind, fields);
  const ask = (what: number, place = 0): Promise<unknown> => bound.promise(client, `${bound.tell(client, what, '', place)}`);
  const read = (what: number): string => bound.read(client, what);
  return {
    record: (type, fields, context, at) => tell(RECORDS.indexOf(type), fields, context, at),
    setUser: (id, anonymousId) => change(7, { id, anonymousId }),
    setConsent: (value) => change(8, { value }),
    setEnabled: (value) => change(9, { value }),
    navigated: (value) => change(10, { value }),
    discarded: (reason, count) => change(11, { reason, count }),
    flush: () => ask(12),
    delivered: (place) => ask(13, place),
    shutdown: () => ask(14),
    getSessionId: () => read(0),
    isEnabled: () => read(1) !== '',
    getBuffer: () => bufferOf(read(2)),
    stats: () => statsOf(read(3)),
  };
}

/** The numbers of these, and of what is changed, are those in `src/bindings/client.rs`. */
const RECORDS: readonly RecordType[] = ['log', 'metric', 'trace', 'vital', 'error', 'event', 'feedback'];
