import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const here = (path: string): string => new URL(path, import.meta.url).pathname;
const read = (path: string): string => readFileSync(here(path), 'utf8');
const sources = ['.', '../vitals'].flatMap((folder) =>
  readdirSync(here(folder)).filter((name) => name.endsWith('.ts') && !name.includes('.test')).map((name) => `${folder}/${name}`),
);
const faces = sources.filter((path) => /\/(start[A-Z]|wrapLogger)/.test(path));
const compiled = read('../../../tests/e2e/pages/hooksExamples.ts').split('\n').map((line) => line.trim());

it.each([...sources, '../../../docs/hooks.md'])('what %s shows is compiled by the end-to-end tests', (path) => {
  const blocks = [...read(path).matchAll(/```ts\n([^]*?)```/g)].flatMap(([, code = '']) => code.split('\n'));
  const lines = blocks.map((line) => line.replace(/^ \* ?/, '').trim()).filter((line) => line !== '' && line !== '*');
  for (const line of lines.filter((line) => !line.startsWith('import '))) expect(compiled).toContain(line);
});

it.each(faces)('%s shows an example', (path) => {
  expect(read(path)).toContain('```ts');
});
