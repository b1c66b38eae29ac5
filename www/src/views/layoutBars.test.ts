import { expect, it } from 'vitest';
import type { Bar } from '../state/series.ts';
import { BOTTOM, HEIGHT, TOP, layoutBars, roundUp } from './layoutBars.ts';

const bar = (byType: Bar['byType'], total: number): Bar => ({ minute: total, byType, total });

it.each([
  [1, 4],
  [5, 6],
  [12, 20],
  [22, 30],
  [41, 50],
  [61, 80],
  [100, 100],
  [101, 200],
])('an axis for %d goes to %d', (value, top) => {
  expect(roundUp(value)).toBe(top);
});

it('stacks the types from the ground up, errors first', () => {
  const { columns } = layoutBars([bar({ log: 1, error: 1 }, 2), bar({}, 0)], 136);
  const ground = HEIGHT - BOTTOM;
  const quarter = (ground - TOP) / 4;
  expect(columns[0]?.pieces).toEqual([
    { type: 'error', y: ground - quarter, height: quarter },
    { type: 'log', y: ground - 2 * quarter, height: quarter },
  ]);
  expect(columns[1]?.pieces).toEqual([]);
});

it('draws nothing with a negative width on a page that has none', () => {
  const { columns, step } = layoutBars([bar({}, 0)], 0);
  expect(step).toBe(0);
  expect(columns[0]?.width).toBe(0);
});
