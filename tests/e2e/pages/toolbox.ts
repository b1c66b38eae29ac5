/** A page that starts nothing by itself: it gives the package, and an eye on what the package does, to the test. */
// Before the package, so that nothing of it escapes.
import { watched, type Watched } from "./watch.ts";
import { init, telemetry, type Config, type TelemetryClient } from "beaconry";

export interface Toolbox {
  init(config: Config): Promise<unknown>;
  readonly telemetry: TelemetryClient;
  readonly watched: Watched;
}

Object.assign(globalThis, { toolbox: { init, telemetry, watched } satisfies Toolbox });
