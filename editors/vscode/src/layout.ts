// The manifests of a program as one text, and which of its lines come from which place of the program.

export interface Position {
  line: number;
  character: number;
}

export interface Range {
  start: Position;
  end: Position;
}

/** The answer to `loadline/manifests`. Lines of a place count in the text of its manifest; the last is not part of it. */
export interface Answer {
  uri: string;
  errors: number;
  manifests: {
    kind: string;
    name: string;
    text: string;
    places: { lines: [number, number]; uri: string; range: Range }[];
  }[];
}

/** Lines from `first` up to, not with, `end` come from a place. */
export interface Mark {
  first: number;
  end: number;
  uri: string;
  range: Range;
}

export interface Layout {
  text: string;
  marks: Mark[];
}

export const EMPTY: Layout = { text: "", marks: [] };

function count(errors: number): string {
  return errors === 1 ? "an error" : `${errors} errors`;
}

/** What is shown for an answer. A program with errors has no manifests: those before the errors stay, and say so. */
export function layout(answer: Answer | null, before: Layout): Layout {
  if (answer === null) return { text: "# This file belongs to no program.\n", marks: [] };
  if (answer.errors > 0) {
    const { text, marks } = withoutNote(before);
    if (text === "") return { text: `# No manifests: the program has ${count(answer.errors)}.\n`, marks: [] };
    return shifted({ text, marks }, `# The program has ${count(answer.errors)}: these are the manifests before that.\n`);
  }
  let text = "";
  let line = 0;
  const marks: Mark[] = [];
  for (const manifest of answer.manifests) {
    const separator = text === "" || manifest.text.startsWith("---") ? "" : "---\n";
    const own = manifest.text.endsWith("\n") ? manifest.text : `${manifest.text}\n`;
    line += separator === "" ? 0 : 1;
    for (const { lines, uri, range } of manifest.places) marks.push({ first: line + lines[0], end: line + lines[1], uri, range });
    line += own.split("\n").length - 1;
    text += separator + own;
  }
  return { text: text === "" ? "# No manifests: the program has no objects.\n" : text, marks };
}

const NOTE = /^# (?:The program has|No manifests:|This file belongs).*\n/;

function withoutNote(before: Layout): Layout {
  if (!NOTE.test(before.text)) return before;
  const marks = before.marks.map((mark) => ({ ...mark, first: mark.first - 1, end: mark.end - 1 }));
  return { text: before.text.replace(NOTE, ""), marks };
}

function shifted({ text, marks }: Layout, note: string): Layout {
  return { text: note + text, marks: marks.map((mark) => ({ ...mark, first: mark.first + 1, end: mark.end + 1 })) };
}

function isBefore(one: Position, other: Position): boolean {
  return one.line < other.line || (one.line === other.line && one.character < other.character);
}

function contains(range: Range, at: Position): boolean {
  return !isBefore(at, range.start) && !isBefore(range.end, at);
}

/** How much a range holds, to find the narrowest. */
function size({ start, end }: Range): number {
  return (end.line - start.line) * 10_000 + (end.character - start.character);
}

/** The lines that come from what the cursor is in: the narrowest place around it, or else the last one before it. */
export function ofProgram(marks: Mark[], uri: string, at: Position): Mark[] {
  const own = marks.filter((mark) => mark.uri === uri);
  const around = own.filter((mark) => contains(mark.range, at));
  if (around.length > 0) {
    const least = Math.min(...around.map((mark) => size(mark.range)));
    return around.filter((mark) => size(mark.range) === least);
  }
  const before = own.filter((mark) => mark.range.start.line <= at.line && size(mark.range) === 0);
  const last = before.reduce<Position | undefined>((best, { range }) => (best && !isBefore(best, range.start) ? best : range.start), undefined);
  return before.filter((mark) => mark.range.start.line === last?.line && mark.range.start.character === last.character);
}

/** The place that a line of the manifests comes from: that of the fewest lines around it. */
export function ofManifests(marks: Mark[], line: number): Mark | undefined {
  const around = marks.filter((mark) => mark.first <= line && line < mark.end);
  return around.sort((one, other) => one.end - one.first - (other.end - other.first))[0];
}
