/** The real server and a real browser, for apps that a stranger built. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { hostApp } from "../../e2e/support/app.ts";
import { launchBrowser } from "../../e2e/support/browser.ts";
import { required } from "../../e2e/support/environment.ts";
import { freePort } from "../../e2e/support/freePort.ts";
import { journalLines, type JournalRecord } from "../../e2e/support/journal.ts";
import { orClose } from "../../e2e/support/orClose.ts";
import { createServer, type RealServer } from "../../e2e/support/server.ts";
import { until } from "../../e2e/support/until.ts";

/** A line of the journal with what these tests look at. */
export interface Arrived extends JournalRecord {
  readonly app: string;
  readonly timestamp: string;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly componentStack?: string;
  readonly handled?: boolean;
  readonly userId?: string;
}

export interface Stage {
  readonly server: RealServer;
  /** Where apps post to, from the one port that they are served from. */
  readonly endpoint: string;
  /** The port that apps are served from. */
  readonly appPort: number;
  /** Opens a page, whose console has no errors but those that are expected, or the test fails when it is closed. */
  open(url: string, expected?: RegExp): Promise<Visit>;
  /** Serves a folder and opens it. */
  openFolder(folder: string, expected?: RegExp): Promise<Visit>;
  /** What is stored of an app, in the order in which it was made: as many as are expected, no copy, no more. */
  arrived(app: string, count: number): Promise<readonly Arrived[]>;
  close(): Promise<void>;
}

export interface Visit {
  readonly page: Page;
  close(): Promise<void>;
}

export async function createStage(): Promise<Stage> {
  const data = await mkdtemp(join(tmpdir(), "beaconry-packaging-"));
  const appPort = await freePort();
  const server = createServer({
    binary: required("BEACONRY_SERVER_BIN"),
    data,
    port: await freePort(),
    token: "demo",
    allowOrigin: `http://127.0.0.1:${appPort}`,
  });
  await server.start();
  const browser = await orClose(launchBrowser(required("BEACONRY_CHROMIUM")), closeServer);

  async function open(url: string, expected: RegExp = /no cart/): Promise<Visit> {
    const problems: string[] = [];
    const page = await browser.context.newPage();
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    page.on("pageerror", (error) => problems.push(error.message));
    await page.goto(url);
    return {
      page,
      close: async () => {
        await page.close({ runBeforeUnload: true });
        // What a page throws in order to be recorded is on its console, too.
        assert.deepEqual(problems.filter((problem) => !expected.test(problem)), []);
      },
    };
  }

  async function openFolder(folder: string, expected?: RegExp): Promise<Visit> {
    const host = await hostApp(folder, appPort);
    const visit = await open(host.url, expected);
    return { page: visit.page, close: () => visit.close().finally(host.close) };
  }

  async function arrived(app: string, count: number): Promise<readonly Arrived[]> {
    const read = async () => {
      const lines = (await journalLines(data)).map((line) => JSON.parse(line) as Arrived);
      return lines.filter((line) => line.app === app);
    };
    await until(async () => (await read()).length >= count, patience);
    const lines = await read();
    assert.equal(lines.length, count, `of ${app} arrived: ${lines.map(({ type, message, name }) => `${type} ${message ?? name}`).join("; ")}`);
    return lines.sort((one, other) => one.timestamp.localeCompare(other.timestamp) || one.seq - other.seq);
  }

  async function close(): Promise<void> {
    await browser.close();
    await closeServer();
  }

  async function closeServer(): Promise<void> {
    await server.stop();
    await rm(data, { recursive: true, force: true });
  }

  return { server, endpoint: `${server.url}/api/telemetry/batch`, appPort, open, openFolder, arrived, close };
}

const patience = 40_000;
