// The page's state and its clockwork: asks the queries, listens to the live feed, and tells its
// subscriber the new state after each change. All that it decides is in the pure files beside it.

import type { Api } from '../api/createApi.ts';
import type { LiveFeed, LiveFeedHandlers } from '../api/openLiveFeed.ts';
import type { Answer, Health, RecordType, StoredRecord } from '../api/types.ts';
import { announceLink, announceRecords } from './announce.ts';
import { createBatcher } from './createBatcher.ts';
import { EMPTY_FEED, admit, admitOlder, neighbour, pause, resume, showOnly, toggleType } from './feed.ts';
import type { Feed } from './feed.ts';
import { nextLink } from './link.ts';
import type { Happening, Link } from './link.ts';
import { EMPTY_SERIES, addLive, recount } from './series.ts';
import type { Series } from './series.ts';

export interface DashboardState {
  readonly now: number;
  readonly link: Link;
  readonly health: Health | undefined;
  readonly series: Series;
  readonly feed: Feed;
  /** Whether the newest records have been fetched once. */
  readonly loaded: boolean;
  /** Records that the live feed skipped. */
  readonly missed: number;
  readonly selected: StoredRecord | undefined;
  readonly announcement: string;
}

/** What a person can do on the page. */
export interface Actions {
  togglePause(): void;
  toggleType(type: RecordType): void;
  showOnly(types: readonly RecordType[]): void;
  select(record: StoredRecord): void;
  /** To the newer (-1) or older (1) record beside the selected one. */
  step(step: -1 | 1): void;
  closeDetails(): void;
  dismissMissed(): void;
  loadOlder(): void;
}

export interface Dashboard {
  readonly actions: Actions;
  start(): void;
  stop(): void;
}

export interface Collaborators {
  readonly api: Api;
  readonly openFeed: (handlers: LiveFeedHandlers) => LiveFeed;
  readonly now: () => number;
  readonly show: (state: DashboardState, actions: Actions) => void;
}

export function createDashboard({ api, openFeed, now, show }: Collaborators): Dashboard {
  let state: DashboardState = {
    now: now(),
    link: { kind: 'connecting' },
    health: undefined,
    series: EMPTY_SERIES,
    feed: EMPTY_FEED,
    loaded: false,
    missed: 0,
    selected: undefined,
    announcement: '',
  };
  let running = false;
  let liveFeed: LiveFeed | undefined;
  let ticks: ReturnType<typeof setInterval> | undefined;
  let healthTimer: ReturnType<typeof setTimeout> | undefined;
  let countsTimer: ReturnType<typeof setTimeout> | undefined;

  const batcher = createBatcher<StoredRecord>(takeLive, SHOWN_EVERY_MS);
  const announcer = createBatcher<StoredRecord>(
    (records) => update({ announcement: announceRecords(records) }),
    ANNOUNCED_EVERY_MS,
  );

  function update(change: Partial<DashboardState>): void {
    if (!running) return;
    state = { ...state, ...change, now: now() };
    show(state, actions);
  }

  function updateFeed(feed: Feed): void {
    update({ feed });
  }

  function happened(happening: Happening): void {
    const link = nextLink(state.link, happening, now());
    const announcement = announceLink(state.link, link) ?? state.announcement;
    update({ link, announcement });
  }

  function takeLive(records: readonly StoredRecord[]): void {
    update({
      feed: admit(state.feed, records),
      series: addLive(state.series, records, now()),
    });
    if (!state.feed.held) for (const record of records) announcer.add(record);
  }

  async function checkHealth(): Promise<void> {
    clearTimeout(healthTimer);
    takeHealth(await api.health());
    if (!running) return;
    // More than one check may have been under way: only the last one's timer goes on.
    clearTimeout(healthTimer);
    const pauseMs = state.link.kind === 'live' ? HEALTH_EVERY_MS : HEALTH_EVERY_MS_IN_TROUBLE;
    healthTimer = setTimeout(checkHealth, pauseMs);
  }

  function takeHealth(answer: Answer<Health>): void {
    if (!answer.ok) return happened({ kind: 'failed', failure: answer.failure });
    update({ health: answer.value });
    happened({ kind: 'answered' });
    // Some proxies hold a live feed back for ever: then the page asks instead.
    if (state.link.kind !== 'live') void loadNewest();
  }

  async function loadNewest(): Promise<void> {
    const answer = await api.newest();
    if (!answer.ok) return;
    const { records, next } = answer.value;
    // Only the first page tells whether there is more before it: later ones overlap what is here.
    const feed = state.loaded ? state.feed : { ...state.feed, hasOlder: next !== undefined };
    update({ feed: admit(feed, records), loaded: true });
  }

  async function loadOlder(): Promise<void> {
    const oldest = state.feed.records.at(-1);
    if (!oldest) return;
    const answer = await api.olderThan(oldest.n);
    if (answer.ok) updateFeed(admitOlder(state.feed, answer.value));
  }

  async function count(): Promise<void> {
    clearTimeout(countsTimer);
    const askedAt = now();
    const answer = await api.counts();
    if (answer.ok) update({ series: recount(state.series, answer.value, askedAt) });
    if (!running) return;
    clearTimeout(countsTimer);
    countsTimer = setTimeout(count, COUNTED_EVERY_MS);
  }

  const actions: Actions = {
    togglePause: () => updateFeed(state.feed.held ? resume(state.feed) : pause(state.feed)),
    toggleType: (type) => updateFeed(toggleType(state.feed, type)),
    showOnly: (types) => updateFeed(showOnly(state.feed, types)),
    select: (record) => update({ selected: record }),
    step(step) {
      const next = state.selected && neighbour(state.feed, state.selected.n, step);
      if (next) update({ selected: next });
    },
    closeDetails: () => update({ selected: undefined }),
    dismissMissed: () => update({ missed: 0 }),
    loadOlder: () => void loadOlder(),
  };

  return {
    actions,
    start() {
      running = true;
      update({});
      liveFeed = openFeed({
        opened() {
          happened({ kind: 'feed opened' });
          // Whatever arrived while the feed was closed is fetched now.
          void loadNewest();
          void count();
          void checkHealth();
        },
        record: batcher.add,
        lagged(missed) {
          update({ missed: state.missed + missed });
          void loadNewest();
        },
        broke() {
          happened({ kind: 'feed broke' });
          void checkHealth();
        },
      });
      void checkHealth();
      void count();
      ticks = setInterval(() => update({}), TICK_MS);
    },
    stop() {
      running = false;
      liveFeed?.close();
      batcher.stop();
      announcer.stop();
      clearInterval(ticks);
      clearTimeout(healthTimer);
      clearTimeout(countsTimer);
    },
  };
}

const TICK_MS = 1_000;
const SHOWN_EVERY_MS = 250;
const ANNOUNCED_EVERY_MS = 10_000;
const HEALTH_EVERY_MS = 5_000;
const HEALTH_EVERY_MS_IN_TROUBLE = 2_000;
const COUNTED_EVERY_MS = 5_000;
