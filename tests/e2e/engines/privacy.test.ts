/** No planted secret leaves a real page: not into a request, not into a store of the browser, not into a file of the server. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Config } from "beaconry";
import { columns } from "../support/columns.ts";
import type { EnginePage } from "../support/engine.ts";
import { journalLines } from "../support/journal.ts";
import { until } from "../support/until.ts";
import { createWatchedStage, patience, statsOf, type ToolboxWindow, type WatchedStage } from "./watchedStage.ts";

interface Planted {
  readonly kind: string;
  readonly text: string;
  readonly secret: string;
}

let stage: WatchedStage;

before(async () => {
  stage = await createWatchedStage();
});

after(() => stage?.close());

test("no planted secret is sent, kept or stored", async () => {
  const corpus = await readCorpus();
  assert.ok(corpus.length > 1_000);
  const page = await stage.open();
  stage.door.shut(true);
  await page.evaluate((config: Config) => (window as unknown as ToolboxWindow).toolbox.init(config).then(() => null), {
    ...stage.config,
    batchSize: 100,
  });
  const made = await record(page, corpus);

  await until(async () => sum(await statsOf(page)) === made && (await databaseOf(page)).length > 0, patience);
  const stores = { localStorage: await localStorageOf(page), IndexedDB: await databaseOf(page) };
  stage.door.shut(false);
  const isStored = async () => {
    await page.evaluate("toolbox.telemetry.flush().then(() => null)");
    return (await journalLines(stage.server.data)).length >= made;
  };
  assert.ok(await until(isStored, patience), `not everything is stored: ${JSON.stringify(await statsOf(page))}`);
  await page.close();
  await stage.server.stop();

  const places = {
    ...stores,
    "addresses of requests": stage.door.visits.map(({ url }) => url),
    "bodies of requests": stage.door.visits.map(({ body }) => body),
    "files of the server": await filesIn(stage.server.data),
  };
  const found = Object.entries(places).map(([place, texts]) => ({ place, texts, leaks: leaksIn(texts, corpus) }));
  const rows = found.map(({ place, texts, leaks }) => [place, String(sizeOf(texts)), String(markers(texts)), String(leaks.length)]);
  console.log(`${corpus.length} secrets in ${made} records\n${columns(["place", "characters", "of each kind", "secrets"], rows)}`);
  assert.deepEqual(found.flatMap(({ place, leaks }) => leaks.map((leak) => `${place}: ${leak}`)).slice(0, 20), []);
  // What is not there could not leak: each place but the addresses has to have held records of every kind.
  for (const { place, texts } of found.filter(({ place }) => place !== "addresses of requests")) {
    assert.ok(markers(texts) > 0, `${place} held no record`);
  }
});

/** Plants each text where an app could put it. How many records that made. */
async function record(page: EnginePage, corpus: readonly Planted[]): Promise<number> {
  return page.evaluate(
    async (texts: readonly string[], perAddress: number) => {
      const { telemetry } = (window as unknown as ToolboxWindow).toolbox;
      let made = 0;
      for (const text of texts) {
        telemetry.log("info", text, { planted: "a log" });
        const error = new Error(text);
        const script = new URL("/a.js", location.origin);
        script.searchParams.set("x", text);
        error.stack = `Error: ${text}\n    at f (${script.href}:1:2)\n${text}`;
        telemetry.error(error, { one: text, l1: { l2: { l3: { l4: { l5: text, list: [text] } } } } });
        telemetry.event("planted", { value: text, [text]: "under a key", [`key ${text}`]: text });
        made += 3;
      }
      // Browsers take a hundred changes of the address within some seconds, and no more.
      const goTo = async (address: string): Promise<void> => {
        try {
          history.replaceState(null, "", address);
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 1_000));
          await goTo(address);
        }
      };
      for (let at = 0; at < texts.length; at += perAddress) {
        const some = texts.slice(at, at + perAddress);
        const query = some.map((text, index) => `q${index}=${encodeURIComponent(text)}&${text}`).join("&");
        const path = some.map(encodeURIComponent).join("/");
        await goTo(`/toolbox.html/${path}?${query}#${some.join("/")}`);
        telemetry.event("planted_in_address");
        made += 1;
      }
      return made;
    },
    corpus.map(({ text }) => text),
    // So few that nothing is cut off.
    6,
  );
}

async function readCorpus(): Promise<Planted[]> {
  const text = await readFile(new URL("../../../crates/protocol/tests/corpus/secrets.txt", import.meta.url), "utf8");
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const [kind = "", text = "", secret = ""] = line.split("\t");
    return { kind, text, secret };
  });
}

/** As it is, as JSON writes it, and as an address does. */
function leaksIn(texts: readonly string[], corpus: readonly Planted[]): string[] {
  const all = texts.join("\n");
  return corpus
    .filter(({ secret }) => {
      const forms = [secret, JSON.stringify(secret).slice(1, -1), encodeURI(secret), encodeURIComponent(secret)];
      return [...new Set(forms)].some((form) => all.includes(form));
    })
    .map(({ kind, text }) => `${kind}: ${text}`);
}

/** Of the kind of record that is rarest, so many were there. */
function markers(texts: readonly string[]): number {
  const count = (marker: string) => texts.reduce((sum, text) => sum + text.split(marker).length - 1, 0);
  return Math.min(count('"planted":"a log"'), count('"name":"planted"'), count('"name":"planted_in_address"'), count('"l5"'));
}

function sizeOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

/** Records that wait, wherever. */
function sum({ waiting, inFlight }: { readonly waiting: number; readonly inFlight: number }): number {
  return waiting + inFlight;
}

function localStorageOf(page: EnginePage): Promise<string[]> {
  return page.evaluate(() => Object.entries(localStorage).map(([key, value]) => `${key}\n${String(value)}`));
}

/** Keys and values of the second tier. */
function databaseOf(page: EnginePage): Promise<string[]> {
  return page.evaluate(async () => {
    const ended = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await ended(indexedDB.open("beaconry"));
    try {
      const store = database.transaction("chunks").objectStore("chunks");
      const [keys, values] = await Promise.all([ended(store.getAllKeys()), ended(store.getAll())]);
      return [...keys, ...(values as unknown[])].map(String);
    } finally {
      database.close();
    }
  });
}

/** Everything in a folder, as far as it is text. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.map((path) => readFile(path, "utf8")));
}
