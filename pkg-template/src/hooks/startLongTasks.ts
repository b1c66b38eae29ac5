import { attempt } from './attempt.js';
import { createLimit } from './limits.js';
import { readOptions, wholeNumber } from './readOptions.js';
import { start } from './start.js';
import type { Stop, Telemetry } from './types.js';
import { shownText } from './urls.js';

/** Options of `startLongTasks`. */
export interface LongTaskOptions {
  /** The shortest that is recorded, in milliseconds [100]. */
  readonly minMs?: number | undefined;
}

/**
 * Records long animation frames as traces, with what took longest in them; where browsers do not tell of
 * those, long tasks.
 *
 * ```ts
 * const stop = startLongTasks(telemetry, { minMs: 200 });
 * ```
 *
 * Also those before it started, as far as the browser remembers them, but none from before the page was shown. In a
 * browser that tells of neither it does nothing, and says so in debug mode.
 */
export function startLongTasks(telemetry: Telemetry, options?: LongTaskOptions): Stop {
  const known = attempt(() => PerformanceObserver.supportedEntryTypes) ?? [];
  const type = ['long-animation-frame', 'longtask'].find((type) => known.includes(type));
  return start(telemetry, 'startLongTasks', type === undefined && 'timing of long tasks', () => {
    const { minMs } = readOptions<{ minMs: number }>(telemetry, 'startLongTasks', options, { minMs: wholeNumber(50, 60_000, 100) });
    const mayRecord = createLimit(telemetry);
    const [page] = performance.getEntriesByType('navigation') as { activationStart?: number }[];

    function see(entry: LongEntry): void {
      if (entry.duration < minMs || entry.startTime < (page?.activationStart ?? 0) || !mayRecord()) return;
      const name = type === 'longtask' ? 'long_task' : 'long_animation_frame';
      telemetry.trace(name, entry.duration, { startedAt: Math.round(entry.startTime), ...aboutFrame(entry) });
    }

    const observer = new PerformanceObserver((list) => list.getEntries().forEach((entry) => attempt(() => see(entry as LongEntry))));
    observer.observe({ type: type as string, buffered: true });
    return () => observer.disconnect();
  });
}

/** A frame or a task; only frames know their scripts, only tasks their container. */
interface LongEntry extends PerformanceEntry {
  readonly blockingDuration?: number;
  readonly scripts?: readonly LongScript[];
  readonly attribution?: readonly { readonly containerType?: string }[];
}

interface LongScript {
  readonly duration: number;
  readonly invoker: string;
  readonly sourceURL: string;
  readonly sourceFunctionName: string;
}

function aboutFrame({ blockingDuration, scripts, attribution }: LongEntry): object {
  if (scripts === undefined) return { container: attribution?.[0]?.containerType };
  const [longest] = [...scripts].sort((one, other) => other.duration - one.duration);
  return {
    blockingMs: blockingDuration,
    scripts: scripts.length,
    ...(longest && {
      scriptMs: longest.duration,
      script: shownText(longest.sourceURL),
      function: longest.sourceFunctionName,
      invoker: shownText(longest.invoker),
    }),
  };
}
