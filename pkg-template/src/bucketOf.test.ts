import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bucketOf } from './bucketOf.js';

const golden = new URL('../../crates/protocol/tests/golden/buckets.json', import.meta.url);

it.each(Object.entries(JSON.parse(readFileSync(golden, 'utf8')) as Record<string, number>))(
  'puts %j where the server and the wasm put it',
  (id, bucket) => expect(bucketOf(id)).toBe(bucket),
);
