/** `<report-bug>` from a key on the keyboard to what the dashboard can show, under a strict policy. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { Consent } from "beaconry";
import type { Page } from "playwright-core";
import type { ReportBugOptions, ReportBugWindow } from "./pages/reportBug.ts";
import { contrasts } from "./support/contrast.ts";
import { launchBrowser, type RealBrowser } from "./support/browser.ts";
import { required } from "./support/environment.ts";
import { journalLines } from "./support/journal.ts";
import { pause, until } from "./support/until.ts";
import { watchPages, type WatchedPages } from "./support/watchedPages.ts";

let watched: WatchedPages;
let browser: RealBrowser;

before(async () => {
  watched = await watchPages();
  browser = await launchBrowser(required("BEACONRY_CHROMIUM"), ["--auto-accept-this-tab-capture"]);
});

after(async () => {
  await browser?.close();
  await watched?.close();
});

test("a report with an image is sent by the keyboard alone, and found where the dashboard looks", async () => {
  const page = await open();
  await page.locator("body").press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Report a bug" });
  await dialog.waitFor();
  await page.keyboard.type("The button does nothing");
  await dialog.getByText("23 / 2000").waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.type("Ann+1@example.com");
  await addImage(page);
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "Close");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await dialog.getByText("Your report has arrived").waitFor({ timeout: patience });
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  assert.equal(await focused(page), "Report a bug");

  const { feedback, error } = await stored("The button does nothing");
  assert.equal(feedback["email"], "Ann+1@example.com");
  assert.equal(feedback["page"], `${watched.door.url}/reportBug.html`);
  assert.match(String(feedback["userAgent"]), /Chrome/);
  assert.deepEqual([error["errorType"], error["severity"], error["page"]], ["BugReport", "info", feedback["page"]]);
  const { type, hash, size } = await upload(String(feedback["screenshot"]));
  assert.deepEqual([type, hash], ["image/webp", feedback["screenshot"]]);
  assert.ok(size > 1_000 && size <= 1_048_576, String(size));
  assert.ok(await until(async () => (await waiting(page)) === 0, patience), "the image still waits");
  assert.deepEqual(await page.evaluate(() => bug().watched.uncaught), []);
  await page.close();
});

test("a report that is sent without a network is stored once when there is one", async () => {
  const page = await open();
  await browser.context.setOffline(true);
  await report(page, "Made without a network", true);
  await page.getByText("is saved, and sent").waitFor();
  assert.equal(await waiting(page), 1);
  await browser.context.setOffline(false);
  await page.getByText("has arrived").waitFor({ timeout: patience });
  const { feedback } = await stored("Made without a network");
  assert.ok(await until(async () => (await waiting(page)) === 0, patience), "the image still waits");
  assert.equal((await upload(String(feedback["screenshot"]))).hash, feedback["screenshot"]);
  await page.close();
});

test("what a closed page left behind is uploaded by the next", async () => {
  const page = await open();
  watched.door.shut(true);
  await report(page, "Made while nobody listened", true);
  await page.getByText("is saved, and sent").waitFor();
  await page.close();
  watched.door.shut(false);
  const next = await open();
  const { feedback } = await stored("Made while nobody listened");
  assert.ok(await until(async () => (await waiting(next)) === 0, patience), "the image still waits");
  assert.equal((await upload(String(feedback["screenshot"]))).hash, feedback["screenshot"]);
  await next.close();
});

test("whoever is named in hide-for sees no button", async () => {
  const page = await open({ attributes: { "hide-for": "owner admin", "user-role": "admin" } });
  const button = page.locator("report-bug").getByRole("button");
  assert.equal(await button.count(), 0);
  await page.evaluate(() => bug().element.show());
  assert.equal(await page.getByRole("dialog").count(), 0);
  await page.evaluate(() => bug().element.setAttribute("user-role", "customer"));
  await button.waitFor();
  await page.evaluate(() => bug().element.setUser({ role: "owner" }));
  await button.waitFor({ state: "hidden" });
  await page.evaluate(() => bug().element.removeAttribute("hide-for"));
  await button.waitFor();
  await page.close();
});

test("without consent nothing is asked, sent or stored", async () => {
  const page = await open({}, "denied");
  const visits = watched.door.visits.length;
  await page.getByRole("button", { name: "Report a bug" }).click();
  await page.getByRole("status").getByText("Nothing was stored").waitFor();
  assert.equal(await page.getByRole("textbox").count(), 0);
  assert.equal(await page.getByRole("button", { name: "Send" }).count(), 0);
  await page.waitForTimeout(3_000);
  assert.deepEqual(watched.door.visits.slice(visits).filter(({ url }) => url.startsWith("/api/")), []);
  assert.deepEqual(await page.evaluate(async () => [(await indexedDB.databases()).map(({ name }) => name), Object.keys(localStorage)]), [[], []]);
  await page.close();
});

test("while consent is pending a report waits without an image, and goes when it is given", async () => {
  const page = await open({}, "pending");
  await page.getByRole("button", { name: "Report a bug" }).click();
  await page.getByRole("textbox").first().fill("Made before consent");
  assert.equal(await page.getByRole("button", { name: "Add image" }).count(), 0);
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("waits for your consent").waitFor();
  assert.deepEqual(await page.evaluate(async () => (await indexedDB.databases()).length), 0);
  await page.evaluate(() => bug().telemetry.setConsent("granted"));
  await stored("Made before consent");
  await page.close();
});

test("a no to consent removes the images that wait", async () => {
  const page = await open();
  watched.door.shut(true);
  await report(page, "Taken back", true);
  await page.getByText("is saved, and sent").waitFor();
  assert.equal(await waiting(page), 1);
  await page.evaluate(() => bug().telemetry.setConsent("denied"));
  const names = () => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
  assert.ok(await until(async () => !(await names()).includes("beaconry-uploads"), patience), "the images are still there");
  watched.door.shut(false);
  await page.close();
});

test("the screen is captured as it is without the dialog, and no track is left running", async () => {
  const page = await open();
  await page.getByRole("button", { name: "Report a bug" }).click();
  await page.getByRole("button", { name: "Capture screen" }).click();
  await page.getByRole("img", { name: "Your image" }).waitFor({ timeout: patience });
  assert.deepEqual(await page.evaluate(() => bug().tracks.map(({ readyState }) => readyState)), ["ended"]);
  // Behind the dialog the page is darker.
  const behind = () => {
    const canvas = bug().element.shadowRoot?.querySelector("canvas");
    return [...(canvas?.getContext("2d")?.getImageData(5, canvas.height - 5, 1, 1).data ?? [])].slice(0, 3);
  };
  assert.deepEqual(await page.evaluate(behind), [255, 255, 255]);
  await page.getByRole("textbox").first().fill("What I see");
  await page.getByRole("button", { name: "Send" }).click();
  const { feedback } = await stored("What I see");
  assert.equal((await upload(String(feedback["screenshot"]))).hash, feedback["screenshot"]);
  await page.close();
});

test("what is no image is said to be none, and can be taken away again", async () => {
  const page = await open();
  await page.getByRole("button", { name: "Report a bug" }).click();
  await page.locator("report-bug input[type=file]").setInputFiles({ name: "a.png", mimeType: "image/png", buffer: Buffer.from("<svg/>") });
  await page.getByRole("status").getByText("No image could be taken").waitFor();
  await addImage(page);
  await page.getByRole("button", { name: "Remove image" }).click();
  assert.equal(await page.getByRole("img").count(), 0);
  await page.getByRole("button", { name: "Send" }).click();
  assert.equal(await focused(page), "What went wrong?", "an empty message is not sent");
  await page.getByRole("textbox").first().fill("Without an image");
  await page.getByRole("textbox").nth(1).fill("no address");
  await page.getByRole("button", { name: "Send" }).click();
  assert.equal(await page.getByText("Thank you").count(), 0, "neither is an address that is none");
  await page.getByRole("textbox").nth(1).fill("");
  await page.getByRole("button", { name: "Send" }).click();
  const { feedback } = await stored("Without an image");
  assert.deepEqual([feedback["screenshot"], feedback["email"]], [undefined, undefined]);
  await page.close();
});

test("an element with an endpoint has a client of its own", async () => {
  const page = await open({ attributes: { endpoint: "/api/telemetry/batch", token: required("BEACONRY_TOKEN"), app: "plain", label: "Fehler melden", "text-send": "Absenden" } }, undefined);
  await page.getByRole("button", { name: "Fehler melden" }).click();
  await page.getByRole("textbox").first().fill("From plain HTML");
  await page.getByRole("button", { name: "Absenden" }).click();
  const { feedback } = await stored("From plain HTML");
  assert.equal(feedback["app"], "plain");
  await page.close();
});

test("all that is shown has a name and contrast, in light and dark, and nothing is shifted", async () => {
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await open();
    await page.emulateMedia({ colorScheme });
    await page.getByRole("button", { name: "Report a bug" }).click();
    await addImage(page);
    for (const name of ["What went wrong?", "E-mail (optional)"]) await page.getByRole("textbox", { name }).waitFor();
    for (const name of ["Remove image", "Close", "Send"]) await page.getByRole("button", { name }).waitFor();
    assert.equal(await page.getByRole("status").count(), 1);
    for (const { text, ratio } of await contrasts(page, "report-bug")) assert.ok(ratio >= 4.5, `${colorScheme}: ${text} has ${ratio}`);
    const places: string[] = [];
    for (let step = 0; step < 8; step += 1) {
      await page.keyboard.press("Tab");
      places.push(await focused(page));
    }
    assert.ok(!places.includes("some of it"), `the page behind the dialog is reached: ${places.join(", ")}`);
    assert.equal(await page.evaluate(() => bug().shift.value), 0);
    await page.close();
  }
});

test("an element that is moved keeps what was typed", async () => {
  const page = await open();
  await page.getByRole("button", { name: "Report a bug" }).click();
  await page.getByRole("dialog").getByRole("textbox").first().fill("half a report");
  await page.evaluate(() => document.body.append(document.createElement("main")));
  await page.evaluate(() => document.querySelector("main")?.append(bug().element));
  assert.equal(await page.getByRole("dialog").getByRole("textbox").first().inputValue(), "half a report");
  await page.close();
});

test("an element that is removed leaves nothing behind", async () => {
  const page = await open();
  const traces = () => page.evaluate(() => ({ listeners: bug().watched.listeners(), sheets: document.adoptedStyleSheets.length, children: document.body.childElementCount }));
  await page.waitForTimeout(2_500);
  const present = await untilStill(traces);
  await page.evaluate(() => bug().element.remove());
  const before = await traces();
  const count = ({ listeners }: typeof before, type: string) => listeners.filter((one) => one === type).length;
  for (const type of ["change", "click", "close", "input", "online", "submit"]) {
    assert.ok(count(before, type) < count(present, type), `${type} is still listened to`);
  }
  const timers = await page.evaluate(() => bug().watched.timersPending());
  await page.evaluate(async () => {
    const { element } = bug();
    for (let round = 0; round < 3; round += 1) {
      document.body.append(element);
      element.show();
      await new Promise((rest) => setTimeout(rest, 100));
      element.remove();
    }
  });
  assert.deepEqual(await traces(), before);
  const areOver = async () => (await page.evaluate(() => bug().watched.timersPending())) <= timers;
  assert.ok(await until(areOver, patience), "timers are left");
  assert.deepEqual(await page.evaluate(() => bug().watched.uncaught), []);
  await page.close();
});

/** What is seen when it does not change any more: some of it comes when the page has nothing else to do. */
async function untilStill<T>(look: () => Promise<T>): Promise<T> {
  let [last, seen] = [await look(), await look()];
  const isStill = async (): Promise<boolean> => {
    await pause(500);
    [last, seen] = [seen, await look()];
    return isDeepStrictEqual(last, seen);
  };
  assert.ok(await until(isStill, patience), `it goes on changing: ${JSON.stringify(seen)}`);
  return seen;
}

/** In the page. */
function bug(): ReportBugWindow {
  return (globalThis as unknown as { bug: ReportBugWindow }).bug;
}

async function open({ attributes }: ReportBugOptions = {}, consent: Consent | undefined = attributes?.["endpoint"] === undefined ? "granted" : undefined): Promise<Page> {
  const config = { endpoint: `${watched.door.url}/api/telemetry/batch`, token: required("BEACONRY_TOKEN"), consent, flushIntervalMs: 200 };
  const options: ReportBugOptions = { ...(consent && { config }), ...(attributes && { attributes }) };
  const page = await browser.context.newPage();
  await page.addInitScript(`globalThis.bug = () => { throw new Error("not ready") }`);
  await page.goto(`${watched.door.url}/reportBug.html#${encodeURIComponent(JSON.stringify(options))}`);
  await page.locator("report-bug").waitFor({ state: "attached" });
  await page.waitForFunction("typeof bug === 'object'");
  // The functions of this file speak of what the page has by a function.
  await page.evaluate("{ const it = globalThis.bug; globalThis.bug = () => it; }");
  return page;
}

async function report(page: Page, message: string, withImage: boolean): Promise<void> {
  await page.getByRole("button", { name: "Report a bug" }).click();
  await page.getByRole("textbox").first().fill(message);
  if (withImage) await addImage(page);
  await page.getByRole("button", { name: "Send" }).click();
}

/** A picture of the page itself: any would do that is large enough to be one. */
async function addImage(page: Page): Promise<void> {
  const buffer = await page.screenshot();
  await page.getByRole("button", { name: "Add image" }).waitFor();
  await page.locator("report-bug input[type=file]").setInputFiles({ name: "page.png", mimeType: "image/png", buffer });
  await page.getByRole("img", { name: "Your image" }).waitFor();
}

/** Images that wait in the browser. */
function waiting(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const opening = indexedDB.open("beaconry-uploads");
        opening.onupgradeneeded = () => opening.transaction?.abort();
        opening.onerror = () => resolve(0);
        opening.onsuccess = () => {
          const counting = opening.result.transaction("shots").objectStore("shots").count();
          counting.onsuccess = () => (opening.result.close(), resolve(counting.result));
        };
      }),
  );
}

/** What is in the journal of a report: itself and the error beside it, each once. */
async function stored(message: string): Promise<{ feedback: Stored; error: Stored }> {
  const matching = async () => (await journalLines(watched.data)).map((line) => JSON.parse(line) as Stored).filter((record) => record["message"] === message);
  assert.ok(await until(async () => (await matching()).length >= 2, patience), `${message}: nothing is stored`);
  const records = await matching();
  assert.deepEqual(records.map(({ type }) => type).sort(), ["error", "feedback"]);
  const [feedback, error] = ["feedback", "error"].map((type) => records.find((record) => record["type"] === type));
  assert.ok(feedback && error);
  return { feedback, error };
}

async function upload(id: string): Promise<{ type: string | null; hash: string; size: number }> {
  const ask = () => fetch(`${watched.server.url}/api/uploads/${id}`);
  assert.ok(await until(async () => (await ask()).ok, patience), `there is no upload ${id}`);
  assert.ok((await readdir(join(watched.data, "uploads"))).includes(id));
  const answer = await ask();
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { type: answer.headers.get("content-type"), hash: createHash("sha256").update(bytes).digest("hex"), size: bytes.length };
}

/** The name of what has the focus. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    let at: Element | null = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    const labelled = (at as HTMLInputElement | null)?.labels?.[0]?.querySelector("span");
    return (labelled ?? at)?.textContent?.trim() ?? "";
  });
}

type Stored = Readonly<Record<string, unknown>>;

const patience = 30_000;
