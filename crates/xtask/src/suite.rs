//! `cargo xtask test`: every check of the repository, one after the other.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::{instructions, promises};

/// What `cargo xtask test` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Also ask RustSec's database for advisories; it is fetched from GitHub.
    #[arg(long)]
    advisories: bool,
}

/// Runs every check and stops at the first that fails.
pub(crate) fn run(args: &Args) -> Result<()> {
    let bench = Workbench::new()?;
    promises::install_tools()?;
    let (steps, missing) = plan(&bench, args);
    let mut times = Vec::new();
    let mut outcome = Ok(());
    for step in &steps {
        let begin = Instant::now();
        outcome = bench.run(step);
        times.push((step.name, begin.elapsed()));
        if outcome.is_err() {
            break;
        }
    }
    report(&times);
    for tool in &missing {
        println!("NOT RUN: {tool}");
    }
    outcome
}

/// One check.
struct Step {
    name: &'static str,
    /// What comes after `cargo`.
    args: Vec<&'static str>,
    env: Option<(&'static str, &'static str)>,
}

/// The steps in order, and in words what a missing tool keeps from running.
fn plan(bench: &Workbench, args: &Args) -> (Vec<Step>, Vec<String>) {
    let step = |name, words: &'static str| Step {
        name,
        args: words.split_ascii_whitespace().collect(),
        env: None,
    };
    let tests = if bench.has("nextest") {
        "nextest run --workspace --locked"
    } else {
        // The same tests, several to a process.
        "test --workspace --exclude feedsieve-python --lib --bins --tests --locked"
    };
    let mut steps = vec![
        step("format", "fmt --all --check"),
        step("clippy", "clippy --workspace --all-targets --locked -- -D warnings"),
        step("tests", tests),
        // A workspace of its own, whose targets nobody would see break otherwise. libFuzzer is not run.
        step(
            "fuzz targets",
            "check --manifest-path fuzz/Cargo.toml --target-dir target/fuzz --locked",
        ),
        step("features", "xtask features"),
        step("page for Rust", "xtask rust"),
        step("doctests", "test --doc --workspace --locked"),
        Step {
            env: Some(("RUSTDOCFLAGS", "-Dwarnings")),
            ..step("docs", "doc --workspace --no-deps --locked")
        },
        step("library for C", "xtask capi"),
        step("Python package", "xtask python"),
    ];
    let mut missing = Vec::new();
    if instructions::IS_COUNTED {
        steps.push(step("instructions", "xtask instructions"));
    } else {
        missing.push("valgrind's counts of instructions, which are of x86-64 Linux".to_owned());
    }
    if bench.has("deny") {
        steps.push(step("supply chain", "deny --locked check bans licenses sources"));
        // The advisories are a git database on GitHub, which not every machine
        // that tests can reach. A failure there says nothing about the change
        // under test either, so they are for people and timers to ask for.
        if args.advisories {
            steps.push(step("advisories", "deny --locked check advisories"));
        }
    } else {
        missing.push("cargo deny check; `cargo install cargo-deny --locked` brings it".to_owned());
    }
    (steps, missing)
}

/// The repository and the cargo that was asked for this run.
struct Workbench {
    root: PathBuf,
    cargo: OsString,
}

impl Workbench {
    fn new() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .nth(2)
            .context("crates/xtask has no repository around it")?
            .to_path_buf();
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Ok(Self { root, cargo })
    }

    /// Whether `cargo SUBCOMMAND` is there.
    fn has(&self, subcommand: &str) -> bool {
        Command::new(&self.cargo)
            .args([subcommand, "--version"])
            .current_dir(&self.root)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    /// Echoes the command, then runs it.
    fn run(&self, step: &Step) -> Result<()> {
        let mut command = Command::new(&self.cargo);
        command.args(&step.args).current_dir(&self.root).stdin(Stdio::null());
        let mut line = format!("cargo {}", step.args.join(" "));
        if let Some((key, value)) = step.env {
            command.env(key, value);
            line = format!("{key}={value} {line}");
        }
        println!("\n$ {line}");
        let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
        if !status.success() {
            bail!("{} failed ({status}): {line}", step.name);
        }
        Ok(())
    }
}

/// Says how long each step took.
fn report(times: &[(&str, Duration)]) {
    println!();
    for (name, time) in times {
        println!("{name:<14}{:>8.1} s", time.as_secs_f64());
    }
    let total: Duration = times.iter().map(|(_, time)| time).sum();
    println!("{:<14}{:>8.1} s", "total", total.as_secs_f64());
}
