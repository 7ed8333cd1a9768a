//! `cargo xtask instructions`: what scans and lookups cost in instructions, against a record.
//!
//! Times need a quiet machine; counts do not, so a machine that tests can tell that a
//! change made the scan dearer. The counts are those of `benches/benches/instructions.rs`
//! under valgrind, the record is `benches/record/instructions.csv`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::install;

/// What `cargo xtask instructions` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Makes what is counted the record, for a change that is worth its price.
    #[arg(long)]
    accept: bool,
}

/// Counts depend on the instruction set and on what valgrind runs on.
pub(crate) const IS_COUNTED: bool = cfg!(all(target_os = "linux", target_arch = "x86_64"));

const RECORD: &str = "benches/record/instructions.csv";

/// The version of the crate in `benches/Cargo.toml`; the two must be one.
const RUNNER: &str = "0.20.0";

/// How many parts in a hundred a count may grow. Hash seeds and the system's memcpy
/// change it by less than one.
const TOLERANCE: u64 = 3;

/// How many times what bare names cost a hostile feed may cost, of as many bytes.
///
/// Promised are four (C1 in SECURITY.md).
const MOST_TIMES_BARE_NAMES: u64 = 4;

/// The same where another compiler made the record.
const TOLERANCE_OF_COMPILERS: u64 = 15;

/// Counts and compares; an error where anything has become dearer.
pub(crate) fn run(args: &Args) -> Result<()> {
    if !IS_COUNTED {
        bail!("instructions are counted on x86-64 Linux only");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = root.ancestors().nth(2).context("crates/xtask has no repository around it")?;
    install_tools()?;
    let counted = Counts { compiler: compiler()?, of: count(root)? };
    let path = root.join(RECORD);
    if args.accept {
        fs::write(&path, counted.csv()?).with_context(|| path.display().to_string())?;
        println!("{} counts written to {RECORD}", counted.of.len());
        return Ok(());
    }
    let text = fs::read(&path).with_context(|| path.display().to_string())?;
    let verdict = compare(&Counts::read(&text)?, &counted);
    verdict.lines.iter().for_each(|line| println!("{line}"));
    let hostile = compare_hostile(&counted.of)?;
    hostile.lines.iter().for_each(|line| println!("{line}"));
    if hostile.failed {
        bail!("hostile text costs more than it may, see above");
    }
    if verdict.failed {
        bail!("see above; `cargo xtask instructions --accept` for a change that is worth it");
    }
    Ok(())
}

fn install_tools() -> Result<()> {
    let runs =
        |program: &str| install::output(Command::new(program).arg("--version")).unwrap_or_default();
    if runs("valgrind").is_empty() {
        install::debian("valgrind", Path::new("/usr/bin/valgrind"))?;
    }
    // The crate refuses a runner of another version.
    if !runs("gungraun-runner").contains(RUNNER) {
        install::output(&mut install::from_crates_io("gungraun-runner", RUNNER))?;
        if !runs("gungraun-runner").contains(RUNNER) {
            bail!(
                "gungraun-runner is installed, but cargo's folder of programs is not on the PATH"
            );
        }
    }
    Ok(())
}

/// The compiler by its version and commit.
fn compiler() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    Ok(install::output(Command::new(rustc).arg("--version"))?.trim().to_owned())
}

/// Runs the benchmark; instructions by its name.
fn count(root: &Path) -> Result<BTreeMap<String, u64>> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["bench", "--quiet", "--locked", "-p", "feedsieve-benches"]);
    cargo.args(["--bench", "instructions", "--", "--output-format=json"]);
    let output = cargo.current_dir(root).stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.context("cannot start cargo")?;
    if !output.status.success() {
        bail!("cargo bench: {}", output.status);
    }
    read_summaries(&output.stdout)
}

/// Reads what gungraun prints, an object of JSON a line for each benchmark.
fn read_summaries(text: &[u8]) -> Result<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    for summary in serde_json::Deserializer::from_slice(text).into_iter::<Value>() {
        let summary = summary?;
        let name = |key: &str| summary[key].as_str().with_context(|| format!("no {key}"));
        let name = format!("{}/{}", name("function_name")?, name("id")?);
        let count = summary
            .pointer("/profiles/0/data/total/metrics/Ir/values/new")
            .and_then(Value::as_u64)
            .with_context(|| format!("{name} has no count of instructions"))?;
        counts.insert(name, count);
    }
    Ok(counts)
}

/// Instructions by benchmark, and the compiler that made the program.
struct Counts {
    compiler: String,
    of: BTreeMap<String, u64>,
}

impl Counts {
    fn csv(&self) -> Result<Vec<u8>> {
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(["benchmark", "instructions", "compiler"])?;
        for (name, count) in &self.of {
            out.write_record([name, &count.to_string(), &self.compiler])?;
        }
        Ok(out.into_inner()?)
    }

    fn read(text: &[u8]) -> Result<Self> {
        let mut counts = Self { compiler: String::new(), of: BTreeMap::new() };
        for row in csv::Reader::from_reader(text).into_records() {
            let row = row?;
            let [name, count, compiler] = [&row[0], &row[1], &row[2]];
            counts.of.insert(name.to_owned(), count.parse().context(RECORD)?);
            compiler.clone_into(&mut counts.compiler);
        }
        Ok(counts)
    }
}

/// What is said of the counts, and whether the check fails.
#[derive(Debug, Default, PartialEq, Eq)]
struct Verdict {
    lines: Vec<String>,
    failed: bool,
}

fn compare(record: &Counts, counted: &Counts) -> Verdict {
    let mut verdict = Verdict::default();
    let mut tolerance = TOLERANCE;
    if record.compiler != counted.compiler {
        tolerance = TOLERANCE_OF_COMPILERS;
        verdict.lines.push(format!(
            "the record is of {}, this is {}: {tolerance} % are allowed in place of {TOLERANCE} %",
            record.compiler, counted.compiler
        ));
    }
    for (name, &count) in &counted.of {
        let Some(&before) = record.of.get(name) else {
            verdict.lines.push(format!("{name:<28}{count:>12} NOT IN THE RECORD"));
            verdict.failed = true;
            continue;
        };
        let change = (count as f64 / before as f64 - 1.0) * 100.0;
        let said = if count * 100 > before * (100 + tolerance) {
            verdict.failed = true;
            " DEARER"
        } else if count * 100 < before * (100 - tolerance) {
            // No failure; but what is not in the record can be lost again unnoticed.
            " cheaper; --accept keeps it so"
        } else {
            ""
        };
        verdict.lines.push(format!("{name:<28}{count:>12}{change:>+8.1} %{said}"));
    }
    for name in record.of.keys().filter(|name| !counted.of.contains_key(*name)) {
        verdict.lines.push(format!("{name:<28} NOT COUNTED"));
        verdict.failed = true;
    }
    verdict
}

/// Compares each hostile feed with bare names of as many bytes, within one run.
fn compare_hostile(counts: &BTreeMap<String, u64>) -> Result<Verdict> {
    const HOSTILE: &str = "scan_hostile/";
    const BARE: &str = "bare_names";
    let mut verdict = Verdict::default();
    let bare = *counts.get(&format!("{HOSTILE}{BARE}")).context("bare names were not counted")?;
    let mut worst = (0.0, "");
    for (name, &count) in counts {
        let Some(kind) = name.strip_prefix(HOSTILE).filter(|kind| *kind != BARE) else { continue };
        let times = count as f64 / bare as f64;
        if times > worst.0 {
            worst = (times, kind);
        }
        if 100 * count > bare * MOST_TIMES_BARE_NAMES * (100 + TOLERANCE) {
            verdict.failed = true;
            verdict.lines.push(format!(
                "{name:<28}{times:>12.2} times the bare names, more than {MOST_TIMES_BARE_NAMES}"
            ));
        }
    }
    let (times, kind) = worst;
    verdict
        .lines
        .push(format!("promise C1: {kind} cost the most, {times:.2} times the bare names"));
    Ok(verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(compiler: &str, of: &[(&str, u64)]) -> Counts {
        let of = of.iter().map(|&(name, count)| (name.to_owned(), count)).collect();
        Counts { compiler: compiler.to_owned(), of }
    }

    fn fails(record: &[(&str, u64)], counted: &[(&str, u64)]) -> bool {
        compare(&counts("1", record), &counts("1", counted)).failed
    }

    #[test]
    fn dearer_fails_and_cheaper_does_not() {
        assert!(!fails(&[("a", 1000)], &[("a", 1030)]));
        assert!(fails(&[("a", 1000)], &[("a", 1031)]));
        assert!(fails(&[("a", 1000), ("b", 10)], &[("a", 500), ("b", 20)]));
        assert!(!fails(&[("a", 1000)], &[("a", 1)]));
    }

    #[test]
    fn hostile_text_may_cost_four_times_the_bare_names() {
        let verdict = |kind: &str, count| {
            let hostile = format!("scan_hostile/{kind}");
            let counts = [("scan_hostile/bare_names".to_owned(), 100), (hostile, count)];
            compare_hostile(&counts.into()).expect("bare names")
        };
        assert!(!verdict("dots", 412).failed);
        assert!(verdict("dots", 413).failed);
        assert!(compare_hostile(&BTreeMap::new()).is_err());
    }

    #[test]
    fn benchmarks_of_one_side_fail() {
        assert!(fails(&[("a", 1), ("b", 1)], &[("a", 1)]));
        assert!(fails(&[("a", 1)], &[("a", 1), ("b", 1)]));
        assert!(fails(&[], &[("a", 1)]));
    }

    #[test]
    fn another_compiler_may_differ_more_and_that_is_said() {
        let record = counts("rustc 1", &[("a", 1000)]);
        let dearer = compare(&record, &counts("rustc 2", &[("a", 1150)]));
        assert!(!dearer.failed);
        assert!(dearer.lines[0].contains("rustc 1") && dearer.lines[0].contains("15 %"));
        assert!(compare(&record, &counts("rustc 2", &[("a", 1151)])).failed);
    }

    #[test]
    fn records_read_back() {
        let record = counts("rustc 1.95.0 (5 2026)", &[("a/b", 7), ("c/d", 8)]);
        let again = Counts::read(&record.csv().expect("CSV")).expect("CSV");
        assert_eq!((again.compiler, again.of), (record.compiler, record.of));
    }

    #[test]
    fn summaries_give_the_new_count() {
        let line = |values: &str| {
            format!(
                "{{\"function_name\":\"scan\",\"id\":\"names\",\"profiles\":[{{\"data\":{{\"total\":\
                 {{\"metrics\":{{\"Ir\":{{\"values\":{values}}}}}}}}}}}]}}\n"
            )
        };
        let read = |text: &str| read_summaries(text.as_bytes());
        let counts = read(&line("{\"new\":12,\"old\":13}")).expect("a summary");
        assert_eq!(counts, BTreeMap::from([("scan/names".to_owned(), 12)]));
        assert!(read(&line("{\"old\":13}")).is_err());
        assert!(read("not JSON").is_err());
    }
}
