/** What the client is measured on: one Chromium, the real server, and the proxy that counts bytes. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type CDPSession, type Page } from "playwright-core";
import { createProxy, type Proxy } from "../faults/proxy.ts";
import { addressWith } from "../pages/config.ts";
import type { RecorderWindow } from "../pages/recorder.ts";
import { chromiumFlags } from "../support/chromiumFlags.ts";
import { required } from "../support/environment.ts";
import { freePort } from "../support/freePort.ts";
import { hostPages } from "../support/pageHost.ts";
import { serverUnderTest } from "../support/serverUnderTest.ts";

export interface Bed {
  readonly proxy: Proxy;
  readonly browser: Browser;
  /** The address of a page, with the config of the client in it. */
  addressOf(page: "recorder" | "empty" | "started" | "hooksBench"): string;
  /** Opens the page that records, in a profile of its own. */
  open(): Promise<BedPage>;
  close(): Promise<void>;
}

export interface BedPage {
  readonly page: Page;
  readonly devtools: CDPSession;
  close(): Promise<void>;
}

export async function createBed(): Promise<Bed> {
  const data = await mkdtemp(join(tmpdir(), "beaconry-bench-"));
  const token = required("BEACONRY_TOKEN");
  const pages = await hostPages(required("BEACONRY_PACKAGE"), true);
  const server = serverUnderTest({ data, port: await freePort(), allowOrigin: pages.url });
  await server.start();
  const proxy = await createProxy(server.url);
  const browser = await chromium.launch({ executablePath: required("BEACONRY_CHROMIUM"), args: [...chromiumFlags] });

  function addressOf(page: string): string {
    const config = { endpoint: `${proxy.url}/api/telemetry/batch`, token, app: "bench" };
    return addressWith(`${pages.url}/${page}.html`, { config });
  }

  async function open(): Promise<BedPage> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(addressOf("recorder"));
    await page.waitForFunction(() => (globalThis as unknown as Partial<RecorderWindow>).recorder !== undefined);
    await page.evaluate(async () => void (await (globalThis as unknown as RecorderWindow).recorder.ready));
    return { page, devtools: await context.newCDPSession(page), close: () => context.close() };
  }

  async function close(): Promise<void> {
    await browser.close();
    await proxy.close();
    await server.stop();
    await pages.close();
    await rm(data, { recursive: true, force: true });
  }

  return { proxy, browser, addressOf, open, close };
}
