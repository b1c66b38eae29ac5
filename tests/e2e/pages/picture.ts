/** Names each property, function, listener and observer of a page, so that two moments can be compared. */
export type Picture = Readonly<Record<string, string>>;

interface SeenWindow {
  readonly seen: {
    readonly listening: readonly { readonly target: EventTarget; readonly type: string; readonly listener: unknown; readonly isCapture: boolean }[];
    readonly observing: ReadonlySet<object>;
  };
}

/** The same object has the same number in every picture. Held: WebKit makes an accessor anew that nobody holds. */
const numbers = new Map<object, number>();
let last = 0;

export function createPicture(): Picture {
  const picture: Record<string, string> = {};
  const owners: Readonly<Record<string, object>> = {
    window: globalThis,
    console,
    history,
    "History.prototype": History.prototype,
    "XMLHttpRequest.prototype": XMLHttpRequest.prototype,
    "Window.prototype": Window.prototype,
    "EventTarget.prototype": EventTarget.prototype,
    "Promise.prototype": Promise.prototype,
    "Response.prototype": Response.prototype,
    performance,
    document,
    navigator,
  };
  for (const [name, owner] of Object.entries(owners)) {
    for (const key of Reflect.ownKeys(owner)) {
      const property = Object.getOwnPropertyDescriptor(owner, key);
      const parts = Object.entries(property ?? {}).map(([part, value]) => `${part} ${numbered(value)}`);
      picture[`${name}.${String(key)}`] = parts.join(", ");
    }
    picture[`keys of ${name}`] = Reflect.ownKeys(owner).map(String).join(" ");
  }
  const { seen } = globalThis as unknown as SeenWindow;
  for (const { target, type, listener, isCapture } of seen.listening) {
    picture[`listener ${type} ${numbered(target)} ${numbered(listener)} ${String(isCapture)}`] = "there";
  }
  for (const observer of seen.observing) picture[`observer ${numbered(observer)}`] = "there";
  return picture;
}

function numbered(value: unknown): string {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") return String(value);
  const known = numbers.get(value) ?? (last += 1);
  numbers.set(value, known);
  return `#${known}`;
}
