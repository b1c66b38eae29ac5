import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { ADOPT, ATTACH, RECOVERED, SET_OWN, builtPage, storageOf } from './testing/builtPage.js';
import type { Page } from './testing/builtPage.js';
import { root } from './testing/examples.js';

/** What is read of an answer, as the script of the page stands there. */
interface Answers {
  answerNumbers(json: unknown): Float64Array;
  answerTexts(json: unknown): unknown;
}

let pageIn: (scope: object) => Page;
let answers: Answers;

beforeAll(async () => {
  pageIn = await builtPage();
  answers = (await import(join(root, 'src/browser/page/requests.js'))) as Answers;
});

const thrower = {
  get: () => {
    throw new Error('no');
  },
};

it('takes no value that the wasm cannot take, whatever the page has become', () => {
  const navigator = Object.defineProperties({}, { userAgent: thrower, language: { value: 7 }, platform: { value: 'a\0b' } });
  const scope = Object.defineProperties(
    { navigator, location: { href: 7 }, localStorage: { getItem: () => ({ parsed: true }) }, crypto: { getRandomValues: () => [Symbol('bits')] } },
    { innerWidth: thrower },
  );
  const page = pageIn(scope);
  expect(page.readText(PLATFORM, '')).toBe('\0\0a\ufffdb\0\0');
  expect([page.readText(URL, ''), page.readText(STORED, 'key')]).toEqual(['', '']);
  expect(page.randomBits()).toBeTypeOf('number');
});

it('reads an answer only if it is one, and never counts on what it says of its length', () => {
  const ours = { beaconry: 1, acknowledged: [[1, 2]], message: 'a\0b' };
  expect(answers.answerNumbers(ours).slice(-2)).toEqual(new Float64Array([1, 2]));
  expect(answers.answerTexts(ours)).toBe('\0a\ufffdb');
  const strange = [{ acknowledged: { length: 3_000_000 } }, { acknowledged: [[1, 1e300]] }, { beaconry: 2 ** 32 + 1 }];
  for (const one of strange) expect(answers.answerNumbers({ ...ours, ...one }), JSON.stringify(one)).toHaveLength(0);
});

it('adopts what earlier pages left where database and locks never answer', async () => {
  const key = `beaconry:1:app:${'1'.repeat(32)}:1`;
  const values = new Map([[key, 'a chunk']]);
  const localStorage = storageOf(values);
  const never = new Promise<never>(() => undefined);
  // The waits are short here.
  const setTimeoutSoon = (act: () => void): unknown => setTimeout(act, 1);
  const scope = { localStorage, indexedDB: { open: () => ({}) }, navigator: { locks: { request: () => never } }, setTimeout: setTimeoutSoon, clearTimeout };
  const recovered = new Promise<string>((resolve) => {
    const page = pageIn(scope);
    page.connect((_, what, text) => what === RECOVERED && resolve(text));
    const one = page.createPage('app', '/', undefined);
    page.perform(one, ATTACH, '');
    page.perform(one, SET_OWN, '2'.repeat(32));
    page.perform(one, ADOPT);
  });
  expect(await recovered).toBe(`${key}\0a chunk`);
});

const [URL, PLATFORM, STORED] = [0, 1, 2] as const;
