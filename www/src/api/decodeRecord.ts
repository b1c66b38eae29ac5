// A stored record out of unknown JSON. What a browser sent is hostile, so every field that a view
// may show is a checked text, number or flag; the rest is only ever shown as JSON text.

import { isObject, readFlag, readList, readNumber, readObject, readText, readTime } from './read.ts';
import { RECORD_TYPES } from './types.ts';
import type { Discard, EventsPage, RecordType, StoredRecord } from './types.ts';

/** Undefined where the number, the type or a time is missing: then it is no stored record. */
export function decodeRecord(json: unknown): StoredRecord | undefined {
  if (!isObject(json)) return undefined;
  const n = readNumber(json, 'n');
  const type = readType(json['type']);
  const receivedAt = readTime(json, 'received_at');
  if (n === undefined || type === undefined || receivedAt === undefined) return undefined;
  return {
    n,
    type,
    receivedAt,
    timestamp: readTime(json, 'timestamp') ?? receivedAt,
    app: readText(json, 'app'),
    page: readText(json, 'page'),
    sessionId: readText(json, 'sessionId'),
    level: readText(json, 'level'),
    message: readText(json, 'message'),
    errorType: readText(json, 'errorType'),
    stack: readText(json, 'stack'),
    severity: readText(json, 'severity'),
    handled: readFlag(json, 'handled'),
    name: readText(json, 'name'),
    value: readNumber(json, 'value'),
    unit: readText(json, 'unit'),
    duration: readNumber(json, 'duration'),
    rating: readText(json, 'rating'),
    action: readText(json, 'action'),
    context: readObject(json, 'context'),
    discards: readList(json, 'discards').flatMap(decodeDiscard),
    closing: readFlag(json, 'closing') ?? false,
    whole: json,
  };
}

/** Undefined for anything that is not an answer of `/api/events`. */
export function decodeEvents(json: unknown): EventsPage | undefined {
  if (!isObject(json) || !Array.isArray(json['events'])) return undefined;
  return {
    records: readList(json, 'events').flatMap((event) => decodeRecord(event) ?? []),
    next: readNumber(json, 'next'),
  };
}

function decodeDiscard(json: unknown): Discard[] {
  if (!isObject(json)) return [];
  const count = readNumber(json, 'count');
  if (count === undefined) return [];
  return [{ reason: readText(json, 'reason') ?? 'other', recordType: readText(json, 'type'), count }];
}

function readType(value: unknown): RecordType | undefined {
  return RECORD_TYPES.find((type) => type === value);
}
