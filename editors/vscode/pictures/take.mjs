// Takes the pictures of docs/editors.md: VS Code's workbench in a browser, with the extension and the real server.
//
// Needs packages that the extension does not: `code-server` from the npm registry, with the extension installed and
// `loadline.path` set, and `playwright-core` with a Chromium.
//
//   node take.mjs http://127.0.0.1:8080 CHROMIUM FOLDER ../../../docs/pictures
//
// CHROMIUM is the path of the browser. FOLDER is where the server of the workbench sees `shop.pipeline` of this folder; its text is set back behind each picture.
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [address, executablePath, folder, out] = process.argv.slice(2);
const only = process.argv[6];
const quiet = ["--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** Each picture: what is done before it, in an editor with the program. */
const pictures = {
  async "editor-error"({ page, goTo }) {
    // The condition goes that made the slot sure.
    await goTo(24, 5);
    await page.keyboard.press("Shift+End");
    await page.keyboard.type("// if base {");
    await goTo(26, 5);
    await page.keyboard.press("Shift+End");
    await page.keyboard.press("Delete");
    await page.waitForSelector(".squiggly-error", { timeout: 30_000 });
    await goTo(17, 1);
    await page.keyboard.press("F8");
    await page.waitForSelector(".marker-widget", { timeout: 30_000 });
  },
  async "editor-completion"({ page, goTo }) {
    await goTo(26, 6);
    await page.keyboard.press("Enter");
    await page.keyboard.type("git-clone {", { delay: 30 });
    await page.keyboard.press("Enter");
    await page.keyboard.press("Control+Space");
    await page.waitForSelector(".suggest-widget .monaco-list-row", { timeout: 30_000 });
    await page.keyboard.press("ArrowDown");
    // Once more: with the description.
    await page.keyboard.press("Control+Space");
  },
  async "editor-hover"({ page, goTo }) {
    await goTo(24, 9);
    await page.keyboard.press("Control+k");
    await page.keyboard.press("Control+i");
    await page.waitForSelector(".monaco-hover-content", { timeout: 30_000 });
  },
  async "editor-manifests"({ page, goTo }) {
    await goTo(22, 8);
    await page.keyboard.press("Control+k");
    await page.keyboard.press("v");
    await page.waitForFunction(() => document.querySelectorAll(".editor-instance").length > 1, undefined, { timeout: 30_000 });
    await goTo(25, 10);
  },
};

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-quic", ...quiet] });
for (const [name, prepare] of Object.entries(pictures)) {
  if (only && only !== name) continue;
  copyFileSync(new URL("shop.pipeline", import.meta.url), join(folder, "shop.pipeline"));
  const page = await browser.newPage({ viewport: { width: 1120, height: 640 } });
  const open = encodeURIComponent(JSON.stringify([["openFile", `vscode-remote://${new URL(address).host}${folder}/shop.pipeline`]]));
  await page.goto(`${address}/?folder=${folder}&payload=${open}`);
  await page.waitForSelector(".monaco-editor .view-line", { timeout: 90_000 });
  // The status item spins until the server runs.
  await page.waitForFunction(() => [...document.querySelectorAll(".statusbar-item")].some((item) => item.textContent === "kargo 1.11" && !item.querySelector(".codicon-sync")), undefined, { timeout: 90_000 });
  const goTo = async (line, column) => {
    await page.keyboard.press("Control+g");
    await page.waitForSelector(".quick-input-widget", { state: "visible" });
    await page.keyboard.type(`${line}:${column}`);
    await page.keyboard.press("Enter");
    await page.waitForTimeout(300);
  };
  await page.click(".monaco-editor .view-lines");
  await page.keyboard.press("Control+b");
  await page.waitForTimeout(1500);
  try {
    await prepare({ page, goTo });
  } catch (error) {
    console.error(`${name}: ${error.message}`);
  }
  await page.waitForTimeout(3000);
  await page.screenshot({ path: join(out, `${name}.png`) });
  await page.close();
}
await browser.close();
