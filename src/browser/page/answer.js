// What the server answered.

import { attempt, joined } from './scope.js';

/**
 * What the parsed body of a response says, flat, as `answer.rs` takes it: texts and numbers. Nothing if it is no
 * answer of ours: a field of a type that it cannot have makes the whole of it nobody's. Only what the client acts
 * on is read; what it does not know is left alone.
 */
export function flatAnswer(json) {
  let isOurs = true;
  const of = (type, value) => {
    if (typeof value === type) return value;
    isOurs &&= value === undefined || value === null;
    return undefined;
  };
  const number = (value) => of('number', value) ?? NaN;
  const whole = (value) => {
    const given = number(value);
    isOurs &&= Number.isNaN(given) ? typeof value !== 'number' : Number.isSafeInteger(given) && given >= 0;
    return given;
  };
  const place = (value) => {
    isOurs &&= value !== undefined && value !== null;
    return whole(value);
  };
  const list = (value) => {
    isOurs &&= value === undefined || value === null || Array.isArray(value);
    return Array.isArray(value) ? [...value] : [];
  };
  return attempt(() => {
    const error = of('string', json.error);
    const flag = json.remote?.features?.TELEMETRY;
    const sampling = json.remote?.sampling;
    const texts = [of('string', json.stream) ?? '', of('string', json.message) ?? ''];
    const ranges = list(json.acknowledged).map((range) => [place(range?.[0]), place(range?.[1])]);
    const rejected = [];
    for (const result of list(json.results)) {
      const index = place(result?.index);
      if (of('string', result?.verdict) !== 'rejected') continue;
      rejected.push(index);
      texts.push(of('string', result.reason) ?? '');
    }
    const numbers = [
      whole(json.beaconry),
      error === undefined ? 0 : ERRORS.indexOf(error) + 2,
      whole(json.retryAfterMs),
      whole(json.serverTime),
      json.remote === undefined ? 0 : 1,
      of('string', flag?.phase) === 'DISABLED' ? 1 : 0,
      number(flag?.rollout),
      number(sampling?.sampleRate),
      number(sampling?.tracesSampleRate),
      ranges.length,
      ...ranges.flat(),
      ...rejected,
    ];
    return isOurs && numbers[0] > 0 && numbers[0] < 2 ** 32 ? { texts, numbers } : undefined;
  });
}

/** Whether the body could not be read: what may have been the way. */
export const isUnreadable = (answer) => ERRORS[answer?.numbers[1] - 2]?.startsWith('invalid_') === true;

// For the tests in `tests/web`.
export const answerTexts = (json) => attempt(() => joined(flatAnswer(json).texts));
export const answerNumbers = (json) => new Float64Array(flatAnswer(json)?.numbers ?? []);

/** Codes that mean the same to a client are one to it: all but these are tried again later. */
const ERRORS = ['too_large', 'unauthorized', 'origin_not_allowed', 'upgrade', 'invalid_json', 'invalid_body'];
