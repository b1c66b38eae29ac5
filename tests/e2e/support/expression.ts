/** What a page is to do, as the text that every engine takes. */

/** A call of the function with these arguments, or the expression itself. */
export function expressionOf(what: ((...args: never) => unknown) | string, args: readonly unknown[]): string {
  if (typeof what === "string") return what;
  // The loader of these tests marks functions inside of a function by a helper that a page does not have.
  return `((__name) => (${what})(...${JSON.stringify(args)}))((inner) => inner)`;
}
