/** The recipes of docs/first-party.md are those that the fixtures run with. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fixture } from "./support/stranger.ts";

for (const [heading, file] of [["Vite", "vite/vite.config.js"], ["Next", "next/next.config.mjs"]] as const) {
  test(`what the recipe for ${heading} shows is what its fixture has`, async () => {
    const text = await readFile(new URL("../../docs/first-party.md", import.meta.url), "utf8");
    const recipe = text.split(`\n## ${heading}\n`)[1]?.match(/```js\n([^`]*(?:`[^`]+`[^`]*)*?)```/)?.[1];
    assert.ok(recipe, "the recipe is gone");
    assert.ok((await readFile(fixture(file), "utf8")).includes(recipe), recipe);
  });
}
