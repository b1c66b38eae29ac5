/** Watches what a page is made to do: listeners, timers, what nobody catches, and what is said on the console. */

export interface Watched {
  /** Listeners that are there now, by event. */
  listeners(): readonly string[];
  /** Timers that were set so far. */
  readonly timersSet: () => number;
  /** Timers that have neither fired nor been cleared. */
  readonly timersPending: () => number;
  /** Errors and rejections that reached the page. */
  readonly uncaught: readonly string[];
  /** Lines on the console that name the package. */
  readonly said: readonly string[];
}

const attached: { target: EventTarget; type: string; listener: unknown; options: string }[] = [];
const pending = new Set<unknown>();
const uncaught: string[] = [];
const said: string[] = [];
let timersSet = 0;

export const watched: Watched = {
  listeners: () => attached.map(({ type }) => type).sort(),
  timersSet: () => timersSet,
  timersPending: () => pending.size,
  uncaught,
  said,
};

addEventListener("error", ({ message }) => void uncaught.push(message));
addEventListener("unhandledrejection", ({ reason }) => void uncaught.push(String(reason)));
watchConsole();
watchListeners();
watchTimers();

function watchConsole(): void {
  for (const level of ["error", "warn", "info", "log"] as const) {
    const say = console[level].bind(console);
    console[level] = (...words: unknown[]) => {
      const line = words.map(String).join(" ");
      if (line.includes("beaconry")) said.push(line);
      say(...words);
    };
  }
}

function watchListeners(): void {
  const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
  const isSame = (target: EventTarget, type: string, listener: unknown, options: unknown) => (one: (typeof attached)[number]) =>
    one.target === target && one.type === type && one.listener === listener && one.options === captures(options);
  EventTarget.prototype.addEventListener = function (...[type, listener, options]: Parameters<typeof add>) {
    const target = this ?? globalThis;
    if (!attached.some(isSame(target, type, listener, options))) {
      const one = { target, type, listener, options: captures(options) };
      attached.push(one);
      const { signal } = typeof options === "object" && options !== null ? options : {};
      if (signal) add.call(signal, "abort", () => void (attached.includes(one) && attached.splice(attached.indexOf(one), 1)));
    }
    add.call(target, type, listener, options);
  };
  EventTarget.prototype.removeEventListener = function (...[type, listener, options]: Parameters<typeof remove>) {
    const target = this ?? globalThis;
    const at = attached.findIndex(isSame(target, type, listener, options));
    if (at >= 0) attached.splice(at, 1);
    remove.call(target, type, listener, options);
  };
}

/** Of the options, only this one makes it another listener. */
function captures(options: unknown): string {
  return String(typeof options === "object" ? (options as AddEventListenerOptions | null)?.capture === true : options === true);
}

function watchTimers(): void {
  const { setTimeout: set, setInterval: repeat, clearTimeout: clear } = globalThis;
  globalThis.setTimeout = ((handler: (...args: unknown[]) => void, delay?: number, ...args: unknown[]) => {
    if (!isOfAScript(new Error().stack)) return set(handler, delay, ...args);
    timersSet += 1;
    const id: unknown = set(() => {
      pending.delete(id);
      handler(...args);
    }, delay);
    pending.add(id);
    return id;
  }) as typeof setTimeout;
  globalThis.setInterval = ((...args: Parameters<typeof repeat>) => {
    timersSet += 1;
    const id: unknown = repeat(...args);
    pending.add(id);
    return id;
  }) as typeof setInterval;
  globalThis.clearTimeout = globalThis.clearInterval = (id) => {
    pending.delete(id);
    clear(id);
  };
}

/** Drivers set timers in the page too (WebKit's, with each call), but their code has no address. */
function isOfAScript(stack = ""): boolean {
  const [, ...callers] = stack.split("\n").filter((line) => line.includes(location.origin));
  return callers.length > 0;
}
