/**
 * Says which URLs clients ask for by themselves, so that no hook of any client on the page takes such a
 * request for one of the app's. Throws at what is no URL. The list hangs on the page, since a page can have two
 * copies of this package.
 */
export function claimUrls(...urls: readonly string[]): void {
  for (const url of urls) {
    const { origin, pathname } = new URL(url, globalThis.location?.href);
    (page()[OWN_URLS] ??= new Set()).add(origin + pathname);
  }
}

/** Whether a client asks for this absolute URL, whatever its query. */
export function isOwnUrl({ origin, pathname }: { readonly origin: string; readonly pathname: string }): boolean {
  return page()[OWN_URLS]?.has(origin + pathname) === true;
}

function page(): { [OWN_URLS]?: Set<string> } {
  return globalThis as { [OWN_URLS]?: Set<string> };
}

const OWN_URLS: unique symbol = Symbol.for('beaconry.urls');
