// The built page in a real browser, against a server that speaks the query API.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aHostileLog, aLog, aLoss, aTrace, anError, anEvent } from './drafts.ts';
import { startFakeServer } from './fakeServer.ts';
import type { Draft, FakeServer } from './fakeServer.ts';
import { openBrowser } from './openBrowser.ts';

let folder: string;
let browser: Browser;
let server: FakeServer;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'beaconry-www-'));
  await build({ logLevel: 'warn', build: { outDir: folder, emptyOutDir: true } });
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  server = await startFakeServer(folder);
  complaints = [];
});

afterEach(async () => {
  await page.context().close();
  await server.goDown();
  expect(complaints).toEqual([]);
});

/** Opens the page and gathers what must never happen: an exception, or a breach of the CSP. */
async function open(options: BrowserContextOptions = {}): Promise<void> {
  const context = await browser.newContext(options);
  page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) complaints.push(message.text());
  });
  await page.goto(`${server.url}/admin/`);
}

const row = (n: number) => page.locator(`.row[data-n="${n}"]`);
const link = (word: string) => page.getByTestId('link').getByText(word).waitFor();
const total = (type: string) =>
  page.getByTestId('totals').locator(`[data-type=${type}] .legend-count`);

describe('what is shown', () => {
  it('says how to begin while nothing has arrived, and goes live with the first record', async () => {
    await open();
    await page.getByTestId('empty').waitFor();
    expect(await page.getByTestId('empty').locator('pre').innerText()).toContain(
      `endpoint: '${server.url}/api/telemetry/batch'`,
    );
    await link('Live');
    server.publish(anEvent);
    await row(1).waitFor();
    await page.getByTestId('empty').waitFor({ state: 'detached' });
  });

  it('shows what was stored before it was opened, newest first, and counts it', async () => {
    server.publish(aLog);
    server.publish(anEvent);
    await open();
    await row(2).waitFor();
    expect(await page.locator('.row').evaluateAll((rows) => rows.map((r) => r.dataset['n']))).toEqual([
      '2',
      '1',
    ]);
    await expect.poll(() => total('log').innerText()).toBe('1');
    await expect.poll(() => page.locator('.piece').count()).toBeGreaterThan(0);
  });

  it('shows a live record, and counts it, within a second', async () => {
    server.publish(aLog);
    await open();
    await link('Live');
    await expect.poll(() => total('trace').innerText()).toBe('0');
    const shown = await publishUntilPrompt(aTrace);
    await expect.poll(() => total('trace').innerText()).toBe(`${shown}`);
  });

  it('keeps hostile text as text', async () => {
    const n = server.publish(aHostileLog);
    await open();
    await row(n).click();
    const json = await page.getByTestId('json').innerText();
    expect(json).toContain('<script>window.__owned = true</script>');
    expect(await page.locator('#details-title').innerText()).toContain('<img src=x onerror=');
    expect(await page.locator('#app img, #app b, #app a[href^=javascript]').count()).toBe(0);
    expect(await page.evaluate(() => '__owned' in window)).toBe(false);
  });
});

describe('what a person can do', () => {
  it('filters by type', async () => {
    const log = server.publish(aLog);
    const error = server.publish(anError);
    await open();
    const filter = page.getByRole('group', { name: 'Show only these types' });
    await filter.getByRole('button', { name: 'error' }).click();
    await row(log).waitFor({ state: 'detached' });
    expect(await row(error).count()).toBe(1);
    await filter.getByRole('button', { name: 'all' }).click();
    await row(log).waitFor();
  });

  it('looks further back', async () => {
    for (let i = 0; i < 105; i += 1) server.publish(aLog);
    await open();
    await row(105).waitFor();
    expect(await row(1).count()).toBe(0);
    await page.getByTestId('older').click();
    await row(1).waitFor();
    await page.getByTestId('older').waitFor({ state: 'detached' });
  });

  it('pauses the feed, holds what comes, and shows it on resume', async () => {
    server.publish(aLog);
    await open();
    await link('Live');
    await page.getByTestId('pause').click();
    const n = server.publish(anEvent);
    await page.getByTestId('pause').getByText('1 new').waitFor();
    expect(await row(n).count()).toBe(0);
    await page.getByTestId('pause').click();
    await row(n).waitFor();
  });

  it('reaches a record and its details with the keyboard alone, and comes back', async () => {
    const older = server.publish(anEvent);
    const newer = server.publish(anError);
    await open();
    await row(newer).waitFor();
    await tabTo(`.row[data-n="${newer}"]`);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByTestId('json').getByText('question_answered').waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('heading', { name: 'TypeError' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('details').waitFor({ state: 'hidden' });
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-n'));
    await expect.poll(focused).toBe(`${older}`);
  });

  it('tells a screen reader of new records in one sentence, not in one each', async () => {
    server.publish(aLog);
    await open();
    await link('Live');
    const status = page.getByRole('status');
    for (let i = 0; i < 20; i += 1) server.publish(anError);
    await expect.poll(() => status.innerText()).toMatch(/^\d+ new records?, \d+ errors? among them\.$/);
  });
});

describe('what goes wrong', () => {
  it('says since when the server is unreachable, keeps what it has, and catches up by itself', async () => {
    const before = server.publish(aLog);
    await open();
    await link('Live');
    await server.goDown();
    await page.getByTestId('unreachable').getByText(/Server unreachable since \d\d:\d\d:\d\d/).waitFor();
    expect(await row(before).count()).toBe(1);
    await server.comeBack();
    const meanwhile = server.publishSilently(anEvent);
    await link('Live');
    await row(meanwhile).waitFor();
    await page.getByTestId('unreachable').waitFor({ state: 'detached' });
    await publishUntilPrompt(aTrace);
  });

  it("does not take a proxy's error page for the server", async () => {
    server.publish(aLog);
    await open();
    await link('Live');
    server.refuseWith(502);
    await page.getByTestId('unreachable').getByText('HTTP 502').waitFor();
    server.refuseWith(undefined);
    await link('Live');
  });

  it('waits without a record list until the first answer', async () => {
    server.publish(aLog);
    await open();
    const release = server.hold();
    await page.reload();
    await page.getByTestId('loading').waitFor();
    release();
    await row(1).waitFor();
  });

  it('shows what clients lost, and leads to their reports', async () => {
    server.publish(aLog);
    const report = server.publish(aLoss);
    await open();
    await page.getByTestId('loss').getByText('Data lost: 12 records').waitFor();
    await page.getByTestId('loss').getByText('queue overflow 10, too old 2').waitFor();
    await page.getByRole('button', { name: 'Show the reports' }).click();
    await row(1).waitFor({ state: 'detached' });
    expect(await row(report).innerText()).toContain('12 records lost');
  });

  it('says that the live feed skipped records, and fetches them', async () => {
    server.publish(aLog);
    await open();
    await link('Live');
    const skipped = server.publishSilently(anEvent);
    server.lag(1);
    await page.getByTestId('missed').getByText('skipped 1 record').waitFor();
    await row(skipped).waitFor();
  });

  it('marks stored records that it does not hold', async () => {
    server.publish(aLog);
    await open();
    await link('Live');
    for (let i = 0; i < 3; i += 1) server.publishSilently(aLog);
    await row(server.publish(anEvent)).waitFor();
    await page.getByTestId('gap').getByText('3 records in between').waitFor();
  });

  it('shows damaged lines of the journal', async () => {
    server.damage(3);
    server.publish(aLog);
    await open();
    await page.getByTestId('damaged').getByText('3 set aside').waitFor();
  });
});

describe('on a phone', () => {
  it('fits its width, with long and unbroken text in it', async () => {
    server.publish({ ...aLog, message: 'x'.repeat(4_000) });
    server.publish(aLoss);
    await open({ viewport: { width: 360, height: 740 } });
    await row(1).waitFor();
    const overhang = () =>
      page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(await overhang()).toBe(0);
    await row(1).click();
    await page.getByTestId('json').waitFor();
    expect(await overhang()).toBe(0);
  });
});

/** Publishes until a record is shown within a second, as they all are on a machine that is not busy. How many it took. */
async function publishUntilPrompt(draft: Draft): Promise<number> {
  for (let published = 1; ; published += 1) {
    const start = performance.now();
    await row(server.publish(draft)).waitFor();
    if (performance.now() - start < 1_000) return published;
    expect(published, 'no record was shown within a second').toBeLessThan(5);
  }
}

async function tabTo(selector: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    const isThere = await page.evaluate((s) => document.activeElement?.matches(s), selector);
    if (isThere) return;
  }
  throw new Error(`Tab never reached ${selector}`);
}
