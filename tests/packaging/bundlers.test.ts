/** What each bundler makes of the package: built, opened in a real browser, and looked for at the server. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createStage, type Arrived, type Stage } from "./support/stage.ts";
import { end, fixture, installStranger, type Stranger } from "./support/stranger.ts";

let stage: Stage;
before(async () => void (stage = await createStage()));
after(() => stage?.close());

test("Vite with React 19, through a first-party path", async () => {
  await withStranger("vite", async (vite) => {
    const env = {
      TELEMETRY_SERVER: stage.server.url,
      VITE_TELEMETRY_ENDPOINT: "/in/batch",
      VITE_TELEMETRY_TOKEN: "demo",
      VITE_TELEMETRY_APP: "vite",
    };
    await vite.run("build", env);
    const args = ["node_modules/vite/bin/vite.js", "preview", "--host", "127.0.0.1", "--port", String(stage.appPort), "--strictPort"];
    const preview = vite.start(args, env);
    await once(preview.stdout!, "data");
    const { page, close } = await stage.open(`http://127.0.0.1:${stage.appPort}`);
    await page.click("#log");
    await page.click("#break");
    await page.waitForSelector("#fallback");
    await close();
    assertShop(await stage.arrived("vite", 2), "from Vite", { part: "shop" });
    await end(preview);
  });
});

test("esbuild with React 18", async () => {
  await withStranger("esbuild", async (esbuild) => {
    await esbuild.run("build", { TELEMETRY_ENDPOINT: stage.endpoint });
    const { page, close } = await stage.openFolder(join(esbuild.folder, "dist"));
    await page.click("#log");
    await page.click("#break");
    await page.waitForSelector("#fallback");
    await close();
    assertShop(await stage.arrived("esbuild", 2), "from esbuild", { react: "18.3.1" });
  });
});

test("webpack with Vue", async () => {
  await withStranger("webpack", async (webpack) => {
    await webpack.run("build", { TELEMETRY_ENDPOINT: stage.endpoint });
    const { page, close } = await stage.openFolder(join(webpack.folder, "dist"));
    await page.click("#log");
    await page.click("#break");
    await close();
    const [, error] = assertShop(await stage.arrived("webpack", 2), "from webpack", { part: "shop" });
    assert.equal(error.context?.["component"], "Cart");
  });
});

for (const [name, fixture, message, part] of [
  ["Rollup without a framework", "rollup", "from Rollup", "shop"],
  ["a script tag", "script-tag", "from a script tag", "page"],
  ["the slim entry, which is told where its wasm is", "slim", "from the slim entry", "page"],
] as const) {
  test(name, async () => {
    await withStranger(fixture, async (stranger) => {
      await stranger.run("build", { TELEMETRY_ENDPOINT: stage.endpoint });
      const { page, close } = await stage.openFolder(join(stranger.folder, "dist"));
      await page.click("#log");
      await close();
      const [log] = await stage.arrived(fixture, 1);
      assert.deepEqual([log?.message, log?.context], [message, { part }]);
    });
  });
}

test("a web worker and a service worker", async () => {
  await withStranger("workers", async (workers) => {
    await workers.run("build", { TELEMETRY_ENDPOINT: stage.endpoint });
    const { close } = await stage.openFolder(join(workers.folder, "dist"));
    const messages = (await stage.arrived("workers", 2)).map(({ message }) => message);
    assert.deepEqual(messages.sort(), ["from a service worker", "from a web worker"]);
    await close();
  });
});

/** A log line, and the error of a component that a boundary caught. */
function assertShop(records: readonly Arrived[], message: string, context: object): readonly [Arrived, Arrived] {
  const [log, error] = records as [Arrived, Arrived];
  assert.deepEqual([log.type, log.message, log.context], ["log", message, context]);
  assert.deepEqual([error.type, error.errorType, error.message, error.handled], ["error", "TypeError", "no cart", true]);
  assert.match(error.componentStack ?? "", /at \w/, "the error does not say in which component");
  return [log, error];
}

async function withStranger(name: string, act: (stranger: Stranger) => Promise<void>): Promise<void> {
  const stranger = await installStranger(fixture(name));
  try {
    await act(stranger);
  } finally {
    await stranger.remove();
  }
}
