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
  switch (type) {
    case 'log':
      return wasm.log(fields['level'], fields['message'], context, at);
    case 'metric':
      return wasm.metric(fields['name'], fields['value'], context, at);
    case 'trace':
      return wasm.trace(fields['name'], fields['duration'], fields, context, at);
    case 'vital':
      return wasm.vital(fields, at);
    case 'error':
      // A symbol would throw where the wasm takes a number for it.
      return wasm.error(fields['thrown'], Boolean(fields['handled']), context, at);
    case 'event':
      return wasm.event(fields['name'], context, at);
    case 'feedback':
      return wasm.feedback(fields, context, at);
  }
}
