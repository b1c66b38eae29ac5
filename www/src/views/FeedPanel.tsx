import { useMemo } from 'preact/hooks';
import { NEWEST } from '../api/query.ts';
import { RECORD_TYPES } from '../api/types.ts';
import { countOf, formatCount } from '../format/numbers.ts';
import { formatDay } from '../format/times.ts';
import type { Actions } from '../state/createDashboard.ts';
import { canGrow, countHeld, rowsOf } from '../state/feed.ts';
import type { Feed } from '../state/feed.ts';
import { FeedList } from './FeedList.tsx';

interface FeedPanelProps {
  readonly feed: Feed;
  readonly loaded: boolean;
  readonly selected: number | undefined;
  readonly now: number;
  readonly actions: Actions;
}

/** The newest records, as they arrive. */
export function FeedPanel({ feed, loaded, selected, now, actions }: FeedPanelProps) {
  const today = formatDay(now);
  const rows = useMemo(() => rowsOf(feed), [feed]);
  // The same list node again lets the ticking clock pass by hundreds of rows.
  const list = useMemo(
    () => <FeedList rows={rows} today={today} selected={selected} onSelect={actions.select} />,
    [rows, today, selected, actions],
  );
  return (
    <section class="panel feed" aria-labelledby="feed-title" aria-busy={!loaded}>
      <div class="panel-head">
        <h2 id="feed-title">Live feed</h2>
        <PauseButton feed={feed} onToggle={actions.togglePause} />
        <a class="query" href={NEWEST}>
          JSON<span class="visually-hidden"> of the newest records</span>
        </a>
      </div>
      <Filter feed={feed} actions={actions} />
      {loaded || rows.length > 0 ? list : <Loading />}
      {loaded && rows.length === 0 && <NothingHere feed={feed} />}
      {canGrow(feed) && (
        <button type="button" class="button older" onClick={actions.loadOlder} data-testid="older">
          Older records
        </button>
      )}
    </section>
  );
}

function PauseButton({ feed, onToggle }: { readonly feed: Feed; readonly onToggle: () => void }) {
  const waiting = countHeld(feed);
  return (
    <button type="button" class="button" onClick={onToggle} data-testid="pause">
      {feed.held ? 'Resume' : 'Pause'}
      {waiting > 0 && <span class="waiting">{formatCount(waiting)} new</span>}
    </button>
  );
}

function Filter({ feed, actions }: { readonly feed: Feed; readonly actions: Actions }) {
  return (
    <div class="filter" role="group" aria-label="Show only these types">
      <button
        type="button"
        class="chip"
        aria-pressed={feed.filter.size === 0}
        onClick={() => actions.showOnly([])}
      >
        all
      </button>
      {RECORD_TYPES.map((type) => (
        <button
          key={type}
          type="button"
          class="chip"
          aria-pressed={feed.filter.has(type)}
          onClick={() => actions.toggleType(type)}
        >
          <span class={`swatch type-${type}`} aria-hidden="true" />
          {type}
        </button>
      ))}
    </div>
  );
}

function NothingHere({ feed }: { readonly feed: Feed }) {
  return (
    <p class="nothing">
      {feed.records.length > 0
        ? `None of these types among the newest ${countOf(feed.records.length, 'record')} held here.`
        : 'No records here yet.'}
    </p>
  );
}

function Loading() {
  return (
    <div class="skeleton" data-testid="loading">
      <span class="visually-hidden">Loading the newest records</span>
      {[1, 2, 3, 4, 5, 6].map((line) => (
        <span key={line} class="skeleton-line" />
      ))}
    </div>
  );
}
