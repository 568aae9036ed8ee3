// The manifests of a program beside it, updated while the program is edited; the cursor is marked on the other side.
import * as vscode from "vscode";
import { EMPTY, layout, ofManifests, ofProgram, type Answer, type Layout, type Mark } from "./layout.ts";
import type { Server } from "./server.ts";

const SCHEME = "loadline-manifests";

interface View {
  /** A file of the program. */
  program: string;
  shown: Layout;
  isAsking: boolean;
  isStale: boolean;
}

function viewUri(program: vscode.Uri): vscode.Uri {
  const folder = program.path.split("/").at(-2) ?? "program";
  return vscode.Uri.from({ scheme: SCHEME, path: `/${folder} manifests.yaml`, query: program.with({ path: program.path.replace(/[^/]*$/, "") }).toString() });
}

function toRange({ range }: Mark): vscode.Range {
  return new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character);
}

export class Manifests implements vscode.Disposable, vscode.TextDocumentContentProvider {
  private readonly views = new Map<string, View>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly disposables: vscode.Disposable[] = [];
  private readonly marked = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor("editor.rangeHighlightBackground"),
    overviewRulerColor: new vscode.ThemeColor("editorOverviewRuler.rangeHighlightForeground"),
    overviewRulerLane: vscode.OverviewRulerLane.Center,
  });

  readonly onDidChange = this.changed.event;

  constructor(private readonly server: Server) {
    this.disposables.push(
      this.marked,
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.workspace.onDidCloseTextDocument((document) => this.views.delete(document.uri.toString())),
      // The content of a view arrives in its editor after it was announced.
      vscode.workspace.onDidChangeTextDocument(({ document }) => document.uri.scheme === SCHEME && this.markActive()),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => this.mark(textEditor)),
      vscode.window.onDidChangeVisibleTextEditors(() => this.markActive()),
      server.onDidPublish(() => this.refresh()),
      server.onDidChange(() => this.refresh()),
    );
  }

  async show(program: vscode.Uri): Promise<void> {
    const uri = viewUri(program);
    const view = this.views.get(uri.toString()) ?? { program: program.toString(), shown: EMPTY, isAsking: false, isStale: false };
    this.views.set(uri.toString(), view);
    await this.ask(uri, view);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true, preview: false });
    this.markActive();
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.views.get(uri.toString())?.shown.text ?? "";
  }

  private refresh(): void {
    for (const [uri, view] of this.views) void this.ask(vscode.Uri.parse(uri), view);
  }

  /** One question at a time for a view; what changes meanwhile is asked for once more. */
  private async ask(uri: vscode.Uri, view: View): Promise<void> {
    if (view.isAsking) {
      view.isStale = true;
      return;
    }
    view.isAsking = true;
    try {
      do {
        view.isStale = false;
        const answer = await this.server.request<Answer | null>("loadline/manifests", { textDocument: { uri: view.program } });
        if (answer !== undefined) view.shown = layout(answer, view.shown);
      } while (view.isStale);
    } catch {
      // The server has gone, or the question was overtaken; the next list of reports asks again.
    } finally {
      view.isAsking = false;
    }
    this.changed.fire(uri);
  }

  private markActive(): void {
    if (vscode.window.activeTextEditor) this.mark(vscode.window.activeTextEditor);
  }

  /** Marks on the other side what the cursor of this editor is in. */
  private mark(editor: vscode.TextEditor): void {
    const editors = vscode.window.visibleTextEditors;
    const own = this.views.get(editor.document.uri.toString());
    if (own) {
      editor.setDecorations(this.marked, []);
      const mark = ofManifests(own.shown.marks, editor.selection.active.line);
      for (const other of editors.filter((other) => other.document.languageId === "loadline")) {
        const isHere = mark !== undefined && mark.uri === other.document.uri.toString();
        this.setMarks(other, isHere ? [toRange(mark)] : []);
      }
      return;
    }
    if (editor.document.languageId !== "loadline") return;
    editor.setDecorations(this.marked, []);
    for (const other of editors) {
      const view = this.views.get(other.document.uri.toString());
      if (!view) continue;
      const marks = ofProgram(view.shown.marks, editor.document.uri.toString(), editor.selection.active);
      this.setMarks(other, marks.map((mark) => new vscode.Range(mark.first, 0, Math.max(mark.end - 1, mark.first), 0)));
    }
  }

  private setMarks(editor: vscode.TextEditor, ranges: vscode.Range[]): void {
    editor.setDecorations(this.marked, ranges);
    const follows = vscode.workspace.getConfiguration("loadline").get<boolean>("manifests.followCursor", true);
    const [first] = ranges;
    if (first && follows) editor.revealRange(first, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  dispose(): void {
    for (const one of this.disposables) one.dispose();
  }
}
