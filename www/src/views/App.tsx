import type { Actions, DashboardState } from '../state/createDashboard.ts';
import { reportedLoss } from '../state/losses.ts';
import { CountsPanel } from './CountsPanel.tsx';
import { Details } from './Details.tsx';
import { FeedPanel } from './FeedPanel.tsx';
import { FirstSteps } from './FirstSteps.tsx';
import { HealthLine } from './HealthLine.tsx';
import { LinkBadge } from './LinkBadge.tsx';
import { Mark } from './Mark.tsx';
import { MissedNotice, LossNotice, UnreachableNotice } from './Notices.tsx';

export interface AppProps {
  readonly state: DashboardState;
  readonly actions: Actions;
}

/** The whole page. */
export function App({ state, actions }: AppProps) {
  const { link, health, feed, loaded, now } = state;
  const loss = reportedLoss(feed.records);
  const isEmpty = loaded && feed.records.length === 0 && !feed.held?.length && !health?.stored;
  return (
    <>
      <header class="bar">
        <span class="brand">
          <Mark />
          <h1>Beaconry</h1>
        </span>
        <span class="at-end">
          <LinkBadge link={link} paused={feed.held !== undefined} />
          {health?.hasLogin && (
            <form method="post" action="/admin/logout">
              <button>Log out</button>
            </form>
          )}
        </span>
      </header>
      <main>
        {link.kind === 'unreachable' && (
          <UnreachableNotice since={link.since} failure={link.failure} now={now} />
        )}
        {loss && <LossNotice loss={loss} onShow={() => actions.showOnly(['report'])} />}
        {state.missed > 0 && (
          <MissedNotice missed={state.missed} onDismiss={actions.dismissMissed} />
        )}
        <HealthLine health={health} stale={link.kind === 'unreachable'} now={now} />
        {isEmpty ? (
          <FirstSteps origin={location.origin} />
        ) : (
          <>
            <CountsPanel series={state.series} now={now} />
            <FeedPanel
              feed={feed}
              loaded={loaded}
              selected={state.selected?.n}
              now={now}
              actions={actions}
            />
          </>
        )}
      </main>
      <Details record={state.selected} actions={actions} />
      <p class="visually-hidden" role="status" aria-live="polite">
        {state.announcement}
      </p>
    </>
  );
}
