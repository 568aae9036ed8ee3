//! Starts the language server in Zed: the `loadline` that is on the `PATH` of the project.

use zed_extension_api::{self as zed, Command, LanguageServerId, Result, Worktree};

struct Loadline;

impl zed::Extension for Loadline {
    fn new() -> Self {
        Self
    }

    fn language_server_command(&mut self, _server: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let command = worktree.which("loadline").ok_or("`loadline` is not on the PATH: run `cargo install --path .` in a checkout of it")?;
        Ok(Command { command, args: vec!["lsp".to_owned()], env: worktree.shell_env() })
    }
}

zed::register_extension!(Loadline);
