/** Pages that start nothing by themselves, and the real server, behind one door where every request is noted. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { required } from "./environment.ts";
import { freePort } from "./freePort.ts";
import { createFrontDoor, type FrontDoor } from "./frontDoor.ts";
import { hostPages } from "./pageHost.ts";
import type { RealServer } from "./server.ts";
import { serverUnderTest } from "./serverUnderTest.ts";

export interface WatchedPages {
  readonly door: FrontDoor;
  readonly server: RealServer;
  /** The server's data folder. */
  readonly data: string;
  close(): Promise<void>;
}

export async function watchPages(): Promise<WatchedPages> {
  const data = await mkdtemp(join(tmpdir(), "beaconry-watched-"));
  const [pages, door] = [await hostPages(required("BEACONRY_PACKAGE")), await createFrontDoor()];
  const server = serverUnderTest({ data, port: await freePort(), allowOrigin: door.url });
  door.lead(pages.url, server.url);
  await server.start();
  return {
    door,
    server,
    data,
    close: async () => {
      await server.stop();
      await door.close();
      await pages.close();
      await rm(data, { recursive: true, force: true });
    },
  };
}
