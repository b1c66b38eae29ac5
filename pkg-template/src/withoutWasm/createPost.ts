import type { Call } from '../makeRecord.js';
import type { Config } from '../types.js';
import { createRedactor, currentPage } from './redact.js';

/** A record that waits to be sent. It keeps the place that it once had, so that the server knows it again. */
export interface Made {
  /** Nothing where the call makes no record. */
  readonly call: Call | undefined;
  readonly at: number;
  seq?: number;
}

/** Posts as many of the records as one request takes. */
export type Post = (records: readonly Made[], keepalive: boolean) => Posted;

export interface Posted {
  /** The records that are in the request. */
  readonly records: readonly Made[];
  readonly answer: Promise<Response>;
}

/** Posts records without the wasm, in a stream of their own. */
export function createPost({ endpoint, token, app = 'default', release, environment, redactKeys }: Config): Post {
  const redact = createRedactor(redactKeys);
  const stream = [...crypto.getRandomValues(new Uint8Array(32))].map((byte) => (byte & 15).toString(16)).join('');
  let lastSeq = 0;

  function encode(made: Made): string {
    const { type, fields, context } = made.call as Call;
    made.seq ??= lastSeq += 1;
    const own = type === 'error' ? errorFields(fields) : fields;
    // Those of a trace are made up where none are given.
    const record = { ...(type === 'trace' && { traceId: randomId(), spanId: randomId() }), ...own, type, seq: made.seq, timestamp: made.at, page: currentPage(), context };
    return JSON.stringify(record, redact);
  }

  return (records, keepalive) => {
    let events = '';
    let taken = 0;
    for (const made of records) {
      taken += 1;
      try {
        events += (events && ',') + encode(made);
      } catch {
        // What JSON cannot say (a cycle in the context of an error) is left out, and holds up no other.
      }
      if (events.length > MOST_BODY) break;
    }
    const head = JSON.stringify({ v: 1, app, stream, sentAt: Date.now(), scope: { release, environment }, events: [] });
    const key = !token ? '' : (endpoint.includes('?') ? '&' : '?') + 'token=' + encodeURIComponent(token);
    const answer = fetch(endpoint + key, {
      method: 'POST',
      body: head.slice(0, -2) + events + ']}',
      // As `text/plain`, which needs no preflight: that may not come back before the page is gone.
      credentials: 'omit',
      redirect: 'error',
      keepalive,
    });
    return { records: records.slice(0, taken), answer };
  };
}

function errorFields({ thrown, ...fields }: Call['fields']): object {
  const { name, message, stack, componentStack } = Object(thrown) as Record<string, unknown>;
  return { errorType: name || 'Error', message: message || String(thrown), stack, componentStack, ...fields };
}

function randomId(): string {
  return Math.random().toString(36).slice(2);
}

/** UTF-16 units, after which no further record is added: browsers keep 64 KiB alive. */
const MOST_BODY = 16_000;
