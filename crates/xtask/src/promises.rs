//! `cargo xtask promises`: the long forms of the proofs in SECURITY.md, and the table of their figures.
//!
//! A proof is a test that is also run, in a short form, by `cargo xtask test`. `FEEDSIEVE_LONG` asks
//! for the long form, and the test prints its figure as `promise ROW: FIGURE`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::install;

/// What `cargo xtask promises` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only promises whose rows begin so, as A1 or B; the table keeps the others.
    rows: Vec<String>,
    /// Runs the short forms, and writes no table.
    #[arg(long)]
    short: bool,
}

/// Where the table lies.
const RECORD: &str = "tests/record/promises.csv";

/// Whose table of figures shows the same.
const PAGE: &str = "SECURITY.md";

/// A proof, and the promises that it proves.
struct Proof {
    rows: &'static str,
    /// What comes after `cargo`.
    command: &'static str,
}

const fn proof(rows: &'static str, command: &'static str) -> Proof {
    Proof { rows, command }
}

/// Every proof, in the order of SECURITY.md.
const PROOFS: [Proof; 34] = [
    proof("A1", "test -p feedsieve-cli --test cli interference"),
    proof("A2", "test -p feedsieve-cli --test cli every_road a_line_is_searched_across"),
    proof("A2", "test -p feedsieve-tests --test all embedded"),
    proof(
        "A3",
        "test -p feedsieve-cli --test cli every_record_is_counted a_feed_that_fails the_summary_has \
         broad_prefixes roles_participants",
    ),
    proof("A3", "test -p feedsieve-tests --test all torn"),
    proof("A4", "test -p feedsieve-cli --test cli a_packing_that_is_cut_anywhere"),
    proof("A5", "test -p feedsieve-cli --test cli a_line_without_end"),
    proof("A6", "test -p feedsieve-tests --test all oracle:: every_row_in_every_configuration"),
    proof("A6", "test -p feedsieve-cli --test cli a_feed_in_utf_16"),
    proof("A7", "test -p feedsieve-cli --test cli special_files"),
    proof("B1", "test -p feedsieve-core --test damage images_with_true_checksums"),
    proof("B2", "test -p feedsieve-core --test damage every_changed_byte"),
    proof("B3", "test -p feedsieve-core --test damage opening_allocates"),
    proof("B4", "test -p feedsieve-cli --test cli a_published_image_is"),
    proof("B4", "test -p feedsieve-cli --test cli what_is_published_has_reached_the_disk"),
    proof("B5 B6", "test -p feedsieve-tests --test all golden"),
    proof("B6", "test -p feedsieve-core --test damage another_version"),
    proof("C1", "xtask instructions"),
    proof("C2 D8", "test -p feedsieve-cli --test cli hostile_inventories"),
    proof("C2", "test -p feedsieve-core --lib collide"),
    proof("C3", "test -p feedsieve-cli --test cli bombs_are_unpacked"),
    proof("C3", "test -p feedsieve-cli --test cli an_archive_that_comes_as_a_stream"),
    proof("C4", "test -p feedsieve-cli --test cli hostile_text_is_scanned"),
    proof("D1", "test -p feedsieve-cli --test cli a_closed_pipe"),
    proof("D2", "test -p feedsieve-cli --test cli a_write_that_fails a_full_disk"),
    proof("D3", "test -p feedsieve-cli --test cli signals"),
    proof("D4 D5 D6", "test -p feedsieve-cli --test cli terminals"),
    proof(
        "D7",
        "test -p feedsieve-cli --test cli canary nothing_opens_a_socket outputs_are_refused every_file",
    ),
    proof("E1", "test -p feedsieve-tests --test all reload"),
    proof("E2", "xtask capi"),
    proof("E2", "xtask python"),
    proof("F1", "test -p feedsieve-tests --test all property"),
    FUZZ,
    proof("F3", "test -p feedsieve-tests --test all unsafe_code"),
];

/// An hour that asks for one core, beside which the others are run.
const FUZZ: Proof = proof("F2", "xtask fuzz");

/// Random cases against the oracle in the long form.
const CASES: &str = "1000000";

/// What came of a proof.
struct Row {
    rows: String,
    command: String,
    figure: String,
    outcome: &'static str,
    seconds: u64,
}

/// Runs the proofs that are asked for, and writes the table.
pub(crate) fn run(args: &Args) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = root.ancestors().nth(2).context("crates/xtask has no repository around it")?;
    install_tools()?;
    let is_asked = |rows: &str| {
        args.rows.is_empty()
            || rows.split(' ').any(|row| args.rows.iter().any(|asked| row.starts_with(asked)))
    };
    let asked: Vec<&Proof> = PROOFS.iter().filter(|proof| is_asked(proof.rows)).collect();
    let mut made = Vec::new();
    thread::scope(|scope| -> Result<()> {
        let mut keep = |row: Row| {
            println!("{:<9}{:<6}{:>6} s  {}", row.rows, row.outcome, row.seconds, row.figure);
            made.push(row);
            // After each, since all of them take hours.
            if args.short { Ok(()) } else { write(&root.join(RECORD), &made) }
        };
        let (beside, alone): (Vec<&Proof>, Vec<&Proof>) =
            asked.iter().partition(|proof| proof.command == FUZZ.command);
        let beside = beside.into_iter().map(|proof| scope.spawn(|| prove(root, proof, args.short)));
        let beside: Vec<_> = beside.collect();
        for proof in alone {
            keep(prove(root, proof, args.short)?)?;
        }
        for proof in beside {
            keep(proof.join().expect("a proof does not panic")?)?;
        }
        Ok(())
    })?;
    let broken: Vec<&str> =
        made.iter().filter(|row| row.outcome != KEPT).map(|row| row.rows.as_str()).collect();
    if !broken.is_empty() {
        bail!("not proven: {}", broken.join(", "));
    }
    Ok(())
}

const KEPT: &str = "kept";

/// What the proofs need beside Rust; a tool that cannot be had is an error.
pub(crate) fn install_tools() -> Result<()> {
    for (package, file) in [
        ("strace", "/usr/bin/strace"),
        ("util-linux", "/usr/bin/unshare"),
        ("coreutils", "/usr/bin/mkfifo"),
        ("procps", "/usr/bin/kill"),
    ] {
        install::debian(package, Path::new(file))?;
    }
    Ok(())
}

fn prove(root: &Path, proof: &Proof, is_short: bool) -> Result<Row> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    match split(proof.command) {
        Some((package, filters)) => {
            cargo.args(["test", "--locked", "--quiet"]).args(package).arg("--").args(filters);
            // One after the other: what is measured in seconds and bytes is to have the machine.
            cargo.args(["--nocapture", "--test-threads=1"]);
        }
        None => {
            cargo.args(proof.command.split(' '));
        }
    }
    cargo.current_dir(root).stdin(Stdio::null());
    if !is_short {
        cargo.env("FEEDSIEVE_LONG", "1").env("FEEDSIEVE_CASES", CASES);
    } else if proof.command == FUZZ.command {
        cargo.args(["--seconds", "5"]);
    }
    let begun = Instant::now();
    let output = cargo.output().context("cannot start cargo")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let figure = figure(&text);
    let is_kept = output.status.success() && figure.is_some();
    if !is_kept {
        eprintln!("{text}{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(Row {
        rows: proof.rows.to_owned(),
        command: format!("cargo {}", proof.command),
        figure: figure.unwrap_or_default(),
        outcome: if is_kept { KEPT } else { "BROKEN" },
        seconds: rounded(begun.elapsed()),
    })
}

/// Of `cargo test`: the words that choose a package and its test, and those that choose among its cases.
fn split(command: &str) -> Option<(Vec<&str>, Vec<&str>)> {
    let words: Vec<&str> = command.strip_prefix("test ")?.split(' ').collect();
    let (package, filters) = words.split_at(if words[2] == "--lib" { 3 } else { 4 });
    Some((package.to_vec(), filters.to_vec()))
}

const fn rounded(time: Duration) -> u64 {
    time.as_secs() + (time.subsec_millis() >= 500) as u64
}

/// How many cases passed, as `cargo test` and pytest tell it.
fn ran(text: &str) -> u64 {
    let passed = |line: &str| -> Option<u64> {
        let line = line.strip_prefix("test result: ok. ").unwrap_or(line.trim_matches(['=', ' ']));
        let (count, rest) = line.split_once(" passed")?;
        count.parse().ok().filter(|_| rest.starts_with([';', ',', ' ']))
    };
    text.lines().filter_map(passed).sum()
}

/// What the tests say of themselves, else how many passed; where nothing ran, nothing is proven.
fn figure(text: &str) -> Option<String> {
    let said: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_once("promise ")?.1.split_once(": "))
        .map(|(_, figure)| figure.trim())
        .collect();
    match (said.as_slice(), ran(text)) {
        ([], 0) => None,
        ([], 1) => Some("1 test passed".to_owned()),
        ([], passed) => Some(format!("{passed} tests passed")),
        (said, _) => Some(said.join("; ")),
    }
}

/// Writes rows into the table, in place of those of the same command.
fn write(path: &Path, made: &[Row]) -> Result<()> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    if let Ok(text) = fs::read(path) {
        for row in csv::Reader::from_reader(&text[..]).into_records() {
            rows.push(row?.iter().map(str::to_owned).collect());
        }
    }
    for row in made {
        let cells = vec![
            row.rows.clone(),
            row.command.clone(),
            row.figure.clone(),
            row.outcome.to_owned(),
            row.seconds.to_string(),
        ];
        match rows.iter_mut().find(|other| other.get(1) == Some(&row.command)) {
            Some(other) => *other = cells,
            None => rows.push(cells),
        }
    }
    rows.retain(|row| PROOFS.iter().any(|proof| row[1] == format!("cargo {}", proof.command)));
    rows.sort();
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["promise", "command", "figure", "outcome", "seconds"])?;
    for row in &rows {
        out.write_record(row)?;
    }
    let folder = path.parent().context("the table lies in a folder")?;
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    fs::write(path, out.into_inner()?).with_context(|| path.display().to_string())?;
    let page = path.ancestors().nth(3).context("the table lies in the repository")?.join(PAGE);
    let text = fs::read_to_string(&page).with_context(|| page.display().to_string())?;
    fs::write(&page, with_figures(&text, &rows)?).with_context(|| page.display().to_string())
}

/// The page with figures in place of those that it shows.
fn with_figures(page: &str, rows: &[Vec<String>]) -> Result<String> {
    const BEGIN: &str = "| promise | command | last figure |\n|---|---|---|\n";
    let no_table = || format!("{PAGE} has no table of last figures");
    let (before, behind) = page.split_once(BEGIN).with_context(no_table)?;
    let (_, behind) = behind.split_once("\n\n").with_context(no_table)?;
    let mut table = String::new();
    for row in rows {
        let broken = if row[3] == KEPT { "" } else { "BROKEN: " };
        table += &format!("| {} | `{}` | {broken}{} |\n", row[0], row[1], row[2]);
    }
    Ok(format!("{before}{BEGIN}{table}\n{behind}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "running 2 tests\ntest a ... promise A1: 1000 races, no death\nok\n\
        promise A1: 5 faults\n\ntest result: ok. 2 passed; 0 failed; 0 ignored\n";

    #[test]
    fn figures_are_what_tests_say_or_how_many_passed() {
        assert_eq!(figure(OUTPUT).as_deref(), Some("1000 races, no death; 5 faults"));
        let passed = |text| figure(text).expect("a figure");
        assert_eq!(passed("test result: ok. 7 passed; 0 failed\n"), "7 tests passed");
        assert_eq!(
            passed("==== 179 passed, 1 warning in 137.66s (0:02:17) ====\n"),
            "179 tests passed"
        );
    }

    #[test]
    fn a_proof_that_runs_nothing_is_none() {
        assert_eq!(ran(OUTPUT), 2);
        let none = [
            "test result: ok. 0 passed; 0 failed; 9 filtered out\n",
            "test result: FAILED. 3 passed; 1 failed\n",
            "=== 1 failed, 178 passed in 3s ===\n",
            "",
        ];
        assert_eq!(none.map(figure), [None, None, None, None]);
    }

    #[test]
    fn the_page_shows_the_figures_of_the_table() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("a root");
        let record = csv::Reader::from_path(root.join(RECORD)).expect("the table");
        let rows = record.into_records().map(|row| row.expect("CSV"));
        let rows: Vec<Vec<String>> =
            rows.map(|row| row.iter().map(str::to_owned).collect()).collect();
        let page = fs::read_to_string(root.join(PAGE)).expect("the page");
        assert_eq!(with_figures(&page, &rows).expect("a table"), page);
        assert!(with_figures("no table", &rows).is_err());
    }

    #[test]
    fn every_proof_names_a_test_and_every_promise_stands_in_security_md() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("a root");
        let security = fs::read_to_string(root.join("SECURITY.md")).expect("the file");
        for proof in &PROOFS {
            match split(proof.command) {
                Some((package, filters)) => {
                    assert!(package[0] == "-p" && ["--lib", "--test"].contains(&package[2]));
                    assert!(!filters.is_empty(), "{}", proof.command);
                }
                None => assert!(security.contains(&format!("`cargo {}`", proof.command))),
            }
            for row in proof.rows.split(' ') {
                assert!(security.contains(&format!("\n| {row} |")), "{row} is not in SECURITY.md");
            }
        }
    }
}
