import { whenLeaving } from '../whenLeaving.js';
import { all, attempt } from './attempt.js';
import type { Stop, Telemetry } from './types.js';

/**
 * How often a hook may record: as often as a busy page does, and no more than that in a storm. What it does
 * not record is counted as `rate_limited`.
 */
export function createLimit(telemetry: Telemetry): () => boolean {
  let left = MOST_AT_ONCE;
  let at = performance.now();
  return () => {
    const now = performance.now();
    left = Math.min(MOST_AT_ONCE, left + ((now - at) * MOST_PER_SECOND) / 1_000);
    at = now;
    if (left < 1) {
      attempt(() => telemetry.leaveOut?.());
      return false;
    }
    left -= 1;
    return true;
  };
}

/** Records something, and how often it was seen since it was last recorded, if it was. */
type RecordIt = (again: { readonly repeats?: number }) => void;

interface Burst {
  record: RecordIt;
  repeats: number;
  waitMs: number;
  endsAt: number;
  timer?: ReturnType<typeof setTimeout>;
}

/**
 * Records what comes in bursts of the same: the first at once, the rest as one record that counts them, at
 * the end of the burst, while it lasts ever less often, and when the page goes.
 */
export function createBursts(telemetry: Telemetry) {
  const bursts = new Map<string, Burst>();
  const mayRecord = createLimit(telemetry);
  const stopListening = whenLeaving(flush);

  function tell(key: string, record: RecordIt): void {
    const now = performance.now();
    const burst = bursts.get(key);
    if (burst === undefined || (burst.repeats === 0 && now > burst.endsAt)) {
      if (!mayRecord()) return;
      keep(key, { record, repeats: 0, waitMs: SHORTEST_MS, endsAt: now + SHORTEST_MS });
      return void attempt(() => record({}));
    }
    burst.record = record;
    burst.repeats += 1;
    burst.timer ??= setTimeout(() => end(burst), burst.waitMs);
  }

  function keep(key: string, burst: Burst): void {
    const [oldest] = bursts;
    if (oldest !== undefined && bursts.size >= MOST_BURSTS) {
      end(oldest[1]);
      bursts.delete(oldest[0]);
    }
    bursts.delete(key);
    bursts.set(key, burst);
  }

  function end(burst: Burst): void {
    clearTimeout(burst.timer);
    delete burst.timer;
    const { record, repeats } = burst;
    burst.repeats = 0;
    burst.waitMs = Math.min(burst.waitMs * 2, LONGEST_MS);
    burst.endsAt = performance.now() + SHORTEST_MS;
    if (repeats > 0) attempt(() => record({ repeats }));
  }

  function flush(): void {
    bursts.forEach(end);
  }

  return { tell, stop: all([stopListening, flush]) as Stop };
}

const MOST_AT_ONCE = 200;
const MOST_PER_SECOND = 20;
const MOST_BURSTS = 50;
const SHORTEST_MS = 1_000;
const LONGEST_MS = 60_000;
