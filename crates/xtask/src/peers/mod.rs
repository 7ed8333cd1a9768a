//! `cargo xtask peers`: the programs that people use for our task, run beside ours.
//!
//! Each rival scans the same generated feeds for the same assets, as far as its
//! input can say them. First its lines are compared with ours, then all are timed in
//! alternation: one run of each, and again. Whole processes are timed, since that
//! is what a person waits for.
//!
//! This is for a person with an hour. Nothing of it runs in `cargo xtask test`
//! but the tests of the conversions.

mod answers;
mod assets;
mod contest;
mod machine;
mod record;
mod rival;
mod rounds;
mod workshop;

mod feedsieve;
mod grepcidr;
mod grepcidr3;
mod hyperscan;
mod matchy;
mod obvious;
mod pytricia;
mod ripgrep;
mod ugrep;

use std::path::PathBuf;

use anyhow::{Result, bail};

use assets::Part;
use contest::Contest;
use machine::Machine;
use record::Record;
use rival::{Contestant, Rival};
use workshop::Workshop;

/// Who runs, we first. A new rival is a file and a line here.
const RIVALS: &[&dyn Rival] = &[
    &feedsieve::Feedsieve,
    &obvious::Obvious,
    &matchy::Matchy,
    &hyperscan::Hyperscan,
    &grepcidr::Grepcidr,
    &grepcidr3::Grepcidr3,
    &ripgrep::Ripgrep { ignore_case: false },
    &ripgrep::Ripgrep { ignore_case: true },
    &ugrep::Ugrep,
    &pytricia::Pytricia,
];

/// What `cargo xtask peers` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How large each feed is, in MiB.
    #[arg(long, default_value_t = 100)]
    mib: u64,
    /// How many assets the feeds are searched for.
    #[arg(long, default_value_t = 20_000)]
    assets: usize,
    /// How often each contestant runs.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Only these kinds of feeds: addrs, names, mixed, shadowserver, pdns.
    #[arg(long, value_delimiter = ',', value_name = "KINDS")]
    feeds: Vec<String>,
    /// Only these parts of an inventory: addrs, names, all.
    #[arg(long, value_delimiter = ',', value_name = "PARTS")]
    parts: Vec<String>,
    /// Only these rivals, by the names in the table; feedsieve runs in any case.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    rivals: Vec<String>,
    /// The CPU on which all run, one after the other [default: the last].
    #[arg(long)]
    cpu: Option<usize>,
    /// Ends a run that takes longer; the rival is then left out of that contest.
    #[arg(long, default_value_t = 300, value_name = "SECONDS")]
    limit: u64,
    /// Fails if a rival cannot be installed.
    #[arg(long)]
    all: bool,
    /// Where the record goes [default: benches/record/CPU/DATE.csv].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Installs, checks, times, writes the record and prints the table.
pub(crate) fn run(args: &Args) -> Result<()> {
    let shop = Workshop::new(args.cpu, args.limit)?;
    let machine = Machine::look(shop.root())?;
    let wanted = |list: &[String], name: &str| list.is_empty() || list.iter().any(|it| it == name);
    let mut record = Record::new(machine, args.out.clone());
    let mut contestants = Vec::new();
    let mut missing = Vec::new();
    for &rival in RIVALS.iter().filter(|it| it.is_ours() || wanted(&args.rivals, &it.name())) {
        match rival.install(&shop) {
            Ok(version) => {
                println!("{}: {version}", rival.name());
                contestants.push(Contestant { rival, version });
            }
            // Without ours there is nothing to compare.
            Err(error) if rival.is_ours() => return Err(error),
            Err(error) => {
                println!("{}: not run: {error:#}", rival.name());
                record.not_installed(&rival.name(), &format!("{error:#}"));
                missing.push(rival.name());
            }
        }
    }
    let parts = Part::ALL.into_iter().filter(|part| wanted(&args.parts, part.name()));
    for part in parts {
        let kinds = part.feeds().iter().filter(|kind| wanted(&args.feeds, kind.name()));
        for &kind in kinds {
            let contest = Contest::draw(&shop, kind, part, args.assets, args.mib << 20)?;
            let taken = |it: &Contestant| !it.rival.is_ours() && it.rival.takes(&contest);
            if !contestants.iter().any(taken) {
                continue;
            }
            rounds::run(&shop, &contest, &contestants, args.runs, &mut record)?;
            // After each contest, so that an hour is not lost with the last.
            record.write(shop.root())?;
        }
    }
    println!("\nwritten to {}", record.write(shop.root())?.display());
    if args.all && !missing.is_empty() {
        bail!("not installed: {}", missing.join(", "));
    }
    Ok(())
}
