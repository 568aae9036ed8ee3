// The TextMate grammar as VS Code runs it: the scopes of each stretch of a text.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import oniguruma from "vscode-oniguruma";
import textmate from "vscode-textmate";

const require = createRequire(import.meta.url);

export interface Stretch {
  line: number;
  start: number;
  end: number;
  text: string;
  scopes: string[];
}

export async function grammar(): Promise<textmate.IGrammar> {
  await oniguruma.loadWASM(readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")).buffer as ArrayBuffer);
  const path = "syntaxes/loadline.tmLanguage.json";
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async (scope) =>
      scope === "source.loadline" ? textmate.parseRawGrammar(readFileSync(path, "utf8"), path) : null,
  });
  const found = await registry.loadGrammar("source.loadline");
  if (!found) throw new Error("the grammar is not there");
  return found;
}

export function stretches(grammar: textmate.IGrammar, text: string): Stretch[] {
  const out: Stretch[] = [];
  let stack = textmate.INITIAL;
  text.split("\n").forEach((content, line) => {
    const found = grammar.tokenizeLine(content, stack);
    stack = found.ruleStack;
    for (const token of found.tokens) {
      const end = Math.min(token.endIndex, content.length);
      if (end > token.startIndex) {
        const text = content.slice(token.startIndex, end);
        out.push({ line, start: token.startIndex, end, text, scopes: token.scopes });
      }
    }
  });
  return out;
}

/** What a stretch is to the reader: inside a value in a text it is code again. */
export function role(scopes: string[]): "comment" | "string" | "keyword" | "kind" | "key" | "constant" | "other" {
  const last = scopes.at(-1) ?? "";
  const string = scopes.findLastIndex((scope) => scope.startsWith("string."));
  const embedded = scopes.findLastIndex((scope) => scope.startsWith("meta.embedded.") || scope.startsWith("punctuation.section.embedded"));
  if (scopes.some((scope) => scope.startsWith("comment."))) return "comment";
  if (string > embedded) return "string";
  if (last.startsWith("constant.language")) return "keyword";
  if (last === "keyword.other.kind.loadline" || last === "storage.type.function.loadline") return "kind";
  if (/^keyword\.(?!operator\.(?!word|promoting))|^storage\./.test(last)) return "keyword";
  if (last === "variable.other.property.loadline") return "key";
  if (last.startsWith("constant.")) return "constant";
  return "other";
}
