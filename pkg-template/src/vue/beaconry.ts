import type { App, ComponentPublicInstance } from 'vue';
import type { Telemetry } from '../Telemetry.js';
import type { Config } from '../types.js';
import { withComponentStack } from '../withComponentStack.js';
import { componentStack } from './componentStack.js';
import { TELEMETRY } from './key.js';

export interface BeaconryOptions {
  /** The client that components are given: `telemetry` of `beaconry`, or one of your own. */
  readonly client: Telemetry;
  /** Starts the client with it, in the browser only; leave it out where the app calls `init` itself. */
  readonly config?: Config | undefined;
}

/**
 * The plugin: gives components a client and records what they throw, with the components it came through and with
 * Vue's word for what it was doing.
 *
 * ```ts
 * createApp(App).use(beaconry, { client: telemetry }).mount('#app');
 * ```
 *
 * An `app.config.errorHandler` that is there is called afterwards, as it would be without the plugin. Where there is
 * none, the error is written to the console, as Vue does. Set yours before `app.use`, or it takes the place of ours.
 */
export const beaconry = {
  install(app: App, { client, config }: BeaconryOptions): void {
    if (config !== undefined && typeof window !== 'undefined') void client.start(config);
    app.provide(TELEMETRY, client);
    const next = app.config.errorHandler;
    app.config.errorHandler = (error, instance, info) => {
      client.error(withComponentStack(error, componentStack(instance)), { vue: info, component: nameOf(instance) });
      if (typeof next === 'function') next(error, instance, info);
      else console.error(error);
    };
  },
};

function nameOf(instance: ComponentPublicInstance | null): string | undefined {
  return instance?.$options.name ?? instance?.$options.__name;
}
