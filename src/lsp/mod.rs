//! The language server: [`crate::ide`] over the Language Server Protocol, on standard input and output.
//!
//! - `server` has the loop: one thread, one queue of messages. Notifications are applied at once; the programs that they
//!   change are analysed when a request needs them or the queue is empty, so keys that come faster than analyses cost
//!   one. Nothing waits for silence.
//! - `workspace` has the texts (those of editors before those of the disk) and the analysis of each folder. A file whose
//!   text changed is read again from its last parse (`syntax::reparse`), the rest of the analysis is done anew.
//! - `convert` is the only place that counts positions, in UTF-8 or UTF-16 as was agreed on; all else counts bytes.
//! - `requests` answers. An answer is computed from one analysis, never from half of one and half of the next.
//!
//! A request that fails or panics is answered with an error; the server goes on.

mod convert;
mod disk;
mod documents;
mod publish;
mod requests;
mod server;
mod uri;
mod workspace;

pub use server::serve;

use lsp_server::Connection;

const STACK: usize = 64 << 20;

/// Serves one editor on standard input and output until it says `exit`. Whether it ended as the protocol wants it.
pub fn run() -> bool {
    let (connection, threads) = Connection::stdio();
    // Brackets in brackets lie deep in a stack, and the one that a process begins with is small on some systems.
    let server = std::thread::Builder::new().stack_size(STACK).spawn(move || serve(connection));
    let sound = server.is_ok_and(|server| server.join().unwrap_or(false));
    // Without this the last answers may be lost.
    threads.join().is_ok() && sound
}
