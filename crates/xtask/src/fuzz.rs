//! `cargo xtask fuzz`: every fuzz target for a while, and what that came to.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::install;

/// What `cargo xtask fuzz` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only targets whose names hold this word.
    word: Option<String>,
    /// Seconds for each target; all ten take an hour.
    #[arg(long, default_value_t = 360)]
    seconds: u64,
}

/// The release of cargo-fuzz that was tried.
const CARGO_FUZZ: &str = "0.13.2";

/// Runs the targets one after the other, and stops at the first that finds something.
pub(crate) fn run(args: &Args) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = root.ancestors().nth(2).context("crates/xtask has no repository around it")?;
    let word = args.word.as_deref().unwrap_or_default();
    let targets: Vec<String> =
        targets(root)?.into_iter().filter(|target| target.contains(word)).collect();
    if targets.is_empty() {
        bail!("no fuzz target has {word} in its name");
    }
    if install::output(Command::new("cargo").args(["fuzz", "--version"])).is_err() {
        install::output(&mut install::from_crates_io("cargo-fuzz", CARGO_FUZZ))?;
    }
    let mut all = Tried::default();
    for target in &targets {
        let tried = fuzz(root, target, args.seconds)?;
        println!("{target:<18} {:>9} inputs {:>13} bytes", tried.inputs, tried.bytes);
        all.inputs += tried.inputs;
        all.bytes += tried.bytes;
    }
    println!(
        "promise F2: {} targets, {} s each, {} inputs, {} bytes, no crash",
        targets.len(),
        args.seconds,
        all.inputs,
        all.bytes
    );
    Ok(())
}

/// The names of the targets, which are those of their files.
fn targets(root: &Path) -> Result<Vec<String>> {
    let folder = root.join("fuzz/fuzz_targets");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".rs").map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// What a target was given.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tried {
    inputs: u64,
    bytes: u64,
}

fn fuzz(root: &Path, target: &str, seconds: u64) -> Result<Tried> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // A stable compiler has no sanitizer of nightly's; `cargo xtask asan` is about memory.
    cargo.args(["fuzz", "run", "--sanitizer", "none", target, "--"]);
    cargo.arg(format!("-max_total_time={seconds}")).arg("-print_final_stats=1");
    let done =
        cargo.current_dir(root).stdin(Stdio::null()).output().context("cannot start cargo")?;
    let said = String::from_utf8_lossy(&done.stderr);
    if !done.status.success() {
        bail!("{target}: {}\n{}", done.status, end_of(&said));
    }
    let tried = Tried::read(&said);
    // A run that tried nothing proves nothing.
    tried.with_context(|| format!("{target} does not say what it tried:\n{}", end_of(&said)))
}

impl Tried {
    /// Reads what libFuzzer and `count` in `fuzz/src/lib.rs` say.
    fn read(said: &str) -> Option<Self> {
        let last = |begin: &str, end: &str| {
            let number =
                |line: &str| line.strip_prefix(begin)?.strip_suffix(end)?.trim().parse().ok();
            said.lines().filter_map(number).next_back()
        };
        let inputs = last("stat::number_of_executed_units:", "")?;
        Some(Self { inputs, bytes: last("tried ", " bytes")? })
    }
}

/// The last lines, where a crash is told.
fn end_of(said: &str) -> String {
    let lines: Vec<&str> = said.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_tried_is_what_is_said_last() {
        let said = "tried 7 bytes\n#2 INITED cov: 3\ntried 90 bytes\nDone 12 runs in 1 second(s)\n\
            stat::number_of_executed_units: 12\nstat::peak_rss_mb:              40\n";
        assert_eq!(Tried::read(said), Some(Tried { inputs: 12, bytes: 90 }));
        assert_eq!(Tried::read("tried 7 bytes\n"), None);
        assert_eq!(Tried::read("stat::number_of_executed_units: 12\n"), None);
    }

    #[test]
    fn every_target_is_told_of() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("a root");
        let page = fs::read_to_string(root.join("fuzz/README.md")).expect("the page");
        let manifest = fs::read_to_string(root.join("fuzz/Cargo.toml")).expect("the manifest");
        let targets = targets(root).expect("the folder");
        assert_eq!(targets.len(), 10);
        for target in targets {
            assert!(page.contains(&format!("| `{target}` |")), "{target} is not in the page");
            assert!(manifest.contains(&format!("name = \"{target}\"")), "{target} is not built");
        }
    }
}
