export interface Deferred<T> {
  readonly promise: Promise<T>;
  /** The first value counts. */
  settle(value: T): void;
}

/**
 * A promise that is settled from outside. It is made by the engine, not by the page's `Promise`, which
 * an app may have replaced by anything.
 */
export function defer<T>(): Deferred<T> {
  let settled: { readonly value: T } | undefined;
  let resolve: ((value: T) => void) | undefined;
  const thenable = {
    then(done: (value: T) => void): void {
      if (settled === undefined) resolve = done;
      else done(settled.value);
    },
  };
  return {
    promise: (async () => (await (thenable as PromiseLike<T>)) as T)(),
    settle(value) {
      settled ??= { value };
      resolve?.(settled.value);
    },
  };
}
