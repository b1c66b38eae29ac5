/** Stands between one instance of the wasm and everything that calls it. */
export interface Guard {
  /** The same exports, of which none throws at the event loop and none runs in a broken instance. */
  guard(exports: WebAssembly.Exports): WebAssembly.Exports;
  /** Calls into the instance. What came out of an export is thrown here, and the instance is dead. */
  call<T>(body: () => T): T;
  isDead(): boolean;
}

/**
 * Guards each export of an instance.
 *
 * Panics abort, so Rust cannot catch them: a trap comes out of whatever export was called. An exception
 * of the app that unwound through frames of the wasm is no better, since it skipped what would have put
 * things back. Either ends the instance, once, with `onDeath`; from then on its exports do nothing.
 * Errors that the wasm returns are thrown by the glue after the export has returned, and pass.
 *
 * `isForGlue` names the exports that the glue calls, for a method or on behalf of the wasm. All others are
 * closures.
 */
export function createGuard(onDeath: (problem: unknown) => void, isForGlue: (name: string) => boolean): Guard {
  let isDead = false;
  /** Calls of ours on the stack: somebody who catches, or frames of the wasm that must not go on. */
  let callers = 0;

  function die(problem: unknown): void {
    if (isDead) return;
    isDead = true;
    onDeath(problem);
  }

  function guardOne(name: string, raw: (...args: unknown[]) => unknown): (...args: unknown[]) => unknown {
    const throws = isForGlue(name);
    return (...args) => {
      if (isDead) return NO_RESULT;
      callers += 1;
      try {
        return raw(...args);
      } catch (problem) {
        die(problem);
        // Closures are called by the browser, even if something of ours is further down on the stack.
        if (callers > 1 && throws) throw problem;
        return NO_RESULT;
      } finally {
        callers -= 1;
      }
    };
  }

  return {
    guard: (exports) =>
      Object.fromEntries(
        Object.entries(exports).map(([name, value]) => [
          name,
          typeof value === 'function' ? guardOne(name, value as (...args: unknown[]) => unknown) : value,
        ]),
      ),
    call(body) {
      if (isDead) throw new Error(BROKEN);
      callers += 1;
      try {
        const result = body();
        if (isDead) throw new Error(BROKEN);
        return result;
      } finally {
        callers -= 1;
      }
    },
    isDead: () => isDead,
  };
}

/**
 * What the glue can go on with: it looks for an error in `ret[1]`, which throws for `undefined`, and takes
 * objects from its heap by number, where 0 is `undefined` and is never given back.
 */
const NO_RESULT = 0;
const BROKEN = 'the wasm has broken';
