import { useMemo, useState } from 'preact/hooks';
import { COUNTS, countsOf } from '../api/query.ts';
import { RECORD_TYPES } from '../api/types.ts';
import type { CountByType } from '../api/types.ts';
import { countOf, formatCount } from '../format/numbers.ts';
import { formatMinute } from '../format/times.ts';
import { MINUTES, barsOf, sum, totalsOf } from '../state/series.ts';
import type { Bar, Series } from '../state/series.ts';
import { CountsTable } from './CountsTable.tsx';
import { StackedBars } from './StackedBars.tsx';

interface CountsPanelProps {
  readonly series: Series;
  readonly now: number;
}

/** How many records of each type were received, minute by minute. */
export function CountsPanel({ series, now }: CountsPanelProps) {
  const minute = Math.floor(now / 60_000);
  const bars = useMemo(() => barsOf(series, now), [series, minute]);
  const totals = useMemo(() => totalsOf(bars), [bars]);
  const [pointed, setPointed] = useState<number>();
  const bar = bars.find(({ minute }) => minute === pointed);
  return (
    <section class="panel" aria-labelledby="counts-title" aria-busy={!series.counted}>
      <div class="panel-head">
        <h2 id="counts-title">Received in the last {MINUTES} minutes</h2>
        <p class="readout" data-testid="readout">
          {readOut(bar, totals, series)}
        </p>
        <a class="query" href={COUNTS}>
          JSON<span class="visually-hidden"> of the counts</span>
        </a>
      </div>
      <StackedBars bars={bars} pointed={pointed} onPoint={setPointed} />
      <Legend counts={series.counted && (bar?.byType ?? totals)} />
      <div class="panel-foot">
        <Day series={series} />
        <CountsTable bars={bars} />
      </div>
    </section>
  );
}

/** The totals by type, each leading to its query; no number is shown before the server counted. */
function Legend({ counts }: { readonly counts: CountByType | undefined }) {
  return (
    <ul class="legend" data-testid="totals">
      {RECORD_TYPES.map((type) => (
        <li key={type} data-none={!counts?.[type]}>
          <a href={countsOf(type)} data-type={type}>
            <span class={`swatch type-${type}`} aria-hidden="true" />
            <span class="legend-name">{type}</span>
            <span class="legend-count">{counts ? formatCount(counts[type] ?? 0) : '–'}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

/** The server's own numbers of the last day. */
function Day({ series: { counted } }: { readonly series: Series }) {
  if (!counted) return <p class="quiet">Last 24 hours: counting…</p>;
  return (
    <p class="quiet">
      Last 24 hours: {countOf(counted.total, 'record')} of{' '}
      {countOf(counted.uniqueSessions, 'session')}, {countOf(counted.byType.error ?? 0, 'error')}
    </p>
  );
}

function readOut(bar: Bar | undefined, totals: CountByType, series: Series): string {
  if (!series.counted) return 'counting…';
  if (!bar) return countOf(sum(totals), 'record');
  return `${formatMinute(bar.minute)} · ${countOf(bar.total, 'record')}`;
}
