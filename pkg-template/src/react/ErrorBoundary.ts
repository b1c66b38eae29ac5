import { Component } from 'react';
import type { ErrorInfo, ReactNode } from 'react';
import type { Telemetry } from '../Telemetry.js';
import type { Context } from '../types.js';
import { withComponentStack } from '../withComponentStack.js';
import { TelemetryContext } from './TelemetryContext.js';

/** What a fallback is given. */
export interface Failure {
  /** What was thrown. */
  readonly error: unknown;
  /** Renders the children again. */
  readonly reset: () => void;
}

export interface ErrorBoundaryProps {
  readonly children?: ReactNode;
  /** What is shown instead of children that threw [nothing]. */
  readonly fallback?: ReactNode | ((failure: Failure) => ReactNode);
  /** Added to the record of the error. */
  readonly context?: Context | undefined;
  /** The client that records [the one of the nearest provider]. */
  readonly client?: Telemetry | undefined;
  /** Called after the error was recorded. */
  readonly onError?: ((error: unknown, info: ErrorInfo) => void) | undefined;
  /** Called before the children are rendered again. */
  readonly onReset?: (() => void) | undefined;
}

/**
 * Records what its children throw while they render, once, with the components that it came through, and shows a
 * fallback instead.
 *
 * ```tsx
 * <ErrorBoundary fallback={({ reset }) => <button onClick={reset}>Try again</button>} context={{ part: 'cart' }}>
 *   <Cart />
 * </ErrorBoundary>
 * ```
 *
 * What event handlers and promises throw does not come through components: the error hooks record that. Without a
 * provider and without `client` the fallback is shown and nothing is recorded.
 */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { readonly thrown: Thrown | undefined }> {
  static override contextType = TelemetryContext;
  static readonly displayName = 'ErrorBoundary';
  declare context: Telemetry | undefined;
  override state: { readonly thrown: Thrown | undefined } = { thrown: undefined };

  /** Boxed, since `undefined` can be thrown, too. */
  static getDerivedStateFromError(error: unknown): { readonly thrown: Thrown } {
    return { thrown: { error } };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    const client = this.props.client ?? this.context;
    client?.error(withComponentStack(error, info.componentStack), this.props.context);
    this.props.onError?.(error, info);
  }

  override render(): ReactNode {
    const { children, fallback } = this.props;
    const { thrown } = this.state;
    if (thrown === undefined) return children;
    return typeof fallback === 'function' ? fallback({ error: thrown.error, reset: this.#reset }) : (fallback ?? null);
  }

  readonly #reset = (): void => {
    this.props.onReset?.();
    this.setState({ thrown: undefined });
  };
}

interface Thrown {
  readonly error: unknown;
}
