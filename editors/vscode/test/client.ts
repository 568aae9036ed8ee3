// A client that talks to the real server over its standard input and output, as an editor does.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  StreamMessageReader,
  StreamMessageWriter,
  createProtocolConnection,
  type Diagnostic,
  type ConfigurationParams,
  type InitializeResult,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
} from "vscode-languageserver-protocol/node";

export class Client {
  /** The last list of each file. */
  readonly reports = new Map<string, Diagnostic[]>();
  private readonly waiting: (() => void)[] = [];
  private version = 0;

  private constructor(
    readonly connection: ProtocolConnection,
    readonly folder: string,
    readonly about: InitializeResult,
    private readonly exit: Promise<number | null>,
  ) {}

  /** A server for a folder with these files. */
  static async start(files: Record<string, string>): Promise<Client> {
    const program = process.env.LOADLINE;
    assert.ok(program, "LOADLINE names the program `loadline`");
    const folder = mkdtempSync(join(tmpdir(), "loadline-"));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const server = spawn(program, ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
    const exit = new Promise<number | null>((done) => server.on("exit", done));
    const connection = createProtocolConnection(new StreamMessageReader(server.stdout), new StreamMessageWriter(server.stdin));
    connection.onRequest("client/registerCapability", () => null);
    connection.onRequest("workspace/configuration", ({ items }: ConfigurationParams) => items.map(() => null));
    connection.listen();
    const uri = pathToFileURL(folder).href;
    const about = await connection.sendRequest<InitializeResult>("initialize", {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: "shop" }],
      initializationOptions: { targets: [] },
      capabilities: {
        workspace: { workspaceEdit: { documentChanges: true }, didChangeWatchedFiles: { dynamicRegistration: true } },
        textDocument: {
          completion: { completionItem: { snippetSupport: true } },
          publishDiagnostics: { relatedInformation: true },
          documentSymbol: { hierarchicalDocumentSymbolSupport: true },
        },
      },
    });
    const client = new Client(connection, folder, about, exit);
    connection.onNotification("textDocument/publishDiagnostics", ({ uri, diagnostics }: PublishDiagnosticsParams) => {
      client.reports.set(uri, diagnostics);
      for (const wake of client.waiting.splice(0)) wake();
    });
    await connection.sendNotification("initialized", {});
    return client;
  }

  uri(name: string): string {
    return pathToFileURL(join(this.folder, name)).href;
  }

  async open(name: string, text: string): Promise<void> {
    const textDocument = { uri: this.uri(name), languageId: "loadline", version: ++this.version, text };
    await this.connection.sendNotification("textDocument/didOpen", { textDocument });
  }

  async change(name: string, text: string): Promise<void> {
    const textDocument = { uri: this.uri(name), version: ++this.version };
    await this.connection.sendNotification("textDocument/didChange", { textDocument, contentChanges: [{ text }] });
  }

  /** The reports on a file, once there is a list that fits. */
  async reported(name: string, fits: (reports: Diagnostic[]) => boolean): Promise<Diagnostic[]> {
    for (;;) {
      const found = this.reports.get(this.uri(name));
      if (found && fits(found)) return found;
      await new Promise<void>((done) => this.waiting.push(done));
    }
  }

  ask<R>(method: string, name: string, more: object = {}): Promise<R> {
    return this.connection.sendRequest<R>(method, { textDocument: { uri: this.uri(name) }, ...more });
  }

  /** Ends the server as editors do; it must end well. */
  async stop(): Promise<void> {
    await this.connection.sendRequest("shutdown");
    await this.connection.sendNotification("exit");
    assert.equal(await this.exit, 0);
    this.connection.dispose();
  }
}
