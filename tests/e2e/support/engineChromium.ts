/** Chromium by Playwright, with a profile on disk. */
import { readlink } from "node:fs/promises";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { chromiumFlags } from "./chromiumFlags.ts";
import type { EngineBrowser, EnginePage, LaunchOptions } from "./engine.ts";
import { required } from "./environment.ts";
import { expressionOf } from "./expression.ts";
import { killGroup } from "./killGroup.ts";

export async function launchChromium(profile: string, options: LaunchOptions): Promise<EngineBrowser> {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: required("BEACONRY_CHROMIUM"),
    headless: true,
    args: [...chromiumFlags],
    // Playwright switches the cache off, since its own pages do not expect to come back.
    ignoreDefaultArgs: options.bfcache ? ["--disable-back-forward-cache"] : [],
  });
  const leader = await leaderOf(profile);
  const errors: string[] = [];
  return {
    engine: "chromium",
    profile,
    errors,
    newPage: async (url) => {
      const page = await context.newPage();
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
      await page.goto(url);
      return enginePage(page, context);
    },
    close: () => context.close(),
    kill: async () => {
      const closed = context.waitForEvent("close");
      await killGroup(leader);
      await closed;
    },
  };
}

function enginePage(page: Page, context: BrowserContext): EnginePage {
  return {
    evaluate: (what, ...args) => page.evaluate(expressionOf(what, args)),
    click: (selector) => page.click(selector),
    goto: (url) => page.goto(url).then(ignore),
    back: () => page.goBack({ waitUntil: "commit" }).then(ignore),
    close: async ({ runBeforeUnload = true } = {}) => {
      const closed = page.waitForEvent("close");
      await page.close({ runBeforeUnload });
      await closed;
    },
    setOffline: (isOffline) => context.setOffline(isOffline),
    refuseToLeave: () => {
      let asked = 0;
      page.on("dialog", (dialog) => {
        asked += 1;
        void dialog.dismiss();
      });
      return () => asked;
    },
    crashRenderer: async () => {
      const crashed = page.waitForEvent("crash");
      const session = await context.newCDPSession(page);
      // The answer of a process that dies never comes.
      session.send("Page.crash").catch(ignore);
      await crashed;
    },
    setFrozen: async (isFrozen) => {
      const session = await context.newCDPSession(page);
      await session.send("Page.setWebLifecycleState", { state: isFrozen ? "frozen" : "active" });
      await session.detach();
    },
  };
}

/** The lock in the profile names the browser's process; Playwright lets it lead a group. */
async function leaderOf(profile: string): Promise<number> {
  const lock = await readlink(join(profile, "SingletonLock"));
  return Number(lock.slice(lock.lastIndexOf("-") + 1));
}

function ignore(): void {}
