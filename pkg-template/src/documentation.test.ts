import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { complaints, everyExample, root } from './testing/examples.js';
import type { Example } from './testing/examples.js';

const packageFolder = process.env['BEACONRY_PACKAGE'] ?? join(root, 'target/npm/beaconry');

describe('what the documentation shows', () => {
  let examples: readonly Example[] = [];
  beforeAll(async () => {
    examples = await everyExample();
  });

  it('compiles against the package as it is built', { timeout: 60_000 }, async () => {
    expect(examples.length).toBeGreaterThan(5);
    expect(await complaints(examples, packageFolder)).toEqual([]);
  });

  it('is seen to be wrong where it is', { timeout: 60_000 }, async () => {
    const wrong: Example = { at: 'README.md:1', language: 'ts', code: "telemetry.log('loud', 'Hello');" };
    expect(await complaints([wrong], packageFolder)).toEqual([
      expect.stringMatching(/^README\.md:1, line 1 of the example: .*"loud"/),
    ]);
  });
});

it('shows an example of everything that an entry exports', async () => {
  const manifest = JSON.parse(await readFile(join(root, 'pkg-template/package.json'), 'utf8')) as Manifest;
  const entries = Object.values(manifest.exports).flatMap((entry) => (typeof entry === 'string' ? [] : [entry.types]));
  const lacking = await Promise.all(entries.map(exportsWithoutExample));
  expect(lacking.flat()).toEqual([]);
});

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
}

/** Its functions, classes and constants whose comment has no example. */
async function exportsWithoutExample(types: string): Promise<readonly string[]> {
  const folder = join(packageFolder, types, '..');
  const index = await readFile(join(packageFolder, types), 'utf8');
  const lacking = [...index.matchAll(/^export \{ ([^}]+) \} from '(.*)\.js';/gm)].map(async ([, names = '', from = '']) => {
    const text = await readFile(join(folder, `${from}.d.ts`), 'utf8');
    return names.split(', ').filter((name) => !hasExample(text, name)).map((name) => `${name} of ${types}`);
  });
  return (await Promise.all(lacking)).flat();
}

function hasExample(text: string, name: string): boolean {
  const declaration = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*export (?:declare )?(?:async )?(?:function|const|class) ${name}\\b`);
  return declaration.exec(text)?.[1]?.includes('```ts') === true;
}
