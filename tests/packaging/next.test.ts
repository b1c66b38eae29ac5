/** Next, both halves: rendered on the server, alive in the browser, behind one origin. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { createStage, type Stage } from "./support/stage.ts";
import { collect, end, fixture, installStranger, type Stranger } from "./support/stranger.ts";

let stage: Stage;
let stranger: Stranger;

before(async () => {
  stage = await createStage();
  stranger = await installStranger(fixture("next"));
});
after(async () => {
  await stranger?.remove();
  await stage?.close();
});

test("records of the browser come by the first-party path, those of the server by its own client", async () => {
  const env = { TELEMETRY_SERVER: stage.server.url, NEXT_TELEMETRY_DISABLED: "1" };
  await stranger.run("build", env);
  const args = ["node_modules/next/dist/bin/next", "start", "--hostname", "127.0.0.1", "--port", String(stage.appPort)];
  const next = stranger.start(args, env);
  const said = collect(next);
  while (!said().includes("Ready")) await once(next.stdout!, "data");

  const app = `http://127.0.0.1:${stage.appPort}`;
  const { page, close } = await stage.open(app, /no cart|React error #441|500 \(/);
  assert.match(await (await fetch(app)).text(), /Rendered on the server/);
  await page.click("#log");
  await page.click("#break");
  await page.waitForSelector("#fallback");
  await page.goto(`${app}/broken?token=secret`);
  await page.waitForSelector("#failed");
  const hello = await fetch(`${app}/api/hello`);
  assert.deepEqual(await hello.json(), { hello: "world" });
  const edge = await fetch(`${app}/api/edge`);
  assert.deepEqual(await edge.json(), { receipt: 0 });
  assert.doesNotMatch(said(), /telemetry is off/);
  await close();

  const [log, caught, failed] = await stage.arrived("next", 3);
  assert.deepEqual([log?.message, log?.context], ["from Next", { part: "shop" }]);
  assert.deepEqual([caught?.message, caught?.handled], ["no cart", true]);
  assert.match(caught?.componentStack ?? "", /at \w/);
  assert.match(String(failed?.context?.["digest"]), /^\d+$/);

  const [thrown, event] = await stage.arrived("next-server", 2);
  assert.deepEqual([thrown?.errorType, thrown?.message, thrown?.handled], ["RangeError", "no shelf", false]);
  assert.deepEqual([thrown?.context?.["path"], thrown?.context?.["routePath"]], ["/broken", "/broken"]);
  assert.equal(thrown?.context?.["digest"], failed?.context?.["digest"], "the two halves of one error do not name each other");
  assert.deepEqual([event?.name, event?.context], ["api_call", { endpoint: "hello", response_time: 1 }]);
  await end(next, "SIGTERM");
});
