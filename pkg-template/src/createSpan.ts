import { guard } from './guard.js';
import { keepContext, mergeContexts } from './mergeContexts.js';
import type { Context, Receipt, Span } from './types.js';

/** A span that begins now; `record` is called once, when it ends. */
export function createSpan(
  attributes: Context | undefined,
  record: (durationMs: number, attributes: Context | undefined) => Receipt,
): Span {
  const startedAt = now();
  const begun = keepContext(attributes);
  let isOpen = true;
  return {
    end: (more) => {
      if (!isOpen) return 0;
      isOpen = false;
      return record(now() - startedAt, mergeContexts(begun, more));
    },
  };
}

const now = (): number => guard(() => performance.now(), Number.NaN);
