import type { Call } from '../makeRecord.js';
import type { Context } from '../types.js';
import type { CallName } from './startLoader.js';

/** The call of a record that is named like a method of the client; nothing if it makes none. */
export function asCall(name: CallName, args: readonly unknown[]): Call | undefined {
  const names = FIELDS[name]?.split(' ');
  if (!names) return undefined;
  // The ids of a trace, what is known of an error, or a vital as a whole.
  const fields: Record<string, unknown> = { ...(args[names.length + 1] as object) };
  names.forEach((field, at) => (fields[field] = args[at]));
  const own = name === 'vital' ? (args[0] as typeof fields) : fields;
  return { type: name as Call['type'], fields: own, context: args[names.length] as Context | undefined };
}

/** Methods of a client that make a record, and what their first arguments are. */
export const FIELDS: { readonly [Name in CallName]?: string } = {
  log: 'level message',
  metric: 'name value',
  trace: 'name duration',
  vital: '',
  error: 'thrown',
  event: 'name',
};
