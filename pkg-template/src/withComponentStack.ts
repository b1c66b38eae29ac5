/**
 * What was thrown, with the components that it was thrown in: a copy, since what an app throws is the app's.
 * The client reads just these fields of an error.
 */
export function withComponentStack(thrown: unknown, componentStack: string | null | undefined): unknown {
  if (typeof componentStack !== 'string' || componentStack === '') return thrown;
  if (typeof thrown === 'string') return { message: thrown, componentStack };
  if (typeof thrown !== 'object' || thrown === null) return { message: `${nameOf(thrown)} was thrown`, componentStack };
  const fields = ['name', 'message', 'stack'].map((name) => [name, read(thrown, name)] as const);
  return { ...Object.fromEntries(fields), componentStack };
}

function nameOf(thrown: unknown): string {
  return thrown === undefined || thrown === null ? String(thrown) : `a ${typeof thrown}`;
}

function read(from: object, name: string): unknown {
  try {
    return (from as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}
