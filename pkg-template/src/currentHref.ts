import { guard } from './guard.js';

/**
 * Empty where there is no page: on a server. Asked at every record, so of the document, which takes a tenth of the time
 * of the location; an element called `URL` stands in the way of it.
 */
export function currentHref(): string {
  return guard(() => {
    const url: unknown = globalThis.document?.URL;
    return typeof url === 'string' ? url : String(globalThis.location?.href ?? '');
  }, '');
}
