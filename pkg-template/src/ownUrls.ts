/**
 * Says which URLs clients ask for by themselves, so that no hook of any client on the page takes such a
 * request for one of the app's. The list hangs on the page, since a page can have two copies of this package.
 */
export function claimUrls(urls: readonly unknown[]): void {
  const page = globalThis as unknown as Record<symbol, Set<string> | undefined>;
  if (page[OWN_URLS] === undefined) Object.defineProperty(page, OWN_URLS, { value: new Set(), configurable: true });
  for (const url of urls) {
    const name = typeof url === 'string' ? nameOf(url) : undefined;
    if (name !== undefined) page[OWN_URLS]?.add(name);
  }
}

/** Whether a client asks for this absolute URL, whatever its query. */
export function isOwnUrl({ origin, pathname }: { readonly origin: string; readonly pathname: string }): boolean {
  const own = (globalThis as unknown as Record<symbol, Set<string> | undefined>)[OWN_URLS];
  return own?.has(origin + pathname) === true;
}

function nameOf(url: string): string | undefined {
  try {
    const { origin, pathname } = new URL(url, globalThis.location?.href);
    return origin + pathname;
  } catch {
    return undefined;
  }
}

const OWN_URLS: unique symbol = Symbol.for('beaconry.urls');
