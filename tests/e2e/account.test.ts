/** The account itself: it has to see what it is there to see. */
import assert from "node:assert/strict";
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { compare, isExact, type Life, type Stats, type Stored } from "./support/compare.ts";
import { required } from "./support/environment.ts";
import { storedRecords } from "./support/events.ts";
import { journalRecords, sealed, segmentPaths, unsealed } from "./support/journal.ts";
import { account } from "./support/lives.ts";
import type { RealServer } from "./support/server.ts";
import { serverUnderTest } from "./support/serverUnderTest.ts";
import { until } from "./support/until.ts";

let data: string;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "beaconry-account-"));
});

afterEach(() => rm(data, { recursive: true, force: true }));

test("a record that is in the journal twice is seen, though the query route shows it once", async () => {
  const server = serverUnderTest({ data, allowOrigin: "http://127.0.0.1" });
  try {
    await server.start();
    await send(server, [1, 2]);
    assert.ok(await until(async () => isExact(await account(server, lifeOf(2))), patience), "two records are exact");

    await server.stop();
    await copyLastLine();
    await server.start();
    await send(server, [3]);
    const shown = async () => (await storedRecords(server.url, stream)).map(({ seq }) => seq);
    assert.ok(await until(async () => (await shown()).includes(3), patience), "the third record is not indexed");

    assert.deepEqual(await shown(), [3, 2, 1]);
    const row = await account(server, lifeOf(3));
    assert.deepEqual([row.stored, row.twice, row.missing], [4, 1, 0]);
    assert.deepEqual(row.problems, ["3 recorded, 4 in the journal", "1 in the journal more than once"]);
    assert.ok(!isExact(row));
  } finally {
    await server.stop();
  }
});

test("only the last line of the journal may be incomplete", async () => {
  await mkdir(join(data, "journal"));
  const segment = join(data, "journal", "00000000000000000001.jsonl");
  const line = sealed(`{"n":1,"id":"${stream}-1","stream":"${stream}","seq":1,"type":"log"`);
  await writeFile(segment, `${line}\n${line.slice(0, -9)}`);
  assert.deepEqual((await journalRecords(data, stream)).map(({ n }) => n), [1]);
  await appendFile(segment, `\n${line}\n`);
  await assert.rejects(journalRecords(data, stream), /damaged/);
});

test("records that are all there, once, and shown are exact", () => check({}, {}, []));

test("a page that recorded nothing is not exact", () => {
  check({ lastSeq: 0, acknowledged: 0 }, { journal: [], shown: [] }, [
    "the page recorded nothing",
    "`event quiz_started`: 1 by clicks, 0 in the journal",
  ]);
});

test("a call that was lost before it got a place is missed by whoever clicked", () => {
  const left = records.slice(0, 1);
  check({ lastSeq: 1, acknowledged: 1 }, { journal: left, shown: left }, [
    "`event quiz_started`: 1 by clicks, 0 in the journal",
  ]);
});

test("a lost record is missing, and was acknowledged", () => {
  const left = records.slice(1);
  check({}, { journal: left, shown: left }, [
    "2 recorded, 1 in the journal",
    "1 not in the journal",
    "2 acknowledged, 1 in the journal",
  ]);
});

test("records of earlier pages are acknowledged beside a page's own", () => {
  check({ acknowledged: 12, adopted: 10 }, {}, []);
  check({ acknowledged: 13, adopted: 10 }, {}, ["3 acknowledged, 2 in the journal"]);
});

test("what the client discarded is not exact", () => {
  check({ discarded: { queue_full: 3 } }, {}, ["the client discarded 3: queue_full"]);
});

test("the query route has to show the same records, each once", () => {
  const [first, second] = records;
  check({}, { shown: [first] }, ["/api/events shows 1 of 2 stored records, or others"]);
  check({}, { shown: [first, { ...second, id: "other" }] }, ["/api/events shows 2 of 2 stored records, or others"]);
  check({}, { shown: [...records, first] }, ["/api/events shows 1 more than once"]);
});

/** Changes a life of two records that is exact, and names the problems that this makes. */
function check(stats: Partial<Stats>, stored: Partial<Stored>, problems: readonly string[]): void {
  const life = { name: "a page", made: { "event quiz_started": 1 }, stats: { ...exactStats(2), ...stats } };
  assert.deepEqual(compare(life, { journal: records, shown: records, ...stored }).problems, problems);
}

function lifeOf(lastSeq: number): Life {
  return { name: "a sender", made: { "log hello": lastSeq }, stats: exactStats(lastSeq) };
}

function exactStats(lastSeq: number): Stats {
  return { stream, lastSeq, acknowledged: lastSeq, adopted: 0, discarded: {} };
}

async function send(server: RealServer, seqs: readonly number[]): Promise<void> {
  const events = seqs.map((seq) => ({ seq, type: "log", level: "info", message: "hello", timestamp: Date.now() }));
  const answer = await fetch(`${server.url}/api/telemetry/batch`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Telemetry-Token": required("BEACONRY_TOKEN") },
    body: JSON.stringify({ v: 1, app: "account", stream, sentAt: Date.now(), events }),
  });
  assert.equal(answer.status, 200, await answer.text());
}

/** Puts the last record into the journal a second time, as a server would that does not know it any more. */
async function copyLastLine(): Promise<void> {
  const segment = (await segmentPaths(data)).at(-1) ?? "";
  const last = (await readFile(segment, "utf8")).trimEnd().split("\n").at(-1) ?? "";
  const copy = unsealed(last).replace(/^\{"n":(\d+)/, (_, n: string) => `{"n":${Number(n) + 1}`);
  await appendFile(segment, `${sealed(copy)}\n`);
}

const stream = "0000000000000000000000000000beac";
const records = [
  { id: `${stream}-1`, stream, seq: 1, type: "log", message: "Page load measured" },
  { id: `${stream}-2`, stream, seq: 2, type: "event", name: "quiz_started" },
] as const;
const patience = 30_000;
