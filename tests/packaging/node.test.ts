/** The client in Node: what arrives when the process ends as it likes, is ended, or is killed. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createStage, type Stage } from "./support/stage.ts";
import { collect, end, fixture, installStranger, type Stranger } from "./support/stranger.ts";

let stage: Stage;
let stranger: Stranger;
let stored = 0;

before(async () => {
  stage = await createStage();
  stranger = await installStranger(fixture("node"));
});
after(async () => {
  await stranger?.remove();
  await stage?.close();
});

test("a script that ends has sent everything", async () => {
  assert.equal(await run("end"), 0);
  const [error, event] = await arrived(3);
  assert.deepEqual([event?.type, event?.name], ["event", "api_call"]);
  assert.deepEqual(event?.context, { method: "GET", response_time: 150, email: "[redacted]" });
  assert.match(event?.userId ?? "", /^[0-9a-f]{32}$/, "the user is no pseudonym");
  assert.deepEqual([error?.errorType, error?.message, error?.userId], ["TypeError", "no database for [email]", undefined]);
  assert.deepEqual(await spooled(), []);
});

test("SIGTERM sends what waits, and ends the process as it would have", async () => {
  const child = start("serve");
  const said = collect(child);
  await once(child.stdout!, "data");
  assert.match(said(), /"storage":"folder"/);
  assert.equal(await end(child, "SIGTERM"), "SIGTERM");
  await arrived(3);
  assert.deepEqual(await spooled(), []);
});

test("what processes left that were killed, or ended while the server was down, the next one sends, once", async () => {
  await stage.server.kill();
  await run("kill");
  assert.equal(await run("exit"), 3);
  assert.equal(await run("end"), 0);
  assert.notDeepEqual(await spooled(), []);
  await stage.server.start();
  const child = start("serve");
  const records = await arrived(12);
  assert.equal(new Set(records.map(({ id }) => id)).size, records.length);
  await end(child, "SIGTERM");
  assert.deepEqual(await spooled(), []);
});

test("processes that share a folder send what is theirs, and leave nothing there", async () => {
  await stage.server.kill();
  const [one, other] = [start("serve"), start("serve")];
  await Promise.all([once(one.stdout!, "data"), once(other.stdout!, "data")]);
  await stage.server.start();
  await Promise.all([end(one, "SIGTERM"), end(other, "SIGTERM")]);
  await arrived(6);
  assert.deepEqual((await readdir(spool())).filter((name) => name.endsWith(".lock")), []);
});

test("a server that takes a request and never answers holds up the end for no more than the time given", async () => {
  const { createServer } = await import("node:http");
  const silent = createServer(() => undefined).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as { port: number };
  const child = stranger.start(["main.mjs", `http://127.0.0.1:${port}/api/telemetry/batch`, spool(), "end"]);
  assert.deepEqual(await once(child, "exit"), [0, null]);
  silent.closeAllConnections();
  silent.close();
});

/** Adds to what earlier tests stored. */
async function arrived(count: number) {
  const before = stored;
  stored += count;
  const streams = await stage.arrived("node", stored);
  return [...streams].sort((one, other) => one.n - other.n).slice(before);
}

function start(manner: string) {
  return stranger.start(["main.mjs", stage.endpoint, spool(), manner]);
}

async function run(manner: string): Promise<number | null> {
  const child = start(manner);
  const said = collect(child);
  // Its end may be known before everything that it said.
  const [code] = (await once(child, "close")) as [number | null];
  assert.match(said(), /"recorded":3/);
  return code;
}

/** Files with records in them. */
async function spooled(): Promise<readonly string[]> {
  return (await readdir(spool())).filter((name) => name.includes("%3A1%3A"));
}

function spool(): string {
  return join(stranger.folder, "spool");
}
