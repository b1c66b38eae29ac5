import { expect, it } from 'vitest';
import { announceLink } from './announce.ts';
import { nextLink } from './link.ts';
import type { Happening, Link } from './link.ts';

const failed: Happening = { kind: 'failed', failure: { kind: 'unreachable' } };

/** What the link is after these things happened, one a second. */
function after(...kinds: readonly (Exclude<Happening['kind'], 'failed'> | 'failed')[]): Link {
  return kinds.reduce<Link>(
    (link, kind, second) => nextLink(link, kind === 'failed' ? failed : { kind }, second),
    { kind: 'connecting' },
  );
}

it('is live once the feed is open, not before', () => {
  expect(after('answered')).toEqual({ kind: 'connecting' });
  expect(after('answered', 'feed opened')).toEqual({ kind: 'live' });
});

it('dates the trouble from its first sign', () => {
  expect(after('feed opened', 'feed broke', 'failed', 'failed')).toMatchObject({
    kind: 'unreachable',
    since: 1,
  });
  expect(after('failed', 'failed')).toMatchObject({ kind: 'unreachable', since: 0 });
});

it('waits for the feed after the server answers again', () => {
  expect(after('feed opened', 'feed broke', 'failed', 'answered')).toEqual({
    kind: 'interrupted',
    since: 1,
  });
  expect(after('feed opened', 'feed broke', 'failed', 'answered', 'feed opened')).toEqual({
    kind: 'live',
  });
});

it('is live again at the first answer where the feed never broke', () => {
  expect(after('feed opened', 'failed', 'answered')).toEqual({ kind: 'live' });
  expect(after('feed opened', 'failed', 'feed broke', 'answered')).toMatchObject({
    kind: 'interrupted',
  });
});

it('is said once for each change that matters', () => {
  const live = after('feed opened');
  const lost = after('feed opened', 'failed');
  expect(announceLink({ kind: 'connecting' }, live)).toBeUndefined();
  expect(announceLink(live, lost)).toMatch('cannot be reached');
  expect(announceLink(lost, after('failed'))).toBeUndefined();
  expect(announceLink(lost, live)).toMatch('is back');
});
