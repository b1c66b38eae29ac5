import type { WasmClient } from './loadWasm.js';
import type { Context, Receipt } from './types.js';

export type RecordType = 'log' | 'metric' | 'trace' | 'vital' | 'error' | 'event' | 'feedback';

/** A call that makes a record. The fields are the arguments by name; an error has what was `thrown`. */
export interface Call {
  readonly type: RecordType;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly context: Context | undefined;
}

/** Makes the record. `at` is when, if that is not now. */
export function makeRecord(wasm: WasmClient, { type, fields, context }: Call, at: number | undefined): Receipt {
  return wasm.record(type, fields, context, at);
}
