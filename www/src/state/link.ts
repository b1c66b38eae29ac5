// Whether the page hears from the server. Pure: what happened goes in, the next state comes out.

import type { Failure } from '../api/types.ts';

export type Link =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** The server answers, but the live feed is not open. */
  | { readonly kind: 'interrupted'; readonly since: number }
  | {
      readonly kind: 'unreachable';
      readonly since: number;
      readonly failure: Failure;
      /** Queries can fail while the feed still runs. */
      readonly feedOpen: boolean;
    };

export type Happening =
  | { readonly kind: 'feed opened' }
  | { readonly kind: 'feed broke' }
  | { readonly kind: 'answered' }
  | { readonly kind: 'failed'; readonly failure: Failure };

export function nextLink(link: Link, happening: Happening, now: number): Link {
  switch (happening.kind) {
    case 'feed opened':
      return { kind: 'live' };
    case 'feed broke':
      return afterFeedBroke(link, now);
    case 'answered':
      return afterAnswer(link);
    case 'failed':
      return {
        kind: 'unreachable',
        since: brokenSince(link) ?? now,
        failure: happening.failure,
        feedOpen: link.kind === 'live' || (link.kind === 'unreachable' && link.feedOpen),
      };
  }
}

function afterFeedBroke(link: Link, now: number): Link {
  if (link.kind === 'live') return { kind: 'interrupted', since: now };
  return link.kind === 'unreachable' ? { ...link, feedOpen: false } : link;
}

function afterAnswer(link: Link): Link {
  if (link.kind !== 'unreachable') return link;
  return link.feedOpen ? { kind: 'live' } : { kind: 'interrupted', since: link.since };
}

/** When the trouble began: the feed usually breaks before the first query fails. */
function brokenSince(link: Link): number | undefined {
  return link.kind === 'unreachable' || link.kind === 'interrupted' ? link.since : undefined;
}
