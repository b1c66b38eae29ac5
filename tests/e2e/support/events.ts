/** Reads back what the server has stored, through its public query. */

export interface StoredRecord {
  readonly id: string;
  readonly stream: string;
  readonly seq: number;
  readonly type: string;
  readonly name?: string;
  readonly errorType?: string;
  readonly message?: string;
}

interface EventsPage {
  readonly events: readonly StoredRecord[];
  /** Where the next, older page starts; null at the end. */
  readonly next: number | string | null;
}

/** Every stored record of a stream, or of all streams, newest first. */
export async function storedRecords(server: string, stream?: string): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  let before: EventsPage["next"] = null;
  do {
    const page = await eventsPage(server, stream, before);
    records.push(...page.events);
    before = page.next;
  } while (before !== null);
  return records;
}

async function eventsPage(server: string, stream: string | undefined, before: EventsPage["next"]): Promise<EventsPage> {
  const query = new URLSearchParams({ limit: "1000" });
  if (stream !== undefined) query.set("stream", stream);
  if (before !== null) query.set("before", String(before));
  const answer = await fetch(`${server}/api/events?${query}`);
  if (!answer.ok) throw new Error(`GET /api/events answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as EventsPage;
}
