/** The examples, installed and built as their READMEs say, and what they tell of a visit. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createStage, type Stage, type Visit } from "./support/stage.ts";
import { example, installStranger, type Stranger } from "./support/stranger.ts";

let stage: Stage;
before(async () => void (stage = await createStage()));
after(() => stage?.close());

test("the React shop tells of what was bought, and of the basket that broke", async () => {
  await withBuilt("react-shop", async ({ page }) => {
    await page.getByTestId("add-bell").click();
    await page.getByTestId("add-lamp").click();
    await page.getByTestId("pay").click();
    await page.getByTestId("break").click();
    await page.getByTestId("reset").click();
    await page.getByTestId("pay").waitFor();
  });
  const [span, bell, lamp, paid, total, error] = await stage.arrived("react-shop", 6);
  assert.deepEqual([span?.type, span?.name, span?.context], ["trace", "load_products", { count: 4 }]);
  assert.deepEqual([bell?.name, bell?.context], ["product_added", { product: "bell", price: 120 }]);
  assert.deepEqual([lamp?.name, lamp?.context], ["product_added", { product: "lamp", price: 35 }]);
  assert.deepEqual([paid?.name, paid?.context], ["order_paid", { items: 2 }]);
  assert.deepEqual([total?.type, total?.name], ["metric", "order_total"]);
  assert.deepEqual([error?.message, error?.handled, error?.context], ["no such voucher", true, { part: "basket" }]);
});

test("the reading list in Vue tells of books, and of the button that nobody wrote", async () => {
  await withBuilt("vue", async ({ page }) => {
    await page.getByTestId("title").fill("Orlando");
    await page.getByTestId("add").click();
    await page.getByTestId("read-4").click();
    await page.getByTestId("share-1").click();
  });
  const [added, read, unread, error] = await stage.arrived("vue", 4);
  assert.deepEqual([added?.name, added?.context], ["book_added", { length: 7, books: 4 }]);
  assert.deepEqual([read?.name, read?.context], ["book_read", { isRead: true }]);
  assert.deepEqual([unread?.type, unread?.name], ["metric", "books_unread"]);
  assert.deepEqual([error?.errorType, error?.context?.["component"]], ["TypeError", "BookCard"]);
  assert.match(error?.componentStack ?? "", /at BookCard\n\s+at App/);
});

test("the plain page tells of a shared bill, and of an error that nobody caught", async () => {
  await withStranger("plain-html", async ({ folder }) => {
    const index = join(folder, "index.html");
    const page = (await readFile(index, "utf8")).replace("http://127.0.0.1:7460/api/telemetry/batch", stage.endpoint);
    await writeFile(index, page);
    await visit(folder, async ({ page }) => {
      await page.click("#share");
      await page.getByText("Everybody pays 26.40.").waitFor();
      await page.click("#print");
    });
  });
  const [shared, each, error] = await stage.arrived("plain-html", 3);
  assert.deepEqual([shared?.name, shared?.context], ["bill_shared", { people: 2, tip: 10 }]);
  assert.deepEqual([each?.type, each?.name], ["metric", "bill_each"]);
  assert.deepEqual([error?.errorType, error?.handled], ["TypeError", false]);
});

async function withBuilt(name: string, act: (visit: Visit) => Promise<void>): Promise<void> {
  await withStranger(name, async (stranger) => {
    await stranger.run("build", { VITE_TELEMETRY_ENDPOINT: stage.endpoint, VITE_TELEMETRY_TOKEN: "demo" });
    await visit(join(stranger.folder, "dist"), act);
  });
}

async function withStranger(name: string, act: (stranger: Stranger) => Promise<void>): Promise<void> {
  const stranger = await installStranger(example(name));
  try {
    await act(stranger);
  } finally {
    await stranger.remove();
  }
}

async function visit(folder: string, act: (visit: Visit) => Promise<void>): Promise<void> {
  const visit = await stage.openFolder(folder, /no such voucher|reading '(open|print)'/);
  await act(visit);
  const shots = process.env["BEACONRY_SHOTS"];
  if (shots !== undefined) await visit.page.screenshot({ path: join(shots, `${Date.now()}.png`) });
  await visit.close();
}
