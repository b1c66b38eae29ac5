import type { ComponentChildren } from 'preact';
import { HEALTH } from '../api/query.ts';
import type { Health } from '../api/types.ts';
import { formatCount } from '../format/numbers.ts';
import { formatAge, formatFull, formatSpan } from '../format/times.ts';

interface HealthLineProps {
  readonly health: Health | undefined;
  /** Whether these are the values of before the server went away. */
  readonly stale: boolean;
  readonly now: number;
}

/** How the server is, in one line. */
export function HealthLine({ health, stale, now }: HealthLineProps) {
  return (
    <section class="health" aria-label="Server health" aria-busy={!health} data-stale={stale}>
      <dl>
        <Item label="Status">{health ? <Status health={health} stale={stale} /> : <Pending />}</Item>
        <Item label="Version">{health?.version ?? <Pending />}</Item>
        <Item label="Uptime">{health ? formatSpan(health.uptimeSeconds * 1_000) : <Pending />}</Item>
        <Item label="Stored">{health ? formatCount(health.stored) : <Pending />}</Item>
        <Item label="Index lag">{health ? formatCount(health.indexLag) : <Pending />}</Item>
        <Item label="Last event">
          {health ? <LastEvent at={health.lastEventAt} now={now} /> : <Pending />}
        </Item>
        {health && health.damagedLines > 0 && (
          <Item label="Damaged lines">
            <strong class="damaged" data-testid="damaged">
              {formatCount(health.damagedLines)} set aside
            </strong>
          </Item>
        )}
      </dl>
      <a class="query" href={HEALTH}>
        JSON<span class="visually-hidden"> of the health</span>
      </a>
    </section>
  );
}

function Item({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    <div class="health-item">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Status({ health, stale }: { readonly health: Health; readonly stale: boolean }) {
  if (stale) return <span class="status status-unknown">unknown</span>;
  const isWell = health.status === 'ok' || health.status === 'healthy';
  return <span class={`status status-${isWell ? 'well' : 'ill'}`}>{health.status}</span>;
}

function LastEvent({ at, now }: { readonly at: number | undefined; readonly now: number }) {
  if (at === undefined) return <>none yet</>;
  return (
    <time dateTime={new Date(at).toISOString()} title={formatFull(at)}>
      {formatAge(now - at)}
    </time>
  );
}

/** Holds the place of a value that is not known yet. */
function Pending() {
  return (
    <span class="pending">
      <span class="visually-hidden">loading</span>
    </span>
  );
}
