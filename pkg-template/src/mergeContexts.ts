import { copyOf } from './flat.js';
import { guard } from './guard.js';
import type { Context } from './types.js';

/** A copy of a context; nothing if it is none. */
export function keepContext(context: unknown): Context | undefined {
  const kept = guard(() => copyOf(context), undefined);
  return typeof kept === 'object' && kept !== null ? kept : undefined;
}

/** Both contexts in one; what a call says has the last word. `base` is already a copy. */
export function mergeContexts(base: Context | undefined, context: Context | undefined): Context | undefined {
  return base === undefined ? context : { ...base, ...keepContext(context) };
}
