import { all, attempt, listen } from './attempt.js';
import { createBursts } from './limits.js';
import { readOptions, yesOrNo } from './readOptions.js';
import { start } from './start.js';
import type { Stop, Telemetry } from './types.js';

/** Options of `startErrors`. */
export interface ErrorOptions {
  /** Whether rejections that nobody handles are recorded, too [true]. */
  readonly rejections?: boolean | undefined;
}

/**
 * Records errors and rejections that reach the window, as errors that were not handled. The same error in
 * one burst is recorded at once, and then counted: `context.repeats`.
 *
 * ```ts
 * const stop = startErrors(telemetry);
 * ```
 *
 * A loader that records errors until then is told to end, so that none is recorded twice. What else
 * listens for errors hears them as before, and so does the console. Where there is no window or worker it
 * does nothing, and says so in debug mode.
 */
export function startErrors(telemetry: Telemetry, options?: ErrorOptions): Stop {
  const missing = typeof globalThis.addEventListener !== 'function' && "window's error event";
  return start(telemetry, 'startErrors', missing, () => {
    const { rejections } = readOptions<{ rejections: boolean }>(telemetry, 'startErrors', options, { rejections: yesOrNo(true) });
    attempt(stopLoader);
    const bursts = createBursts(telemetry);
    const page = globalThis as unknown as EventTarget;

    const record = (source: string, thrown: unknown, place?: object): void =>
      bursts.tell(keyOf(thrown), (again) => telemetry.error(thrown, { source, ...place, ...again }, { handled: false }));

    const errors = listen<ErrorEvent>(page, 'error', (event) => {
      // Resources that failed come as plain events, and belong to another hook.
      if (typeof event.message !== 'string') return;
      record('window.error', event.error ?? asThrown(event));
    });
    if (!rejections) return all([bursts.stop, errors]);
    const rejected = listen<PromiseRejectionEvent>(page, 'unhandledrejection', ({ reason }) => record('unhandledrejection', reason));
    return all([bursts.stop, errors, rejected]);
  });
}

/** Of a script of another origin there is no error, and of what it says little more. */
function asThrown({ message, filename, lineno, colno }: ErrorEvent): object {
  const [, name = 'Error', text = message] = /^(?:Uncaught )?(?:(\w*Error): )?([^]*)$/.exec(message) ?? [];
  return { name, message: text, stack: filename ? `${message}\n    at ${filename}:${lineno}:${colno}` : undefined };
}

/** What makes two errors the same. */
function keyOf(thrown: unknown): string {
  const isObject = typeof thrown === 'object' && thrown !== null;
  const { name, message, stack } = (isObject ? thrown : { message: thrown }) as Error;
  return [name, message, stack].map((part) => String(part).slice(0, 500)).join('\n');
}

/** The loader's queue, if it is that: an element or frame of this name is no property of the window's own. */
function stopLoader(): void {
  const loader = Object.getOwnPropertyDescriptor(globalThis, 'beaconry')?.value as { stop?: () => void } | undefined;
  if (typeof loader?.stop === 'function') loader.stop();
}
