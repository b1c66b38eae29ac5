/** What each page says of itself, and what the server has of it: the two sides of the account. */
import { compare, type Life, type Row, type Stats } from "./compare.ts";
import { storedRecords } from "./events.ts";
import { journalRecords } from "./journal.ts";
import type { RealServer } from "./server.ts";

/** The client's count at this moment. */
export function statsOf(page: Evaluating): Promise<Stats> {
  return page.evaluate(() => (window as unknown as QuizWindow).__quiz.telemetry.stats());
}

/** Sends what waits, so that nobody has to wait for the client's timer. */
export async function flush(page: Evaluating): Promise<void> {
  await page.evaluate(() => (window as unknown as QuizWindow).__quiz.telemetry.flush());
}

/**
 * Lets a page note its last count as it goes, after the client has done what it does at an exit: a record that is
 * made there belongs to the account too.
 */
export function noteLastStats(page: Evaluating): Promise<void> {
  return page.evaluate((prefix) => {
    const { telemetry } = (window as unknown as QuizWindow).__quiz;
    document.addEventListener("visibilitychange", () => {
      const stats = telemetry.stats();
      localStorage.setItem(prefix + stats.stream, JSON.stringify(stats));
    });
  }, notePrefix);
}

/** The last counts that closed pages have noted, read by a page of the same origin. */
export function notedStats(page: Evaluating): Promise<Stats[]> {
  return page.evaluate((prefix) => {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(prefix));
    return names.map((name) => JSON.parse(localStorage.getItem(name) ?? "null") as Stats);
  }, notePrefix);
}

/** Compares one life with what is stored of it, in the journal and for those who ask. */
export async function account(server: RealServer, life: Life): Promise<Row> {
  const journal = await journalRecords(server.data, life.stats.stream);
  const shown = await storedRecords(server.url, life.stats.stream);
  return compare(life, { journal, shown });
}

/** A page, whatever drives it. */
interface Evaluating {
  evaluate<T>(what: () => T | Promise<T>): Promise<T>;
  evaluate<T>(what: (argument: string) => T | Promise<T>, argument: string): Promise<T>;
}

interface QuizWindow {
  readonly __quiz: { readonly telemetry: { stats(): Stats; flush(): Promise<unknown> } };
}

export const notePrefix = "e2e-last-stats:";
