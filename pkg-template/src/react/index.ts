'use client';
/**
 * Beaconry in React, 18 or newer.
 *
 * ```tsx
 * import { telemetry } from 'beaconry';
 * import { ErrorBoundary, TelemetryProvider, useTelemetry } from 'beaconry/react';
 *
 * createRoot(root).render(
 *   <TelemetryProvider client={telemetry} config={{ endpoint: '/api/telemetry/batch', token: 'your-ingest-key' }}>
 *     <ErrorBoundary fallback={({ reset }) => <button onClick={reset}>Try again</button>}>
 *       <Shop />
 *     </ErrorBoundary>
 *   </TelemetryProvider>,
 * );
 * ```
 *
 * The entry brings no client with it: you pay for the one that you pass.
 */
export { ErrorBoundary } from './ErrorBoundary.js';
export type { ErrorBoundaryProps, Failure } from './ErrorBoundary.js';
export { reactErrorHandlers } from './reactErrorHandlers.js';
export type { ReactErrorHandlers } from './reactErrorHandlers.js';
export { TelemetryProvider } from './TelemetryProvider.js';
export type { TelemetryProviderProps } from './TelemetryProvider.js';
export { useTelemetry } from './useTelemetry.js';
export type { Telemetry } from '../Telemetry.js';
