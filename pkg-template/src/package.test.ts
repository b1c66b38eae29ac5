import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const facts = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly sideEffects: unknown;
};

it('tells bundlers which files do something when they are imported: the scripts, and no others', () => {
  const scripts = Object.values(facts.exports).filter((file) => typeof file === 'string' && /^\.\/dist\/.*\.js$/.test(file));
  expect(scripts).toHaveLength(2);
  expect(facts.sideEffects).toEqual(scripts);
});
