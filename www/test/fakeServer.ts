// A tiny server that speaks the query API and serves the built page under the real page's CSP.
// It knows nothing about storing: a test publishes records, and may take the server away.

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

/** What a test says of a record; number and times are added. */
export type Draft = { readonly type: string; readonly [field: string]: unknown };

export interface FakeServer {
  readonly url: string;
  /** Stores a record and sends it down the live feed; gives back its number. */
  publish(draft: Draft): number;
  /** Stores a record that the live feed never tells of. */
  publishSilently(draft: Draft): number;
  lag(missed: number): void;
  /** As if the process had died: open connections end, new ones are refused. */
  goDown(): Promise<void>;
  /** On the same port, with what was stored. */
  comeBack(): Promise<void>;
  /** Answers every query with this status, as a proxy does whose server is gone. */
  refuseWith(status: number | undefined): void;
  damage(lines: number): void;
  /** Answers no query until that is called. */
  hold(): () => void;
}

const CSP =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'";

const MEDIA_TYPES: { readonly [extension: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

type Stored = Draft & { readonly n: number; readonly received_at: string };

export async function startFakeServer(pageFolder: string): Promise<FakeServer> {
  const records: Stored[] = [];
  const listeners = new Set<ServerResponse>();
  const startedAt = Date.now();
  let refusal: number | undefined;
  let damagedLines = 0;
  let released = Promise.resolve();
  let server: Server = createServer(answer);
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
    if (pathname.startsWith('/api/')) await released;
    if (refusal !== undefined && pathname.startsWith('/api/')) {
      response.writeHead(refusal, { 'Content-Type': 'text/html' }).end('<h1>Bad gateway</h1>');
      return;
    }
    switch (pathname) {
      case '/api/health':
        return send(response, health());
      case '/api/events':
        return send(response, newest(searchParams));
      case '/api/telemetry':
        return send(response, counts(records));
      case '/api/live':
        return listenTo(request, response);
      default:
        return serveFile(pageFolder, pathname, response);
    }
  }

  function health(): unknown {
    return {
      status: 'ok',
      version: '0.1.0',
      uptimeSeconds: Math.floor((Date.now() - startedAt) / 1_000),
      stored: records.length,
      indexed: records.length,
      indexLag: 0,
      lastEventAt: records.at(-1)?.received_at ?? null,
      damagedLines,
    };
  }

  function newest(query: URLSearchParams): unknown {
    const limit = Number(query.get('limit'));
    const before = Number(query.get('before') ?? records.length + 1);
    const events = records.filter(({ n }) => n < before).reverse().slice(0, limit);
    const last = events.at(-1)?.n ?? 1;
    return { events, next: last > 1 ? last : null };
  }

  function listenTo(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write(': hello\n\n');
    listeners.add(response);
    request.on('close', () => listeners.delete(response));
  }

  function store(draft: Draft): Stored {
    const now = new Date().toISOString();
    const record = { key: 'k1', received_at: now, timestamp: now, ...draft, n: records.length + 1 };
    records.push(record);
    return record;
  }

  function tell(event: string, id: string, data: unknown): void {
    for (const listener of listeners) {
      listener.write(`event: ${event}\n${id}data: ${JSON.stringify(data)}\n\n`);
    }
  }

  return {
    url: `http://127.0.0.1:${port}`,
    publish(draft) {
      const record = store(draft);
      tell('record', `id: ${record.n}\n`, record);
      return record.n;
    },
    publishSilently: (draft) => store(draft).n,
    lag: (missed) => tell('lagged', '', { missed }),
    async goDown() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
    async comeBack() {
      server = createServer(answer);
      await listen(server, port);
    },
    refuseWith(status) {
      refusal = status;
      if (status !== undefined) for (const listener of listeners) listener.destroy();
    },
    damage(lines) {
      damagedLines = lines;
    },
    hold() {
      let release = (): void => undefined;
      released = new Promise((resolve) => (release = resolve));
      return release;
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
}

function send(response: ServerResponse, json: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(json));
}

function counts(records: readonly Stored[]): unknown {
  const points = new Map<string, { [type: string]: number }>();
  const byType: { [type: string]: number } = {};
  for (const { type, received_at } of records) {
    const minute = `${received_at.slice(0, 16)}:00Z`;
    const point = points.get(minute) ?? {};
    point[type] = (point[type] ?? 0) + 1;
    byType[type] = (byType[type] ?? 0) + 1;
    points.set(minute, point);
  }
  return {
    days: 1,
    total: records.length,
    uniqueSessions: new Set(records.map((record) => record['sessionId'])).size,
    uniqueUsers: 0,
    byType,
    top: [],
    points: [...points].sort().map(([timestamp, byType]) => ({
      timestamp,
      eventCount: Object.values(byType).reduce((sum, count) => sum + count, 0),
      byType,
    })),
    period: { start: null, end: null },
  };
}

async function serveFile(folder: string, path: string, response: ServerResponse): Promise<void> {
  const inside = normalize(path.replace(/^\/admin\/?/, '/')).replace(/\/$/, '/index.html');
  try {
    const body = await readFile(join(folder, inside));
    response
      .writeHead(200, {
        'Content-Type': MEDIA_TYPES[extname(inside)] ?? 'application/octet-stream',
        'Content-Security-Policy': CSP,
        'X-Content-Type-Options': 'nosniff',
      })
      .end(body);
  } catch {
    response.writeHead(404).end();
  }
}
