import type { TargetedKeyboardEvent } from 'preact';
import type { StoredRecord } from '../api/types.ts';
import { describeRecord, previewContext } from '../format/describeRecord.ts';
import { countOf } from '../format/numbers.ts';
import { formatFull, formatMoment, formatSpan } from '../format/times.ts';
import type { FeedRow } from '../state/feed.ts';

interface FeedListProps {
  readonly rows: readonly FeedRow[];
  /** The day as lists name it: records of another one are shown with theirs. */
  readonly today: string;
  readonly selected: number | undefined;
  readonly onSelect: (record: StoredRecord) => void;
}

/** One row for each record. The list is one stop for Tab; the arrow keys walk through it. */
export function FeedList({ rows, today, selected, onSelect }: FeedListProps) {
  const first = rows.find((row) => row.kind === 'record');
  return (
    <ol class="rows" onKeyDown={walk} data-testid="feed">
      {rows.map((row) =>
        row.kind === 'gap' ? (
          <li key={`gap-${row.before}`} class="gap" data-testid="gap">
            {countOf(row.missing, 'record')} in between, not shown here
          </li>
        ) : (
          <Row
            key={row.record.n}
            record={row.record}
            today={today}
            isFirst={row === first}
            isSelected={row.record.n === selected}
            onSelect={onSelect}
          />
        ),
      )}
    </ol>
  );
}

interface RowProps {
  readonly record: StoredRecord;
  readonly today: string;
  readonly isFirst: boolean;
  readonly isSelected: boolean;
  readonly onSelect: (record: StoredRecord) => void;
}

function Row({ record, today, isFirst, isSelected, onSelect }: RowProps) {
  const { title, detail, tone } = describeRecord(record);
  const late = lateness(record);
  return (
    <li>
      <button
        type="button"
        class={`row row-${tone}`}
        data-n={record.n}
        data-selected={isSelected}
        tabIndex={isFirst ? 0 : -1}
        aria-haspopup="dialog"
        onClick={() => onSelect(record)}
      >
        <time class="row-time" title={formatFull(record.timestamp)}>
          {formatMoment(record.timestamp, today)}
        </time>
        <span class="row-type">
          <span class={`swatch type-${record.type}`} aria-hidden="true" />
          {record.type}
        </span>
        <span class="row-text">
          <bdi class="row-title">{title}</bdi>
          {detail && <bdi class="row-detail">{detail}</bdi>}
          {late && <span class="row-late">{late}</span>}
          <bdi class="row-context">{previewContext(record.context)}</bdi>
        </span>
        <bdi class="row-where">{pathOf(record)}</bdi>
      </button>
    </li>
  );
}

function walk(event: TargetedKeyboardEvent<HTMLOListElement>): void {
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('.row')];
  const at = rows.findIndex((row) => row === document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (at < 0 || next === undefined) return;
  event.preventDefault();
  rows[next]?.focus();
}

/** Says so where a record waited in its browser for a connection. */
function lateness(record: StoredRecord): string | undefined {
  const late = record.receivedAt - record.timestamp;
  return late >= LATE_MS ? `arrived ${formatSpan(late)} later` : undefined;
}

function pathOf({ app, page }: StoredRecord): string {
  const path = page?.replace(/^[a-z]+:\/\/[^/]*/i, '').slice(0, LONGEST_PATH);
  return [app, path].filter(Boolean).join(' ');
}

const LATE_MS = 2 * 60_000;
const LONGEST_PATH = 80;
