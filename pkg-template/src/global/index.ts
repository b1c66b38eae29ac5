/** The build for a script tag: `dist/beaconry.global.js` sets `window.beaconry` and looks for the wasm beside itself. */
import { fromEnv } from '../fromEnv.js';
import type { Loader } from '../loader/index.js';
import { TelemetryClient } from '../TelemetryClient.js';
import type { Config } from '../types.js';

/** `window.beaconry` on a page with the script tag: the client of the page, and what starts it. */
export type Beaconry = TelemetryClient & {
  init(config: Config): Promise<TelemetryClient>;
  readonly fromEnv: typeof fromEnv;
  readonly TelemetryClient: typeof TelemetryClient;
};

const { document, location } = globalThis as Partial<typeof globalThis>;
const script = document?.currentScript as Partial<HTMLScriptElement> | null | undefined;
/** A worker has no script element: its wasm is looked for beside the worker's own script. */
const base = script?.src || location?.href;
const file = script?.dataset?.['wasm'] ?? 'beaconry_bg.wasm';

/** A client that looks for its wasm beside the script. */
class PageClient extends TelemetryClient {
  constructor(config?: Config) {
    super(config, () => new URL(file, base));
  }
}

const scope = globalThis as { beaconry?: object };
const loader: Partial<Loader> = scope.beaconry ?? {};
const client = new PageClient();
const { take, stop, allow, config } = loader;

scope.beaconry = Object.assign(client, {
  init: async (config: Config): Promise<TelemetryClient> => (await client.start(config), client),
  fromEnv,
  TelemetryClient: PageClient,
  ...(take && stop && allow ? { take, stop, allow } : {}),
}) satisfies Beaconry;
// It was said before this was here.
if (config !== undefined) void client.start(config);
