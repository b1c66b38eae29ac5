import { attempt } from './attempt.js';
import { isPrerendered } from './start.js';
import type { Telemetry } from './types.js';

/**
 * A logger that also records: `debug`, `info`, `warn` and `error` as logs, `perf(name, { value })` as a metric with the name in
 * lower case, `action(text)` as an event, `Quiz started` as `quiz_started` with the text in `context.label`.
 *
 * ```ts
 * export const logger = wrapLogger(plainLogger, telemetry);
 * logger.action('Quiz started', { topic: 'Math' });
 * ```
 *
 * The logger itself stays as it is, so there is nothing to stop. Its methods are called with it as `this`: what
 * they log among themselves is not recorded a second time. What they give back and throw is the app's.
 */
export function wrapLogger<L extends object>(logger: L, telemetry: Telemetry): L {
  const methods = new Map<PropertyKey, unknown>();
  return new Proxy(logger, {
    get(target, key) {
      const method: unknown = Reflect.get(target, key, target);
      if (typeof method !== 'function' || !Object.hasOwn(RECORDERS, key)) return method;
      const known = methods.get(key) as { readonly method: unknown; readonly wrapped: unknown } | undefined;
      // One that cannot be changed has to be given out as it is.
      const own = Object.getOwnPropertyDescriptor(target, key);
      if (own?.configurable === false && own.writable === false) return method;
      if (known?.method === method) return known.wrapped;
      const wrapped = new Proxy(method, {
        apply(original, self, args: unknown[]) {
          attempt(() => isPrerendered() || RECORDERS[key as string]?.(telemetry, args));
          return Reflect.apply(original as (...args: unknown[]) => unknown, self && target, args);
        },
      });
      methods.set(key, { method, wrapped });
      return wrapped;
    },
  });
}

type Recorder = (telemetry: Telemetry, args: unknown[]) => unknown;

const log = (level: 'debug' | 'info' | 'warn' | 'error'): Recorder => (telemetry, [message, context]) =>
  telemetry.log(level, message instanceof Error ? `${message.name}: ${message.message}` : String(message), asContext(context));

const RECORDERS: Readonly<Record<string, Recorder>> = {
  debug: log('debug'),
  info: log('info'),
  warn: log('warn'),
  error: log('error'),
  perf: (telemetry, [name, data]) => {
    const value = typeof data === 'object' && data !== null ? (data as { value?: unknown }).value : data;
    return telemetry.metric(String(name).toLowerCase(), typeof value === 'string' ? Number(value) : (value as number), asContext(data));
  },
  action: (telemetry, [label, context]) => telemetry.event(snakeCase(String(label)), { ...asContext(context), label: String(label) }),
};

/** An error holds nothing that a context would show. */
function asContext(context: unknown): object | undefined {
  if (context instanceof Error) return { error: `${context.name}: ${context.message}` };
  return typeof context === 'object' && context !== null ? context : undefined;
}

/** The name of an event: lower-case letters, digits and `_`, a letter first. */
function snakeCase(text: string): string {
  const words = text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '_')
    .replace(/^_+|_+$/g, '');
  const name = /^[a-z]/.test(words) ? words : words === '' ? 'action' : `action_${words}`;
  return name.slice(0, MOST_CHARACTERS);
}

const MOST_CHARACTERS = 100;
