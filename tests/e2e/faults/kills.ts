/** Processes that end without a handler. */
import { pause } from "../support/until.ts";
import type { Fault } from "./fault.ts";
import { pass, refuse } from "./proxy.ts";
import { recordSlowly, spoolDelayMs, type Scene } from "./scene.ts";
import type { Tab } from "./tab.ts";

/** WebKitGTK forgets everything at its end when it is driven. */
const remember = ["chromium", "firefox"] as const;

export const kills: readonly Fault[] = [
  {
    name: "renderer killed",
    only: ["chromium"],
    run: async (scene) => {
      const tab = await scene.open();
      await recordOldAndYoung(scene, tab);
      scene.noteKill();
      await tab.crash();
    },
  },
  {
    name: "renderer killed, nothing sent before",
    only: ["chromium"],
    run: async (scene) => {
      const tab = await scene.open();
      scene.proxy.behave(refuse);
      await recordOldAndYoung(scene, tab);
      scene.noteKill();
      await tab.crash();
      scene.proxy.behave(pass);
    },
  },
  {
    name: "browser killed",
    run: async (scene) => {
      await recordOldAndYoung(scene, await scene.open());
      await scene.killBrowser();
    },
  },
  {
    name: "browser killed, nothing sent before",
    only: remember,
    run: async (scene) => {
      const tab = await scene.open();
      scene.proxy.behave(refuse);
      await recordOldAndYoung(scene, tab);
      await scene.killBrowser();
      scene.proxy.behave(pass);
    },
  },
  {
    // Nothing but the end differs from the row above: it shows that a profile that is started again is the same one.
    name: "browser closed, nothing sent before",
    only: remember,
    run: async (scene) => {
      const tab = await scene.open();
      scene.proxy.behave(refuse);
      await recordOldAndYoung(scene, tab);
      await scene.restartBrowser();
      scene.proxy.behave(pass);
    },
  },
  {
    name: "server killed, down, started again",
    run: async (scene) => {
      const tab = await scene.open();
      await tab.record(scene.count / 2);
      await scene.server.kill();
      await tab.record(scene.count / 2);
      await pause(scene.outage);
      await scene.server.start();
    },
  },
];

/** Nine in ten are clearly older than the spool delay at the kill that follows, the others are clearly younger. */
async function recordOldAndYoung(scene: Scene, tab: Tab): Promise<void> {
  await recordSlowly(tab, scene.count * 0.9);
  await pause(spoolDelayMs + 1_500);
  await tab.record(scene.count * 0.1);
}
