// Narrowing of unknown JSON, one field at a time. Nothing here throws: a field of the wrong kind
// is a field that is not there.

import type { JsonObject } from './types.ts';

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readText(from: JsonObject, key: string): string | undefined {
  const value = from[key];
  return typeof value === 'string' ? value : undefined;
}

export function readNumber(from: JsonObject, key: string): number | undefined {
  const value = from[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function readFlag(from: JsonObject, key: string): boolean | undefined {
  const value = from[key];
  return typeof value === 'boolean' ? value : undefined;
}

export function readObject(from: JsonObject, key: string): JsonObject | undefined {
  const value = from[key];
  return isObject(value) ? value : undefined;
}

export function readList(from: JsonObject, key: string): readonly unknown[] {
  const value = from[key];
  return Array.isArray(value) ? value : [];
}

/** Epoch milliseconds of an RFC 3339 text. */
export function readTime(from: JsonObject, key: string): number | undefined {
  const millis = Date.parse(readText(from, key) ?? '');
  return Number.isNaN(millis) ? undefined : millis;
}
