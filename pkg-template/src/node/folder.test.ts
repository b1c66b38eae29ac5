import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFolderStorage } from './createFolderStorage.js';
import { createLockFiles } from './createLockFiles.js';
import { isAlive, ownIdentity } from './identity.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'beaconry-folder-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const held = () => readdirSync(folder).filter((name) => name.endsWith('.lock'));
const forEver = () => new Promise(() => undefined);
/** As a process that has ended wrote it. */
const dead = () => `${hostname()} ${spawnSync(process.execPath, ['--version']).pid} 1`;

it('keeps values under keys, as localStorage does, for its owner only', () => {
  const storage = createFolderStorage(join(folder, 'spool'));
  storage.setItem('beaconry:1:shop:ab:1', 'a\nb');
  storage.setItem('beaconry:session:shop', 'é');
  storage.setItem('beaconry:session:shop', 'ü');
  expect(storage.length).toBe(2);
  expect([storage.key(0), storage.key(1), storage.key(2)].sort()).toEqual(['beaconry:1:shop:ab:1', 'beaconry:session:shop', null]);
  expect([storage.getItem('beaconry:1:shop:ab:1'), storage.getItem('beaconry:session:shop')]).toEqual(['a\nb', 'ü']);
  const [file = ''] = readdirSync(join(folder, 'spool'));
  expect([statSync(join(folder, 'spool')).mode & 0o777, statSync(join(folder, 'spool', file)).mode & 0o777]).toEqual([0o700, 0o600]);
  storage.removeItem('beaconry:1:shop:ab:1');
  storage.removeItem('never there');
  expect([storage.length, storage.getItem('beaconry:1:shop:ab:1')]).toEqual([1, null]);
  storage.wipe();
  expect(storage.length).toBe(0);
});

it('leaves the files of others alone', () => {
  const others = ['package.json', '%zz.json', 'beaconry%3A%zz.json', 'beaconry.json'];
  for (const name of others) writeFileSync(join(folder, name), '{}');
  const storage = createFolderStorage(folder);
  storage.setItem('beaconry:session:shop', '1');
  expect([storage.length, storage.key(0)]).toEqual([1, 'beaconry:session:shop']);
  storage.wipe();
  expect(readdirSync(folder).sort()).toEqual([...others].sort());
});

it('follows no link and overwrites no file where it writes, and leaves nothing of a write that fails', () => {
  const storage = createFolderStorage(folder);
  const file = encodeURIComponent('beaconry:session:shop') + '.json';
  const other = join(folder, 'other');
  writeFileSync(other, 'of somebody else');
  symlinkSync(other, join(folder, `${file}.${process.pid}`));
  storage.setItem('beaconry:session:shop', '1');
  expect([readFileSync(other, 'utf8'), storage.getItem('beaconry:session:shop')]).toEqual(['of somebody else', '1']);
  rmSync(join(folder, file));
  mkdirSync(join(folder, file, 'in the way'), { recursive: true });
  const before = readdirSync(folder);
  expect(() => storage.setItem('beaconry:session:shop', '2')).toThrow();
  expect(readdirSync(folder)).toEqual(before);
});

it.each(['open', 'wipe'])('removes half-written files of the dead at %s, and those of nobody', (when) => {
  const gone = spawnSync(process.execPath, ['--version']).pid;
  const names = [`a.json.${gone}-0f`, `b.json.${gone}`, `c.json.${process.pid}-0f`, `d.json.${process.pid}-0f`, `e.json.${process.ppid}-0f`].map((name) => `beaconry%3A${name}`);
  const make = () => {
    for (const name of [...names, `mine.json.${gone}`]) writeFileSync(join(folder, name), '');
    utimesSync(join(folder, names[2] as string), 0, 0);
  };
  if (when === 'open') make();
  const storage = createFolderStorage(folder);
  if (when === 'wipe') (make(), storage.wipe());
  expect(readdirSync(folder).sort()).toEqual([...names.slice(3), `mine.json.${gone}`].sort());
});

it('says that a folder cannot be used', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => createFolderStorage(join(folder, 'file'))).toThrow(/EEXIST|ENOTDIR/);
});

it('gives a lock to one, until that one releases it', async () => {
  const [one, other] = [createLockFiles(folder), createLockFiles(folder)];
  let release = (): void => undefined;
  const holding = one.request('beaconry:shop:ab', { ifAvailable: true }, () => new Promise<void>((go) => void (release = go)));
  expect(await other.request('beaconry:shop:ab', { ifAvailable: true }, (lock) => lock)).toBe(null);
  release();
  await holding;
  expect(held()).toEqual([]);
  expect(await other.request('beaconry:shop:ab', { ifAvailable: true }, (lock) => lock)).toEqual({ name: 'beaconry:shop:ab' });
});

it('takes the lock of a process that is gone, and of one whose number somebody else has now', async () => {
  const locks = createLockFiles(folder);
  const path = join(folder, `${encodeURIComponent('beaconry:shop:ab')}.lock`);
  for (const holder of [dead(), `${hostname()} ${process.pid} 0:0`, `elsewhere ${process.pid} 1`, '']) {
    writeFileSync(path, holder);
    expect(await locks.request('beaconry:shop:ab', { ifAvailable: true }, (lock) => lock !== null), holder).toBe(true);
  }
});

it('steals a lock where that is asked for', async () => {
  const locks = createLockFiles(folder);
  void locks.request('a', {}, forEver);
  expect(await locks.request('a', { steal: true }, (lock) => lock !== null)).toBe(true);
});

it('releases all at once, and sweeps the locks of the dead that have left nothing', () => {
  const locks = createLockFiles(folder);
  const file = (name: string) => `${encodeURIComponent(`beaconry:${name}`)}.lock`;
  void locks.request('beaconry:own', {}, forEver);
  for (const name of [file('empty'), file('full'), 'package.lock']) writeFileSync(join(folder, name), dead());
  locks.sweep((name) => name === 'beaconry:full');
  expect(held()).toEqual([file('full'), file('own'), 'package.lock']);
  locks.releaseAll();
  expect(held()).toEqual([file('full'), 'package.lock']);
  expect(readdirSync(folder).filter((name) => !name.endsWith('.lock'))).toEqual([]);
});

it('knows itself, and a process that began at another time as another one', () => {
  expect(isAlive(ownIdentity())).toBe(true);
  // Where the system does not say when a process began, its number has to do.
  if (existsSync('/proc/self/stat')) expect(isAlive(ownIdentity().replace(/\d$/, (digit) => `${(Number(digit) + 1) % 10}`))).toBe(false);
});
