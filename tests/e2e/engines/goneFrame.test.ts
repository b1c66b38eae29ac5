/** A frame that was removed while its client runs: whoever still holds the client can call it, and nothing breaks. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Config } from "beaconry";
import { createWatchedStage, type ToolboxWindow, type WatchedStage } from "./watchedStage.ts";

let stage: WatchedStage;

before(async () => {
  stage = await createWatchedStage();
});

after(() => stage?.close());

test("records made in a window that is gone break nothing", async () => {
  const page = await stage.open();
  const seen = await page.evaluate(async (config: Config) => {
    const frame = document.createElement("iframe");
    frame.src = "/toolbox.html";
    document.body.append(frame);
    await new Promise((resolve) => frame.addEventListener("load", resolve));
    const { toolbox } = frame.contentWindow as unknown as ToolboxWindow;
    await toolbox.init(config);
    const { telemetry, watched } = toolbox;
    telemetry.event("before");
    frame.remove();
    const receipts = [telemetry.event("after"), telemetry.log("error", "after"), telemetry.error(new Error("after"))];
    // A microtask of a window that is gone may never run: only the other frame waits.
    void telemetry.flush();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { traps, recorded, discarded } = telemetry.stats();
    return { receipts, traps, recorded, discarded, said: watched.said, uncaught: watched.uncaught };
  }, stage.config);
  assert.deepEqual(seen, { receipts: [2, 3, 4], traps: 0, recorded: 4, discarded: {}, said: [], uncaught: [] });
  await page.close();
});
