// The versions that a program is for, as the status bar shows them.

const TARGET = /^[ \t]*target[ \t]+([a-z][a-z-]*)[ \t]+(\d+(?:\.\d+)+(?:[ \t]*\.\.[ \t]*\d+(?:\.\d+)+)?)/gm;

/** `kargo 1.11` of the setting `kargo=1.11`, or of the `target` lines of the files of a program. */
export function targets(setting: string[], texts: Iterable<string>): string[] {
  if (setting.length > 0) return setting.map((one) => one.replace("=", " "));
  const found = new Set<string>();
  for (const text of texts) {
    for (const [, system, versions] of text.matchAll(TARGET)) found.add(`${system} ${versions?.replaceAll(/\s/g, "")}`);
  }
  return [...found].sort();
}
