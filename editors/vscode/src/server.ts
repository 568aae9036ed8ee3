// The language server: found, started, stopped.
import * as vscode from "vscode";
import { LanguageClient, State, type Diagnostic } from "vscode-languageclient/node";
import { find, serves } from "./binary.ts";
import { pageUri } from "./pages.ts";

export class Server implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly published = new vscode.EventEmitter<vscode.Uri>();
  /** Why there is none, in a few words. */
  trouble: string | undefined;

  /** It came, went, or failed. */
  readonly onDidChange = this.changed.event;
  /** The reports on a file are here; so are the manifests that belong to them. */
  readonly onDidPublish = this.published.event;

  get isRunning(): boolean {
    return this.client?.state === State.Running;
  }

  /** A request, or nothing if there is no server. */
  async request<R>(method: string, params: unknown): Promise<R | undefined> {
    if (!this.client || !this.isRunning) return undefined;
    return this.client.sendRequest<R>(method, params);
  }

  async start(): Promise<void> {
    this.trouble = undefined;
    const settings = vscode.workspace.getConfiguration("loadline");
    const setting = settings.get<string>("path", "");
    const folders = vscode.workspace.isTrusted ? (vscode.workspace.workspaceFolders ?? []) : [];
    const path = find({
      setting,
      folders: folders.filter((folder) => folder.uri.scheme === "file").map((folder) => folder.uri.fsPath),
      path: process.env.PATH ?? "",
      windows: process.platform === "win32",
    });
    if (path === undefined) {
      return this.fail(`The program \`loadline\` was not found${setting === "" ? "" : `: \`loadline.path\` says ${setting}`}.`);
    }
    if (!(await serves(path))) return this.fail(`${path} has no language server: it is too old, or no \`loadline\`.`);
    this.client = new LanguageClient(
      "loadline",
      "Loadline",
      { command: path, args: ["lsp"] },
      {
        documentSelector: [{ scheme: "file", language: "loadline" }],
        initializationOptions: { targets: settings.get<string[]>("targets", []) },
        synchronize: { configurationSection: "loadline" },
        middleware: {
          handleDiagnostics: (uri, diagnostics, next) => {
            next(uri, diagnostics.map(withPage));
            this.published.fire(uri);
          },
        },
      },
    );
    this.client.onDidChangeState(() => this.changed.fire());
    try {
      await this.client.start();
    } catch (error) {
      return this.fail(`${path} did not start: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.changed.fire();
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.dispose().catch(() => undefined);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  showOutput(): void {
    this.client?.outputChannel.show();
  }

  dispose(): void {
    void this.stop();
  }

  private fail(trouble: string): void {
    this.client = undefined;
    this.trouble = trouble;
    this.changed.fire();
    const [how, settings, again] = ["How to Get It", "Open the Settings", "Look Again"];
    void vscode.window.showErrorMessage(trouble, how, settings, again).then((choice) => {
      if (choice === how) void vscode.commands.executeCommand("markdown.showPreview", pageUri("how-to-get-it"));
      if (choice === settings) void vscode.commands.executeCommand("workbench.action.openSettings", "loadline.path");
      if (choice === again) void this.restart();
    });
  }
}

/** A report whose code leads to the page of its check. */
function withPage(diagnostic: vscode.Diagnostic & Partial<Pick<Diagnostic, "codeDescription">>): vscode.Diagnostic {
  const check = typeof diagnostic.code === "object" ? diagnostic.code.value : diagnostic.code;
  if (typeof check === "string") {
    diagnostic.code = { value: check, target: pageUri(check) };
  }
  return diagnostic;
}
