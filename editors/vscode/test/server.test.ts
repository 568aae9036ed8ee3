// What the extension needs of the server, against the real one.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { CodeAction, CodeLens, CompletionItem, CompletionList, Hover, SemanticTokens } from "vscode-languageserver-protocol";
import { EMPTY, layout, ofManifests, ofProgram, type Answer } from "../src/layout.ts";
import { Client } from "./client.ts";
import { grammar, role, stretches } from "./textmate.ts";

const settings = JSON.parse(readFileSync("package.json", "utf8"));
const snippets: Record<string, { prefix: string; body: string[] }> = JSON.parse(readFileSync("snippets/loadline.json", "utf8"));

const SOUND = `target kargo 1.11
project shop
warehouse app { image { repoURL: "ghcr.io/acme/shop" } }
stage [test, prod] {
  slot app
  promote {
    argocd-update { apps: [{ name: "shop-\${ctx.stage}" }] }
  }
}
flow app -> test -> prod
`;

test("reports come while one types and go when it is right again", async () => {
  const client = await Client.start({ "shop.pipeline": SOUND });
  await client.open("shop.pipeline", SOUND);
  assert.deepEqual(await client.reported("shop.pipeline", () => true), []);
  await client.change("shop.pipeline", SOUND.replace("test -> prod", "test -> prodd"));
  const [report] = await client.reported("shop.pipeline", (reports) => reports.length > 0);
  // The extension makes a link of it.
  assert.equal(typeof report?.code, "string");
  const page = await client.connection.sendRequest<{ check: string; text: string }>("workspace/executeCommand", {
    command: "loadline.explain",
    arguments: [report?.code],
  });
  assert.equal(page.check, report?.code);
  assert.match(page.text, /```pipeline/);
  const here = await client.ask<{ check: string }>("loadline/explain", "shop.pipeline", { position: report?.range.start });
  assert.equal(here.check, report?.code);
  await client.change("shop.pipeline", SOUND);
  await client.reported("shop.pipeline", (reports) => reports.length === 0);
  await client.stop();
});

test("the manifests are those of the program, and follow the cursor both ways", async () => {
  const client = await Client.start({ "shop.pipeline": SOUND });
  await client.open("shop.pipeline", SOUND);
  const sound = layout(await client.ask<Answer>("loadline/manifests", "shop.pipeline"), EMPTY);
  assert.match(sound.text, /kind: Stage/);
  const uri = client.uri("shop.pipeline");
  const shown = ofProgram(sound.marks, uri, { line: 6, character: 8 });
  const lines = sound.text.split("\n");
  assert.ok(shown.length > 0);
  for (const mark of shown) {
    assert.match(lines.slice(mark.first, mark.end).join("\n"), /argocd-update/);
    const back = ofManifests(sound.marks, mark.first);
    assert.ok(back && back.uri === uri && back.range.start.line >= 3 && back.range.start.line <= 6, JSON.stringify(back));
  }
  await client.change("shop.pipeline", SOUND.replace("slot app", "slot ap"));
  const broken = layout(await client.ask<Answer>("loadline/manifests", "shop.pipeline"), sound);
  assert.match(broken.text, /^# The program has /);
  await client.stop();
});

test("lines above declarations name commands that the extension has", async () => {
  const client = await Client.start({ "shop.pipeline": SOUND });
  await client.open("shop.pipeline", SOUND);
  const source = readFileSync("src/extension.ts", "utf8");
  const lenses = await client.ask<CodeLens[]>("textDocument/codeLens", "shop.pipeline");
  assert.ok(lenses.length > 0);
  for (const { command } of lenses) assert.ok(command && source.includes(`"${command.command}"`), command?.command);
  // The client makes commands of these; two of one name cannot be.
  const served: string[] = client.about.capabilities.executeCommandProvider?.commands ?? [];
  for (const name of served) assert.ok(!source.includes(`command("${name}"`), name);
  for (const { command } of settings.contributes.commands) assert.ok(source.includes(`command("${command}"`), command);
  await client.stop();
});

test("every kind of word that the server knows has a colour", async () => {
  const client = await Client.start({ "shop.pipeline": SOUND });
  await client.open("shop.pipeline", SOUND);
  await client.reported("shop.pipeline", () => true);
  const { tokenTypes } = client.about.capabilities.semanticTokensProvider!.legend;
  const { scopes } = settings.contributes.semanticTokenScopes[0];
  assert.deepEqual(tokenTypes.filter((name) => !(name in scopes)), []);
  await client.stop();
});

test("the server and the grammar agree on keywords, texts and comments", async () => {
  const text = readFileSync("../../examples/regions/shop.pipeline", "utf8");
  const client = await Client.start({ "shop.pipeline": text });
  await client.open("shop.pipeline", text);
  const { data } = await client.ask<SemanticTokens>("textDocument/semanticTokens/full", "shop.pipeline");
  const { tokenTypes } = client.about.capabilities.semanticTokensProvider!.legend;
  const shown = stretches(await grammar(), text);
  let [line, character, seen] = [0, 0, 0];
  for (let at = 0; at < data.length; at += 5) {
    const [down = 0, right = 0, length = 0, type = 0] = data.slice(at, at + 5);
    line += down;
    character = down === 0 ? character + right : right;
    const word = text.split("\n")[line]?.slice(character, character + length);
    const found = shown.find((one) => one.line === line && one.start <= character && character < one.end);
    const what = role(found?.scopes ?? []);
    const expected = tokenTypes[type] === "keyword" ? ["keyword", "kind"] : ["other", "key", "kind"];
    assert.ok(expected.includes(what), `${line + 1}: \`${word}\` is ${tokenTypes[type]} for the server, ${what} for the grammar`);
    seen += 1;
  }
  assert.ok(seen > 100, `only ${seen} words`);
  await client.stop();
});

test("completion and hover answer", async () => {
  const text = SOUND.replace("    argocd-update", "    \n    argocd-update");
  const client = await Client.start({ "shop.pipeline": text });
  await client.open("shop.pipeline", text);
  const found = await client.ask<CompletionList | CompletionItem[]>("textDocument/completion", "shop.pipeline", {
    position: { line: 6, character: 4 },
  });
  const labels = (Array.isArray(found) ? found : found.items).map((item) => item.label);
  assert.ok(labels.includes("git-clone"), labels.join(" "));
  const hover = await client.ask<Hover>("textDocument/hover", "shop.pipeline", { position: { line: 7, character: 6 } });
  assert.match(JSON.stringify(hover.contents), /argocd-update/);
  await client.stop();
});

test("a quick fix repairs, and all fixes can be asked for at once", async () => {
  const text = SOUND.replace("slot app\n", "slot app,,\n").replace("test -> prod\n", "test -> prod,,\n");
  const client = await Client.start({ "shop.pipeline": text });
  await client.open("shop.pipeline", text);
  const diagnostics = await client.reported("shop.pipeline", (reports) => reports.length > 0);
  const range = diagnostics[0]!.range;
  const one = await client.ask<CodeAction[]>("textDocument/codeAction", "shop.pipeline", { range, context: { diagnostics } });
  assert.ok(one.some((action) => action.kind === "quickfix"), JSON.stringify(one));
  const all = await client.ask<CodeAction[]>("textDocument/codeAction", "shop.pipeline", {
    range,
    context: { diagnostics: [], only: ["source.fixAll"] },
  });
  assert.ok(all.length > 0 && all.every((action) => action.kind?.startsWith("source.fixAll")), JSON.stringify(all));
  await client.stop();
});

test("snippets can be read, wherever the cursor goes next", async () => {
  const client = await Client.start({});
  for (const [name, { body }] of Object.entries(snippets)) {
    const text = `${body.join("\n")}\n`
      .replaceAll(/\$\{\d+:([^}]*)\}/g, "$1")
      .replaceAll(/\$\{\d+\|([^,}]*)[^}]*\}/g, "$1")
      .replaceAll(/\$\{?\d+\}?/g, "");
    const file = `${name.replaceAll(/\W/g, "-")}/a.pipeline`;
    // An attribute stands before something.
    await client.open(file, text.startsWith("@") ? `${text}project shop\n` : text);
    const reports = await client.reported(file, () => true);
    const unread = reports.filter((report) => report.code === "syntax-error").map((report) => report.message);
    assert.deepEqual(unread, [], `${name}\n${text}`);
  }
  await client.stop();
});
