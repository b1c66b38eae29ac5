import { expect, it } from 'vitest';
import { claimUrls, isOwnUrl } from './ownUrls.js';

it('knows what a client has claimed, whatever the query', () => {
  claimUrls('https://t.example/api/telemetry/batch');
  expect(isOwnUrl(new URL('https://t.example/api/telemetry/batch?token=x'))).toBe(true);
  expect(isOwnUrl(new URL('https://t.example/api/telemetry/other'))).toBe(false);
});
