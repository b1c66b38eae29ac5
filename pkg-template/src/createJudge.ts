import { warn } from './explain.js';
import { copyOf, thrownFields } from './flat.js';
import type { Call, RecordType } from './makeRecord.js';
import { keepContext } from './mergeContexts.js';
import type { Config, OutgoingRecord } from './types.js';

/** What becomes of a call: the call that is made instead, or why none is. */
export type Judge = (call: Call) => Call | 'before_send' | 'filtered';

/**
 * The rules that an app gives for its records. Not fetched on demand: records would be lost where a file of an
 * older deployment is gone, and service workers import nothing later.
 */
export function createJudge({ beforeSend, ignoreErrors, allowUrls, denyUrls }: Config): Judge {
  const [ignored, allowed, denied] = [ignoreErrors, allowUrls, denyUrls].map(createMatcher);
  const ask = beforeSend && createAsker(beforeSend);

  function isFiltered(error: Record<string, unknown>): boolean {
    if (ignored?.(`${String(error['errorType'])}: ${String(error['message'])}`) === true) return true;
    const url = allowed || denied ? topmostUrl(error['stack']) : undefined;
    // Where it comes from is often not known: that is no reason to lose it.
    return url !== undefined && (denied?.(url) === true || allowed?.(url) === false);
  }

  return (call) => {
    if (call.type !== 'error' && !ask) return call;
    const fields = readFields(call);
    if (call.type === 'error' && isFiltered(fields)) return 'filtered';
    return ask ? ask(call, fields) : call;
  };
}

/** Asks `beforeSend`. Whatever it does but give back a record, nothing is sent. */
function createAsker(beforeSend: NonNullable<Config['beforeSend']>) {
  let isAsking = false;
  let hasWarned = false;

  function drop(why: unknown): 'before_send' {
    if (!hasWarned) warn(`beforeSend drops records, since it ${String(why)}`);
    hasWarned = true;
    return 'before_send';
  }

  return (call: Call, fields: Record<string, unknown>): Call | 'before_send' => {
    // A hook that logs would ask for ever, and what is not shown to it must not leave.
    if (isAsking) return 'before_send';
    isAsking = true;
    try {
      const record = { ...fields, context: keepContext(call.context) ?? {}, type: call.type };
      const answer: unknown = beforeSend(record as unknown as OutgoingRecord);
      if (typeof answer !== 'object' || answer === null) return 'before_send';
      if ('then' in answer) return catchAll(answer), drop('returns a promise');
      return { ...call, fields: asArguments(call.type, answer), context: keepContext(read(answer, 'context')) };
    } catch {
      return drop('throws');
    } finally {
      isAsking = false;
    }
  };
}

/** The fields of the record that a call makes, as plain data. */
function readFields({ type, fields }: Call): Record<string, unknown> {
  if (type !== 'error') return pick(type, fields);
  // As the wasm reads what was thrown.
  const { name, ...thrown } = thrownFields(fields as Parameters<typeof thrownFields>[0]);
  return pick(type, { errorType: name, ...thrown });
}

function asArguments(type: RecordType, answer: object): Record<string, unknown> {
  const fields = pick(type, answer);
  if (type !== 'error') return fields;
  const { errorType, handled, ...thrown } = fields;
  return { thrown: { ...thrown, name: errorType }, handled };
}

/** Copies of the fields that a record of this type has. */
function pick(type: RecordType, from: object): Record<string, unknown> {
  const fields = FIELDS[type].map((name) => [name, copyOf(read(from, name))] as const);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function read(from: object, name: string): unknown {
  return (from as Record<string, unknown>)[name];
}

/** A promise that rejects is nobody's but ours by now. */
function catchAll(promise: object): void {
  void (async () => {
    try {
      await promise;
    } catch {
      // Said already.
    }
  })();
}

/** Strings are looked for, expressions tested, in the first thousand characters. */
function createMatcher(patterns: Config['ignoreErrors']): ((text: string) => boolean) | undefined {
  if (!patterns || patterns.length === 0) return undefined;
  // Copies without the flags that make a test remember where it ended.
  const tests = patterns.map((pattern) =>
    typeof pattern === 'string' ? pattern : new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')),
  );
  return (text) => {
    const start = text.slice(0, MOST_TESTED);
    return tests.some((test) => (typeof test === 'string' ? start.includes(test) : test.test(start)));
  };
}

/** The script at the top of a stack, as Chrome (`at f (url:1:2)`), Firefox and Safari (`f@url:1:2`) write it. */
function topmostUrl(stack: unknown): string | undefined {
  if (typeof stack !== 'string') return undefined;
  for (const line of stack.slice(0, MOST_STACK).split('\n')) {
    const url = /([a-z][a-z0-9+.-]*:\/\/[^\s()@]+):\d+:\d+\)?$/i.exec(line.slice(0, MOST_TESTED))?.[1];
    if (url !== undefined) return url;
  }
  return undefined;
}

const FIELDS: Readonly<Record<RecordType, readonly string[]>> = {
  log: ['level', 'message'],
  metric: ['name', 'value'],
  trace: ['name', 'duration', 'traceId', 'spanId', 'parentSpanId', 'kind', 'status'],
  vital: ['name', 'value', 'delta', 'rating', 'navigationType', 'attribution'],
  error: ['errorType', 'message', 'stack', 'handled', 'componentStack'],
  event: ['name'],
  feedback: ['message', 'email', 'screenshot'],
};

/** An expression of an app can take time that grows faster than the text. */
const MOST_TESTED = 1_000;
const MOST_STACK = 16_384;
