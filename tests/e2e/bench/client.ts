/** `cargo xtask bench client`: what the client costs a page, and what arrives whatever happens. */
import { parseArgs } from "node:util";
import { engineUnderTest } from "../support/engine.ts";
import { measureDelivery } from "./delivery.ts";
import { measureSpeed } from "./speed.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    fault: { type: "string" },
  },
});
const engine = engineUnderTest();

const isAlone = values.only === "speed" || values.only === "start-up";

if (values.only !== "delivery" && values.fault === undefined) {
  if (engine === "chromium") await measureSpeed(values.only === "start-up");
  else console.log("- speed: skipped, it is read from Chromium's own counters");
}
if (!isAlone) {
  process.exitCode = (await measureDelivery(engine, values.fault)) ? 0 : 1;
}
