/** What tools say of the package before anybody imports it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { fileURLToPath } from "node:url";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { required } from "../e2e/support/environment.ts";
import { tarball } from "./support/stranger.ts";

test("publint finds nothing", async () => {
  const pkgDir = required("BEACONRY_PACKAGE");
  const { messages } = await publint({ pkgDir, strict: true });
  const pkg = JSON.parse(await readFile(join(pkgDir, "package.json"), "utf8")) as object;
  assert.deepEqual(messages.map((message) => formatMessage(message, pkg as never)), []);
});

test("the types are those of what is there, in Node and in bundlers", async () => {
  const attw = fileURLToPath(import.meta.resolve("@arethetypeswrong/cli/package.json")).replace(/package\.json$/, "dist/index.js");
  // The package has ES modules only: `require` of one works in Node from 22.12 on.
  const args = [attw, tarball(), "--profile", "esm-only", "--no-emoji", "--no-color", "--format", "table-flipped"];
  // Scripts for pages, which nobody imports.
  args.push("--exclude-entrypoints", "loader.js", "beaconry.global.js");
  // It ends with 1 if it finds anything, which is thrown here with what it found.
  const { stdout } = await promisify(execFile)(process.execPath, args);
  assert.match(stdout, /"beaconry\/node"/, "it has not looked at every entry");
});
