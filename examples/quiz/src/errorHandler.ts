// Errors that nobody caught.

import { telemetry } from './telemetry';

export function installErrorHandler(): void {
  window.addEventListener('error', ({ error, message, filename, lineno, colno }) => {
    // A script of another origin keeps its error to itself: then there is only the message.
    telemetry.error(error ?? message, { filename, lineno, colno }, { handled: false });
  });
  window.addEventListener('unhandledrejection', (event) => {
    telemetry.error(event.reason, { from: 'unhandledrejection' }, { handled: false });
  });
}
