// What the extension brings: the server and its commands. Highlighting, brackets and snippets need no code.
import * as vscode from "vscode";
import type { Location, Position } from "vscode-languageclient/node";
import { Manifests } from "./manifests.ts";
import { explain, registerPages } from "./pages.ts";
import { Permissions } from "./permissions.ts";
import { Server } from "./server.ts";
import { Status } from "./status.ts";

let server: Server | undefined;

/** The places that a line above a declaration counts. */
async function showReferences(uri: string, at: Position, places: Location[]): Promise<void> {
  const locations = places.map(({ uri, range }) => {
    const { start, end } = range;
    return new vscode.Location(vscode.Uri.parse(uri), new vscode.Range(start.line, start.character, end.line, end.character));
  });
  const position = new vscode.Position(at.line, at.character);
  await vscode.commands.executeCommand("editor.action.showReferences", vscode.Uri.parse(uri), position, locations);
}

async function menu(): Promise<void> {
  const choices = {
    "Show the manifests beside": "loadline.showManifests",
    "Show who must be allowed what": "loadline.showPermissions",
    "Restart the language server": "loadline.restartServer",
    "Show the output of the language server": "loadline.showOutput",
  };
  const choice = await vscode.window.showQuickPick(Object.keys(choices), { title: "Loadline" });
  if (choice) await vscode.commands.executeCommand(choices[choice as keyof typeof choices]);
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const own = (server = new Server());
  const manifests = new Manifests(own);
  const permissions = new Permissions(own);
  const command = (name: string, run: (...given: never[]) => unknown) => vscode.commands.registerCommand(name, run);
  context.subscriptions.push(
    own,
    manifests,
    permissions,
    registerPages(own),
    new Status(own),
    command("loadline.showManifests", async (given?: string | vscode.Uri) => {
      const uri = given ?? vscode.window.activeTextEditor?.document.uri;
      if (uri) await manifests.show(typeof uri === "string" ? vscode.Uri.parse(uri) : uri);
    }),
    command("loadline.showPermissions", async (given?: vscode.Uri) => {
      const uri = given ?? vscode.window.activeTextEditor?.document.uri;
      if (uri) await permissions.show(uri);
    }),
    command("loadline.explainReport", () => explain(own)),
    command("loadline.fixAll", () => vscode.commands.executeCommand("editor.action.fixAll")),
    command("loadline.restartServer", () => own.restart()),
    command("loadline.showOutput", () => own.showOutput()),
    command("loadline.showReferences", showReferences),
    command("loadline.menu", menu),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("loadline.path")) void own.restart();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void own.restart()),
  );
  await own.start();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
