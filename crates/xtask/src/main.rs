//! `cargo xtask`: what people do to the repository.

mod asan;
mod capi;
mod features;
mod fuzz;
mod gen_feed;
mod header;
mod install;
mod instructions;
mod page;
mod peers;
mod promises;
mod python;
mod rust;
mod suite;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What people do to the repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run every check: format, lints, tests, doctests, docs, supply chain.
    Test(suite::Args),
    /// Run the tests of unsafe code with AddressSanitizer.
    Asan(asan::Args),
    /// Build and run the tests of the library for C: header, sanitizers, examples, the golden table.
    Capi(capi::Args),
    /// Write the header of C.
    Header(header::Args),
    /// Run every fuzz target for a while.
    Fuzz(fuzz::Args),
    /// Write a feed or an inventory that looks real, from a seed.
    GenFeed(gen_feed::Args),
    /// Run the programs that people use for our task beside ours, and write a record.
    Peers(peers::Args),
    /// Run the long forms of the proofs in SECURITY.md, and write their figures down.
    Promises(promises::Args),
    /// Build the Python package and run its checks.
    Python(python::Args),
    /// Copy the example out of the page of the library, and run it and those beside it.
    Rust,
    /// Check the library with every combination of its features.
    Features,
    /// Count the instructions of scans and lookups, and compare them with the record.
    Instructions(instructions::Args),
}

fn main() -> ExitCode {
    let outcome = match Args::parse().task {
        Task::Test(args) => suite::run(&args),
        Task::Asan(args) => asan::run(&args),
        Task::Capi(args) => capi::run(&args),
        Task::Header(args) => header::run(&args),
        Task::GenFeed(args) => gen_feed::run(&args),
        Task::Fuzz(args) => fuzz::run(&args),
        Task::Features => features::run(),
        Task::Rust => rust::run(),
        Task::Instructions(args) => instructions::run(&args),
        Task::Promises(args) => promises::run(&args),
        Task::Peers(args) => peers::run(&args),
        Task::Python(args) => python::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
