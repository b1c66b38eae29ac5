// A stored record for tests.

import { decodeRecord } from '../src/api/decodeRecord.ts';
import type { StoredRecord } from '../src/api/types.ts';

export function aRecord(n: number, fields: { readonly [field: string]: unknown } = {}): StoredRecord {
  const time = '2026-11-20T10:00:00.000Z';
  const record = decodeRecord({ n, type: 'log', timestamp: time, received_at: time, ...fields });
  if (!record) throw new Error(`no record: ${JSON.stringify(fields)}`);
  return record;
}
