/** Another route of the server that has this endpoint: `/api/features` stands beside `/api/telemetry/batch`. */
export function routeBeside(endpoint: string, route: string): string {
  const url = new URL(endpoint, globalThis.location?.href);
  const end = url.pathname.lastIndexOf('/api/');
  return url.origin + (end < 0 ? '' : url.pathname.slice(0, end)) + route;
}
