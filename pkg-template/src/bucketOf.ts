/**
 * The bucket of an id, from 0 to 9999: the same for the same id, spread evenly over all ids. It is
 * what `bucket_of` in `crates/protocol` computes; `tests/golden/buckets.json` there holds both to it.
 */
export function bucketOf(id: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(id)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % BUCKETS;
}

export const BUCKETS = 10_000;
