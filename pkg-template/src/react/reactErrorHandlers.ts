import type { ErrorInfo } from 'react';
import type { Telemetry } from '../Telemetry.js';
import { withComponentStack } from '../withComponentStack.js';
import { ErrorBoundary } from './ErrorBoundary.js';

/** Options of `createRoot` and `hydrateRoot` in React 19. React 18 has only the last one, and ignores the others. */
export interface ReactErrorHandlers {
  /** An error that a boundary caught. */
  readonly onCaughtError: (error: unknown, info: ErrorInfo & { readonly errorBoundary?: unknown }) => void;
  /** An error that none caught: React has removed the app from the page. */
  readonly onUncaughtError: (error: unknown, info: ErrorInfo) => void;
  /** An error that React got over by rendering once more, such as HTML of the server that does not fit. */
  readonly onRecoverableError: (error: unknown, info: ErrorInfo) => void;
}

/**
 * Records the errors that React knows of, with their component stacks, and writes them to the console as React does.
 *
 * ```tsx
 * createRoot(root, reactErrorHandlers(telemetry)).render(<App />);
 * ```
 *
 * What an {@link ErrorBoundary} of this package caught is recorded by that, not a second time here. React reports an
 * uncaught error to `window.onerror` only where no handler is given: with this one it is recorded once, too.
 */
export function reactErrorHandlers(client: Telemetry): ReactErrorHandlers {
  const record = (error: unknown, info: ErrorInfo, context: object, handled: boolean): void => {
    client.error(withComponentStack(error, info.componentStack), context, { handled });
    console.error(error);
  };
  return {
    onCaughtError(error, info) {
      if (info.errorBoundary instanceof ErrorBoundary) console.error(error);
      else record(error, info, { react: 'caught' }, true);
    },
    onUncaughtError: (error, info) => record(error, info, { react: 'uncaught' }, false),
    onRecoverableError: (error, info) => record(error, info, { react: 'recovered' }, true),
  };
}
