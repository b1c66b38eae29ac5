import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createBatcher } from './createBatcher.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('hands on the first at once, and the rest together', () => {
  const delivered: (readonly number[])[] = [];
  const batcher = createBatcher<number>((items) => delivered.push(items), 250);
  for (const item of [1, 2, 3]) batcher.add(item);
  expect(delivered).toEqual([[1]]);
  vi.advanceTimersByTime(250);
  expect(delivered).toEqual([[1], [2, 3]]);
});

it('hands on at once again after a quiet time', () => {
  const deliver = vi.fn();
  const batcher = createBatcher<number>(deliver, 250);
  batcher.add(1);
  vi.advanceTimersByTime(1_000);
  batcher.add(2);
  expect(deliver).toHaveBeenCalledTimes(2);
});

it('delivers nothing after it was stopped', () => {
  const deliver = vi.fn();
  const batcher = createBatcher<number>(deliver, 250);
  batcher.add(1);
  batcher.add(2);
  batcher.stop();
  vi.advanceTimersByTime(1_000);
  expect(deliver).toHaveBeenCalledTimes(1);
});
