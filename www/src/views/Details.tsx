import type { TargetedKeyboardEvent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { StoredRecord } from '../api/types.ts';
import { describeRecord } from '../format/describeRecord.ts';
import { formatFull } from '../format/times.ts';
import type { Actions } from '../state/createDashboard.ts';

interface DetailsProps {
  readonly record: StoredRecord | undefined;
  readonly actions: Actions;
}

/** The whole of one record, in a drawer. The browser's own dialog keeps the focus and gives it back. */
export function Details({ record, actions }: DetailsProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const isOpen = record !== undefined;
  useEffect(() => {
    if (isOpen) ref.current?.showModal();
    else ref.current?.close();
  }, [isOpen]);
  return (
    <dialog
      ref={ref}
      class="details"
      aria-labelledby="details-title"
      data-testid="details"
      onClose={actions.closeDetails}
      onClick={(event) => event.target === ref.current && actions.closeDetails()}
      onKeyDown={(event) => step(event, actions)}
    >
      {record && <Content record={record} actions={actions} />}
    </dialog>
  );
}

function Content({ record, actions }: { readonly record: StoredRecord; readonly actions: Actions }) {
  const { title, detail, tone } = describeRecord(record);
  return (
    <div class="details-body">
      <header class="details-head">
        <p class="details-kind">
          <span class={`swatch type-${record.type}`} aria-hidden="true" />
          {record.type} · record {record.n}
        </p>
        <button type="button" class="button" onClick={() => actions.step(-1)}>
          Newer
        </button>
        <button type="button" class="button" onClick={() => actions.step(1)}>
          Older
        </button>
        <button type="button" class="button" onClick={actions.closeDetails}>
          Close
        </button>
      </header>
      <h2 id="details-title" class={`details-title tone-${tone}`}>
        <bdi>{title}</bdi>
      </h2>
      {detail && (
        <p class="details-detail">
          <bdi>{detail}</bdi>
        </p>
      )}
      <Facts record={record} />
      {record.stack && (
        <>
          <h3>Stack</h3>
          <pre tabIndex={0}>{record.stack}</pre>
        </>
      )}
      <h3>Whole record</h3>
      <pre tabIndex={0} data-testid="json">
        {JSON.stringify(record.whole, undefined, 2)}
      </pre>
    </div>
  );
}

function Facts({ record }: { readonly record: StoredRecord }) {
  const facts = [
    ['Happened', formatFull(record.timestamp)],
    ['Received', formatFull(record.receivedAt)],
    ['App', record.app],
    ['Page', record.page],
    ['Session', record.sessionId],
  ] as const;
  return (
    <dl class="facts">
      {facts.map(
        ([label, value]) =>
          value && (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                <bdi>{value}</bdi>
              </dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** Left and right walk to the newer and the older record, unless a long line is being scrolled. */
function step(event: TargetedKeyboardEvent<HTMLDialogElement>, actions: Actions): void {
  if (event.target instanceof HTMLPreElement) return;
  if (event.key === 'ArrowLeft') actions.step(-1);
  if (event.key === 'ArrowRight') actions.step(1);
}
