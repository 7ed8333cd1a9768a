//! Every row of the tables through every configuration of the product.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Read};

use feedsieve::{
    AllowList, Format, Hit, Image, Inventory, Limits, Role, Roles, Scanner, SinkFn, Source, compile,
};
use feedsieve_tests::{AssetRow, Options, OracleHit, Outcome, expected, table};

/// Compiles an inventory, as bytes.
pub(crate) fn compiled(inventory: &[AssetRow]) -> Vec<u8> {
    let mut csv = String::from("participant,kind,value\n");
    for AssetRow { participant, kind, value } in inventory {
        let _ = writeln!(csv, "{participant},{kind},\"{}\"", value.replace('"', "\"\""));
    }
    let (inventory, rejected) = Inventory::from_csv(csv.as_bytes()).expect("a header is there");
    assert!(rejected.is_empty(), "{rejected:?}");
    compile(&inventory, &Limits::default()).expect("within the limits")
}

pub(crate) fn image_of(inventory: &[AssetRow]) -> Image {
    Image::open(compiled(inventory)).expect("what was compiled opens")
}

pub(crate) fn format_of(format: feedsieve_tests::Format) -> Format {
    match format {
        feedsieve_tests::Format::Text => Format::Text,
        feedsieve_tests::Format::List => Format::List,
        feedsieve_tests::Format::Csv => Format::Csv,
        feedsieve_tests::Format::Tsv => Format::Tsv,
        feedsieve_tests::Format::Ndjson => Format::Ndjson,
        feedsieve_tests::Format::Json => Format::Json,
        feedsieve_tests::Format::Stix => Format::Stix,
        feedsieve_tests::Format::Misp => Format::Misp,
        feedsieve_tests::Format::Hosts => Format::Hosts,
        feedsieve_tests::Format::Adblock => Format::Adblock,
        feedsieve_tests::Format::Dnsmasq => Format::Dnsmasq,
        feedsieve_tests::Format::Unbound => Format::Unbound,
        feedsieve_tests::Format::Bind => Format::Bind,
        feedsieve_tests::Format::Rpz => Format::Rpz,
        feedsieve_tests::Format::Rbldnsd => Format::Rbldnsd,
        feedsieve_tests::Format::P2p => Format::P2p,
        feedsieve_tests::Format::Zeek => Format::Zeek,
        feedsieve_tests::Format::Suricata => Format::Suricata,
        feedsieve_tests::Format::Credentials => Format::Credentials,
    }
}

/// A scanner with the options of a row.
pub(crate) fn scanner_of<'i>(image: &'i Image, format: Format, options: &Options) -> Scanner<'i> {
    let roles = Role::ALL.into_iter().filter(|role| options.roles.contains(role.name()));
    let shortest = |len: u32| u8::try_from(len).expect("a prefix length");
    let scanner = match options.allow.as_slice() {
        [] => Scanner::new(image),
        entries => {
            let list = AllowList::new(image_of(entries), image);
            Scanner::new(image).allow(if options.allow_own { list.with_own() } else { list })
        }
    };
    scanner
        .format(format)
        .roles(Roles::of(roles))
        .local_space(options.local_space)
        .most_specific(options.most_specific)
        .keywords(options.keywords)
        .shortest_prefixes(shortest(options.max_feed_prefix4), shortest(options.max_feed_prefix6))
}

/// A hit in the words of the oracle.
fn in_oracle_words(hit: &Hit<'_>) -> OracleHit {
    let mut flags: Vec<String> = hit.flags.names().map(str::to_owned).collect();
    flags.sort_unstable();
    assert!(hit.also_count as usize >= hit.also.len());
    OracleHit {
        line: hit.line,
        offset: hit.offset,
        length: hit.length,
        at: hit.at,
        participant: hit.participant.to_owned(),
        asset: hit.asset.to_owned(),
        asset_kind: hit.asset_kind.to_string(),
        relation: hit.relation.to_string(),
        role: hit.role.to_string(),
        kind: hit.kind.to_string(),
        indicator: hit.indicator.to_owned(),
        field: hit.field.map(str::to_owned),
        time: hit.time.map(str::to_owned),
        // The oracle knows the ports of whole fields only.
        port: hit.port.filter(|_| hit.role == Role::Indicator),
        protocol: hit.protocol.map(str::to_owned),
        tag: hit.tag.map(str::to_owned),
        side: hit.side.map(|side| side.to_string()),
        flags,
        also: (hit.also.iter())
            .map(|a| (a.at, a.relation.to_string(), a.role.to_string(), a.indicator.to_owned()))
            .collect(),
    }
}

/// Scans, checks that the account is complete, and returns the outcome.
pub(crate) fn outcome(scanner: &Scanner<'_>, source: Source<'_>) -> Outcome {
    let mut hits = Vec::new();
    let mut sink = SinkFn(|hit: &Hit<'_>| {
        hits.push(in_oracle_words(hit));
        true
    });
    let stats = scanner.scan(source, &mut sink).expect("the feed can be read");
    // A document that is not closed is read to its end, and then said to be torn.
    let is_torn = matches!(stats.format, Format::Json | Format::Stix | Format::Misp)
        && stats.incomplete_why.as_deref() == Some("the JSON document ends in the middle");
    assert!(stats.is_complete() || is_torn, "{:?}", stats.incomplete_why);
    let blank = stats.skipped.get("blank").copied().unwrap_or_default();
    assert_eq!(stats.records, stats.scanned + blank);
    assert_eq!(stats.hits, hits.len() as u64);
    assert_eq!(stats.hits, stats.participants.values().sum::<u64>());
    let mut rejected: BTreeMap<String, u64> = stats
        .rejected
        .iter()
        .map(|(reason, counted)| ((*reason).to_owned(), counted.count))
        .collect();
    if stats.local_space > 0 {
        rejected.insert("local-space".to_owned(), stats.local_space);
    }
    let suppressed = stats.suppressed.iter().map(|(role, count)| (role.to_string(), *count));
    Outcome {
        hits,
        rejected,
        suppressed: suppressed.collect(),
        exceptions: stats.exceptions,
        allowed: stats.allowed,
        scanned: stats.scanned,
        blank,
    }
}

/// A feed packed in each way that is unpacked, in two members each, with the name of the way.
fn packed(feed: &[u8]) -> [(&'static str, Vec<u8>); 4] {
    let (first, last) = feed.split_at(feed.len() / 2);
    let both = |pack: fn(&[u8]) -> io::Result<Vec<u8>>| {
        [first, last].map(|part| pack(part).expect("memory can be read")).concat()
    };
    [
        ("gzip", both(|part| all(flate2::read::GzEncoder::new(part, flate2::Compression::fast())))),
        ("zstd", both(|part| zstd::encode_all(part, 1))),
        ("bzip2", both(|part| all(bzip2::read::BzEncoder::new(part, bzip2::Compression::fast())))),
        ("xz", both(|part| all(liblzma::read::XzEncoder::new(part, 0)))),
    ]
}

fn all(mut from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A pipe that hands out a few bytes at a time.
pub(crate) struct Dribble<'b>(pub(crate) &'b [u8], pub(crate) usize);

impl Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(self.0.len()).min(buffer.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

/// Chunk sizes, each with the bytes in which a line end is looked for.
pub(crate) const CHUNKS: [(usize, usize); 6] =
    [(1, 0), (7, 0), (7, 64), (64, 0), (4096, 4096), (1 << 20, 1 << 16)];

#[test]
fn every_row_in_every_configuration() {
    let rows = table::rows();
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let mut wrong = String::new();
    let mut compared = 0;
    for row in &rows {
        let bytes = compiled(&row.inventory);
        let fresh = Image::open(bytes.clone()).expect("what was compiled opens");
        let reopened = Image::open(fresh.as_bytes().to_vec()).expect("it opens again");
        std::fs::write(file.path(), &row.feed).expect("the temporary file is writable");
        // The rows say nothing of how many records there are.
        let counted = expected(&row.inventory, &row.feed, row.format, &row.options);
        let mut check =
            |what: String, image: &Image, source: Source<'_>, threads, chunk: (usize, usize)| {
                let scanner = scanner_of(image, format_of(row.format), &row.options)
                    .threads(threads)
                    .chunk_bytes(chunk.0, chunk.1);
                let outcome = outcome(&scanner, source);
                compared += 1;
                let are_all = [&outcome, &counted].map(|of| (of.scanned, of.blank));
                if row.agrees_with(&outcome) && are_all[0] == are_all[1] {
                    return true;
                }
                let feed: String = String::from_utf8_lossy(&row.feed).chars().take(300).collect();
                let _ = writeln!(wrong, "\n{} ({what}): {feed:?}", row.name);
                let _ = writeln!(
                    wrong,
                    "  row:     {:?} {:?} {}",
                    row.rejected, row.suppressed, row.exceptions
                );
                wrong.extend(row.hits.iter().map(|hit| format!("    {hit:?}\n")));
                let _ =
                    writeln!(wrong, "  product: {:?} {:?}", outcome.rejected, outcome.suppressed);
                let _ = writeln!(wrong, "  scanned and blank: {are_all:?}");
                wrong.extend(outcome.hits.iter().map(|hit| format!("    {hit:?}\n")));
                false
            };
        let whole = CHUNKS[CHUNKS.len() - 1];
        let slice = || Source::slice("feed", &row.feed);
        if !check("whole".to_owned(), &fresh, slice(), 1, whole) {
            continue;
        }
        check("reopened".to_owned(), &reopened, slice(), 1, whole);
        for chunk in CHUNKS {
            for threads in [1, 2, 8] {
                // A pool for each row and chunk size would cost more than all the rest.
                if threads == 1 || chunk.0 == 7 {
                    check(
                        format!("chunk {chunk:?} threads {threads}"),
                        &fresh,
                        slice(),
                        threads,
                        chunk,
                    );
                }
            }
            let pipe = Source::reader("feed", Dribble(&row.feed, chunk.0));
            check(format!("pipe {chunk:?}"), &fresh, pipe, 1, chunk);
            let read = Source::path(file.path()).expect("it opens").named("feed");
            check(format!("read {chunk:?}"), &fresh, read, 1, chunk);
            let mapped = crate::mapped::source(file.path()).named("feed");
            check(format!("mmap {chunk:?}"), &fresh, mapped, 1, chunk);
        }
        for (packing, packed) in packed(&row.feed) {
            check(packing.to_owned(), &fresh, Source::slice("feed", &packed), 1, whole);
            let pipe = Source::reader("feed", Dribble(&packed, 7));
            check(format!("{packing} pipe"), &fresh, pipe, 2, (7, 0));
            std::fs::write(file.path(), &packed).expect("the temporary file is writable");
            let mapped = crate::mapped::source(file.path()).named("feed");
            check(format!("{packing} mmap, read ahead"), &fresh, mapped, 2, (64, 0));
        }
    }
    assert!(wrong.is_empty(), "rows that differ:{wrong}");
    assert!(compared > 20 * rows.len(), "{compared} comparisons of {} rows", rows.len());
}
