//! An inventory in CSV becomes an image, and the image opens: seconds, bytes an asset, memory.
//!
//! Timed beside two passes over the same bytes that anybody has to make: the rows cut
//! by the `csv` crate, and the image summed up word by word. The image is checked
//! before anything is timed.
//!
//! `cargo bench -p feedsieve-benches --bench compile`; `ASSETS` (1,000,000) and `RUNS` (5)
//! change how long it takes. `ASSETS=5000000 RUNS=1` is a national audience: some 1.6 million
//! participants.

use std::hint::black_box;

use feedsieve::{Image, Inventory, Limits, compile};
use feedsieve_benches::alternation::{Alternation, median, seconds, setting};
use xtask::{Kind, Request, Size, generate};

fn main() {
    // `cargo test --benches` runs this too; there is nothing to test.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let (assets, runs) = (setting("ASSETS", 1_000_000), setting("RUNS", 5) as usize);
    let size = Size::Records(assets);
    let request = Request { kind: Kind::Inventory, size, seed: 1, hits: 0.0 };
    let mut csv = Vec::new();
    generate(&request, &[], &mut csv).expect("an inventory");
    let before = peak_mib();

    let (mut loads, mut compiles) = (Vec::new(), Vec::new());
    let mut bytes = Vec::new();
    for _ in 0..runs {
        let mut inventory = Inventory::default();
        loads.push(seconds(&mut || inventory = load(&csv)));
        compiles.push(seconds(&mut || bytes = image(&inventory)));
    }
    let peak = peak_mib();
    let image = Image::open(bytes.clone()).expect("what was compiled opens");
    let info = image.info();
    assert!(info.digest_matches);
    let rate = |bytes: usize, seconds: f64| bytes as f64 / seconds / 1e6;
    println!(
        "{assets} rows, {:.1} MB of CSV: {} assets of {} participants, image of {:.1} MB, {:.1} bytes an asset",
        csv.len() as f64 / 1e6,
        info.assets,
        info.participants,
        bytes.len() as f64 / 1e6,
        bytes.len() as f64 / info.assets as f64,
    );
    for (name, _, bytes) in info.sections.iter().filter(|(_, _, bytes)| *bytes > 0) {
        println!("  {name:<18}{:>8.2} bytes an asset", *bytes as f64 / info.assets as f64);
    }
    let digest: String = info.digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    println!("digest {digest}…: the same rows give the same bytes, whichever day");
    println!("peak memory {peak} MiB, of which {before} before the first row was read");
    println!("load {:.3} s, compile {:.3} s", median(&mut loads), median(&mut compiles));

    let whole = || drop(black_box(self::image(&load(&csv))));
    show("CSV to image", "csv alone", Alternation::of(runs, whole, || cut_rows(&csv)));
    // Opening takes the bytes, so a copy of them is made first, outside of the time.
    let mut opens = Vec::new();
    let mut sums = Vec::new();
    for _ in 0..runs.max(5) {
        let copy = bytes.clone();
        let mut copy = Some(copy);
        opens.push(seconds(&mut || drop(black_box(Image::open(copy.take().expect("once"))))));
        sums.push(seconds(&mut || sum_words(&bytes)));
    }
    let (open, sum) = (median(&mut opens), median(&mut sums));
    println!(
        "open {:.1} ms, {:.0} MB/s; summing the words up {:.1} ms, {:.0} MB/s",
        open * 1e3,
        rate(bytes.len(), open),
        sum * 1e3,
        rate(bytes.len(), sum)
    );
}

fn show(ours: &str, theirs: &str, result: Alternation) {
    println!(
        "{ours} {:.3} s; {theirs} {:.3} s; {:.1} times as long ({:.1} to {:.1})",
        result.ours,
        result.theirs,
        1.0 / result.ratio,
        1.0 / result.highest,
        1.0 / result.lowest
    );
}

fn load(csv: &[u8]) -> Inventory {
    let (inventory, rejected) = Inventory::from_csv(csv).expect("an inventory");
    // Of millions of names that are drawn, some are public suffixes: balsan.it is.
    assert!(rejected.len() <= inventory.assets().len() / 100_000, "{rejected:?}");
    inventory
}

fn image(inventory: &Inventory) -> Vec<u8> {
    compile(inventory, &Limits::default()).expect("an image")
}

/// What reading the rows costs whoever reads them.
fn cut_rows(csv: &[u8]) {
    let mut rows = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(csv);
    let mut record = csv::ByteRecord::new();
    let mut fields = 0;
    while rows.read_byte_record(&mut record).expect("rows of one width") {
        fields += record.len();
    }
    black_box(fields);
}

/// Memory speed, as a program without tricks has it.
fn sum_words(bytes: &[u8]) {
    let (words, _) = bytes.as_chunks::<8>();
    black_box(words.iter().fold(0_u64, |sum, word| sum.wrapping_add(u64::from_le_bytes(*word))));
}

/// The most memory that this process has held; 0 where the system does not tell.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}
