//! Kargo's engine on paper, as a process that answers one promotion per line (`tests/conformance/engine`, Trials).

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use loadline::library::Target;
use serde_json::Value as Json;

use crate::generator::Stock;

pub struct Engine {
    /// The version that it is.
    pub target: Target,
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Engine {
    /// The engine of a minor; `None` where there is none to ask.
    pub fn start(stock: &Stock, minor: &str) -> Option<Engine> {
        let folder = PathBuf::from(std::env::var_os("PROOF_ENGINE")?);
        let shared = PathBuf::from(std::env::var_os("PROOF_SHARED").expect("PROOF_SHARED goes with PROOF_ENGINE"));
        let mut child = Command::new(folder.join(format!("engine-{minor}")))
            .args(["trials", "-kargo", minor, "-schemas"])
            .arg(shared.join(format!("data/step-schemas/kargo-{minor}")))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Some(Engine { target: stock.target(minor), child, input, output })
    }

    /// The answer to a line.
    pub fn ask(&mut self, request: &Json) -> Json {
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{request}").unwrap();
        input.flush().unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("the engine answered {line:?}: {error}"))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}
