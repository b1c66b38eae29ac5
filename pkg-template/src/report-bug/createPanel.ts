import { routeBeside } from '../routeBeside.js';
import type { Uploads } from './createUploads.js';
import type { Shot } from './screenshot.js';
import { TEXTS } from './texts.js';
import type { TextKey } from './texts.js';
import type { Reporter } from './types.js';
import { createView, MOST_CHARACTERS } from './view.js';

export type Panel = ReturnType<typeof createPanel>;

/** The button and its dialog, alive between `createPanel` and `stop`. What goes wrong in it stays in it. */
export function createPanel(host: HTMLElement, root: ShadowRoot, reporter: () => Reporter | undefined) {
  const say = (key: TextKey) => host.getAttribute(key === 'label' ? key : `text-${key}`) ?? TEXTS[key];
  const view = createView(root, say);
  const life = new AbortController();
  /** What has to do with images, which comes when the page has nothing else to do. */
  let images: typeof import('./images.js') | undefined;
  let uploads: Uploads | undefined;
  let shot: Shot | undefined;
  let isBusy = false;

  function destination() {
    const to = reporter()?.destination();
    return to && { ...to, uploads: host.getAttribute('uploads') ?? routeBeside(to.endpoint, '/api/uploads') };
  }

  function on(target: EventTarget, type: string, act: (event: Event) => unknown): void {
    const listener = async (event: Event) => {
      try {
        await act(event);
      } catch {
        // The page has nothing to do with it.
      }
    };
    target.addEventListener(type, listener, { signal: life.signal });
  }

  function setLabel(): void {
    view.label.textContent = view.title.textContent = say('label');
  }

  async function load(): Promise<void> {
    // Off means off: its file is not asked for either.
    if (destination() === undefined) return;
    images ??= await import('./images.js');
    if (uploads !== undefined || life.signal.aborted) return;
    uploads = images.createUploads(destination, (screenshot, reason) =>
      reporter()?.log('warn', 'A screenshot of a bug report was given up', { screenshot, reason }),
    );
    uploads.resume();
  }

  async function open(): Promise<void> {
    const to = destination();
    turn(to !== undefined, to === undefined ? 'off' : undefined);
    view.sources.hidden = true;
    if (!view.dialog.open) view.dialog.showModal();
    await load();
    view.sources.hidden = to?.consent !== 'granted' || !images?.canName() || shot !== undefined;
    view.capture.hidden = !images?.canCapture();
  }

  /** Between the form, and nothing but what is to say. */
  function turn(isForm: boolean, key: TextKey | undefined): void {
    view.fields.hidden = view.send.hidden = !isForm;
    show(key);
  }

  /** What has just happened, for eyes and for screen readers. */
  function show(key: TextKey | undefined): void {
    view.status.textContent = key === undefined ? '' : say(key);
  }

  function count(): void {
    view.count.textContent = `${view.message.value.length} / ${MOST_CHARACTERS}`;
  }

  function keep(next: Shot | undefined): void {
    shot = next;
    next?.canvas.setAttribute('role', 'img');
    next?.canvas.setAttribute('aria-label', say('preview'));
    view.preview.replaceChildren(...(next ? [next.canvas, view.remove] : []));
    view.preview.hidden = !next;
    view.sources.hidden = !!next;
    (next ? view.remove : view.choose).focus();
  }

  async function take(taking: () => Promise<Shot> | undefined): Promise<void> {
    show(undefined);
    try {
      keep(await taking());
    } catch (problem) {
      // Whoever says no to the question means it, and need not be told.
      if ((problem as Error).name !== 'NotAllowedError') show('noImage');
    }
  }

  async function capture(): Promise<void> {
    await take(() => images?.captureScreen(cover(true), life.signal)).finally(cover(false));
  }

  /** Without the dialog and its button the page is seen as it was. */
  function cover(isAway: boolean): () => void {
    return () => {
      if (life.signal.aborted || view.dialog.open !== isAway) return;
      view.open.style.visibility = isAway ? 'hidden' : '';
      if (isAway) view.dialog.close();
      else view.dialog.showModal();
    };
  }

  async function send(): Promise<void> {
    const to = destination();
    const text = view.message.value.trim();
    if (to === undefined) return turn(false, 'off');
    if (text === '') return view.message.focus();
    const client = reporter();
    const sent = shot;
    const receipt = client?.feedback({ message: text, email: view.email.value.trim() || undefined, screenshot: sent?.id });
    // One that waits for consent has no receipt yet.
    if (client === undefined || (receipt === 0 && to.consent !== 'pending')) return show('refused');
    if (sent !== undefined) await uploads?.keep(sent.id, sent.blob, to.uploads);
    finish(to.consent === 'pending' ? 'waiting' : 'saved');
    // Somebody sits there and waits to hear that it has arrived.
    void client.flush();
    if (receipt !== 0 && (await client.delivered(receipt ?? 0)) === 'delivered') show('sent');
  }

  function finish(how: TextKey): void {
    view.form.reset();
    keep(undefined);
    count();
    turn(false, how);
    view.close.focus();
  }

  on(view.open, 'click', open);
  on(view.message, 'input', count);
  on(view.close, 'click', () => view.dialog.close());
  on(view.dialog, 'close', () => view.open.focus());
  // What is typed here is none of the page's shortcuts.
  for (const type of ['keydown', 'keypress', 'keyup']) on(view.dialog, type, (event) => event.stopPropagation());
  on(view.choose, 'click', () => view.file.click());
  on(view.remove, 'click', () => keep(undefined));
  on(view.capture, 'click', capture);
  on(view.file, 'change', async () => {
    const [file] = view.file.files ?? [];
    view.file.value = '';
    if (file) await take(() => images?.readImage(file));
  });
  on(view.form, 'submit', async (event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = view.send.disabled = true;
    await send().finally(() => (isBusy = view.send.disabled = false));
  });
  count();
  setLabel();
  const idle = setTimeout(() => void load().catch(() => undefined), IDLE_MS);

  return {
    setVisible: (isVisible: boolean) => void (view.open.hidden = !isVisible),
    setLabel,
    open: () => void open().catch(() => undefined),
    stop(): void {
      life.abort();
      clearTimeout(idle);
      uploads?.stop();
      root.replaceChildren();
      root.adoptedStyleSheets = [];
    },
  };
}

/** After what the page itself has to do first. */
const IDLE_MS = 2_000;
