/** A real Chromium with a profile of its own on disk, so that what pages store outlives them. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { chromiumFlags } from "./chromiumFlags.ts";
import { removeFolder } from "./removeFolder.ts";

export interface RealBrowser {
  readonly context: BrowserContext;
  /** Opens a tab. */
  open(url: string): Promise<Page>;
  /** Ends the browser and removes its profile. */
  close(): Promise<void>;
}

export async function launchBrowser(executablePath: string, more: readonly string[] = []): Promise<RealBrowser> {
  const profile = await mkdtemp(join(tmpdir(), "beaconry-chromium-"));
  const context = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args: [...chromiumFlags, ...more] });

  async function open(url: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(url);
    return page;
  }

  async function close(): Promise<void> {
    await context.close();
    await removeFolder(profile);
  }

  return { context, open, close };
}

/** Closes a tab as a person does: its handlers run, and nobody waits for what they started. */
export async function closeTab(page: Page): Promise<void> {
  const closed = page.waitForEvent("close");
  await page.close({ runBeforeUnload: true });
  await closed;
}
