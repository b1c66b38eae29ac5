// Gathers what comes in quickly and hands it on a few times a second: the screen keeps up whatever
// the rate, and the first one after a quiet time is shown at once.

export interface Batcher<T> {
  add(item: T): void;
  stop(): void;
}

export function createBatcher<T>(deliver: (items: readonly T[]) => void, everyMs: number): Batcher<T> {
  let waiting: T[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    timer = undefined;
    if (waiting.length === 0) return;
    const items = waiting;
    waiting = [];
    timer = setTimeout(flush, everyMs);
    deliver(items);
  }

  return {
    add(item) {
      waiting.push(item);
      if (timer === undefined) flush();
    },
    stop() {
      clearTimeout(timer);
    },
  };
}
