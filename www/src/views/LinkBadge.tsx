import type { Link } from '../state/link.ts';

const WORDS: { readonly [kind in Link['kind']]: string } = {
  connecting: 'Connecting…',
  live: 'Live',
  interrupted: 'Reconnecting…',
  unreachable: 'Unreachable',
};

/** One word for how the page hears from the server. */
export function LinkBadge({ link, paused }: { readonly link: Link; readonly paused: boolean }) {
  const isPaused = paused && link.kind === 'live';
  return (
    <span class={`badge badge-${isPaused ? 'paused' : link.kind}`} data-testid="link">
      <span class="badge-dot" aria-hidden="true" />
      {isPaused ? 'Paused' : WORDS[link.kind]}
    </span>
  );
}
