/** One fault's own world: a browser with a fresh profile, a server with an empty folder, a proxy between them. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch, type EngineBrowser, type EngineName } from "../support/engine.ts";
import { journalLines } from "../support/journal.ts";
import { freePort } from "../support/freePort.ts";
import { orClose } from "../support/orClose.ts";
import { removeFolder } from "../support/removeFolder.ts";
import { createServer, type RealServer } from "../support/server.ts";
import { pause, until } from "../support/until.ts";
import type { PageOptions } from "../pages/config.ts";
import type { Size } from "../pages/marks.ts";
import { judge, type Judgement } from "./judge.ts";
import { createProxy, type Proxy } from "./proxy.ts";
import { openTab, type Tab } from "./tab.ts";

/** What all scenes of a run have in common. */
export interface Setting {
  readonly engine: EngineName;
  readonly serverPath: string;
  readonly token: string;
  /** Where the pages are served. */
  readonly pages: string;
  /** Records in a scene, where the fault does not say it otherwise. */
  readonly count: number;
  /** How long what is down stays down, in milliseconds. */
  readonly outage: number;
  /** How long records may take to arrive after the fault, in milliseconds. */
  readonly patience: number;
}

export interface SceneOptions {
  readonly bfcache?: boolean;
  readonly withoutStorage?: boolean;
}

export interface Scene extends Setting {
  readonly proxy: Proxy;
  readonly server: RealServer;
  /** Opens a page that records, and waits until its client is ready. */
  open(): Promise<Tab>;
  /** SIGKILL of the whole browser; a new one is started on the same profile. */
  killBrowser(): Promise<void>;
  /** Ends the browser as a person does, and starts it again. Records are as young at this end as at a kill. */
  restartBrowser(): Promise<void>;
  /** Puts an empty server in the place of the real one, as if its disk had been swapped. */
  replaceServer(): Promise<void>;
  /** A page or a browser is being killed now. */
  noteKill(): void;
  /** The page is gone: how many of the marks are in the journal already. */
  noteArrived(): Promise<void>;
  /** Lets the clients deliver what they have, until everything is there or nothing more comes. */
  drain(): Promise<void>;
  judgement(): Promise<Judgement>;
  close(): Promise<void>;
}

/** What a tab needs of its scene. */
export interface Marks {
  /** Gives `make` the first of `count` numbers that no other record has; it tells when each was recorded. */
  record(count: number, make: (first: number) => Promise<number[]>): Promise<void>;
  /** A client's ledger names so many as discarded, in all. */
  discarded(stream: string, count: number): void;
}

export async function createScene(setting: Setting, options: SceneOptions = {}): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), "beaconry-fault-"));
  const port = await freePort();
  const serverAt = (data: string): RealServer =>
    createServer({ binary: setting.serverPath, data, port, token: setting.token, allowOrigin: setting.pages });
  const folders = [join(folder, "data-1")];
  let server = serverAt(join(folder, "data-1"));
  await server.start();
  const proxy = await createProxy(server.url);
  const profile = join(folder, "profile");
  const start = (): Promise<EngineBrowser> =>
    launch(setting.engine, { profile, bfcache: options.bfcache ?? false });
  let browser = await orClose(start(), closeAround);

  const made = new Map<number, number>();
  const discarded = new Map<string, number>();
  const tabs = new Set<Tab>();
  let nextMark = 1;
  let killedAt: number | undefined;
  let arrived: number | undefined;

  const marks: Marks = {
    async record(count, make) {
      const first = nextMark;
      nextMark += count;
      (await make(first)).forEach((when, index) => made.set(first + index, when));
    },
    discarded: (stream, count) => discarded.set(stream, count),
  };

  /** Everything but the browser. */
  async function closeAround(): Promise<void> {
    await proxy.close();
    await server.kill();
    await removeFolder(folder);
  }

  async function noteArrived(): Promise<void> {
    arrived ??= (await copies()).size;
  }

  async function open(): Promise<Tab> {
    if (tabs.size === 0 && made.size > 0) await noteArrived();
    const tab = await openTab(browser, pageOptions(), setting.pages, marks, () => tabs.delete(tab));
    tabs.add(tab);
    return tab;
  }

  function pageOptions(): PageOptions {
    const config = { endpoint: `${proxy.url}/api/telemetry/batch`, token: setting.token, app: "delivery" };
    return { config: { ...config, spoolDelayMs }, withoutStorage: options.withoutStorage ?? false };
  }

  async function copies(): Promise<Map<number, number>> {
    const counts = new Map<number, number>();
    for (const line of (await Promise.all(folders.map(linesOf))).flat()) {
      const mark = markOf(line);
      if (mark !== undefined) counts.set(mark, (counts.get(mark) ?? 0) + 1);
    }
    return counts;
  }

  async function judgement(): Promise<Judgement> {
    const named = [...discarded.values()].reduce((sum, count) => sum + count, 0);
    return judge({ made, copies: await copies(), arrived, killedAt, spoolDelayMs, named });
  }

  /** Nothing is owed any more: what is nowhere cannot come. */
  async function drain(): Promise<void> {
    if (tabs.size === 0) await open();
    const end = performance.now() + setting.patience;
    let idleSince: number | undefined;
    while (performance.now() < end) {
      const waiting = (await Promise.all([...tabs].map((tab) => tab.deliver()))).reduce((sum, count) => sum + count, 0);
      const { recorded, stored } = await judgement();
      if (waiting === 0 && stored === recorded) break;
      idleSince = waiting === 0 ? (idleSince ?? performance.now()) : undefined;
      if (idleSince !== undefined && performance.now() - idleSince > takeoverLimit) break;
      await pause(250);
    }
    await pause(lateCopies);
  }

  return {
    ...setting,
    proxy,
    get server() {
      return server;
    },
    open,
    async killBrowser() {
      killedAt = Date.now();
      await browser.kill();
      tabs.clear();
      browser = await start();
    },
    async restartBrowser() {
      // It may be gone before what the last event wrote is on disk: seen once in ten times, on a very busy machine.
      killedAt = Date.now();
      await browser.close();
      tabs.clear();
      browser = await start();
    },
    async replaceServer() {
      await server.kill();
      const data = join(folder, `data-${folders.length + 1}`);
      folders.push(data);
      server = serverAt(data);
      await server.start();
    },
    noteKill: () => (killedAt = Date.now()),
    noteArrived,
    drain,
    judgement,
    async close() {
      try {
        await browser.close();
      } finally {
        await closeAround();
      }
    },
  };
}

/** A fault that no batch has met says nothing: waits until so many have. */
export async function untilHarmed({ proxy, patience }: Scene, batches: number): Promise<void> {
  const isHarmed = await until(async () => proxy.harmed() >= batches, patience);
  if (!isHarmed) throw new Error(`the fault met ${proxy.harmed()} batches instead of ${batches}`);
}

/** Makes marks one after the other, as a person's clicks would: a record every few milliseconds. */
export async function recordSlowly(tab: Tab, count: number, size?: Size): Promise<void> {
  const parts = 10;
  for (let part = 0; part < parts; part += 1) {
    await tab.record(Math.floor(((part + 1) * count) / parts) - Math.floor((part * count) / parts), size);
    await pause(50);
  }
}

async function linesOf(data: string): Promise<string[]> {
  return journalLines(data).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
}

function markOf(line: string): number | undefined {
  return (JSON.parse(line) as { context?: { mark?: number } }).context?.mark;
}

/** The client's default. */
export const spoolDelayMs = 1_000;
/** How long a page may take to find out that a stream of another one is an orphan. */
const takeoverLimit = 10_000;
/** A second copy would follow the first one closely. */
const lateCopies = 500;
