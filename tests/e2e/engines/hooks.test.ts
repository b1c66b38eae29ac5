/** Every hook in a real page: what is stored, what is left alone, and what is left behind. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { engineUnderTest, type EnginePage } from "../support/engine.ts";
import { until } from "../support/until.ts";
import type { HooksWindow } from "../pages/hooks.ts";
import { createHooksStage, storedOf, untilStored, type HooksStage, type Stored } from "./hooksStage.ts";
import { patience } from "./watchedStage.ts";

let stage: HooksStage;

before(async () => {
  stage = await createHooksStage();
});

after(() => stage?.close());

const isChromium = engineUnderTest() === "chromium";

test("what every hook saw is stored, and nothing of the client itself", async () => {
  const page = await stage.open();
  await page.evaluate((host: string) => {
    const { hooks, startVitals, telemetry } = (window as unknown as HooksWindow).page;
    hooks.startAll(telemetry, { fetch: { traceHosts: [host] }, clicks: { deadMs: 300 }, vitals: startVitals, longTasks: { minMs: 50 } });
  }, new URL(stage.stranger.url).host);
  const isNamed = (wanted: string) => ({ name }: Stored) => name === wanted;
  await page.click("#dead");
  await untilStored(stage, page, [isNamed("dead_click")]);
  await page.click("#alive");
  // Clicks are only a row when the driver is quick enough.
  const isRaging = async (): Promise<boolean> => {
    for (let click = 0; click < 3; click += 1) await page.click("#rage");
    return (await storedOf(stage, page)).some(isNamed("rage_click"));
  };
  assert.ok(await until(isRaging, patience), "no row of clicks is seen");
  await page.click("#secret");
  await page.evaluate(async (stranger: string) => {
    console.warn("a warning of %s", "the app", { deep: { secret: 1 }, flat: 2 });
    await (await fetch("/hooks.html?token=abc123456789")).text();
    await (await fetch(`${stranger}/orders/12345?email=a@b.example`)).text();
    await fetch("http://127.0.0.1:1/").catch(() => undefined);
    const xhr = new XMLHttpRequest();
    xhr.open("GET", "/nothing-here", false);
    xhr.send();
    history.pushState(null, "", "/cart/42?q=1#frag");
    location.hash = "#/settings/77";
    const image = document.createElement("img");
    const failed = new Promise((resolve) => image.addEventListener("error", resolve));
    image.src = "/missing.png?x=1";
    document.body.append(image);
    await failed;
    const end = performance.now() + 120;
    while (performance.now() < end);
    setTimeout(() => {
      throw new RangeError("thrown at the window");
    });
    void Promise.reject(new TypeError("rejected"));
  }, stage.stranger.url);
  // These come when the browser gets to it.
  const isVital = (wanted: string) => ({ type, name }: Stored) => type === "vital" && name === wanted;
  const says = (text: string) => ({ message }: Stored) => message === text;
  const inTheirTime = isChromium ? [isVital("TTFB"), isVital("LCP"), isNamed("long_animation_frame")] : [];
  const records = await untilStored(stage, page, [says("thrown at the window"), says("rejected"), ...inTheirTime]);
  const contextOf = (fits: (record: Stored) => boolean): Readonly<Record<string, unknown>> => {
    const found = records.find(fits);
    assert.ok(found !== undefined, `not stored: ${fits.toString()} in ${JSON.stringify(records)}`);
    return found.context ?? {};
  };

  assert.equal(contextOf(({ type, level }) => type === "log" && level === "warn")["source"], "console");
  assert.match(records.find(({ level }) => level === "warn")?.message ?? "", /^a warning of the app \{"deep":"…","flat":2\}$/);
  const own = contextOf(({ name }) => name === "GET /hooks.html");
  assert.equal(own["status"], 200);
  assert.ok(Number(own["size"]) > 1_000, `size ${String(own["size"])}`);
  const other = contextOf(({ name }) => name?.endsWith("/orders/[id]") === true);
  assert.equal(other["url"], `${stage.stranger.url}/orders/[id]`);
  assert.equal(contextOf(({ status, context }) => status === "error" && context?.["failure"] === "network")["url"], "http://127.0.0.1:1/");
  assert.equal(contextOf(({ name }) => name === "GET /nothing-here")["status"], 404);
  const views = records.filter(({ name }) => name === "page_view").map(({ context }) => context);
  assert.deepEqual(views.map((view) => view?.["path"]), ["/hooks.html", "/cart/[id]", "/cart/[id]"]);
  assert.equal(views[2]?.["route"], "#/settings/[id]");
  assert.match(records.find(({ errorType }) => errorType === "ResourceError")?.message ?? "", /^image could not be loaded: .*\/missing\.png$/);
  assert.equal(contextOf(({ name }) => name === "dead_click")["element"], "button#dead.quiet.button");
  assert.equal(records.filter(({ name }) => name === "dead_click").length, 1);
  assert.equal(contextOf(({ name }) => name === "rage_click")["element"], "p#rage");
  if (isChromium) assert.equal(typeof records.find(isVital("LCP"))?.attribution?.["target"], "string");
  const thrown = records.find(says("thrown at the window"));
  assert.equal(thrown?.errorType, "RangeError");
  // The image that failed took what came before it along.
  const trail = JSON.stringify(records.flatMap(({ context }) => context?.["breadcrumbs"] ?? []));
  for (const crumb of ["button#dead.quiet.button", "input#secret", "warn: a warning of the app", "/orders/[id]", "/hooks.html to /cart/[id]"]) {
    assert.ok(trail.includes(crumb), `no breadcrumb ${crumb}: ${trail}`);
  }
  assert.equal(records.filter(says("rejected")).length, 1);

  const whole = JSON.stringify(records);
  for (const absent of ["typed-by-the-user", "abc123456789", "a@b.example", "/api/", "beaconry_bg.wasm", "[beaconry]"]) {
    assert.equal(whole.includes(absent), false, `${absent} is stored: ${whole}`);
  }
  await page.close();
});

test("every hook stopped leaves the page as it was", async () => {
  const page = await stage.open();
  const [differences, while_, again] = await page.evaluate(async () => {
    const { page } = window as unknown as HooksWindow;
    const different = (one: object, other: object): string[] => {
      const [before, after] = [one, other] as [Record<string, string>, Record<string, string>];
      return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => before[key] !== after[key]);
    };
    const use = async (): Promise<void> => {
      await (await fetch("/hooks.html")).text();
      console.debug("used");
      document.querySelector<HTMLElement>("#dead")?.click();
      await new Promise((resolve) => setTimeout(resolve, 400));
    };
    const before = page.picture();
    const changes = (): string[] => different(before, page.picture());
    const start = (): (() => void) => page.hooks.startAll(page.telemetry, { vitals: page.startVitals });
    const stop = start();
    const during = changes().length;
    await use();
    stop();
    const first = changes();
    const stopAgain = start();
    await use();
    stopAgain();
    return [first, during, changes()] as const;
  });
  assert.ok(while_ > 20, `the eye sees only ${while_} changes`);
  // The client comes and goes with listeners of its own.
  const ours = (names: readonly string[]): string[] => names.filter((name) => !/^listener (beforeunload|online) /.test(name));
  assert.deepEqual(ours(differences), []);
  assert.deepEqual(ours(again), []);
  await page.close();
});

test("without the Navigation API, History is used and put back", async () => {
  const page = await stage.open();
  const [views, isBack, threw] = await page.evaluate(() => {
    const { hooks, telemetry } = (window as unknown as HooksWindow).page;
    Object.defineProperty(window, "navigation", { value: undefined, configurable: true });
    const before = Object.getOwnPropertyDescriptor(History.prototype, "pushState");
    const views: unknown[] = [];
    const watched = { ...fakeOf(telemetry), event: (_: string, properties: unknown) => void views.push(properties) };
    const stop = hooks.startNavigation(watched as never, { hashes: "none" });
    history.pushState(null, "", "/one");
    history.replaceState(null, "", "/one#/route");
    history.replaceState(null, "", "/two");
    let threw = "";
    try {
      history.pushState(() => 1, "", "/three");
    } catch (problem) {
      threw = (problem as DOMException).name;
    }
    stop();
    const after = Object.getOwnPropertyDescriptor(History.prototype, "pushState");
    history.pushState(null, "", "/four");
    return [views, before?.value === after?.value && before?.enumerable === after?.enumerable, threw];

    function fakeOf(from: object): object {
      return { log() {}, metric() {}, trace() {}, error() {}, from };
    }
  });
  assert.deepEqual((views as { navigation: string; path: string }[]).map(({ navigation, path }) => [navigation, path]), [
    ["navigate", "/hooks.html"],
    ["push", "/one"],
    ["replace", "/two"],
  ]);
  assert.equal(isBack, true);
  assert.equal(threw, "DataCloneError");
  await page.close();
});

describe("a request is what it is without the hooks", () => {
  let page: EnginePage;
  before(async () => {
    page = await stage.open();
  });
  after(() => page?.close());

  /** Does the same without the hooks, with them, and after they were stopped; what came of it has to be the same. */
  for (const [name, act] of Object.entries(requests())) {
    test(name, async () => {
      const outcomes: unknown[] = [];
      for (const hooked of [false, true, false]) {
        await page.evaluate((isOn: boolean) => {
          const global = window as unknown as HooksWindow & { stop?: () => void };
          const { hooks, telemetry } = global.page;
          global.stop?.();
          const traceHosts: string[] = [];
          const [one, other] = isOn ? [hooks.startFetch(telemetry, { traceHosts }), hooks.startXhr(telemetry)] : [];
          global.stop = () => {
            one?.();
            other?.();
          };
        }, hooked);
        outcomes.push(await page.evaluate(act, stage.stranger.url));
      }
      assert.deepEqual(outcomes[1], outcomes[0]);
      assert.deepEqual(outcomes[2], outcomes[0]);
    });
  }
});

test("traceparent goes to the own origin and where it costs no preflight, and an app's own is kept", async () => {
  const page = await stage.open();
  const before = stage.stranger.asked.length;
  const sent = await page.evaluate(async (stranger: string) => {
    const { hooks, telemetry } = (window as unknown as HooksWindow).page;
    const traceHosts = [new URL(stranger).host];
    const stops = [hooks.startFetch(telemetry, { traceHosts }), hooks.startXhr(telemetry, { traceHosts })];
    await fetch(`${stranger}/simple`);
    await fetch(`${stranger}/put`, { method: "PUT", headers: { "x-own": "1" } });
    await fetch(`${stranger}/kept`, { method: "DELETE", headers: [["traceparent", `00-${"a".repeat(32)}-${"b".repeat(16)}-01`]] });
    await fetch(`${stranger}/no-cors`, { mode: "no-cors", method: "POST", body: "x" });
    await fetch(new Request(`${stranger}/request`, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" }));
    for (const method of ["GET", "PATCH"]) {
      await new Promise((resolve) => {
        const xhr = new XMLHttpRequest();
        xhr.open(method, `${stranger}/xhr-${method}`);
        xhr.onloadend = resolve;
        xhr.send();
      });
    }
    const headers: (string | null)[] = [];
    const original = window.fetch;
    stops.forEach((stop) => stop());
    // What goes to the own origin is seen where the request is made.
    const native = window.fetch;
    window.fetch = async (input, init) => {
      const { url, headers: sent } = new Request(input, init);
      // The client may send what it has.
      if (url.endsWith("/hooks.html")) headers.push(sent.get("traceparent"));
      return native(input, init);
    };
    const stop = hooks.startFetch(telemetry);
    await fetch("/hooks.html");
    await fetch(new Request("/hooks.html", { referrerPolicy: "no-referrer", headers: { "x-own": "2" } }));
    stop();
    window.fetch = native;
    return [headers, original !== native];
  }, stage.stranger.url);
  const asked = stage.stranger.asked.slice(before);
  const of = (path: string) => asked.filter((one) => one.path === path);
  assert.deepEqual(of("/simple").map(({ method, traceparent }) => [method, traceparent]), [["GET", undefined]]);
  assert.match(of("/put").at(-1)?.traceparent ?? "", /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  assert.equal(of("/kept").at(-1)?.traceparent, `00-${"a".repeat(32)}-${"b".repeat(16)}-01`);
  assert.deepEqual(of("/no-cors").map(({ method, traceparent }) => [method, traceparent]), [["POST", undefined]]);
  assert.match(of("/request").at(-1)?.traceparent ?? "", /^00-/);
  assert.deepEqual(of("/xhr-GET").map(({ method, traceparent }) => [method, traceparent]), [["GET", undefined]]);
  assert.match(of("/xhr-PATCH").at(-1)?.traceparent ?? "", /^00-/);
  const [headers, wasWrapped] = sent;
  assert.equal(wasWrapped, true);
  assert.equal((headers as unknown[]).length, 2);
  assert.ok((headers as (string | null)[]).every((header) => /^00-/.test(header ?? "")), JSON.stringify(headers));
  const records = await storedOf(stage, page);
  const kept = records.find(({ name }) => name?.startsWith("DELETE"));
  assert.deepEqual([kept?.traceId, kept?.parentSpanId], ["a".repeat(32), "b".repeat(16)]);
  const put = records.find(({ name }) => name?.startsWith("PUT"));
  assert.equal(of("/put").at(-1)?.traceparent, `00-${put?.traceId ?? ""}-${put?.spanId ?? ""}-01`);
  await page.close();
});

test("a storm is one record at once and a count, and what is left out is counted", async () => {
  const page = await stage.open();
  const seconds = await page.evaluate(async () => {
    const { hooks, telemetry } = (window as unknown as HooksWindow).page;
    const start = performance.now();
    const stop = hooks.startAll(telemetry, { navigation: false, breadcrumbs: false, longTasks: false });
    for (let round = 0; round < 500; round += 1) console.error("the same line");
    for (let round = 0; round < 500; round += 1) console.error(`line number ${"i".repeat(round + 1)}`);
    const took = performance.now() - start;
    await new Promise((resolve) => setTimeout(resolve, 50));
    stop();
    return took / 1_000;
  });
  const records = await storedOf(stage, page);
  const same = records.filter(({ message }) => message === "the same line");
  assert.deepEqual(same.map(({ context }) => context?.["repeats"]), [undefined, 499]);
  const { recorded, discarded } = await page.evaluate(() => (window as unknown as HooksWindow).page.telemetry.stats());
  const left = discarded["rate_limited"] ?? 0;
  // All but 200, and 20 more for each second that it took to say it all.
  assert.ok(left >= 300 - 20 * seconds && left <= 301, `left out ${left} in ${seconds} s`);
  assert.ok(recorded >= 502, `${recorded} recorded`);
  assert.equal(records.filter(({ message }) => message?.startsWith("line number")).length + left, 500);
  await page.close();
});

test("violations of the policy are stored, but those of clients are not", async () => {
  const page = await stage.open();
  await page.evaluate(async (config) => {
    const { hooks, telemetry, TelemetryClient } = (window as unknown as HooksWindow).page;
    hooks.startCsp(telemetry);
    const policy = document.createElement("meta");
    policy.httpEquiv = "Content-Security-Policy";
    policy.content = "connect-src 'self'; img-src 'none'";
    document.head.append(policy);
    const image = document.createElement("img");
    image.src = "/blocked.png?secret=1";
    document.body.append(image);
    await fetch("http://127.0.0.1:2/orders/77?x=1").catch(() => undefined);
    const other = new TelemetryClient();
    await other.start({ ...config, endpoint: "http://127.0.0.1:3/api/telemetry/batch" });
    other.event("blocked");
    await other.flush();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await other.shutdown();
  }, stage.watched.config);
  const isOf = (directive: string) => ({ context }: Stored) => context?.["directive"] === directive;
  const records = await untilStored(stage, page, [isOf("connect-src"), isOf("img-src")]);
  const blocked = records.map(({ context }) => [context?.["directive"], context?.["blocked"]]);
  assert.deepEqual(blocked.sort(), [
    ["connect-src", "http://127.0.0.1:2/orders/[id]"],
    ["img-src", `${stage.watched.door.url}/blocked.png`],
  ]);
  await page.close();
});

test("long tasks stand in where browsers know no frames", { skip: !isChromium }, async () => {
  const page = await stage.open();
  await page.evaluate(async () => {
    const { hooks, telemetry } = (window as unknown as HooksWindow).page;
    Object.defineProperty(PerformanceObserver, "supportedEntryTypes", { value: ["longtask"] });
    hooks.startLongTasks(telemetry);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const end = performance.now() + 150;
    while (performance.now() < end);
  });
  await untilStored(stage, page, [({ name, duration }) => name === "long_task" && Number(duration) >= 140]);
  await page.close();
});

test("a click that does something, wherever that shows, is not dead", async () => {
  const page = await stage.open();
  const seen = await page.evaluate(async (stranger: string) => {
    const { hooks, telemetry } = (window as unknown as HooksWindow).page;
    const { setTimeout: set, clearTimeout: clear } = window;
    const deadMs = 60_000;
    // A busy browser shows in its own time what a click did: the time that a click has is over when it is said here.
    const waiting = new Map<unknown, () => void>();
    let watched = 0;
    window.setTimeout = ((act: () => void, delay?: number) => {
      const id = set(act, delay);
      if (delay === deadMs) (watched += 1, waiting.set(id, act));
      return id;
    }) as typeof setTimeout;
    window.clearTimeout = (id) => (waiting.delete(id), clear(id));
    hooks.startClicks(telemetry, { deadMs, rage: false });
    const shadow = document.body.appendChild(document.createElement("div")).attachShadow({ mode: "open" });
    shadow.innerHTML = '<button id="inner">Shadow</button><p></p>';
    const acts: readonly (readonly [string, () => unknown])[] = [
      ["a request", () => fetch(`${stranger}/clicked`)],
      // A page that is not shown draws nothing, and tells of no scroll: WebKitGTK's driver opens its tabs unseen.
      ["a scroll", () => (document.visibilityState === "hidden" ? history.pushState(null, "", "/") : scrollTo(0, 10))],
      ["an address", () => history.pushState(null, "", "/clicked")],
      ["a shadow", () => (shadow.querySelector("p")!.textContent = "changed")],
      ["ignored", () => undefined],
      ["nothing", () => undefined],
    ];
    document.body.style.height = "5000px";
    // A button that is added is a change of the page: all are there before the first click.
    const buttons = acts.map(([name]) => {
      const button = name === "a shadow" ? shadow.querySelector("button")! : document.body.appendChild(document.createElement("button"));
      button.id = name.replaceAll(" ", "-");
      if (name === "ignored") button.dataset["beaconryIgnore"] = "";
      return button;
    });
    await new Promise((resolve) => set(resolve, 100));
    const seen: unknown[] = [];
    for (const [index, [name, act]] of acts.entries()) {
      watched = 0;
      buttons[index]!.addEventListener("click", () => void act());
      buttons[index]!.click();
      const end = performance.now() + (name === "nothing" ? 500 : 20_000);
      while (waiting.size > 0 && performance.now() < end) await new Promise((resolve) => set(resolve, 10));
      seen.push([name, watched, waiting.size]);
      waiting.forEach((over) => over());
    }
    return seen;
  }, stage.stranger.url);
  assert.deepEqual(seen, [
    ["a request", 1, 0],
    ["a scroll", 1, 0],
    ["an address", 1, 0],
    ["a shadow", 1, 0],
    ["ignored", 0, 0],
    ["nothing", 1, 1],
  ]);
  const dead = (await storedOf(stage, page)).filter(({ name }) => name === "dead_click");
  assert.deepEqual(dead.map(({ context }) => context?.["element"]), ["button#nothing"]);
  await page.close();
});

test("one hook more on top, other clients and what is said while recording change nothing", async () => {
  const page = await stage.open();
  const before = stage.watched.door.visits.length;
  const [works, said, counted] = await page.evaluate(async (config) => {
    const { hooks, telemetry, TelemetryClient } = (window as unknown as HooksWindow).page;
    const other = new TelemetryClient();
    hooks.startFetch(telemetry);
    hooks.startConsole(telemetry, { methods: ["log"] });
    await other.start({ ...config, app: "other", debug: true, beforeSend: (record) => (console.log("asked"), record) });
    hooks.startConsole(other, { methods: ["log"] });
    const ours = window.fetch;
    const mine: typeof fetch = (...args) => ours(...args);
    window.fetch = mine;
    const stop = hooks.startFetch(telemetry);
    stop();
    const isMine = window.fetch === mine;
    const { status } = await fetch("/hooks.html");
    let said = 0;
    const log = console.log;
    console.log = (...words: unknown[]) => (said += 1, log(...words));
    console.log("once");
    other.log("info", "by the other");
    console.log = log;
    await other.flush();
    await other.shutdown();
    return [isMine && status === 200, said, other.stats().recorded] as const;
  }, stage.watched.config);
  assert.equal(works, true);
  assert.ok(said >= 2 && said < 10, `${said} lines`);
  assert.ok(counted > 0);
  const records = await storedOf(stage, page);
  assert.equal(records.filter(({ message }) => message === "once").length, 1);
  assert.deepEqual(records.filter(({ type }) => type === "trace"), []);
  assert.ok(stage.watched.door.visits.slice(before).some(({ url }) => url.startsWith("/api/")), "no client asked for anything");
  await page.close();
});

/** Each gives back what an app would see of it. */
function requests(): Record<string, (stranger: string) => Promise<unknown> | unknown> {
  return {
    "a body is read as it comes": async (stranger) => {
      const { body } = await fetch(`${stranger}/slow`);
      const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
      const parts: string[] = [];
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        parts.push(part.value);
        if (parts.length === 1) await fetch(`${stranger}/go-on`);
      }
      return parts;
    },
    "a request is aborted, before and while it is under way": async (stranger) => {
      const names: string[] = [];
      for (const wait of [0, 50]) {
        const abort = new AbortController();
        if (wait === 0) abort.abort();
        else setTimeout(() => abort.abort(new RangeError("enough")), wait);
        await fetch(`${stranger}/hangs`, { signal: abort.signal }).catch((problem: Error) => names.push(problem.name));
      }
      return names;
    },
    "what fetch throws is the same, and a rejection that nobody catches stays one": async () => {
      const caught = async (act: () => Promise<unknown>) => act().then(() => "", (problem: Error) => `${problem.name}: ${problem.message}`);
      const uncaught = new Promise((resolve) => addEventListener("unhandledrejection", (event) => (event.preventDefault(), resolve(String(event.reason))), { once: true }));
      void fetch("http://127.0.0.1:1/");
      return [
        await caught(() => fetch("http://[")),
        await caught(() => fetch("/x", { method: "GET", body: "x" })),
        await caught(() => fetch("/x", { headers: { "bad name": "x" } })),
        await caught(() => Reflect.apply(fetch, {}, ["/x"]) as Promise<unknown>),
        await caught(() => (fetch as () => Promise<unknown>)()),
        await uncaught,
      ];
    },
    "a rejection that is caught reaches nobody else": async () => {
      let uncaught = 0;
      const hear = (): void => void (uncaught += 1);
      addEventListener("unhandledrejection", hear);
      await fetch("http://127.0.0.1:1/").catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 50));
      removeEventListener("unhandledrejection", hear);
      return uncaught;
    },
    "fetch looks as it does": () => {
      return [fetch.name, fetch.length, typeof fetch, fetch.toString().includes("[native code]"), "prototype" in fetch, window.fetch === fetch];
    },
    "requests, their bodies and odd options are taken": async () => {
      const answers: unknown[] = [];
      const request = new Request("/hooks.html", { headers: { accept: "text/html" } });
      const response = await fetch(request);
      answers.push(response.status, request.bodyUsed, response.bodyUsed, response.url.endsWith("/hooks.html"));
      const posting = new Request("/nowhere", { method: "POST", body: "text" });
      answers.push((await fetch(posting)).status, posting.bodyUsed);
      class Options {
        get method(): string {
          return "HEAD";
        }
      }
      const head = await fetch("/hooks.html", new Options() as RequestInit);
      answers.push(head.status, (await head.text()).length);
      answers.push((await fetch(new URL("/hooks.html", location.href), { headers: new Map([["accept", "a/b"]]).entries() as unknown as HeadersInit })).status);
      answers.push(await (await fetch("data:text/plain,data")).text());
      const clone = (await fetch("/hooks.html")).clone();
      answers.push((await clone.text()).length > 100);
      return answers;
    },
    "a synchronous XHR answers, and fails, at once": (stranger) => {
      const xhr = new XMLHttpRequest();
      xhr.open("GET", `${stranger}/sync`, false);
      const events: string[] = [];
      for (const type of ["loadstart", "load", "error", "loadend"]) xhr.addEventListener(type, () => events.push(type));
      const given = xhr.send();
      const answer = [given, xhr.status, xhr.responseText, ...events];
      xhr.open("GET", "http://127.0.0.1:1/", false);
      try {
        xhr.send();
      } catch (problem) {
        answer.push((problem as DOMException).name);
      }
      return answer;
    },
    "an XHR is used again, aborted and misused": async (stranger) => {
      const xhr = new XMLHttpRequest();
      const events: string[] = [];
      for (const type of ["load", "abort", "error", "timeout", "loadend"] as const) xhr.addEventListener(type, () => events.push(type));
      const ended = () => new Promise((resolve) => xhr.addEventListener("loadend", resolve, { once: true }));
      for (const path of ["/one", "/fails"]) {
        xhr.open("GET", stranger + path);
        const end = ended();
        xhr.send();
        try {
          xhr.send();
        } catch (problem) {
          events.push((problem as DOMException).name);
        }
        await end;
        events.push(String(xhr.status));
      }
      xhr.open("GET", `${stranger}/hangs`);
      xhr.send();
      xhr.abort();
      xhr.open("GET", `${stranger}/hangs`);
      xhr.send();
      xhr.open("GET", `${stranger}/hangs`);
      xhr.timeout = 30;
      const end = ended();
      xhr.send();
      // In WebKit this one never ends, with hooks or without.
      await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 1_000))]);
      for (const misuse of [() => new XMLHttpRequest().send(), () => XMLHttpRequest.prototype.send.call({} as XMLHttpRequest), () => xhr.open("TRACE", "/")]) {
        try {
          misuse();
        } catch (problem) {
          events.push((problem as Error).name);
        }
      }
      return events;
    },
    "a frame that is gone keeps its fetch": async () => {
      const frame = document.createElement("iframe");
      document.body.append(frame);
      const theirs = frame.contentWindow as unknown as { fetch: typeof fetch };
      const before = await theirs.fetch.call(window, "/hooks.html").then(({ status }) => status, (problem: Error) => problem.name);
      const { fetch: gone } = theirs;
      frame.remove();
      const after = await Promise.race([gone.call(theirs, "/hooks.html").then(() => "answered", (problem: Error) => problem.name), new Promise((resolve) => setTimeout(resolve, 200, "nothing"))]);
      return [before, after];
    },
  };
}
