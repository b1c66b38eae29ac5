/** The delivery table in small: the same faults with fewer records and shorter outages. And it can fail. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { engineUnderTest } from "../support/engine.ts";
import { faults } from "./all.ts";
import type { Fault } from "./fault.ts";
import { canPlay, isGood, play } from "./play.ts";
import { first, refuse } from "./proxy.ts";
import { createSetting, type HostedSetting } from "./setting.ts";
import { deliveryTable } from "./table.ts";

const engine = engineUnderTest();
let setting: HostedSetting;

before(async () => {
  setting = await createSetting(engine, { count: 60, outage: 4_000, patience: 45_000 });
});

after(() => setting?.close());

// Scenes wait for most of their time.
describe("delivery", { concurrency: 3 }, () => {
  for (const fault of faults) {
    const skip = canPlay(fault, engine) ? false : `${engine} cannot do this`;
    test(`nothing lost, nothing twice: ${fault.name}`, { skip, todo: fault.knownGaps?.[engine] ?? false }, async () => {
      const row = await play(fault, setting);
      assert.ok(isGood(row), `\n${deliveryTable([row], [], engine)}`);
    });
  }

  test("the table sees what a client without storage loses", async () => {
    const { judgement } = await play(closedWhileRefused, setting, { withoutStorage: true });
    assert.equal(judgement?.lost, setting.count);
  });

  test("the table sees what a server stores again that has forgotten what it has", async () => {
    const { judgement } = await play(forgotten, setting);
    assert.ok(judgement !== undefined && judgement.twice > 0 && judgement.lost === 0, JSON.stringify(judgement));
  });
});

const closedWhileRefused: Fault = {
  name: "closed while nothing gets through",
  run: async (scene) => {
    const tab = await scene.open();
    scene.proxy.behave(refuse);
    await tab.record(scene.count);
    await tab.close();
  },
};

/** The answer is lost, and so is what the server knows: only the duplicate check could have helped. */
const forgotten: Fault = {
  name: "the server's disk is swapped",
  run: async (scene) => {
    const tab = await scene.open();
    const swapped = first(1, async ({ ask, drop }) => {
      await ask();
      await scene.replaceServer();
      drop();
    });
    scene.proxy.behave(swapped);
    await tab.record(scene.count);
  },
};
