// The text of the manifests, and the way between its lines and the program.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EMPTY, layout, ofManifests, ofProgram, type Answer, type Range } from "../src/layout.ts";
import { targets } from "../src/target.ts";

const range = (line: number, character: number, endLine = line, endCharacter = character): Range => ({
  start: { line, character },
  end: { line: endLine, character: endCharacter },
});
const uri = "file:///shop/shop.pipeline";
const manifest = (name: string, text: string, places: Answer["manifests"][0]["places"]) => ({ kind: "Stage", name, text, places });

const answer: Answer = {
  uri,
  errors: 0,
  manifests: [
    manifest("a", "kind: A\nname: a\n", [{ lines: [0, 2], uri, range: range(2, 0, 8, 1) }]),
    manifest("b", "kind: B\nspec:\n  steps: 1\n", [
      { lines: [0, 3], uri, range: range(10, 0, 20, 1) },
      { lines: [2, 3], uri, range: range(12, 4, 12, 30) },
    ]),
    manifest("c", "kind: B\n", [{ lines: [0, 1], uri, range: range(10, 0, 20, 1) }]),
  ],
};

test("manifests stand behind each other, and each line knows where it comes from", () => {
  const shown = layout(answer, EMPTY);
  assert.equal(shown.text, "kind: A\nname: a\n---\nkind: B\nspec:\n  steps: 1\n---\nkind: B\n");
  const line = (line: number) => ofManifests(shown.marks, line)?.range.start.line;
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].map(line), [2, 2, undefined, 10, 10, 12, undefined, 10, undefined]);
});

test("the cursor is in all that is made of the narrowest place around it", () => {
  const { marks } = layout(answer, EMPTY);
  const lines = (line: number, character: number, file = uri) =>
    ofProgram(marks, file, { line, character }).map((mark) => [mark.first, mark.end]);
  assert.deepEqual(lines(12, 10), [[5, 6]]);
  assert.deepEqual(lines(13, 0), [[3, 6], [7, 8]]);
  assert.deepEqual(lines(9, 0), []);
  assert.deepEqual(lines(13, 0, "file:///other"), []);
});

test("a place without an end reaches to the next one", () => {
  const points: Answer = {
    ...answer,
    manifests: [3, 7, 7].map((line) => manifest("x", "a: 1\n", [{ lines: [0, 1], uri, range: range(line, 2) }])),
  };
  const { marks } = layout(points, EMPTY);
  const lines = (line: number) => ofProgram(marks, uri, { line, character: 0 }).map((mark) => mark.first);
  assert.deepEqual([lines(2), lines(3), lines(6), lines(7), lines(30)], [[], [0], [0], [2, 4], [2, 4]]);
});

test("a program with errors keeps the manifests of before, and says so once", () => {
  const sound = layout(answer, EMPTY);
  const broken: Answer = { ...answer, errors: 2, manifests: [] };
  const shown = layout(broken, layout({ ...broken, errors: 1 }, sound));
  assert.equal(shown.text, `# The program has 2 errors: these are the manifests before that.\n${sound.text}`);
  assert.equal(ofManifests(shown.marks, 1)?.range.start.line, 2);
  assert.deepEqual(layout(answer, shown), sound);
  assert.equal(layout(broken, EMPTY).text, "# No manifests: the program has 2 errors.\n");
  assert.equal(layout({ ...broken, errors: 1 }, layout(broken, EMPTY)).text, "# No manifests: the program has an error.\n");
  assert.equal(layout(null, sound).text, "# This file belongs to no program.\n");
  assert.equal(layout({ ...answer, manifests: [] }, sound).text, "# No manifests: the program has no objects.\n");
});

test("the target of a program stands in any of its files, and a setting replaces it", () => {
  const texts = ["// target kargo 1.5\ntarget kargo 1.8 .. 1.11 // x\n", "  target argo-cd 3.5\nproject shop\n"];
  assert.deepEqual(targets([], texts), ["argo-cd 3.5", "kargo 1.8..1.11"]);
  assert.deepEqual(targets(["kargo=1.11"], texts), ["kargo 1.11"]);
  assert.deepEqual(targets([], ["let target = 1\n"]), []);
});
