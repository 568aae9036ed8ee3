// Where the program is looked for.
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { test } from "node:test";
import { find, serves } from "../src/binary.ts";

function program(folder: string, path: string, age: number, text = ""): string {
  const full = join(folder, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
  chmodSync(full, 0o755);
  utimesSync(full, age, age);
  return full;
}

const folder = mkdtempSync(join(tmpdir(), "loadline-"));
const none = { setting: "", folders: [], path: "", windows: false };

test("the setting comes first, also when it names nothing", () => {
  const named = program(folder, "named/loadline", 1);
  const built = { ...none, folders: [join(folder, "checkout")], path: join(folder, "bin") };
  program(folder, "checkout/target/debug/loadline", 3);
  assert.equal(find({ ...built, setting: named }), named);
  assert.equal(find({ ...built, folders: [folder], setting: "${workspaceFolder}/named/loadline" }), named);
  assert.equal(find({ ...built, folders: [folder], setting: "named/loadline" }), named);
  assert.equal(find({ ...built, setting: join(folder, "gone") }), undefined);
});

test("then the newest that a checkout has built, then the path", () => {
  const debug = program(folder, "checkout/target/debug/loadline", 3);
  const installed = program(folder, "bin/loadline", 9);
  const here = { ...none, folders: [join(folder, "other"), join(folder, "checkout")], path: ["relative", join(folder, "bin")].join(delimiter) };
  assert.equal(find(here), debug);
  const release = program(folder, "checkout/target/release/loadline", 4);
  assert.equal(find(here), release);
  assert.equal(find({ ...here, folders: [] }), installed);
  assert.equal(find(none), undefined);
});

test("a folder, a file that cannot be run and a program without a server are none", async () => {
  mkdirSync(join(folder, "odd/loadline"), { recursive: true });
  writeFileSync(join(folder, "text"), "");
  assert.equal(find({ ...none, path: join(folder, "odd") }), undefined);
  assert.equal(find({ ...none, setting: join(folder, "text") }), undefined);
  assert.equal(await serves(program(folder, "old", 1, "#!/bin/sh\nexit 2\n")), false);
  assert.equal(await serves(program(folder, "new", 1, '#!/bin/sh\n[ "$1" = lsp ]\n')), true);
});
