/** Bundles the pages of `pages/` with the packed npm package installed beside them, as an app would, and serves them. */
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { hostApp, type AppHost } from "./app.ts";

/**
 * @param packageFolder the packed npm package, unpacked
 * @param isIsolated whether pages share nothing with other origins, for which browsers give them finer clocks
 */
export async function hostPages(packageFolder: string, isIsolated = false): Promise<AppHost> {
  const folder = await mkdtemp(join(tmpdir(), "beaconry-pages-"));
  await cp(sources, join(folder, "src"), { recursive: true });
  await cp(packageFolder, join(folder, "node_modules/beaconry"), { recursive: true });
  await cp(fileURLToPath(vitals), join(folder, "node_modules/web-vitals"), { recursive: true });
  await bundle(folder);
  const host = await hostApp(join(folder, "dist"), 0, isIsolated ? isolation : {});
  return {
    url: host.url,
    close: async () => {
      await host.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function bundle(folder: string): Promise<void> {
  const pages = (await readdir(sources)).filter((name) => name.endsWith(".html"));
  await build({
    absWorkingDir: folder,
    entryPoints: pages.map((page) => join("src", page.replace(/html$/, "ts"))),
    outdir: "dist",
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    logLevel: "warning",
  });
  await Promise.all(pages.map((page) => cp(join(folder, "src", page), join(folder, "dist", page))));
  await copyWasm(folder);
}

/** The package looks for its wasm beside the script that loads it; that is where bundlers put it. */
async function copyWasm(folder: string): Promise<void> {
  const installed = join(folder, "node_modules/beaconry");
  const modules = (await readdir(installed, { recursive: true })).filter((name) => name.endsWith(".wasm"));
  await Promise.all(modules.map((name) => cp(join(installed, name), join(folder, "dist", basename(name)))));
}

const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
/** What the package depends on. */
const vitals = new URL("../../../node_modules/web-vitals", import.meta.url);
const sources = fileURLToPath(new URL("../pages", import.meta.url));
