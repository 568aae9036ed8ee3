// Where the program `loadline` is.
import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join, resolve } from "node:path";

export interface Surroundings {
  /** The setting `loadline.path`. */
  setting: string;
  /** The folders that are open and trusted. */
  folders: string[];
  /** The variable `PATH`. */
  path: string;
  windows: boolean;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** A setting with `~` and `${workspaceFolder}` in it, relative to the first folder. */
function expand(setting: string, folders: string[]): string {
  const folder = folders[0] ?? ".";
  const text = setting.replaceAll("${workspaceFolder}", folder).replace(/^~(?=$|[\\/])/, homedir());
  return isAbsolute(text) ? text : resolve(folder, text);
}

/**
 * The program that the setting names; without a setting the newest one that a checkout among the folders has built, or
 * else the first one on the `PATH`. Nothing if there is none, also where the setting names something that is not there.
 */
export function find(here: Surroundings): string | undefined {
  const name = here.windows ? "loadline.exe" : "loadline";
  if (here.setting !== "") {
    const path = expand(here.setting, here.folders);
    return isProgram(path) ? path : undefined;
  }
  const built = here.folders.flatMap((folder) => ["release", "debug"].map((kind) => join(folder, "target", kind, name)));
  const age = (path: string) => statSync(path).mtimeMs;
  const newest = built.filter(isProgram).sort((one, other) => age(other) - age(one))[0];
  if (newest !== undefined) return newest;
  const onPath = here.path.split(delimiter).filter((folder) => isAbsolute(folder));
  return onPath.map((folder) => join(folder, name)).find(isProgram);
}

/** Whether a program is a `loadline` that has a language server. */
export function serves(path: string): Promise<boolean> {
  return new Promise((done) => {
    execFile(path, ["lsp", "--help"], { timeout: 10_000, windowsHide: true }, (error) => done(error === null));
  });
}

/** What people are told who have none, as a page. */
export const HOW_TO_GET_IT = `# The program \`loadline\`

The extension shows what the program \`loadline\` finds. It was not found.

With Rust 1.88 or later, in a checkout of Loadline:

\`\`\`text
cargo install --path .
\`\`\`

That puts it where \`cargo\` puts programs, which is mostly on the \`PATH\`. The extension looks for it

1. where the setting \`loadline.path\` says,
2. in \`target/release\` and \`target/debug\` of the open folders,
3. on the \`PATH\` that the editor was started with.

Then run the command **Loadline: Restart the Language Server**.
`;
