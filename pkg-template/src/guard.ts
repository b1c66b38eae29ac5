/** Whatever is thrown in here stays in here. */
export function guard<T>(body: () => T, otherwise: T): T {
  try {
    return body();
  } catch {
    return otherwise;
  }
}
