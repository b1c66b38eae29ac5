import { expect, it } from 'vitest';
import { claimUrls, isOwnUrl } from './ownUrls.js';

it('knows what a client has claimed, whatever the query, and what is no URL at all', () => {
  claimUrls(['https://t.example/api/telemetry/batch', undefined, 7, 'https://[']);
  expect(isOwnUrl(new URL('https://t.example/api/telemetry/batch?token=x'))).toBe(true);
  expect(isOwnUrl(new URL('https://t.example/api/telemetry/other'))).toBe(false);
});
