import { isObject, readList, readNumber, readObject, readTime } from './read.ts';
import { RECORD_TYPES } from './types.ts';
import type { CountByType, Counts, JsonObject, MinutePoint, RecordType } from './types.ts';

/** Undefined for anything that is not an answer of `/api/telemetry`. */
export function decodeCounts(json: unknown): Counts | undefined {
  if (!isObject(json)) return undefined;
  const total = readNumber(json, 'total');
  if (total === undefined) return undefined;
  return {
    total,
    uniqueSessions: readNumber(json, 'uniqueSessions') ?? 0,
    uniqueUsers: readNumber(json, 'uniqueUsers') ?? 0,
    byType: decodeByType(readObject(json, 'byType')),
    points: readList(json, 'points').flatMap(decodePoint),
  };
}

function decodePoint(json: unknown): MinutePoint[] {
  if (!isObject(json)) return [];
  const minute = readTime(json, 'timestamp');
  if (minute === undefined) return [];
  return [{ minute, byType: decodeByType(readObject(json, 'byType')) }];
}

function decodeByType(json: JsonObject | undefined): CountByType {
  const counts: { [type in RecordType]?: number } = {};
  for (const type of RECORD_TYPES) {
    const count = json && readNumber(json, type);
    if (count) counts[type] = count;
  }
  return counts;
}
