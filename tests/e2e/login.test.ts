/** The dashboard of a server that asks who is there: in, about, and out again. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { launchBrowser } from "./support/browser.ts";
import { required } from "./support/environment.ts";
import { freePort } from "./support/freePort.ts";
import { orClose } from "./support/orClose.ts";
import { serverUnderTest } from "./support/serverUnderTest.ts";

const adminKey = "an-admin-key-of-the-tests";

test("the dashboard asks for the key, works with it, and asks again after logging out", async () => {
  const data = await mkdtemp(join(tmpdir(), "beaconry-login-"));
  const server = serverUnderTest({ data, allowOrigin: "http://localhost", port: await freePort() });
  await server.start(["--admin-token", adminKey]);
  const browser = await orClose(launchBrowser(required("BEACONRY_CHROMIUM")), server.stop);
  try {
    const page = await browser.open(`${server.url}/admin`);
    assert.equal(page.url(), `${server.url}/admin/login`);
    await page.fill("#token", "a-key-of-nobody");
    await page.click("button");
    await page.getByRole("alert").getByText("no admin key").waitFor();
    await page.fill("#token", adminKey);
    await page.click("button");
    await page.waitForURL(`${server.url}/admin`);
    await page.waitForSelector(".status-well");
    assert.equal(await page.evaluate("document.cookie"), "");

    await page.click("text=Log out");
    await page.waitForURL(`${server.url}/admin/login`);
    assert.equal((await page.request.get(`${server.url}/api/events`)).status(), 401);
  } finally {
    await browser.close();
    await server.stop();
    await rm(data, { recursive: true, force: true });
  }
});

test("a page whose session has ended goes to the login by itself", async () => {
  const data = await mkdtemp(join(tmpdir(), "beaconry-login-"));
  const server = serverUnderTest({ data, allowOrigin: "http://localhost", port: await freePort() });
  await server.start(["--admin-token", adminKey]);
  const browser = await orClose(launchBrowser(required("BEACONRY_CHROMIUM")), server.stop);
  try {
    const page = await browser.open(`${server.url}/admin/login`);
    await page.fill("#token", adminKey);
    await page.click("button");
    await page.waitForSelector(".status-well");
    await browser.context.clearCookies();
    await page.waitForURL(`${server.url}/admin/login`, { timeout: 60_000 });
  } finally {
    await browser.close();
    await server.stop();
    await rm(data, { recursive: true, force: true });
  }
});
