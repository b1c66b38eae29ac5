import { afterEach, expect, it, vi } from 'vitest';
import { createRedactor, currentPage } from './redact.js';

afterEach(() => void vi.unstubAllGlobals());

it.each([
  ['mail to ann@example.com failed', 'mail to [redacted] failed'],
  ['GET https://ann:pw1@a.example/x?name=Ann&page=2', 'GET https://[redacted]/x?name=[redacted]&page=[redacted]'],
  ['login(password=hunter2)', 'login(password=[redacted])'],
  ['{"token":"abc","topic":"Math"}', '{"token":[redacted],"topic":"Math"}'],
  ['sent Bearer mF_9.B5f-4.1JqM', 'sent Bearer [redacted]'],
  ['eyJhbGciOiJIUzI1NiJ9.e30.abc was refused', '[redacted] was refused'],
  ['key sk_live_0123456789abcdef', 'key [redacted]'],
  ['paid with 4111 1111 1111 1111', 'paid with [redacted]'],
  ["Cannot read properties of undefined (reading 'id')", "Cannot read properties of undefined (reading 'id')"],
  ['at play (https://app.example/quiz.js:10:5)', 'at play (https://app.example/quiz.js:10:5)'],
])('%s', (text, redacted) => {
  expect(createRedactor()('message', text)).toBe(redacted);
});

it('takes out the values of sensitive keys, and of those that the app names', () => {
  const redact = createRedactor(['plate']);
  const context = { userToken: { deep: 1 }, deep: { Password: 1, topic: 'Math' }, plate: 'M-X 1', count: 2 };
  expect(JSON.parse(JSON.stringify(context, redact))).toEqual({
    userToken: '[redacted]',
    deep: { Password: '[redacted]', topic: 'Math' },
    plate: '[redacted]',
    count: 2,
  });
});

it.each([
  ['/cart', 'https://shop.example/cart'],
  ['/users/42/v2/step-3', 'https://shop.example/users/[id]/v2/step-3'],
  ['/orders/2024-7/a@b', 'https://shop.example/orders/[id]/[id]'],
])('the page %s', (pathname, page) => {
  vi.stubGlobal('location', { origin: 'https://shop.example', pathname, search: '?token=1', hash: '#top' });
  expect(currentPage()).toBe(page);
});
