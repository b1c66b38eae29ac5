'use client';
/**
 * Beaconry in Next.js, the half for the browser. `beaconry/next/server` is the other one.
 *
 * ```tsx
 * // app/layout.tsx
 * import { BeaconryProvider } from 'beaconry/next';
 *
 * <BeaconryProvider config={{ endpoint: '/in/batch', token: 'your-ingest-key', app: 'shop' }}>{children}</BeaconryProvider>
 * ```
 */
export { BeaconryProvider } from './BeaconryProvider.js';
export type { BeaconryProviderProps } from './BeaconryProvider.js';
export { useRecordedError } from './useRecordedError.js';
export { ErrorBoundary } from '../react/ErrorBoundary.js';
export type { ErrorBoundaryProps, Failure } from '../react/ErrorBoundary.js';
export { useTelemetry } from '../react/useTelemetry.js';
export { telemetry } from '../singleton.js';
export type { Telemetry } from '../Telemetry.js';
