/** `cargo xtask bench client`: what the client costs a page, and what arrives whatever happens. */
import { parseArgs } from "node:util";
import { engineUnderTest } from "../support/engine.ts";
import { measureDelivery } from "./delivery.ts";
import { measureHooks } from "./hooks.ts";
import { measureSpeed } from "./speed.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    fault: { type: "string" },
  },
});
const engine = engineUnderTest();

const wants = (table: string): boolean => (values.only ?? table) === table;
if (wants("speed") && values.fault === undefined) {
  if (engine === "chromium") await measureSpeed();
  else console.log("- speed: skipped, it is read from Chromium's own counters");
}
if (wants("hooks") && values.fault === undefined) {
  if (engine === "chromium") await measureHooks();
  else console.log("- hooks: skipped, its page is opened in Chromium");
}
if (wants("delivery")) {
  process.exitCode = (await measureDelivery(engine, values.fault)) ? 0 : 1;
}
