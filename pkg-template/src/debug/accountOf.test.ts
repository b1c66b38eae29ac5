import { expect, it } from 'vitest';
import type { Stats } from '../types.js';
import { accountOf } from './accountOf.js';

const stats = {
  recorded: 10,
  adopted: 2,
  acknowledged: 6,
  discarded: { sampled_out: 1, queue_overflow: 1 },
  waiting: 2,
  inFlight: 1,
  handedOver: 1,
  abandoned: 0,
} as unknown as Stats;

it('adds up where every record is somewhere', () => {
  expect(accountOf(stats).isExact).toBe(true);
  expect(accountOf(stats).rows).toContainEqual(['discarded', 2]);
});

it('says so where one is nowhere', () => {
  expect(accountOf({ ...stats, waiting: 1 }).isExact).toBe(false);
});
