import { createElement } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { TelemetryProvider } from '../react/TelemetryProvider.js';
import { telemetry } from '../singleton.js';
import type { Config } from '../types.js';

export interface BeaconryProviderProps {
  /** Plain data where a server component renders this: functions such as `beforeSend` cannot come from there. */
  readonly config: Config;
  readonly children?: ReactNode;
}

/**
 * Starts `telemetry` in the browser and gives it to all components in it. On the server it only renders its children.
 *
 * ```tsx
 * <BeaconryProvider config={{ endpoint: '/in/batch', app: 'shop' }}>{children}</BeaconryProvider>
 * ```
 *
 * It throws nothing: a config that is wrong is explained on the console, and the client stays off.
 */
export function BeaconryProvider({ config, children }: BeaconryProviderProps): ReactElement {
  return createElement(TelemetryProvider, { client: telemetry, config }, children);
}
