/** What a test in Chromium begins with: a built app, the real server, and the browser. */
import { launchBrowser, type RealBrowser } from "./browser.ts";
import { required } from "./environment.ts";
import { orClose } from "./orClose.ts";
import { serveApp, type ServedApp } from "./servedApp.ts";

export interface ChromiumStage extends ServedApp {
  readonly browser: RealBrowser;
}

export async function createChromiumStage(dist?: string): Promise<ChromiumStage> {
  const served = await serveApp(dist);
  const browser = await orClose(launchBrowser(required("BEACONRY_CHROMIUM")), served.close);
  return {
    ...served,
    browser,
    close: async () => {
      await browser.close();
      await served.close();
    },
  };
}
