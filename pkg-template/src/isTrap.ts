/**
 * Whether the wasm has trapped, which leaves its instance in an unknown state. Never throws: there
 * are browsers without `WebAssembly` (lockdown modes), and an app may throw a revoked proxy.
 */
export function isTrap(problem: unknown): boolean {
  try {
    return problem instanceof WebAssembly.RuntimeError;
  } catch {
    return false;
  }
}
