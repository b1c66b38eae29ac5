import { all, attempt } from './attempt.js';
import { share } from './start.js';
import type { Stop, Telemetry } from './types.js';
import { wrap } from './wrap.js';

/** A method of the console that says something. */
export type ConsoleMethod = 'debug' | 'info' | 'log' | 'warn' | 'error';

export const CONSOLE_METHODS: readonly ConsoleMethod[] = ['debug', 'info', 'log', 'warn', 'error'];

/** Hears each line after it was said. */
export type ConsoleListener = (method: ConsoleMethod, args: readonly unknown[]) => void;

/** Tells of each line on the console, but those of this package and those that listeners cause. */
export function watchConsole(telemetry: Telemetry, listener: ConsoleListener): Stop {
  return share<ConsoleListener>(telemetry, 'watchConsole', listener, (listeners) => {
    let isTelling = false;
    const one = (method: ConsoleMethod): Stop =>
      wrap(console, method, (original, self, args) => {
        const result = Reflect.apply(original, self, args);
        if (isTelling) {
          // Said by what is asked while a line is recorded, such as `beforeSend`: it would go on for ever.
          if (!isOurs(args)) attempt(() => telemetry.leaveOut?.());
          return result;
        }
        isTelling = true;
        if (!isOurs(args)) for (const tell of listeners) attempt(() => tell(method, args));
        isTelling = false;
        return result;
      });
    return all(CONSOLE_METHODS.flatMap((method) => attempt(() => one(method)) ?? []));
  });
}

/** The line as text: what is no text is named, and no getter of the app is called. */
export function lineOf(args: readonly unknown[]): string {
  const [first, ...rest] = args;
  let line = typeof first === 'string' ? fill(first, rest) : shown(first);
  for (const arg of rest) line += ` ${shown(arg)}`;
  return line.slice(0, MOST_CHARACTERS);
}

/** Puts the values where `%s` and its like stand, and takes them out of the list. */
function fill(format: string, values: unknown[]): string {
  if (values.length === 0) return format;
  return format.replace(/%[sdifoOc%]/g, (mark) => {
    if (mark === '%%') return '%';
    if (values.length === 0) return mark;
    const value = shown(values.shift());
    return mark === '%c' ? '' : value;
  });
}

function shown(value: unknown): string {
  return attempt(() => shownUnguarded(value)) ?? '[threw]';
}

function shownUnguarded(value: unknown): string {
  if (typeof value === 'function') return '[function]';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Object.prototype.toString.call(value) === '[object Error]') return `${String((value as Error).name)}: ${String((value as Error).message)}`;
  const isPlain = Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value) as null);
  return isPlain ? JSON.stringify(shallow(value)) : Object.prototype.toString.call(value);
}

/** The values of an object that are no objects themselves. */
function shallow(object: object): object {
  const isList = Array.isArray(object);
  const keys = Object.keys(object).slice(0, MOST_KEYS);
  const entries = keys.map((key) => {
    const value: unknown = Object.getOwnPropertyDescriptor(object, key)?.value;
    return [key, value !== null && /object|function|bigint/.test(typeof value) ? '…' : value] as const;
  });
  return isList ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}

/** Every line of this package begins so. */
function isOurs([first]: readonly unknown[]): boolean {
  return typeof first === 'string' && first.startsWith('[beaconry]');
}

const MOST_CHARACTERS = 4_000;
const MOST_KEYS = 16;
