/** WebKitGTK's MiniBrowser by plain WebDriver. It keeps nothing on disk while it is driven so. */
import { spawn } from "node:child_process";
import type { EngineBrowser, EnginePage, LaunchOptions } from "./engine.ts";
import { required } from "./environment.ts";
import { expressionOf } from "./expression.ts";
import { freePort } from "./freePort.ts";
import { endWithUs } from "./killGroup.ts";
import { startSession, type WebDriverSession } from "./webdriver.ts";

export async function launchWebkit(profile: string, _: LaunchOptions): Promise<EngineBrowser> {
  const port = await freePort();
  const driver = spawn(required("BEACONRY_WEBKITDRIVER"), [`--port=${port}`], { detached: true, stdio: "ignore" });
  const { pid } = driver;
  if (pid === undefined) throw new Error("the WebDriver of WebKitGTK could not be started");
  const kill = endWithUs(pid);
  const session = await startSession(`http://127.0.0.1:${port}`, capabilities());
  return {
    engine: "webkit",
    profile,
    errors: [],
    newPage: async (url) => {
      const page = enginePage(session, await session.newTab());
      await page.goto(url);
      return page;
    },
    close: async () => {
      await session.end();
      await kill();
    },
    kill,
  };
}

function enginePage(session: WebDriverSession, handle: string): EnginePage {
  async function evaluate<T>(what: ((...args: never) => unknown) | string, ...args: readonly unknown[]): Promise<T> {
    const script = `const done = arguments[0];
      (async () => ${expressionOf(what, args)})().then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const answer = await session.inTab<Answer<T>>(handle, "POST", "/execute/async", { script, args: [] });
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.value as T;
  }

  async function click(selector: string): Promise<void> {
    const wanted = { using: "css selector", value: selector };
    const element = await session.inTab<Record<string, string>>(handle, "POST", "/element", wanted);
    await session.inTab(handle, "POST", `/element/${Object.values(element)[0]}/click`);
  }

  return {
    evaluate: evaluate as EnginePage["evaluate"],
    click,
    goto: (url) => session.inTab(handle, "POST", "/url", { url }),
    back: () => session.inTab(handle, "POST", "/back"),
    close: () => session.inTab(handle, "DELETE", "/window"),
    setOffline: () => Promise.reject(new Error("WebKitGTK cannot be put offline by its driver")),
  };
}

interface Answer<T> {
  readonly value?: T;
  readonly error?: string;
}

/** MiniBrowser is told that it is driven; it then forgets everything at its end. */
const capabilities = (): object => ({
  "webkitgtk:browserOptions": {
    binary: required("BEACONRY_MINIBROWSER"),
    args: ["--automation"],
  },
});
