//! `cargo xtask gen-feed`: the generator at the command line.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use xtask::{Kind, Request, Size};

/// What `cargo xtask gen-feed` takes.
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("size").required(true).args(["records", "bytes"]))]
pub(crate) struct Args {
    /// addrs, names, mixed, shadowserver, pdns or inventory.
    #[arg(value_parser = parse_kind)]
    kind: Kind,
    /// Write this many records; of an inventory, this many assets.
    #[arg(long, value_name = "N")]
    records: Option<u64>,
    /// Write at least this many bytes, up to the end of a record; 4GiB will do.
    #[arg(long, value_name = "N", value_parser = parse_bytes)]
    bytes: Option<u64>,
    /// The same seed gives the same bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The share of records that concern an asset of the inventory [default: 0.001].
    #[arg(long, requires = "inventory")]
    hits: Option<f64>,
    /// The CSV inventory that the feed is to concern.
    #[arg(long, value_name = "FILE")]
    inventory: Option<PathBuf>,
    /// Where to write; stdout if not given.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Writes the feed, and what it is to stderr.
pub(crate) fn run(args: &Args) -> Result<()> {
    let inventory = match &args.inventory {
        Some(path) => {
            let file = File::open(path).with_context(|| format!("{}", path.display()))?;
            xtask::read_inventory(file).with_context(|| format!("{}", path.display()))?
        }
        None => Vec::new(),
    };
    let hits = match (&args.inventory, args.hits) {
        (None, _) => 0.0,
        (Some(_), hits) => hits.unwrap_or(0.001),
    };
    if !(0.0..=1.0).contains(&hits) {
        bail!("--hits {hits}: a share lies between 0 and 1");
    }
    let size = match (args.records, args.bytes) {
        (Some(records), _) => Size::Records(records),
        (None, Some(bytes)) => Size::Bytes(bytes),
        (None, None) => bail!("give --records or --bytes"),
    };
    let request = Request { kind: args.kind, size, seed: args.seed, hits };
    let mut out: Box<dyn Write> = match &args.output {
        Some(path) => Box::new(File::create(path).with_context(|| format!("{}", path.display()))?),
        None => Box::new(io::stdout().lock()),
    };
    let begin = Instant::now();
    let made = xtask::generate(&request, &inventory, &mut out)?;
    let seconds = begin.elapsed().as_secs_f64();
    eprintln!(
        "{}: {} records, {} hits, {} bytes in {seconds:.2} s, {:.0} MB/s",
        args.kind.name(),
        made.records,
        made.hits,
        made.bytes,
        made.bytes as f64 / 1e6 / seconds,
    );
    Ok(())
}

fn parse_kind(text: &str) -> Result<Kind, String> {
    Kind::FEEDS
        .into_iter()
        .chain([Kind::Inventory])
        .find(|kind| kind.name() == text)
        .ok_or_else(|| "one of addrs, names, mixed, shadowserver, pdns, inventory".to_owned())
}

/// A number of bytes, with KiB, MiB or GiB behind it or nothing.
fn parse_bytes(text: &str) -> Result<u64, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let shift = match unit {
        "" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        _ => return Err("a number, with KiB, MiB or GiB behind it or nothing".to_owned()),
    };
    let number: u64 = number.parse().map_err(|error| format!("{error}"))?;
    number.checked_mul(1 << shift).ok_or_else(|| "more bytes than can be counted".to_owned())
}
