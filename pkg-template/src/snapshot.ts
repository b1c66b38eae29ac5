/**
 * A copy of what the app passed, so that changing it afterwards changes nothing.
 *
 * It never throws and is bounded, whatever it is given: as deep and as wide as the wasm reads, and no more
 * values in all than `MOST_VALUES`. What is no data is named as the wasm names it, and not followed.
 */
export function snapshot(value: unknown, most = MOST_ENTRIES): unknown {
  const ancestors: object[] = [];
  let left = MOST_VALUES;

  function copy(value: unknown): unknown {
    left -= 1;
    try {
      return typeof value === 'object' && value !== null ? copyObject(value) : copyPrimitive(value);
    } catch {
      return '[threw]';
    }
  }

  function copyObject(value: object): unknown {
    const name = nameOfNoData(value);
    if (name !== undefined) return name;
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (ancestors.includes(value)) return '[circular]';
    if (ancestors.length >= MOST_DEPTH) return '[cut]';
    ancestors.push(value);
    try {
      if (Array.isArray(value)) return copyItems(value);
      return copyEntries(value, value instanceof Error ? ['name', 'message'] : Object.keys(value));
    } finally {
      ancestors.pop();
    }
  }

  function copyItems(items: readonly unknown[]): unknown[] {
    const copies: unknown[] = [];
    const end = Math.min(items.length, most);
    for (let at = 0; at < end && left > 0; at += 1) copies.push(copy(read(items, at)));
    return copies;
  }

  function copyEntries(object: object, keys: readonly string[]): object {
    const entries: [string, unknown][] = [];
    for (const key of keys) {
      if (entries.length >= most || left <= 0) break;
      const value = read(object, key);
      if (value !== undefined) entries.push([key, copy(value)]);
    }
    // Not by assignment, which would make a key `__proto__` the copy's prototype.
    return Object.fromEntries(entries);
  }

  return copy(value);
}

function read(object: object, key: string | number): unknown {
  try {
    return (object as Record<string | number, unknown>)[key];
  } catch {
    return '[threw]';
  }
}

function copyPrimitive(value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, MOST_CHARACTERS);
  const isData = value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean';
  return isData ? value : `[${typeof value}]`;
}

function nameOfNoData(value: object): string | undefined {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return '[binary]';
  return 'nodeType' in value && typeof value.nodeType === 'number' ? '[node]' : undefined;
}

/** Keys of an object and items of an array, as in the wasm's `CONTEXT_KEYS`. */
const MOST_ENTRIES = 32;
/** Objects inside one another, as in the wasm's `CONTEXT_DEPTH`. */
const MOST_DEPTH = 6;
/** Objects that share others can be small and yet have 32⁶ paths. More do not fit into a context. */
const MOST_VALUES = 4_096;
/** Of one string; the wasm cuts further. */
const MOST_CHARACTERS = 65_536;
