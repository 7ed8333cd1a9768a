//! Random inventories and feeds: the product says what the oracle says, however the feed is cut.
//!
//! `FEEDSIEVE_CASES` is how many, `FEEDSIEVE_SEED` where to begin. The feeds are glued together
//! from pieces that are nearly indicators; a case that differs is printed as small as it gets.

mod documents;
mod feeds;
mod lines;
mod pieces;

use std::fmt::Write as _;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use feedsieve::inventory::ALLOW_LIST;
use feedsieve::{Image, Inventory, SCAN_LIMITS, Source};
use feedsieve_tests::{AssetRow, Format, Options, Outcome, expected};

use crate::product::{Dribble, format_of, image_of, outcome, scanner_of};
use pieces::Draw;

const DEFAULT_CASES: u64 = 20_000;

/// Cases for which an inventory is kept, since compiling one takes longer than scanning a case.
const CASES_OF_AN_INVENTORY: u64 = 16;

/// So many that differ are enough to look at.
const MAX_PRINTED: usize = 12;

#[test]
fn product_and_oracle_agree_on_random_feeds() {
    let cases = number_from_env("FEEDSIEVE_CASES").unwrap_or(DEFAULT_CASES);
    let seed = number_from_env("FEEDSIEVE_SEED").unwrap_or(1);
    let found = Mutex::new(Found::default());
    let next = AtomicU64::new(seed / CASES_OF_AN_INVENTORY);
    let until = seed + cases;
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let group = next.fetch_add(1, Ordering::Relaxed);
                    let first = group * CASES_OF_AN_INVENTORY;
                    let numbers = first.max(seed)..until.min(first + CASES_OF_AN_INVENTORY);
                    if numbers.is_empty() || found.lock().expect("no panic").is_enough() {
                        break;
                    }
                    check_group(group, numbers, &found);
                }
            });
        }
    });
    let found = found.into_inner().expect("no panic");
    println!("promise F1: {} cases from seed {seed}, {} hits", found.cases, found.hits);
    let differ = &found.differ;
    assert!(differ.is_empty(), "product and oracle differ:\n{}", differ.join("\n"));
    assert_eq!(found.cases, cases);
    assert!(found.hits > cases / 4, "{} hits in {cases} cases say little", found.hits);
}

/// What came out so far.
#[derive(Default)]
struct Found {
    cases: u64,
    hits: u64,
    /// Cases that differ, as small as they get.
    differ: Vec<String>,
}

impl Found {
    fn is_enough(&self) -> bool {
        self.differ.len() >= MAX_PRINTED
    }
}

/// Checks the cases that share an inventory.
fn check_group(group: u64, numbers: Range<u64>, found: &Mutex<Found>) {
    let inventory = pieces::inventory(&mut Draw::new(group));
    let image = image_of(&inventory);
    for number in numbers {
        let case = Case::draw(number, inventory.clone());
        let checked = case.check(&image).map_err(|difference| case.shrunk(&difference).to_string());
        let mut found = found.lock().expect("no panic");
        found.cases += 1;
        match checked {
            Ok(hits) => found.hits += hits,
            Err(case) => found.differ.push(case),
        }
    }
}

fn number_from_env(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is no number: {value}")))
}

/// A feed to be scanned, and how.
#[derive(Clone)]
struct Case {
    seed: u64,
    inventory: Vec<AssetRow>,
    format: Format,
    /// What stands before the pieces, such as a header, which shrinking keeps.
    head: String,
    pieces: Vec<Vec<u8>>,
    options: Options,
    /// Chunk size, and bytes in which a line end is looked for.
    chunk: (usize, usize),
    /// Bytes that a pipe hands out at a time, for some cases.
    pipe: Option<usize>,
    threads: usize,
}

/// What differs, the worst kind first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Difference {
    Panic,
    Chunks,
    Missed,
    Invented,
    Evidence,
    Counts,
}

impl Case {
    fn draw(seed: u64, inventory: Vec<AssetRow>) -> Self {
        let draw = &mut Draw::new(seed ^ 0x5eed << 32);
        let format = draw.one(&[
            Format::Text,
            Format::Text,
            Format::Text,
            Format::List,
            Format::Csv,
            Format::Tsv,
            Format::Ndjson,
            Format::Json,
            Format::Stix,
            Format::Misp,
            Format::Hosts,
            Format::Adblock,
            Format::Dnsmasq,
            Format::Unbound,
            Format::Bind,
            Format::Rpz,
            Format::Rbldnsd,
            Format::P2p,
            Format::Zeek,
            Format::Suricata,
            Format::Credentials,
        ]);
        let (head, pieces) = feeds::feed(draw, &inventory, format);
        let mut options = Options { local_space: draw.chance(3), ..Options::default() };
        if draw.chance(2) {
            options = options.with_all_roles();
        }
        if draw.chance(8) {
            options.max_feed_prefix4 = draw.one(&[1, 12, 16, 24]);
            options.max_feed_prefix6 = draw.one(&[1, 16, 32, 48]);
        }
        let size = match draw.below(4) {
            0 => draw.one(&[4096, 1 << 20]),
            _ => 1 + draw.below(64),
        };
        let chunk = (size, draw.one(&[0, 64]));
        let pipe = draw.chance(4).then(|| 1 + draw.below(80));
        let threads = if draw.chance(64) { 3 } else { 1 };
        options.most_specific = draw.chance(6);
        if draw.chance(4) {
            options.allow = allow(draw, &inventory);
            options.allow_own = draw.chance(3);
        }
        Self { seed, inventory, format, head, pieces, options, chunk, pipe, threads }
    }

    fn feed(&self) -> Vec<u8> {
        [self.head.as_bytes(), &self.pieces.concat()].concat()
    }

    /// The number of hits, where nothing differs.
    fn check(&self, image: &Image) -> Result<u64, Difference> {
        let (whole, cut, oracle) = catch_unwind(AssertUnwindSafe(|| self.outcomes(image)))
            .map_err(|_| Difference::Panic)?;
        if cut.iter().any(|cut| *cut != whole) {
            return Err(Difference::Chunks);
        }
        let concerned = |outcome: &Outcome| -> Vec<_> {
            let hits = outcome.hits.iter();
            hits.map(|h| (h.line, h.participant.clone(), h.asset.clone(), h.asset_kind.clone()))
                .collect()
        };
        let (product, meant) = (concerned(&whole), concerned(&oracle));
        if meant.iter().any(|hit| !product.contains(hit)) {
            return Err(Difference::Missed);
        }
        if product.iter().any(|hit| !meant.contains(hit)) {
            return Err(Difference::Invented);
        }
        if whole.hits != oracle.hits {
            return Err(Difference::Evidence);
        }
        if whole != oracle {
            return Err(Difference::Counts);
        }
        Ok(whole.hits.len() as u64)
    }

    /// Of the product at once, of the product in pieces, of the oracle.
    fn outcomes(&self, image: &Image) -> (Outcome, Vec<Outcome>, Outcome) {
        let feed = self.feed();
        let scanner = scanner_of(image, format_of(self.format), &self.options);
        let whole = outcome(&scanner, Source::slice("feed", &feed));
        let plain = scanner.clone().vectors(false);
        let scanner = scanner.chunk_bytes(self.chunk.0, self.chunk.1).threads(self.threads);
        let mut cut = vec![outcome(&scanner, Source::slice("feed", &feed))];
        // Shorter feeds are searched the plain way in any case.
        if feed.len() >= 128 {
            cut.push(outcome(&plain, Source::slice("feed", &feed)));
        }
        if let Some(bytes) = self.pipe {
            cut.push(outcome(&scanner, Source::reader("feed", Dribble(&feed, bytes))));
        }
        let mut oracle = expected(&self.inventory, &feed, self.format, &self.options);
        for hit in &mut oracle.hits {
            hit.also.truncate(SCAN_LIMITS.also);
        }
        (whole, cut, oracle)
    }

    fn differs_as(&self, difference: Difference) -> bool {
        self.check(&image_of(&self.inventory)) == Err(difference)
    }

    /// The smallest case found by leaving out assets, pieces and bytes that differs in the same way.
    fn shrunk(&self, difference: &Difference) -> Self {
        let mut case = self.clone();
        case.reduce(difference, |case| &mut case.inventory);
        case.reduce(difference, |case| &mut case.pieces);
        case.pieces = case.pieces.concat().into_iter().map(|byte| vec![byte]).collect();
        case.reduce(difference, |case| &mut case.pieces);
        case.reduce(difference, |case| &mut case.inventory);
        for simpler in [
            Self { options: Options::default(), ..case.clone() },
            Self { options: Options::default().with_all_roles(), ..case.clone() },
            Self { format: Format::Text, head: String::new(), ..case.clone() },
        ] {
            if simpler.differs_as(*difference) {
                case = simpler;
            }
        }
        case
    }

    /// Leaves out halves, quarters and so on of a list, down to single items, while it differs.
    fn reduce<T: Clone>(
        &mut self,
        difference: &Difference,
        list: impl Fn(&mut Self) -> &mut Vec<T>,
    ) {
        let mut size = list(self).len();
        while size > 0 {
            let mut at = 0;
            while at < list(self).len() {
                let mut smaller = self.clone();
                let end = (at + size).min(list(self).len());
                list(&mut smaller).drain(at..end);
                if smaller.differs_as(*difference) {
                    *self = smaller;
                } else {
                    at += size;
                }
            }
            size /= 2;
        }
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let image = image_of(&self.inventory);
        let mut text = String::new();
        let feed = self.feed();
        let _ = match str::from_utf8(&feed) {
            Ok(feed) => write!(text, "{feed:?}"),
            Err(_) => write!(text, "bytes {}", feed.escape_ascii()),
        };
        let _ = write!(f, "\n{:?} {text}", self.format);
        if self.options != Options::default() {
            let all = if self.options.roles.len() > 6 { " all_roles" } else { "" };
            let local = if self.options.local_space { " local_space" } else { "" };
            let limits = (self.options.max_feed_prefix4, self.options.max_feed_prefix6);
            let _ = write!(f, "{all}{local} limits {limits:?}");
            for AssetRow { kind, value, .. } in &self.options.allow {
                let _ = write!(f, " allow {kind} {value}");
            }
        }
        let difference = self.check(&image).err();
        writeln!(f, "  (seed {}, {difference:?})", self.seed)?;
        for AssetRow { participant, kind, value } in &self.inventory {
            writeln!(f, "  {participant} {kind} {value}")?;
        }
        let Ok((whole, cut, oracle)) = catch_unwind(AssertUnwindSafe(|| self.outcomes(&image)))
        else {
            return writeln!(f, "  a panic, chunks {:?} pipe {:?}", self.chunk, self.pipe);
        };
        let mut shown = vec![("product", whole.clone()), ("oracle", oracle)];
        if difference == Some(Difference::Chunks) {
            shown.truncate(1);
            writeln!(f, "  chunks {:?} pipe {:?}", self.chunk, self.pipe)?;
            shown.extend(cut.into_iter().filter(|cut| *cut != whole).map(|cut| ("in pieces", cut)));
        }
        for (who, outcome) in shown {
            let counts = (outcome.scanned, outcome.blank);
            writeln!(f, "  {who}: {:?} {:?} {counts:?}", outcome.rejected, outcome.suppressed)?;
            for hit in &outcome.hits {
                writeln!(
                    f,
                    "    {} {} {} {} {} {} {:?} at={} {}+{} {:?} {} {} {:?} {:?}",
                    hit.line,
                    hit.participant,
                    hit.asset,
                    hit.relation,
                    hit.role,
                    hit.indicator,
                    hit.flags,
                    hit.at,
                    hit.offset,
                    hit.length,
                    hit.field,
                    hit.asset_kind,
                    hit.kind,
                    (&hit.time, hit.port, &hit.protocol, &hit.tag, &hit.side),
                    hit.also,
                )?;
            }
        }
        Ok(())
    }
}

/// Entries of an allow list: assets, and what lies near them.
fn allow(draw: &mut Draw, inventory: &[AssetRow]) -> Vec<AssetRow> {
    let mut entries = Vec::new();
    for row in inventory {
        let text = if draw.chance(3) { row.value.clone() } else { pieces::near(draw, row) };
        let (list, _) = Inventory::from_allow_list(text.as_bytes()).expect("memory can be read");
        entries.extend(list.assets().iter().map(|entry| AssetRow {
            participant: ALLOW_LIST.to_owned(),
            kind: entry.kind.name().to_owned(),
            value: entry.value.to_string(),
        }));
    }
    entries.retain(|entry| feedsieve_tests::loads(entry) && entry.value.contains('.'));
    entries
}
