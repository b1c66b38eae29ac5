import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8').replace(/^ +/gm, '');
const [, ...examples] = [...read('../README.md').matchAll(/```ts\n([^`]*)```/g)].map(([, code]) => code ?? '');

it.each(examples)('the type tests compile what the README shows: %j', (code) => {
  expect(read('readme.test-d.ts')).toContain(code);
});
