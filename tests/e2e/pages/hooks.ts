/** A page that can use every hook, and an eye on what they leave behind. */
import { init, telemetry, TelemetryClient, type Config } from "beaconry";
import * as hooks from "beaconry/hooks";
import { startVitals } from "beaconry/vitals";
import { createPicture, type Picture } from "./picture.ts";

export interface HooksPage {
  init(config: Config): Promise<unknown>;
  readonly telemetry: TelemetryClient;
  readonly TelemetryClient: typeof TelemetryClient;
  readonly hooks: typeof hooks;
  readonly startVitals: typeof startVitals;
  /** What the page has now, as far as a hook could change it. */
  picture(): Picture;
}

export interface HooksWindow {
  page: HooksPage;
}

Object.assign(globalThis, { page: { init, telemetry, TelemetryClient, hooks, startVitals, picture: createPicture } satisfies HooksPage });
