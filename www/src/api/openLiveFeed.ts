// The live feed: one EventSource at a time, opened again after it broke. The browser's own
// reconnecting is not enough: it gives up for good when a proxy answers with an error.

import { decodeRecord } from './decodeRecord.ts';
import { LIVE } from './query.ts';
import { isObject, readNumber } from './read.ts';
import type { StoredRecord } from './types.ts';

export interface LiveFeedHandlers {
  opened(): void;
  record(record: StoredRecord): void;
  /** The server skipped this many records because this page was too slow. */
  lagged(missed: number): void;
  broke(): void;
}

export interface LiveFeed {
  close(): void;
}

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 4_000;

export function openLiveFeed(handlers: LiveFeedHandlers): LiveFeed {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = FIRST_RETRY_MS;

  function open(): void {
    source = new EventSource(LIVE);
    source.addEventListener('open', () => {
      retryMs = FIRST_RETRY_MS;
      handlers.opened();
    });
    source.addEventListener('record', (message) => {
      const record = decodeRecord(parse(message));
      if (record) handlers.record(record);
    });
    source.addEventListener('lagged', (message) => {
      const json = parse(message);
      handlers.lagged((isObject(json) && readNumber(json, 'missed')) || 0);
    });
    source.addEventListener('error', retry);
  }

  function retry(): void {
    source?.close();
    handlers.broke();
    timer = setTimeout(open, retryMs);
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
  }

  open();
  return {
    close() {
      clearTimeout(timer);
      source?.close();
    },
  };
}

function parse(message: Event): unknown {
  try {
    return message instanceof MessageEvent ? JSON.parse(String(message.data)) : undefined;
  } catch {
    return undefined;
  }
}
