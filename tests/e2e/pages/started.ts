/** The same page with telemetry, started as an app would. */
import { init } from "beaconry";
import { optionsInAddress } from "./config.ts";

await init(optionsInAddress().config);
document.title = "ready";
