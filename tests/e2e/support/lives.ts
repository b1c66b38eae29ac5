/** What each page says of itself, and what the server says of it: the two sides of the account. */
import type { Page } from "playwright-core";
import { storedRecords, type StoredRecord } from "./events.ts";

/** The part of the client's own count that is compared. */
export interface Stats {
  readonly stream: string;
  readonly lastSeq: number;
  readonly acknowledged: number;
  readonly discarded: Readonly<Record<string, number>>;
}

/** One page life: from load to close. */
export interface Life {
  readonly name: string;
  stats: Stats;
}

export interface Row {
  readonly name: string;
  readonly stream: string;
  readonly recorded: number;
  readonly stored: number;
  readonly twice: number;
  readonly missing: number;
}

/** The client's count at this moment. */
export function statsOf(page: Page): Promise<Stats> {
  return page.evaluate(() => (window as unknown as QuizWindow).__quiz.telemetry.stats());
}

/** Sends what waits, so that nobody has to wait for the client's timer. */
export async function flush(page: Page): Promise<void> {
  await page.evaluate(() => (window as unknown as QuizWindow).__quiz.telemetry.flush());
}

/**
 * Lets a page note its last count as it goes, after the client has done what it does at an exit: a record that is
 * made there belongs to the account too.
 */
export function noteLastStats(page: Page): Promise<void> {
  return page.evaluate((prefix) => {
    const { telemetry } = (window as unknown as QuizWindow).__quiz;
    document.addEventListener("visibilitychange", () => {
      const stats = telemetry.stats();
      localStorage.setItem(prefix + stats.stream, JSON.stringify(stats));
    });
  }, notePrefix);
}

/** The last counts that closed pages have noted, read by a page of the same origin. */
export function notedStats(page: Page): Promise<Stats[]> {
  return page.evaluate((prefix) => {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(prefix));
    return names.map((name) => JSON.parse(localStorage.getItem(name) ?? "null") as Stats);
  }, notePrefix);
}

/** Compares one life with what is stored of it. */
export async function account(server: string, life: Life): Promise<Row> {
  const stored = await storedRecords(server, life.stats.stream);
  const numbers = new Set(stored.map((record) => record.seq));
  return {
    name: life.name,
    stream: life.stats.stream,
    recorded: life.stats.lastSeq,
    stored: stored.length,
    twice: stored.length - distinct(stored),
    missing: sequence(life.stats.lastSeq).filter((seq) => !numbers.has(seq)).length,
  };
}

/** Everything is there, once, and nothing that was not recorded. */
export function isExact(row: Row): boolean {
  return row.stored === row.recorded && row.twice === 0 && row.missing === 0;
}

/** A record counts once by its id and once by its place in the stream. */
function distinct(records: readonly StoredRecord[]): number {
  const ids = new Set(records.map((record) => record.id));
  const places = new Set(records.map((record) => record.seq));
  return Math.min(ids.size, places.size);
}

function sequence(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

interface QuizWindow {
  readonly __quiz: { readonly telemetry: { stats(): Stats; flush(): Promise<unknown> } };
}

const notePrefix = "e2e-last-stats:";
