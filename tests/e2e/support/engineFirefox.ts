/** Firefox by Puppeteer over WebDriver BiDi, with a profile on disk. */
import { once } from "node:events";
import puppeteer, { type Page } from "puppeteer-core";
import type { EngineBrowser, EnginePage, LaunchOptions } from "./engine.ts";
import { required } from "./environment.ts";
import { expressionOf } from "./expression.ts";
import { killGroup } from "./killGroup.ts";

/** Firefox keeps pages that are left by itself. */
export async function launchFirefox(profile: string, _: LaunchOptions): Promise<EngineBrowser> {
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: required("BEACONRY_FIREFOX"),
    userDataDir: profile,
    headless: true,
    defaultViewport: null,
  });
  const leader = browser.process();
  if (leader?.pid === undefined) throw new Error("Firefox has no process");
  const { pid } = leader;
  const ended = once(leader, "exit");
  const errors: string[] = [];
  return {
    engine: "firefox",
    profile,
    errors,
    newPage: async (url) => {
      const page = await browser.newPage();
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
      await page.goto(url);
      return enginePage(page);
    },
    close: () => browser.close(),
    kill: async () => {
      await killGroup(pid);
      await ended;
    },
  };
}

function enginePage(page: Page): EnginePage {
  return {
    evaluate: (what, ...args) => page.evaluate(expressionOf(what, args)) as never,
    click: (selector) => page.click(selector),
    goto: (url) => page.goto(url).then(ignore),
    back: () => page.goBack({ waitUntil: [] }).then(ignore),
    close: ({ runBeforeUnload = true } = {}) => page.close({ runBeforeUnload }),
    setOffline: (isOffline) => page.setOfflineMode(isOffline),
    refuseToLeave: () => {
      let asked = 0;
      page.on("dialog", (dialog) => {
        asked += 1;
        void dialog.dismiss();
      });
      return () => asked;
    },
  };
}

function ignore(): void {}
