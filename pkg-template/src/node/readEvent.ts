/**
 * An event as a server tells of it: the name, and whatever belongs to it, beside it or in `properties`.
 *
 * `userId` is whose event it is. What stands under any other name is recorded as a property.
 */
export interface TelemetryEvent {
  /** Lower-case letters, digits and `_`. */
  readonly event: string;
  readonly properties?: object | undefined;
  readonly userId?: string | undefined;
  readonly [property: string]: unknown;
}

/** The arguments of a call, whatever was given. `source` is left out: the kind of key says who sends. */
export function readEvent(given: TelemetryEvent) {
  const { event: name, properties, userId, source, ...beside } = given ?? {};
  return {
    name,
    properties: { ...beside, ...(typeof properties === 'object' ? properties : {}) },
    userId: typeof userId === 'string' && userId !== '' ? userId : undefined,
  };
}
