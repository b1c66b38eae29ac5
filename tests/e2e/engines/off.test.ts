/** Off means off, as the network, the storage and the page itself see it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Config } from "beaconry";
import type { EnginePage } from "../support/engine.ts";
import { pause, until } from "../support/until.ts";
import { createWatchedStage, isBatch, patience, recordMarks, type ToolboxWindow, type WatchedStage } from "./watchedStage.ts";

let stage: WatchedStage;

before(async () => {
  stage = await createWatchedStage();
});

after(() => stage?.close());

/** What starting a client and calling it did. */
interface Traces {
  /** Beyond those that loaded the page. */
  readonly requests: readonly string[];
  readonly keys: readonly string[];
  readonly databases: readonly string[];
  readonly listeners: readonly string[];
  readonly timers: number;
}

const nothing: Traces = { requests: [], keys: [], databases: [], listeners: [], timers: 0 };

describe("a client that is off leaves no trace", () => {
  const cases: readonly (readonly [string, Way])[] = [
    ["enabled: false", { options: { enabled: false } }],
    ["a flag that is DISABLED", { options: { featureFlag: { phase: "DISABLED" } } }],
    ["a rollout of 0", { options: { featureFlag: { rollout: 0 } } }],
    ["isFeatureEnabled answers no", { refuses: true }],
    ["consent is denied", { options: { consent: "denied" } }],
    ["Global Privacy Control", { gpc: true }],
  ];
  for (const [name, way] of cases) {
    test(name, async () => {
      const page = await stage.open();
      assert.deepEqual(await tracesOf(page, way), nothing);
      await page.close();
    });
  }

  test("the server's last answer, a minute ago, was off", async () => {
    const page = await stage.open();
    const cached = { at: Date.now() - 60_000, remote: { features: { TELEMETRY: { phase: "DISABLED", rollout: 100 } } } };
    await page.evaluate((text: string) => localStorage.setItem("beaconry:features:default", text), JSON.stringify(cached));
    // The storage is read after the first paint, which is waited for by timers; once it is read there are none.
    const { timers, ...traces } = await tracesOf(page, { options: { featureFlag: "server" } });
    assert.deepEqual({ ...traces, timers: 0 }, { ...nothing, keys: ["beaconry:features:default"] });
    await page.evaluate(callEverything);
    assert.deepEqual([await page.evaluate(timersSet), await page.evaluate(timersPending)], [timers, 0]);
    await page.evaluate("localStorage.clear()");
    await page.close();
  });
});

test("the server is asked once an hour while it says off", async () => {
  await stage.server.stop();
  await stage.server.start(["--feature-phase", "disabled"]);
  const [first, second] = [await stage.open(), await stage.open()];
  const way: Way = { options: { featureFlag: "server" } };
  const { requests, keys, databases, listeners } = await tracesOf(first, way);
  assert.deepEqual({ requests, keys, databases, listeners }, {
    ...{ requests: ["GET /api/features"], keys: ["beaconry:features:default"] },
    ...{ databases: [], listeners: [] },
  });
  assert.equal(await first.evaluate(timersPending), 0);
  assert.deepEqual(await tracesOf(second, way), { ...nothing, keys: ["beaconry:features:default"] });
  await second.evaluate("localStorage.clear()");
  await first.close();
  await second.close();
  await stage.server.stop();
  await stage.server.start();
});

/** Also shows that the eyes of the tests above see something. */
test("a client that is on is switched off by the answer to a batch, and lets go of the page", async () => {
  const page = await stage.open();
  const on = await tracesOf(page, {});
  assert.ok(on.requests.some((request) => request.endsWith(".wasm")) && on.requests.some((request) => request.startsWith("POST")), String(on.requests));
  assert.ok(on.keys.length > 0 && on.timers > 0, JSON.stringify(on));
  assert.ok(await until(async () => (await page.evaluate(databases)).join() === "beaconry", patience), String(on.databases));
  assert.ok(["pagehide", "visibilitychange"].every((name) => on.listeners.includes(name)), String(on.listeners));

  await stage.server.stop();
  await stage.server.start(["--feature-phase", "disabled"]);
  await recordMarks(page, 1, 1);
  assert.ok(await until(async () => !(await page.evaluate(isEnabled)), patience), "it is not switched off");
  assert.ok(await until(async () => (await page.evaluate(timersPending)) === 0, patience), "timers are left");
  assert.deepEqual(await page.evaluate(listeners), []);
  const before = stage.door.visits.length;
  await page.evaluate(callEverything);
  await pause(settling);
  assert.equal(stage.door.visits.length, before);
  assert.equal(await page.evaluate(timersPending), 0);
  assert.equal(stage.door.visits.filter(isBatch).at(-1)?.body.includes('"mark":1'), true);
  await page.close();
});

interface Way {
  readonly options?: Partial<Config>;
  /** The app's own flag says no. */
  readonly refuses?: boolean;
  readonly gpc?: boolean;
}

async function tracesOf(page: EnginePage, way: Way): Promise<Traces> {
  const before = stage.door.visits.length;
  await page.evaluate(
    async (config: Config, refuses: boolean, gpc: boolean) => {
      if (gpc) Object.defineProperty(navigator, "globalPrivacyControl", { value: true, configurable: true });
      const flag = refuses ? { isFeatureEnabled: () => false } : {};
      await (window as unknown as ToolboxWindow).toolbox.init({ ...config, ...flag });
    },
    { ...stage.config, ...way.options },
    way.refuses === true,
    way.gpc === true,
  );
  await page.evaluate(callEverything);
  await pause(settling);
  return {
    requests: stage.door.visits.slice(before).map(({ method, url }) => `${method} ${url.split("?")[0]}`),
    keys: await page.evaluate("Object.keys(localStorage).sort()"),
    databases: await page.evaluate(databases),
    listeners: await page.evaluate(listeners),
    timers: await page.evaluate(timersSet),
  };
}

/** Fifty calls, of every kind. */
async function callEverything(): Promise<void> {
  const { telemetry } = (window as unknown as ToolboxWindow).toolbox;
  for (let round = 0; round < 5; round += 1) {
    telemetry.log("error", "a line", { round });
    telemetry.metric("a_metric", round);
    telemetry.trace("a_trace", round);
    telemetry.startSpan("a_span").end();
    telemetry.vital({ name: "LCP", value: round });
    telemetry.error(new Error("an error"));
    telemetry.event("an_event");
    telemetry.setUser({ id: "ann", anonymousId: "a1" });
    telemetry.setContext({ round });
    await telemetry.flush();
  }
}

function databases(): Promise<string[]> {
  return indexedDB.databases().then((all) => all.map(({ name }) => String(name)));
}

/** `watch.ts` listens by itself, before it begins to count. */
const listeners = "toolbox.watched.listeners()";
const timersSet = "toolbox.watched.timersSet()";
const timersPending = "toolbox.watched.timersPending()";
const isEnabled = "toolbox.telemetry.isEnabled()";
/** Several times as long as a client that is on waits before it writes and sends. */
const settling = 700;
