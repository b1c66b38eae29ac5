/**
 * Whether a request to another origin needs a preflight whatever we do. Where that is not certain, it is no.
 *
 * `headers` have to be those that the browser sends: a `Request` has dropped what it forbids.
 */
export function needsPreflight(method: string, headers: Headers): boolean {
  if (!/^(GET|HEAD|POST)$/.test(method)) return true;
  for (const [name, value] of headers) {
    if (name === 'content-type') {
      if (!SIMPLE_TYPE.test(value)) return true;
    } else if (!SIMPLE_NAME.test(name)) return true;
  }
  return false;
}

const SIMPLE_NAME = /^(accept|accept-language|content-language|range)$/;
const SIMPLE_TYPE = /^\s*(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(;|$)/i;
