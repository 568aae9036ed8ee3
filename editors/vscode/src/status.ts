// The status bar: which versions the program in front is for, and whether there is a server.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import * as vscode from "vscode";
import type { Server } from "./server.ts";
import { targets } from "./target.ts";

/** The texts of the program that a file belongs to, as they are in the editor or else on disk. */
function* texts(document: vscode.TextDocument): Iterable<string> {
  yield document.getText();
  if (document.uri.scheme !== "file") return;
  const folder = dirname(document.uri.fsPath);
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".pipeline"))) {
    const path = join(folder, name);
    if (path === document.uri.fsPath) continue;
    const open = vscode.workspace.textDocuments.find((one) => one.uri.fsPath === path);
    yield open ? open.getText() : readFileSync(path, "utf8");
  }
}

function programTargets(document: vscode.TextDocument): string[] {
  const setting = vscode.workspace.getConfiguration("loadline").get<string[]>("targets", []);
  try {
    return targets(setting, texts(document));
  } catch {
    // A file or folder that went while it was read.
    return [];
  }
}

export class Status implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("loadline.target", vscode.StatusBarAlignment.Right, 90);
  private readonly disposables: vscode.Disposable[] = [this.item];

  constructor(private readonly server: Server) {
    this.item.name = "Loadline";
    this.item.command = "loadline.menu";
    this.disposables.push(
      server.onDidChange(() => this.update()),
      server.onDidPublish((uri) => uri.toString() === vscode.window.activeTextEditor?.document.uri.toString() && this.update()),
      vscode.window.onDidChangeActiveTextEditor(() => this.update()),
      vscode.workspace.onDidChangeConfiguration((change) => change.affectsConfiguration("loadline") && this.update()),
    );
    this.update();
  }

  update(): void {
    const document = vscode.window.activeTextEditor?.document;
    if (document?.languageId !== "loadline") return this.item.hide();
    const found = programTargets(document);
    const isBroken = this.server.trouble !== undefined;
    const icon = isBroken ? "$(warning) " : this.server.isRunning ? "" : "$(sync~spin) ";
    this.item.text = icon + (found.length > 0 ? found.join(", ") : "no target");
    this.item.tooltip = this.server.trouble ?? (found.length > 0 ? "What the program is for" : "The program does not say which version it is for");
    this.item.backgroundColor = isBroken ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    this.item.show();
  }

  dispose(): void {
    for (const one of this.disposables) one.dispose();
  }
}
