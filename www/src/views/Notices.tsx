// What stands above everything else while it is true: no connection, and data that was lost.

import type { ComponentChildren } from 'preact';
import type { Failure } from '../api/types.ts';
import { wordsOf } from '../format/describeRecord.ts';
import { countOf, formatCount } from '../format/numbers.ts';
import { formatClock, formatSpan } from '../format/times.ts';
import type { ReportedLoss } from '../state/losses.ts';

interface UnreachableProps {
  readonly since: number;
  readonly failure: Failure;
  readonly now: number;
}

export function UnreachableNotice({ since, failure, now }: UnreachableProps) {
  return (
    <Notice tone="bad" title={`${titleOf(failure)} since ${formatClock(since)}`} testid="unreachable">
      <p>
        That is {formatSpan(now - since)}. {reasonOf(failure)} What was loaded stays below; the page
        reconnects by itself.
      </p>
    </Notice>
  );
}

interface LossProps {
  readonly loss: ReportedLoss;
  readonly onShow: () => void;
}

export function LossNotice({ loss, onShow }: LossProps) {
  const reasons = loss.byReason.map(([reason, count]) => `${wordsOf(reason)} ${formatCount(count)}`);
  return (
    <Notice tone="lost" title={`Data lost: ${countOf(loss.records, 'record')}`} testid="loss">
      <p>
        Clients had to drop {loss.records === 1 ? 'it' : 'them'}, as{' '}
        {countOf(loss.reports, 'report')} among the newest records{' '}
        {loss.reports === 1 ? 'says' : 'say'}. Reasons: {reasons.join(', ')}.
      </p>
      <button type="button" class="button" onClick={onShow}>
        Show the reports
      </button>
    </Notice>
  );
}

interface MissedProps {
  readonly missed: number;
  readonly onDismiss: () => void;
}

export function MissedNotice({ missed, onDismiss }: MissedProps) {
  return (
    <Notice
      tone="warn"
      title={`The live feed skipped ${countOf(missed, 'record')}`}
      testid="missed"
    >
      <p>
        They came faster than this page could take them. They are stored; the newest ones were
        fetched again, and what is not shown is marked in the feed.
      </p>
      <button type="button" class="button" onClick={onDismiss}>
        Dismiss
      </button>
    </Notice>
  );
}

interface NoticeProps {
  readonly tone: 'bad' | 'lost' | 'warn';
  readonly title: string;
  readonly testid: string;
  readonly children: ComponentChildren;
}

function Notice({ tone, title, testid, children }: NoticeProps) {
  return (
    <section class={`notice notice-${tone}`} data-testid={testid} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function titleOf(failure: Failure): string {
  return failure.kind === 'unreachable' ? 'Server unreachable' : 'Server not answering as it should';
}

function reasonOf(failure: Failure): string {
  switch (failure.kind) {
    case 'unreachable':
      return 'No answer from the server or the network to it.';
    case 'refused':
      return `The last answer was HTTP ${failure.status}.`;
    case 'unreadable':
      return 'Something answered in its place, but not in its language.';
  }
}
