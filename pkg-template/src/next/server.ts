import type { NodeConfig, TelemetryEvent } from '../node/index.js';
import type { Receipt } from '../types.js';

/** What Next says of the request that failed. */
export interface FailedRequest {
  readonly path: string;
  readonly method: string;
  readonly headers?: unknown;
}

/** Where in the app it failed. */
export interface FailedRoute {
  readonly routerKind: string;
  readonly routePath: string;
  readonly routeType: string;
}

export interface Instrumentation {
  readonly register: () => Promise<void>;
  readonly onRequestError: (error: unknown, request: FailedRequest, route: FailedRoute) => Promise<void>;
}

/**
 * What `instrumentation.ts` exports: starts the client of the server, and records what requests throw, with route
 * and digest.
 *
 * ```ts
 * // instrumentation.ts
 * import { createInstrumentation } from 'beaconry/next/server';
 *
 * export const { register, onRequestError } = createInstrumentation({
 *   endpoint: 'https://telemetry.example/api/telemetry/batch',
 *   token: process.env.TELEMETRY_TOKEN,
 *   spoolDir: '.telemetry',
 * });
 * ```
 *
 * Neither ever rejects. In the edge runtime, which has no files, both do nothing. Headers are not recorded, of the
 * path only what stands before the query.
 */
export function createInstrumentation(config: NodeConfig): Instrumentation {
  return {
    async register() {
      const node = await loadNode();
      await node?.init(config);
    },
    async onRequestError(error, request, route) {
      const node = await loadNode();
      const { routerKind, routePath, routeType } = route;
      const [path] = request.path.split('?');
      const digest = (error as { readonly digest?: unknown } | null)?.digest;
      const context = { path, method: request.method, routerKind, routePath, routeType, digest };
      node?.telemetry.error(error, context, { handled: false });
    },
  };
}

/**
 * Records an event, in route handlers, server actions and server components: `logTelemetry` of `beaconry/node`, by
 * the client that `register` started.
 *
 * ```ts
 * await logTelemetry({ event: 'api_call', endpoint: '/api/products', response_time: 150 });
 * ```
 *
 * It never throws; in the edge runtime it does nothing.
 */
export async function logTelemetry(event: TelemetryEvent): Promise<Receipt> {
  const node = await loadNode();
  return node?.logTelemetry(event) ?? 0;
}

/** The one copy of the process: bundled, it would be one for each route, far from its wasm. */
async function loadNode(): Promise<typeof import('../node/index.js') | undefined> {
  if (process.env.NEXT_RUNTIME === 'edge') return undefined;
  try {
    return await import(/* webpackIgnore: true */ /* turbopackIgnore: true */ 'beaconry/node');
  } catch (problem) {
    console.error(`[beaconry] telemetry is off on this server: ${String(problem)}`);
    return undefined;
  }
}

/** As written here: Next puts its value in the place of just this. */
declare const process: { readonly env: { readonly NEXT_RUNTIME?: string | undefined } };
