import { defer } from './defer.js';
import type { Delivery } from './types.js';

/** Promises of an instance, which it never settles once it is dead. */
export function createPendingAnswers() {
  const open = new Set<(answer: Delivery) => void>();
  return {
    /** The answer, or `off` if the instance dies before it gives one. */
    wait(answer: Promise<unknown>): Promise<Delivery> {
      const { promise, settle } = defer<Delivery>();
      open.add(settle);
      void (async () => {
        try {
          settle((await answer) as Delivery);
        } catch {
          settle('off');
        }
        open.delete(settle);
      })();
      return promise;
    },
    giveUp(): void {
      for (const settle of open) settle('off');
      open.clear();
    },
  };
}
