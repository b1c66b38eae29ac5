import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createFakeTelemetry } from '../testing/fakeTelemetry.js';
import { createBursts, createLimit } from './limits.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('records the first of a burst at once, and then how many there were', () => {
  const { telemetry } = createFakeTelemetry();
  const recorded: unknown[] = [];
  const { tell } = createBursts(telemetry);
  for (let round = 0; round < 60; round += 1) {
    tell('same', (again) => recorded.push(again.repeats));
    vi.advanceTimersByTime(16);
  }
  expect(recorded).toEqual([undefined]);
  vi.advanceTimersByTime(1_000);
  expect(recorded).toEqual([undefined, 59]);
});

it('counts a storm that does not end ever less often, and loses none of it', () => {
  const { telemetry } = createFakeTelemetry();
  const recorded: number[] = [];
  const { tell, stop } = createBursts(telemetry);
  for (let round = 0; round < 6_000; round += 1) {
    tell('same', ({ repeats = 1 }) => recorded.push(repeats));
    vi.advanceTimersByTime(100);
  }
  stop();
  expect(recorded.length).toBeLessThan(20);
  expect(recorded.reduce((sum, count) => sum + count, 0)).toBe(6_000);
});

it('takes what comes long after for something new, and what is different for itself', () => {
  const { telemetry } = createFakeTelemetry();
  const recorded: string[] = [];
  const { tell } = createBursts(telemetry);
  tell('one', () => recorded.push('one'));
  tell('two', () => recorded.push('two'));
  vi.advanceTimersByTime(5_000);
  tell('one', () => recorded.push('one'));
  expect(recorded).toEqual(['one', 'two', 'one']);
});

it('counts what is beyond its limit as left out, and goes on when it is calm again', () => {
  const { telemetry, of } = createFakeTelemetry();
  const mayRecord = createLimit(telemetry);
  const made = Array.from({ length: 500 }, mayRecord).filter(Boolean);
  expect(made).toHaveLength(200);
  expect(of('leaveOut')).toHaveLength(300);
  vi.advanceTimersByTime(1_000);
  expect(Array.from({ length: 100 }, mayRecord).filter(Boolean)).toHaveLength(20);
});

it('accounts for every one of many different ones', () => {
  const { telemetry, of } = createFakeTelemetry();
  let recorded = 0;
  const { tell, stop } = createBursts(telemetry);
  const note = ({ repeats = 1 }: { repeats?: number }): void => void (recorded += repeats);
  for (let round = 0; round < 400; round += 1) tell(`kind ${round}`, note);
  for (let round = 0; round < 50; round += 1) tell('kind 199', note);
  stop();
  expect(recorded + of('leaveOut').length).toBe(450);
});
