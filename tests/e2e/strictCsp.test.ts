/** The example under a strict Content Security Policy, and the same page where the policy refuses the wasm. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Stats } from "beaconry";
import { createSite, type Site } from "./support/scriptTagSite.ts";
import { until } from "./support/until.ts";

const example = fileURLToPath(new URL("../../examples/strict-csp", import.meta.url));
const patience = 30_000;

test("a strict policy lets everything through that the client needs", async () => {
  await under(await policy(), async (site) => {
    const { page, violations, said } = await openExample(site);
    await page.click("#order");
    await page.click("#break");
    await page.evaluate("beaconry.flush()");
    assert.ok(await until(async () => (await site.stored()).length >= 2, patience), "nothing is stored");
    const stored = await site.stored();
    assert.deepEqual(stored.map(({ type }) => type).sort(), ["error", "event"]);
    assert.deepEqual({ violations, said }, { violations: [], said: [] });
    const { withoutWasm, enabled } = await page.evaluate<Stats>("beaconry.stats()");
    assert.deepEqual({ withoutWasm, enabled }, { withoutWasm: 0, enabled: true });
  });
});

test("where the policy refuses the wasm, the page works, errors arrive, and one line says what to allow", async () => {
  const refusing = (await policy()).replace(" 'wasm-unsafe-eval'", "");
  await under(refusing, async (site) => {
    const { page, said } = await openExample(site);
    await page.click("#order");
    assert.equal(await page.textContent("#said"), "ordered");
    await page.click("#break");
    assert.equal(await page.textContent("#said"), "broken");
    assert.ok(await until(async () => (await site.stored()).length >= 1, patience), "the error is not stored");
    const [error, ...others] = await site.stored();
    assert.deepEqual(others, []);
    assert.equal(error?.type, "error");
    assert.match(JSON.stringify(error), /"message":"the shop is closed"/);
    assert.equal(said.length, 1, String(said));
    assert.match(said[0] ?? "", /only errors are sent.*script-src 'wasm-unsafe-eval'/);
    const { withoutWasm, discarded } = await page.evaluate<Stats>("beaconry.stats()");
    assert.deepEqual({ withoutWasm, discarded }, { withoutWasm: 1, discarded: { client_failed: 1 } });
  });
});

async function policy(): Promise<string> {
  return (await readFile(`${example}/policy.txt`, "utf8")).trim();
}

async function under(policy: string, act: (site: Site) => Promise<void>): Promise<void> {
  const site = await createSite(example, { "Content-Security-Policy": policy });
  try {
    await act(site);
  } finally {
    await site.close();
  }
}

/** The page, what the browser refused it, and what the package said in it. */
async function openExample(site: Site) {
  const page = await site.open("favicon.svg");
  const [violations, said]: [string[], string[]] = [[], []];
  page.on("console", (message) => {
    const text = message.text();
    if (text.startsWith("[beaconry]")) said.push(text);
    else if (text.includes("Content Security Policy")) violations.push(text);
  });
  await page.goto(`${site.door.url}/index.html`);
  const isSettled = async () => (await page.evaluate<Stats>("beaconry.stats()")).enabled || said.length > 0;
  assert.ok(await until(isSettled, patience), "the client has not come to an end");
  return { page, violations, said };
}
