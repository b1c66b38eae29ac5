/** Whether a request to another origin needs a preflight whatever we do. Where that is not certain, it is no. */
export function needsPreflight(url: string, method: string, headers: Headers): boolean {
  if (!/^(GET|HEAD|POST)$/.test(method)) return true;
  if (headers.keys().next().done === true) return false;
  // What a browser does not let scripts set, it drops from those of a request.
  for (const [name, value] of new Request(url, { method, headers }).headers) {
    if (name === 'content-type' ? !SIMPLE_TYPE.test(value) : !SIMPLE_NAME.test(name)) return true;
  }
  return false;
}

const SIMPLE_NAME = /^(accept|accept-language|content-language|range)$/;
const SIMPLE_TYPE = /^\s*(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(;|$)/i;
