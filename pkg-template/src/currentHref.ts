import { guard } from './guard.js';

/** Empty where there is no page: in a worker, on a server. */
export function currentHref(): string {
  return guard(() => String(globalThis.location?.href ?? ''), '');
}
