import { describe, expect, it } from 'vitest';
import { asEventName, describeMisuse } from './describeMisuse.js';

it.each([
  [0, { level: 'loud' }, 1, "log() takes a level: 'debug', 'info', 'warn' or 'error'"],
  [2, { name: 'x' }, 2, 'trace() takes a duration in milliseconds from 0'],
  [3, { name: 'LCP' }, 2, "vital() takes { name: 'LCP', value: 1250, rating?: 'good' }"],
  [5, { name: 7 }, 1, 'event() takes a name that is a string'],
  [
    5,
    { name: 'Quiz Started!' },
    1,
    "event() takes a name of lower-case letters, digits and _ that begins with a letter: not 'Quiz Started!', write 'quiz_started'",
  ],
  [7, {}, 1, "setUser() takes { id: 'text', anonymousId: 'text' }"],
])('says what a call takes: %i %j', (kind, fields, at, said) => {
  expect(describeMisuse(kind, fields, at)).toBe(said);
});

it('looks at no more of a name than a name may have', () => {
  expect(describeMisuse(5, { name: 'a '.repeat(5_000_000) }, 1).length).toBeLessThan(400);
});

describe('an event name', () => {
  it.each([
    ['Quiz Started!', 'quiz_started'],
    ['2nd try', 'event_2nd_try'],
    ['a__b', 'a_b'],
    ['!!!', 'event'],
    ['', 'event'],
  ])('is made of %j', (label, name) => {
    expect(asEventName(label)).toBe(name);
  });
});
