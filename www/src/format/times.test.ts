import { expect, it } from 'vitest';
import { formatAge, formatDuration, formatSpan } from './times.ts';

it.each([
  [0, '0 ms'],
  [245.4, '245 ms'],
  [1_200, '1.2 s'],
  [59_949, '59.9 s'],
  [59_999, '1 min'],
  [184_000, '3 min 4 s'],
])('a duration of %d ms is %s', (millis, text) => {
  expect(formatDuration(millis)).toBe(text);
});

it.each([
  [-5, '0 s'],
  [12_900, '12 s'],
  [303_000, '5 min 3 s'],
  [7_200_000, '2 h'],
  [187_200_000, '2 d 4 h'],
])('a span of %d ms is %s', (millis, text) => {
  expect(formatSpan(millis)).toBe(text);
});

it.each([
  [-400, 'just now'],
  [1_900, 'just now'],
  [12_000, '12 s ago'],
  [200_000, '3 min ago'],
  [7_300_000, '2 h ago'],
  [200_000_000, '2 d ago'],
])('an age of %d ms is %s', (millis, text) => {
  expect(formatAge(millis)).toBe(text);
});
