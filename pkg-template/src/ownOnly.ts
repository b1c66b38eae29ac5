/** A copy that has what `object` has itself, and nothing of an `Object.prototype` that somebody wrote on. */
export function ownOnly<T extends object>(object: T): T {
  return { __proto__: null, ...object } as T;
}
