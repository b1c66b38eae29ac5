/**
 * One face for the browsers that the end-to-end tests drive: Chromium by Playwright, Firefox by Puppeteer over
 * WebDriver BiDi, WebKitGTK by plain WebDriver. What only one of them can do is optional here.
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launchChromium } from "./engineChromium.ts";
import { launchFirefox } from "./engineFirefox.ts";
import { launchWebkit } from "./engineWebkit.ts";
import { required } from "./environment.ts";

export type EngineName = "chromium" | "firefox" | "webkit";

export interface LaunchOptions {
  /** The folder of an earlier launch, to go on with what it stored; a new one when none is named. */
  readonly profile?: string;
  /** Keeps pages that are left, to come back to them as they were. Driven browsers do not by themselves. */
  readonly bfcache?: boolean;
}

export interface EngineBrowser {
  readonly engine: EngineName;
  /** The user's data; `close` and `kill` leave it there for a later launch. */
  readonly profile: string;
  /** What its pages threw, and said as errors on the console, where the driver tells of it. */
  readonly errors: readonly string[];
  newPage(url: string): Promise<EnginePage>;
  /** Ends the browser as a person does. */
  close(): Promise<void>;
  /** SIGKILL to all of its processes at once: no handler runs, nothing is flushed. */
  kill(): Promise<void>;
}

export interface EnginePage {
  /** Runs a function in the page, or the text of an expression; what it answers has to be JSON. */
  evaluate<T, A extends readonly unknown[]>(what: ((...args: A) => T | Promise<T>) | string, ...args: A): Promise<T>;
  /** Clicks as a person does, which counts as the page being used. */
  click(selector: string): Promise<void>;
  goto(url: string): Promise<void>;
  /** Goes one page back, and waits until that page is there. */
  back(): Promise<void>;
  /** Closes the tab; by default as a person does, so that its handlers run. */
  close(options?: { readonly runBeforeUnload?: boolean }): Promise<void>;
  /** No request leaves the page any more, or they do again. */
  setOffline(isOffline: boolean): Promise<void>;
  /** Says "stay" to every question whether to leave the page; tells how often it was asked so far. */
  refuseToLeave?(): () => number;
  /** The page's process dies. */
  crashRenderer?(): Promise<void>;
  /** Stops the page's timers and tasks as a browser does with a tab in the background, or lets it go on. */
  setFrozen?(isFrozen: boolean): Promise<void>;
}

/** The one that `cargo xtask test --browser` names. */
export function engineUnderTest(): EngineName {
  const named = required("BEACONRY_ENGINE");
  const engine = Object.keys(launchers).find((name) => name === named);
  if (engine === undefined) throw new Error(`BEACONRY_ENGINE is ${named}: no such engine`);
  return engine as EngineName;
}

/** Starts a browser, which ends when this process does. */
export async function launch(engine: EngineName, options: LaunchOptions = {}): Promise<EngineBrowser> {
  const profile = options.profile ?? (await mkdtemp(join(tmpdir(), `beaconry-${engine}-`)));
  return launchers[engine](profile, options);
}

const launchers: Readonly<Record<EngineName, (profile: string, options: LaunchOptions) => Promise<EngineBrowser>>> = {
  chromium: launchChromium,
  firefox: launchFirefox,
  webkit: launchWebkit,
};
