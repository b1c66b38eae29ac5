import type { Stop } from './types.js';

type AnyFunction = (...args: unknown[]) => unknown;

/** What is done in place of a function: with the function itself, the `this` and the arguments of the call. */
export type Around = (original: AnyFunction, self: unknown, args: unknown[]) => unknown;

/**
 * Puts a function of the page behind one that sees its calls.
 *
 * It is a proxy, so that `length`, `name`, `toString()` and whatever others have written on the function stay
 * what they are. `stop()` puts the property back as it was; if somebody has wrapped ours by then, it stays
 * in the chain and only passes calls on.
 */
export function wrap(owner: object, name: string, around: Around): Stop {
  const original = (owner as Record<string, unknown>)[name];
  if (typeof original !== 'function') throw new TypeError(name);
  const before = Object.getOwnPropertyDescriptor(owner, name);
  let isOn = true;
  const wrapper = new Proxy(original as AnyFunction, {
    apply: (target, self, args: unknown[]) => (isOn ? around(target, self, args) : Reflect.apply(target, self, args)),
    get: (target, key) => (key === PASSES_ON ? (isOn ? undefined : target) : Reflect.get(target, key)),
  });
  const { configurable = true, enumerable = true } = before ?? {};
  Object.defineProperty(owner, name, { configurable, enumerable, writable: true, value: wrapper });

  return () => {
    isOn = false;
    if (Object.getOwnPropertyDescriptor(owner, name)?.value !== wrapper) return;
    if (before === undefined) delete (owner as Record<string, unknown>)[name];
    else Object.defineProperty(owner, name, 'value' in before ? { ...before, value: beneath(before.value) } : before);
  };
}

/** What is left of a function when wrappers that only pass on are taken away. */
function beneath(value: unknown): unknown {
  let bottom = value;
  while (typeof bottom === 'function') {
    const next = (bottom as unknown as Record<symbol, unknown>)[PASSES_ON];
    if (next === undefined) break;
    bottom = next;
  }
  return bottom;
}

const PASSES_ON: unique symbol = Symbol.for('beaconry.passesOn');
