import { all } from './attempt.js';
import { createBursts } from './limits.js';
import { listOf, readOptions } from './readOptions.js';
import { start } from './start.js';
import type { Stop, Telemetry } from './types.js';
import { CONSOLE_METHODS, lineOf, watchConsole } from './watchConsole.js';
import type { ConsoleMethod } from './watchConsole.js';

/** Options of `startConsole`. */
export interface ConsoleOptions {
  /** The methods whose lines are recorded [`warn` and `error`]. */
  readonly methods?: readonly ConsoleMethod[] | undefined;
}

/**
 * Records lines of the console as logs; `console.log` is of the level `info`. The same line in one burst is
 * recorded at once, and then counted: `context.repeats`.
 *
 * ```ts
 * const stop = startConsole(telemetry, { methods: ['error'] });
 * ```
 *
 * The line is said first, as before. Lines of this package are left out. In the browser's tools, lines then
 * seem to come from the place of the hook: that is so for every wrapper of the console.
 */
export function startConsole(telemetry: Telemetry, options?: ConsoleOptions): Stop {
  return start(telemetry, 'startConsole', typeof console !== 'object' && 'console', () => {
    const takes = `a list of ${CONSOLE_METHODS.join(', ')}`;
    const isMethod = (item: unknown): boolean => CONSOLE_METHODS.includes(item as ConsoleMethod);
    const { methods } = readOptions<{ methods: readonly ConsoleMethod[] }>(telemetry, 'startConsole', options, {
      methods: listOf<ConsoleMethod>(takes, isMethod, ['warn', 'error']),
    });
    const bursts = createBursts(telemetry);
    const watched = watchConsole(telemetry, (method, args) => {
      if (!methods.includes(method)) return;
      const line = lineOf(args);
      const level = method === 'log' ? 'info' : method;
      bursts.tell(`${method} ${line}`, (again) => telemetry.log(level, line, { source: 'console', ...again }));
    });
    return all([bursts.stop, watched]);
  });
}
