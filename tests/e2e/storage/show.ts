/** Shows a page in a browser that keeps what the page stores, and can be killed. */
import { spawn } from "node:child_process";
import { launch, type EngineName } from "../support/engine.ts";
import { required } from "../support/environment.ts";
import { endWithUs } from "../support/killGroup.ts";

/** Resolves when the page is asked for; the answer kills the browser. */
export async function show(engine: EngineName, profile: string, url: string): Promise<() => Promise<void>> {
  if (engine === "webkit") return showUndriven(profile, url);
  const browser = await launch(engine, { profile });
  await browser.newPage(url);
  return () => browser.kill();
}

/** WebKitGTK keeps nothing on disk while it is driven. */
async function showUndriven(profile: string, url: string): Promise<() => Promise<void>> {
  const homes = { HOME: profile, XDG_DATA_HOME: `${profile}/data`, XDG_CACHE_HOME: `${profile}/cache` };
  const browser = spawn(required("BEACONRY_MINIBROWSER"), [url], {
    detached: true,
    stdio: "ignore",
    env: { ...process.env, ...homes },
  });
  const { pid } = browser;
  if (pid === undefined) throw new Error("MiniBrowser could not be started");
  return endWithUs(pid);
}
