import { useEffect, useRef } from 'react';
import { useTelemetry } from '../react/useTelemetry.js';

/**
 * Records the error that an `error.tsx` or `global-error.tsx` is given, once.
 *
 * ```tsx
 * 'use client';
 * export default function Failed({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
 *   useRecordedError(error);
 *   return <button onClick={reset}>Try again</button>;
 * }
 * ```
 *
 * An error of a server component comes without its message, which stays on the server; its `digest` is recorded, and
 * `onRequestError` of `beaconry/next/server` has recorded the same digest there. A `global-error.tsx` stands outside
 * of every provider: there, call `telemetry.error` itself.
 */
export function useRecordedError(error: Error & { readonly digest?: string | undefined }): void {
  const telemetry = useTelemetry();
  const recorded = useRef<unknown>(undefined);
  useEffect(() => {
    // StrictMode runs effects twice.
    if (recorded.current === error) return;
    recorded.current = error;
    telemetry.error(error, error.digest === undefined ? undefined : { digest: error.digest });
  }, [error, telemetry]);
}
