/** A built app and the real server beside it, with an empty data folder. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostApp } from "./app.ts";
import { required } from "./environment.ts";
import type { RealServer } from "./server.ts";
import { serverUnderTest } from "./serverUnderTest.ts";

export interface ServedApp {
  /** The address of the app. */
  readonly app: string;
  readonly server: RealServer;
  /** The server's data folder. */
  readonly data: string;
  close(): Promise<void>;
}

/** `dist` is the environment variable that says where the app was built. */
export async function serveApp(dist = "BEACONRY_APP_DIST"): Promise<ServedApp> {
  const data = await mkdtemp(join(tmpdir(), "beaconry-app-"));
  const host = await hostApp(required(dist), Number(required("BEACONRY_APP_PORT")));
  const server = serverUnderTest({ data, allowOrigin: host.url });
  await server.start();
  return {
    app: host.url,
    server,
    data,
    close: async () => {
      await server.stop();
      await host.close();
      await rm(data, { recursive: true, force: true });
    },
  };
}
