import type { Buffered, Stats } from '../types.js';
import { accountOf } from './accountOf.js';
import type { SeenAnswer } from './watchAnswers.js';

export interface PanelView {
  readonly stats: Stats;
  readonly buffer: Buffered;
  readonly session: string;
  readonly answers: readonly SeenAnswer[];
}

export interface PanelActions {
  flush(): void;
  close(): void;
}

/** Draws everything anew, as text only: what is shown may come from anywhere. Keeps where the reader was. */
export function drawPanel(root: ShadowRoot, view: PanelView, actions: PanelActions): void {
  const before = root.querySelector('.body');
  const scrolled = before?.scrollTop ?? 0;
  const focused = root.activeElement?.textContent;
  const body = element('div', { class: 'body', tabindex: '0' }, [
    section('Ledger', ledger(view.stats)),
    section('Discarded', counts(view.stats.discarded, 'Nothing was discarded.')),
    section('Flushes', counts(view.stats.flushes, 'Nothing was flushed yet.')),
    section('Queue', queue(view.buffer)),
    section('Last answers', answers(view.answers)),
  ]);
  const panel = element('section', { class: 'panel', 'aria-label': 'Beaconry debug panel' }, [
    head(view, actions),
    body,
  ]);
  root.replaceChildren(panel);
  body.scrollTop = scrolled;
  [...root.querySelectorAll('button')].find((button) => button.textContent === focused)?.focus();
}

function head({ stats, session }: PanelView, { flush, close }: PanelActions): HTMLElement {
  const state = stats.enabled ? 'recording' : 'off';
  const ids = `stream ${short(stats.stream)} · session ${short(session)} · ${stats.storage} · ${stats.cpuMs.toFixed(1)} ms`;
  return element('header', {}, [
    element('div', {}, [element('strong', {}, ['Beaconry ']), element('span', { class: `state ${state}` }, [state])]),
    element('small', {}, [ids]),
    element('div', { class: 'actions' }, [button('Flush now', flush), button('Close', close)]),
  ]);
}

function ledger(stats: Stats): HTMLElement {
  const { rows, isExact } = accountOf(stats);
  const verdict = isExact ? 'Every record is accounted for.' : 'The account does not add up: please report this.';
  return element('div', {}, [
    table(rows.map(([name, count]) => [name, String(count)])),
    element('p', { class: isExact ? 'exact' : 'wrong' }, [verdict]),
  ]);
}

function counts(byName: Readonly<Record<string, number>>, none: string): HTMLElement {
  const rows = Object.entries(byName).filter(([, count]) => count > 0);
  return rows.length === 0 ? element('p', {}, [none]) : table(rows.map(([name, count]) => [name, String(count)]));
}

function queue(buffer: Buffered): HTMLElement {
  const records = Object.values(buffer).flat() as readonly { readonly seq?: number }[];
  const newest = [...records].sort((a, b) => (b.seq ?? 0) - (a.seq ?? 0)).slice(0, SHOWN);
  if (newest.length === 0) return element('p', {}, ['Nothing waits.']);
  const more = records.length > SHOWN ? [element('p', {}, [`and ${records.length - SHOWN} more`])] : [];
  return element('div', {}, [...newest.map((record) => element('pre', {}, [JSON.stringify(record)])), ...more]);
}

function answers(seen: readonly SeenAnswer[]): HTMLElement {
  if (seen.length === 0) return element('p', {}, ['No request has ended yet.']);
  return table(
    seen.map(({ at, tookMs, status, bytes }) => [
      `${(at / 1000).toFixed(1)} s`,
      status === 0 ? 'no status' : String(status),
      `${Math.round(tookMs)} ms`,
      `${bytes} B`,
    ]),
  );
}

function section(title: string, content: HTMLElement): HTMLElement {
  return element('section', {}, [element('h2', {}, [title]), content]);
}

function table(rows: readonly (readonly string[])[]): HTMLElement {
  return element('table', {}, [
    element('tbody', {}, rows.map((cells) => element('tr', {}, cells.map((cell) => element('td', {}, [cell]))))),
  ]);
}

function button(label: string, act: () => void): HTMLElement {
  const made = element('button', { type: 'button' }, [label]);
  made.addEventListener('click', act);
  return made;
}

function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  children: readonly (Node | string)[],
): HTMLElement {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const short = (id: string): string => (id === '' ? 'none' : id.slice(0, 8));
const SHOWN = 20;
