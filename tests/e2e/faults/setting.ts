/** What all faults of a run have in common, as `cargo xtask` says it. */
import type { EngineName } from "../support/engine.ts";
import { required } from "../support/environment.ts";
import { hostPages } from "../support/pageHost.ts";
import type { Setting } from "./scene.ts";

export interface HostedSetting extends Setting {
  close(): Promise<void>;
}

export async function createSetting(
  engine: EngineName,
  sizes: Pick<Setting, "count" | "outage" | "patience">,
): Promise<HostedSetting> {
  const pages = await hostPages(required("BEACONRY_PACKAGE"));
  return {
    engine,
    serverPath: required("BEACONRY_SERVER_BIN"),
    token: required("BEACONRY_TOKEN"),
    pages: pages.url,
    ...sizes,
    close: () => pages.close(),
  };
}
