/** A page without a bundler, as a person would put it together: its own files beside the scripts of the package. */
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { hostApp } from "./app.ts";
import { launchBrowser } from "./browser.ts";
import { required } from "./environment.ts";
import type { StoredRecord } from "./events.ts";
import { freePort } from "./freePort.ts";
import { createFrontDoor, type FrontDoor } from "./frontDoor.ts";
import { journalLines } from "./journal.ts";
import { orClose } from "./orClose.ts";
import { createServer } from "./server.ts";

export interface Site {
  readonly door: FrontDoor;
  readonly context: BrowserContext;
  open(page: string): Promise<Page>;
  /** Every record that is stored, copies included. */
  stored(): Promise<StoredRecord[]>;
  /** Keeps the wasm from coming until that is called. */
  holdWasm(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** @param files a folder of pages, or their texts by name */
export async function createSite(files: string | Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), "beaconry-site-"));
  const [pages, data] = [join(folder, "pages"), join(folder, "data")];
  await mkdir(join(pages, "beaconry"), { recursive: true });
  if (typeof files === "string") await cp(files, pages, { recursive: true });
  else await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(pages, name), text)));
  for (const name of ["loader.js", "beaconry.global.js", "beaconry_bg.wasm"]) {
    await cp(join(required("BEACONRY_PACKAGE"), "dist", name), join(pages, "beaconry", name));
  }
  const host = await hostApp(pages, 0, headers);
  const door = await createFrontDoor();
  const binary = required("BEACONRY_SERVER_BIN");
  const server = createServer({ binary, data, port: await freePort(), token: required("BEACONRY_TOKEN"), allowOrigin: door.url });
  await server.start();
  door.lead(host.url, server.url);
  const browser = await orClose(launchBrowser(required("BEACONRY_CHROMIUM")), closeAround);

  async function holdWasm(): Promise<() => Promise<void>> {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await browser.context.route("**/*.wasm", async (route) => {
      await held;
      // The page that asked may be gone.
      await route.continue().catch(() => undefined);
    });
    return async () => {
      release();
      await browser.context.unroute("**/*.wasm");
    };
  }

  async function close(): Promise<void> {
    await browser.close();
    await closeAround();
  }

  /** Everything but the browser. */
  async function closeAround(): Promise<void> {
    await server.stop();
    await door.close();
    await host.close();
    await rm(folder, { recursive: true, force: true });
  }

  return {
    door,
    context: browser.context,
    open: (page) => browser.open(`${door.url}/${page}`),
    stored: async () => (await journalLines(data)).map((line) => JSON.parse(line) as StoredRecord),
    holdWasm,
    close,
  };
}
