import type { Buffered, Delivery, Stats } from '../types.js';
import { drawPanel } from './drawPanel.js';
import { style } from './style.js';
import { watchAnswers } from './watchAnswers.js';

/** What the panel reads of a client. */
export interface Watched {
  stats(): Stats;
  getBuffer(): Buffered;
  getSessionId(): string;
  flush(): Promise<Delivery>;
}

/**
 * Shows in a corner of the page what became of every record: the ledger, what waits, what the server answered
 * last. It only reads: a client is the same with it and without. Gives back what removes it.
 */
export function openPanel(client: Watched, endpoint: string): () => void {
  const host = document.createElement('beaconry-debug');
  const root = host.attachShadow({ mode: 'open' });
  // Not a `style` element: a page's policy may forbid those.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];
  const answers = watchAnswers(endpoint);
  const close = (): void => {
    clearInterval(timer);
    answers.stop();
    host.remove();
  };
  const draw = (): void => {
    const view = { stats: client.stats(), buffer: client.getBuffer(), session: client.getSessionId() };
    drawPanel(root, { ...view, answers: answers.last() }, { flush: () => void client.flush(), close });
  };
  const timer = setInterval(draw, REFRESH_MS);
  draw();
  document.documentElement.append(host);
  return close;
}

const REFRESH_MS = 1_000;
