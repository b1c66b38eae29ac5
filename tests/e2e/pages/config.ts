/** What a page is started with stands in its address, behind the `#`, where no server sees it. */
import type { Config } from "beaconry";

export interface PageOptions {
  readonly config: Config;
  /** As a browser that gives pages no storage. */
  readonly withoutStorage?: boolean;
}

export function optionsInAddress(): PageOptions {
  return JSON.parse(decodeURIComponent(location.hash.slice(1))) as PageOptions;
}

export function addressWith(page: string, options: PageOptions): string {
  return `${page}#${encodeURIComponent(JSON.stringify(options))}`;
}
