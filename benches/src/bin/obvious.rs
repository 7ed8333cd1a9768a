//! The program that a good engineer writes first, as a command, so that `cargo xtask peers`
//! can run it as it runs the other rivals.
//!
//! `obvious INVENTORY KIND FEED` prints the numbers of the lines on which records
//! begin that concern an asset. KIND is that of the generator, and tells how records lie.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};

use feedsieve_benches::baseline::{Baseline, SCANS};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [inventory, kind, feed] = &arguments[..] else {
        return Err("usage: obvious INVENTORY KIND FEED".into());
    };
    let rows: Vec<_> = xtask::read_inventory(File::open(inventory)?)?
        .into_iter()
        .map(|asset| (asset.participant, asset.kind, asset.value))
        .collect();
    let (_, scan) = SCANS.iter().find(|(name, _)| name == kind).ok_or("no such kind of feed")?;
    let answer = scan(&Baseline::new(&rows), &fs::read(feed)?);
    let mut lines: Vec<_> = answer.pairs.iter().map(|&(line, _)| line).collect();
    lines.dedup();
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in lines {
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    Ok(())
}
