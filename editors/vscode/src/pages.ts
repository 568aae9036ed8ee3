// The pages of checks, as documents that the editor can show.
import * as vscode from "vscode";
import { HOW_TO_GET_IT } from "./binary.ts";
import type { Server } from "./server.ts";

const SCHEME = "loadline-page";

/** The document that is the page of a check. */
export function pageUri(check: string): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: `/${check}.md` });
}

interface Page {
  check: string;
  text: string;
}

export function registerPages(server: Server): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    async provideTextDocumentContent(uri) {
      const check = uri.path.replace(/^.*\//, "").replace(/\.md$/, "");
      if (check === "how-to-get-it") return HOW_TO_GET_IT;
      const page = await server.request<Page | null>("workspace/executeCommand", { command: "loadline.explain", arguments: [check] });
      return page?.text ?? `There is no page \`${check}\`, or no language server to ask for it.\n`;
    },
  });
}

/** Shows the page of the report under the cursor. */
export async function explain(server: Server): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return;
  const page = await server.request<Page | null>("loadline/explain", {
    textDocument: { uri: editor.document.uri.toString() },
    position: { line: editor.selection.active.line, character: editor.selection.active.character },
  });
  if (!page) {
    void vscode.window.showInformationMessage("There is no report under the cursor.");
    return;
  }
  await vscode.commands.executeCommand("markdown.showPreviewToSide", pageUri(page.check));
}
