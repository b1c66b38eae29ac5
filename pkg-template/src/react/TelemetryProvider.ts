import { createElement, useEffect, useRef } from 'react';
import type { ReactElement, ReactNode } from 'react';
import type { Telemetry } from '../Telemetry.js';
import type { Config } from '../types.js';
import { TelemetryContext } from './TelemetryContext.js';

export interface TelemetryProviderProps {
  /** The client that components are given: `telemetry` of `beaconry`, or one of your own. */
  readonly client: Telemetry;
  /** Starts the client with it, in the browser only and once; leave it out where the app calls `init` itself. */
  readonly config?: Config | undefined;
  readonly children?: ReactNode;
}

/**
 * Gives a client to all components in it.
 *
 * ```tsx
 * <TelemetryProvider client={telemetry} config={{ endpoint: '/api/telemetry/batch' }}>
 *   <App />
 * </TelemetryProvider>
 * ```
 *
 * It renders its children as they are and throws nothing. A config that is wrong is explained on the console, and
 * the client stays off. On a server nothing is started: effects do not run there.
 */
export function TelemetryProvider({ client, config, children }: TelemetryProviderProps): ReactElement {
  // Of the first render: a config written in place is another object at each.
  const first = useRef(config);
  useEffect(() => {
    // A client starts once, however often React mounts this.
    if (first.current !== undefined) void client.start(first.current);
  }, [client]);
  return createElement(TelemetryContext.Provider, { value: client }, children);
}
