/** The code that the documentation shows, and what a compiler says of it. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Example {
  /** Where it stands: a file of the repository and a line. */
  readonly at: string;
  readonly language: 'ts' | 'tsx';
  readonly code: string;
}

export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Everything that a reader of the package meets: its README, the pages about it, the comments of its exports. */
export async function everyExample(): Promise<readonly Example[]> {
  const texts = ['README.md', 'pkg-template/README.md', ...(await filesIn('docs', /\.md$/))];
  const sources = await filesIn('pkg-template/src', /(?<!\.test|\.test-d)\.tsx?$/);
  const found = await Promise.all([...texts, ...sources].map(examplesOf));
  return found.flat();
}

/** What `tsc` says of the examples, as an app that has the package and nothing else would hear it. */
export async function complaints(examples: readonly Example[], packageFolder: string): Promise<readonly string[]> {
  const folder = await mkdtemp(join(root, 'target', 'examples-'));
  try {
    await writeFile(join(folder, 'given.d.ts'), given);
    const entries = await entriesOf(packageFolder);
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(compilerOptions(entries)));
    const names = examples.map(({ language }, index) => `example${index}.${language}`);
    await Promise.all(examples.map((example, at) => {
      const text = `${example.code}\n${impliedImports(example, entries)}export {};\n`;
      return writeFile(join(folder, names[at] ?? ''), text);
    }));
    const output = await compile(folder);
    return output.replace(/\S*example(\d+)\.tsx?\((\d+),\d+\)/g, (_, at: string, line: string) =>
      `${examples[Number(at)]?.at ?? at}, line ${line} of the example`,
    ).split('\n').filter((line) => line !== '' && !line.startsWith('npm warn'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function filesIn(folder: string, name: RegExp): Promise<readonly string[]> {
  const entries = await readdir(join(root, folder), { recursive: true });
  return entries.filter((entry) => name.test(entry) && !entry.includes('node_modules')).map((entry) => join(folder, entry));
}

/** Those in fences of Markdown, and in such fences within comments. */
async function examplesOf(file: string): Promise<readonly Example[]> {
  const text = await readFile(join(root, file), 'utf8');
  return [...text.matchAll(/^( *(?:\*|\/\/!?)? ?)```(tsx?)\n(.*?)^\1```/gms)].map((match) => {
    const [, margin = '', language, lines = ''] = match;
    const code = lines.split('\n').map((line) => (line.startsWith(margin) ? line.slice(margin.length) : line.trimStart().replace(/^\*/, '')));
    const line = text.slice(0, match.index).split('\n').length;
    return { at: `${file}:${line}`, language: language as Example['language'], code: code.join('\n') };
  });
}

function compile(folder: string): Promise<string> {
  const tsc = join(root, 'node_modules/.bin/tsc');
  return new Promise((resolve) => execFile(tsc, ['-p', folder, '--pretty', 'false'], (_, output) => resolve(output)));
}

/** What a module of the package is imported by, where its types are, and what it exports. */
interface Entry {
  readonly name: string;
  readonly types: string;
  readonly exports: readonly string[];
}

async function entriesOf(packageFolder: string): Promise<readonly Entry[]> {
  const manifest = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as Manifest;
  const typed = Object.entries(manifest.exports).flatMap(([path, entry]) => (typeof entry === 'string' ? [] : [[path, entry.types] as const]));
  return Promise.all(typed.map(async ([path, types]) => {
    const text = await readFile(join(packageFolder, types), 'utf8');
    const listed = [...text.matchAll(/^export \{ ([^}]+) \}/gm)].flatMap(([, names = '']) => names.split(', '));
    const declared = [...text.matchAll(/^export declare (?:async )?(?:function|const|class) (\w+)/gm)].map(([, name = '']) => name);
    return { name: join('beaconry', path), types: join(packageFolder, types), exports: [...listed, ...declared] };
  }));
}

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
}

/** An example in the comments of an entry is about that entry: it need not import what is explained. */
function impliedImports({ at, code }: Example, entries: readonly Entry[]): string {
  const folder = /^pkg-template\/src\/([^/]+)\//.exec(at)?.[1];
  const own = entries.filter(({ name }) => name === `beaconry/${folder}` || name.startsWith(`beaconry/${folder}/`));
  const imported = new Set([...code.matchAll(/import \{([^}]*)\}/g)].flatMap(([, names = '']) => names.split(',').map((name) => name.trim())));
  const lines = own.map(({ name, exports }) => {
    const isDeclared = (one: string) => new RegExp(`(?:const|function|class) ${one}\\b`).test(code);
    const isUsed = (one: string) => new RegExp(`\\b${one}\\b`).test(code);
    const needed = exports.filter((one) => !imported.has(one) && isUsed(one) && !isDeclared(one));
    needed.forEach((one) => imported.add(one));
    return needed.length === 0 ? '' : `import { ${needed.join(', ')} } from '${name}';\n`;
  });
  return lines.join('');
}

const compilerOptions = (entries: readonly Entry[]): object => ({
  compilerOptions: {
    target: 'ES2022',
    module: 'ES2022',
    moduleResolution: 'bundler',
    lib: ['ES2022', 'DOM', 'DOM.Iterable'],
    jsx: 'react-jsx',
    types: ['node', 'vite/client'],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    paths: Object.fromEntries(entries.map(({ name, types }) => [name, [types]])),
  },
});

/** What examples speak of without saying where it comes from. */
const given = `
declare const init: typeof import('beaconry').init;
declare const telemetry: typeof import('beaconry').telemetry;
declare const endpoint: string;
declare const flags: { isOn(name: string): boolean };
declare const banner: { onAccept: () => void; onReject: () => void };
declare const createApp: typeof import('vue').createApp;
declare const plainLogger: Record<'info' | 'error' | 'action' | 'perf', (text: string, data?: object) => void>;
declare const createRoot: typeof import('react-dom/client').createRoot;
declare const root: HTMLElement;
declare const App: () => import('react').ReactNode;
declare const Shop: typeof App;
declare const Cart: typeof App;
declare const children: import('react').ReactNode;
`;
