// Bundles the extension and its tests.
import { context } from "esbuild";
import { copyFileSync, readdirSync } from "node:fs";

const common = { bundle: true, platform: "node", target: "node20", sourcemap: true, logLevel: "warning" };
const tests = readdirSync("test").filter((name) => name.endsWith(".test.ts")).map((name) => `test/${name}`);

for (const options of [
  { ...common, format: "cjs", minify: true, external: ["vscode"], entryPoints: ["src/extension.ts"], outdir: "dist" },
  { ...common, format: "esm", packages: "external", entryPoints: tests, outdir: "out", outExtension: { ".js": ".mjs" } },
]) {
  const build = await context(options);
  await build.rebuild();
  await build.dispose();
}
copyFileSync("../../LICENSE", "LICENSE");
