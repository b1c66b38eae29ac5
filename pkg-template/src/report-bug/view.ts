import { STYLE } from './style.js';
import type { TextKey } from './texts.js';

export type View = ReturnType<typeof createView>;

/** What is seen, made without a line of HTML or an inline style, which policies forbid. Knows no telemetry. */
export function createView(root: ShadowRoot, say: (key: TextKey) => string) {
  const [label, title] = [make('span', {}), make('h2', { id: 'title', part: 'title' })];
  const open = make('button', { class: 'main open', part: 'button', type: 'button', 'aria-haspopup': 'dialog' }, make('slot', { name: 'icon' }, bug()), label);
  const message = make('textarea', { part: 'field', required: '', rows: '4', maxlength: String(MOST_CHARACTERS), 'aria-describedby': 'count' });
  const count = make('small', { id: 'count' });
  const email = make('input', { part: 'field', type: 'email', autocomplete: 'email', maxlength: '254' });
  const capture = make('button', { part: 'action', type: 'button' }, say('capture'));
  const choose = make('button', { part: 'action', type: 'button' }, say('file'));
  const file = make('input', { type: 'file', accept: 'image/*', hidden: '', tabindex: '-1' });
  const preview = make('div', { class: 'row', part: 'preview', hidden: '' });
  const remove = make('button', { part: 'action', type: 'button' }, say('remove'));
  const status = make('output', { part: 'status', role: 'status' });
  const close = make('button', { part: 'action', type: 'button' }, say('close'));
  const send = make('button', { class: 'main', part: 'send', type: 'submit' }, say('send'));
  const sources = make('div', { class: 'row' }, capture, choose, file);
  const fields = make(
    'div',
    { class: 'fields' },
    make('label', {}, make('span', {}, say('message')), message, count),
    make('label', {}, make('span', {}, say('email')), email),
    sources,
    preview,
    make('small', { part: 'note' }, say('note')),
  );
  const form = make('form', { method: 'dialog' }, title, fields, status, make('div', { class: 'row end' }, close, send));
  const dialog = make('dialog', { part: 'dialog', 'aria-labelledby': 'title' }, form);
  root.replaceChildren(open, dialog);
  dress(root);
  return { label, title, open, dialog, form, fields, message, count, email, sources, capture, choose, file, preview, remove, status, close, send };
}

type Child = Node | string;

function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>>,
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function bug(): Node {
  const [svg, path] = [draw('svg'), draw('path')];
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', 'M8 9a4 4 0 0 1 8 0v6a4 4 0 0 1-8 0zM12 12v7M9 6 7 4M15 6l2-2M8 11H4M20 11h-4M8 14l-3 3M16 14l3 3');
  svg.append(path);
  return svg;
}

function draw(tag: string): Element {
  return document.createElementNS('http://www.w3.org/2000/svg', tag);
}

/** A sheet that was constructed is no inline style. */
function dress(root: ShadowRoot): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
}

/** Whatever they are, they fit into the bytes of a message. */
export const MOST_CHARACTERS = 2_000;
