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

const wants = (table: string): boolean => values.fault === undefined && (values.only ?? table) === table;
const isInChromium = engine === "chromium";
if (wants("speed") || wants("start-up")) {
  if (isInChromium) await measureSpeed(values.only === "start-up");
  else console.log("- speed: skipped, it is read from Chromium's own counters");
}
if (wants("hooks")) {
  if (isInChromium) await measureHooks();
  else console.log("- hooks: skipped, its page is opened in Chromium");
}
if ((values.only ?? "delivery") === "delivery") {
  process.exitCode = (await measureDelivery(engine, values.fault)) ? 0 : 1;
}
