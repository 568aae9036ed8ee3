//! The command line: see `loadline --help`.

fn main() -> std::process::ExitCode {
    loadline::cli::main()
}
