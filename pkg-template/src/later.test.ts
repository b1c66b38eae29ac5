import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const sources = import.meta.dirname;

// A file that is fetched later is gone after a deployment, and service workers fetch none: what is in it may be
// missed, and no record depends on it.
it('only what may be missed is fetched later', () => {
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' });
  const code = files.filter((name) => /\.(ts|js)$/.test(name) && !name.includes('.test.'));
  const later = code.flatMap((name) =>
    [...readFileSync(join(sources, name), 'utf8').matchAll(/ await import\('(\.[^']+)'\)/g)].map(([, path]) => path),
  );
  expect([...new Set(later)].sort()).toEqual([
    '../withWasm.js',
    './describeMisuse.js',
    './describeWrong.js',
    './images.js',
    './openPanel.js',
    './withoutWasm/index.js',
  ]);
});
