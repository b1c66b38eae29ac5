// Puts the dashboard together and on the page.

import { render } from 'preact';
import { createApi } from './api/createApi.ts';
import { openLiveFeed } from './api/openLiveFeed.ts';
import { createDashboard } from './state/createDashboard.ts';
import { App } from './views/App.tsx';
import './styles/tokens.css';
import './styles/page.css';
import './styles/panels.css';
import './styles/chart.css';
import './styles/feed.css';
import './styles/details.css';

const root = document.getElementById('app');
if (root) {
  createDashboard({
    api: createApi(() => location.assign('/admin/login')),
    openFeed: openLiveFeed,
    now: Date.now,
    show: (state, actions) => render(<App state={state} actions={actions} />, root),
  }).start();
}
