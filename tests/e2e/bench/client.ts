/** `cargo xtask bench client`: what the client costs a page, and what arrives whatever happens. */
import { parseArgs } from "node:util";
import type { EngineName } from "../support/engine.ts";
import { measureDelivery } from "./delivery.ts";
import { measureSpeed } from "./speed.ts";

const { values } = parseArgs({
  options: {
    browser: { type: "string", default: "chromium" },
    only: { type: "string" },
    fault: { type: "string" },
  },
});

if (values.only !== "delivery" && values.fault === undefined) {
  if (values.browser === "chromium") await measureSpeed();
  else console.log("- speed: skipped, it is read from Chromium's own counters");
}
if (values.only !== "speed") {
  process.exitCode = (await measureDelivery(values.browser as EngineName, values.fault)) ? 0 : 1;
}
