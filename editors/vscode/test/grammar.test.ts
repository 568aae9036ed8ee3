// The TextMate grammar: what it says about a page that can be read, and about every program of the project.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { grammar, role, stretches } from "./textmate.ts";

const root = join(process.cwd(), "../..");
const loaded = await grammar();

function programs(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".pipeline"))
    .map((name) => join(root, folder, name))
    .sort();
}

/** The programs in the pages of the documentation, each in a file of its own. */
function shown(): string[] {
  const folder = mkdtempSync(join(tmpdir(), "loadline-"));
  const pages = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"));
  return pages.sort().flatMap((name) => {
    const page = readFileSync(join(root, "docs", name), "utf8");
    return [...page.matchAll(/^```pipeline.*\n([\s\S]*?)^```$/gm)].map((block, index) => {
      const file = join(folder, `${name.replaceAll("/", "-")}-${index + 1}.pipeline`);
      writeFileSync(file, block[1] ?? "");
      return file;
    });
  });
}

test("a page with all there is has the scopes that its snapshot says", () => {
  const text = readFileSync("test/highlight.pipeline", "utf8");
  const lines = stretches(loaded, text)
    .filter(({ text, scopes }) => text.trim() !== "" && scopes.length > 1)
    .filter(({ scopes }) => !/^(meta\.brace|punctuation\.(separator|definition\.(block|list|string)))/.test(scopes.at(-1) ?? ""))
    .map(({ line, text, scopes }) => {
      const shown = scopes.slice(1).map((scope) => scope.replace(/\.loadline$/, ""));
      return `${String(line + 1).padStart(3)} ${text.trim().padEnd(28)} ${shown.join(" ")}`;
    });
  const found = `${lines.join("\n")}\n`;
  const path = "test/highlight.txt";
  if (process.env.LOADLINE_BLESS) writeFileSync(path, found);
  assert.equal(found, existsSync(path) ? readFileSync(path, "utf8") : "");
});

/** Tokens of the grammar for tree-sitter, which reads every program without an error: [start, end, what], by files. */
function tokens(files: string[]): Map<string, [number, number, string][]> {
  const dumper = process.env.LOADLINE_TOKENS;
  assert.ok(dumper, "LOADLINE_TOKENS names the program `tokens` of ../tree-sitter-loadline");
  const out = new Map<string, [number, number, string][]>();
  let current: [number, number, string][] = [];
  for (const line of execFileSync(dumper, files, { encoding: "utf8", maxBuffer: 1 << 28 }).split("\n")) {
    const [start, end, what] = line.split(" ");
    if (start === "#") out.set(line.slice(2), (current = []));
    else if (what) current.push([Number(start), Number(end), what]);
  }
  return out;
}

/** The roles of the characters of a text, by bytes. */
function roles(text: string): string[] {
  const lines: string[][] = text.split("\n").map(() => []);
  for (const { line, text: part, scopes } of stretches(loaded, text)) {
    lines[line]?.push(...Array<string>(Buffer.byteLength(part)).fill(role(scopes)));
  }
  return lines.flatMap((line) => [...line, "line end"]);
}

/** Which roles a token may have. */
const allowed: Record<string, string[]> = {
  comment: ["comment"],
  string: ["string", "line end"],
  keyword: ["keyword", "kind"],
  kind: ["kind", "keyword"],
  key: ["key"],
  name: ["other", "key", "constant", "kind"],
  number: ["constant"],
  step: ["other", "keyword"],
  sign: ["other", "keyword"],
};

function complaints(name: string, all: string, expected: [number, number, string][]): string[] {
  // A fixture may hold several files; those behind the first that is no program are left out.
  const text = all.split(/^\/\/# file: .*(?<!\.pipeline)$/m)[0] ?? "";
  const bytes = Buffer.from(text);
  const found = roles(text);
  return expected.flatMap(([start, end, what]) => {
    if (start >= bytes.length) return [];
    const wrong = found.slice(start, end).find((one) => !(allowed[what] ?? []).includes(one));
    if (!wrong) return [];
    const line = bytes.subarray(0, start).toString().split("\n").length;
    return [`${name}:${line}: \`${bytes.subarray(start, end)}\` is ${wrong}, not ${what}`];
  });
}

test("comments, texts, keywords and keys are where the parser finds them, in every program", () => {
  const files = ["examples", "stdlib", "docs/reference/examples", "tests/real", "tests/lower", "tests/outcomes", "tests/ui"].flatMap(programs);
  assert.ok(files.length > 400, `only ${files.length} programs`);
  const sound = files.filter((file) => !/(syntax-error|foreign-syntax):/.test(readFileSync(file, "utf8")));
  const pages = shown().filter((file) => !/(syntax-error|foreign-syntax)\.md/.test(file));
  assert.ok(pages.length > 150, `only ${pages.length} programs in pages`);
  const found = [...tokens([join(process.cwd(), "test/highlight.pipeline"), ...sound, ...pages])].flatMap(([file, expected]) => {
    return complaints(file, readFileSync(file, "utf8"), expected);
  });
  assert.equal(found.join("\n"), "");
});
