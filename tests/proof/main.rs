//! The proof: random programs, a reference interpreter that says what they mean, and Kargo's engine on paper, which
//! says what they do. `PROOF_COUNT` programs are made from `PROOF_SEED` on for each version (a few without); with
//! `PROOF_ENGINE` (a folder with `engine-1.11` and its like) and `PROOF_SHARED` (the reference data) they are promoted.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub
)]

mod accept;
mod chance;
mod compare;
mod coverage;
mod engine;
mod generator;
mod interpreter;
mod mutants;
mod promote;
mod round_trip;
mod rules;
mod sound;
