import { thrownFields } from './flat.js';
import type { Call } from './makeRecord.js';
import { keepContext } from './mergeContexts.js';

/** The call as plain data, of which JSON can say everything. */
export function asPlainCall({ type, fields, context }: Call): Call {
  const { thrown, handled, ...rest } = fields;
  const own = type === 'error' ? { thrown: thrownFields(fields as Parameters<typeof thrownFields>[0]), handled } : rest;
  return { type, fields: { ...keepContext(own) }, context: keepContext(context) };
}
