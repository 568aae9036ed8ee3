// Who must be allowed what, beside the program, updated while the program is edited.
import * as vscode from "vscode";
import type { Server } from "./server.ts";

const SCHEME = "loadline-permissions";

/** The answer to `loadline/permissions`. */
export interface Answer {
  uri: string;
  errors: number;
  text: string;
}

/** What is shown for an answer. */
function shown(answer: Answer | null): string {
  if (answer === null) return "This file belongs to no program.\n";
  return answer.errors > 0 ? "The program has errors: what it needs is shown when they are repaired.\n" : answer.text;
}

function viewUri(program: vscode.Uri): vscode.Uri {
  const folder = program.path.split("/").at(-2) ?? "program";
  return vscode.Uri.from({ scheme: SCHEME, path: `/${folder} permissions.txt`, query: program.toString() });
}

export class Permissions implements vscode.Disposable, vscode.TextDocumentContentProvider {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly disposables: vscode.Disposable[] = [];

  readonly onDidChange = this.changed.event;

  constructor(private readonly server: Server) {
    this.disposables.push(
      this.changed,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      server.onDidPublish(() => this.refresh()),
      server.onDidChange(() => this.refresh()),
    );
  }

  async show(program: vscode.Uri): Promise<void> {
    const document = await vscode.workspace.openTextDocument(viewUri(program));
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true, preview: false });
  }

  async provideTextDocumentContent(view: vscode.Uri): Promise<string> {
    const answer = await this.server.request<Answer | null>("workspace/executeCommand", { command: "loadline.permissions", arguments: [view.query] });
    return answer === undefined ? "There is no language server to ask.\n" : shown(answer);
  }

  private refresh(): void {
    const open = vscode.workspace.textDocuments.filter((document) => document.uri.scheme === SCHEME);
    for (const document of open) this.changed.fire(document.uri);
  }

  dispose(): void {
    for (const one of this.disposables) one.dispose();
  }
}
