//! What the product finds in a feed is what the oracle reads in it: hits, rejections, suppressed roles.

#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use feedsieve::{
    Format, Hit, Image, Inventory, Limits, Role, Roles, SCAN_LIMITS, Scanner, SinkFn, Source, compile,
};
use feedsieve_tests::{AssetRow, Options, OracleHit, Outcome, expected};
use libfuzzer_sys::fuzz_target;

static IMAGE: LazyLock<Image> = LazyLock::new(|| {
    let csv = feedsieve_fuzz::inventory_csv();
    let (inventory, rejected) = Inventory::from_csv(csv.as_bytes()).expect("a header is there");
    assert!(rejected.is_empty(), "{rejected:?}");
    let image = compile(&inventory, &Limits::default()).expect("within the limits");
    Image::open(image).expect("what was compiled opens")
});

static ROWS: LazyLock<Vec<AssetRow>> = LazyLock::new(|| {
    let row = |(participant, kind, value): (&str, &str, &str)| AssetRow {
        participant: participant.to_owned(),
        kind: kind.to_owned(),
        value: value.to_owned(),
    };
    feedsieve_fuzz::INVENTORY.map(row).into()
});

/// The formats that both are told to read, and how feeds in them begin. Which separator a feed has
/// and whether its first line is a header is guessed from its looks, so here it is said.
const FORMATS: [(Format, feedsieve_tests::Format, &str); 19] = [
    (Format::Text, feedsieve_tests::Format::Text, ""),
    (Format::List, feedsieve_tests::Format::List, ""),
    (Format::Csv, feedsieve_tests::Format::Csv, "sep=,\nid,value,note\n"),
    (Format::Tsv, feedsieve_tests::Format::Tsv, "id\tvalue\tnote\n"),
    (Format::Ndjson, feedsieve_tests::Format::Ndjson, ""),
    (Format::Json, feedsieve_tests::Format::Json, ""),
    (Format::Stix, feedsieve_tests::Format::Stix, ""),
    (Format::Misp, feedsieve_tests::Format::Misp, ""),
    (Format::Hosts, feedsieve_tests::Format::Hosts, ""),
    (Format::Adblock, feedsieve_tests::Format::Adblock, ""),
    (Format::Dnsmasq, feedsieve_tests::Format::Dnsmasq, ""),
    (Format::Unbound, feedsieve_tests::Format::Unbound, ""),
    (Format::Bind, feedsieve_tests::Format::Bind, ""),
    (Format::Rpz, feedsieve_tests::Format::Rpz, ""),
    (Format::Rbldnsd, feedsieve_tests::Format::Rbldnsd, ""),
    (Format::P2p, feedsieve_tests::Format::P2p, ""),
    (Format::Zeek, feedsieve_tests::Format::Zeek, "#fields\tid\tvalue\tnote\n"),
    (Format::Suricata, feedsieve_tests::Format::Suricata, ""),
    (Format::Credentials, feedsieve_tests::Format::Credentials, ""),
];

fuzz_target!(|input: &[u8]| {
    let Some((&[how, format], bytes)) = input.split_first_chunk() else { return };
    // Most feeds are read as text, where anything may stand.
    let (format, oracle_format, start) =
        FORMATS.get(usize::from(format)).copied().unwrap_or(FORMATS[0]);
    let feed = [start.as_bytes(), &feedsieve_fuzz::feed(how & 1 == 1, bytes)].concat();
    if feed.starts_with(b"\xff\xfe") || feed.starts_with(b"\xfe\xff") {
        // UTF-16, which the product may decode or refuse and the oracle decodes: another matter.
        return;
    }
    feedsieve_fuzz::count(&feed);
    let (roles, mut options) = match how & 2 {
        0 => (Roles::default(), Options::default()),
        _ => (Roles::ALL, Options::default().with_all_roles()),
    };
    options.local_space = how & 4 != 0;
    let scanner = Scanner::new(&IMAGE).format(format).roles(roles).local_space(options.local_space);
    let Some(found) = outcome(&scanner, &feed) else { return };
    let mut wanted = expected(&ROWS, &feed, oracle_format, &options);
    for hit in &mut wanted.hits {
        // The product keeps so many and counts the rest.
        hit.also.truncate(SCAN_LIMITS.also);
    }
    assert_eq!(found, wanted, "{format} {:?}", String::from_utf8_lossy(&feed));
});

/// What the product says; nothing where it refuses the feed as a whole, as a saved web page or a
/// compressed file, of which the oracle knows nothing.
fn outcome(scanner: &Scanner<'_>, feed: &[u8]) -> Option<Outcome> {
    let mut hits = Vec::new();
    let mut sink = SinkFn(|hit: &Hit<'_>| {
        hits.push(in_oracle_words(hit));
        true
    });
    let stats = scanner.scan(Source::slice("feed", feed), &mut sink).expect("bytes can be read");
    let is_torn = stats.incomplete_why.as_deref() == Some("the JSON document ends in the middle");
    if !stats.is_complete() && !is_torn {
        assert!(stats.hits == 0 && stats.records == 0);
        return None;
    }
    let rejected = stats.rejected.iter().map(|(why, counted)| ((*why).to_owned(), counted.count));
    let mut rejected: BTreeMap<String, u64> = rejected.collect();
    if stats.local_space > 0 {
        rejected.insert("local-space".to_owned(), stats.local_space);
    }
    let suppressed = stats.suppressed.iter().map(|(role, count)| (role.to_string(), *count));
    let (exceptions, allowed) = (stats.exceptions, stats.allowed);
    let (suppressed, scanned) = (suppressed.collect(), stats.scanned);
    let blank = stats.skipped.get("blank").copied().unwrap_or_default();
    Some(Outcome { hits, rejected, suppressed, exceptions, allowed, scanned, blank })
}

fn in_oracle_words(hit: &Hit<'_>) -> OracleHit {
    let mut flags: Vec<String> = hit.flags.names().map(str::to_owned).collect();
    flags.sort_unstable();
    let also = hit.also.iter();
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
        also: also
            .map(|a| (a.at, a.relation.to_string(), a.role.to_string(), a.indicator.to_owned()))
            .collect(),
    }
}
