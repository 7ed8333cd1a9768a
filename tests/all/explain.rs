//! An explanation names the hits of a scan and no others, in every row of the tables.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use feedsieve::{Explanation, Hit, Outcome, SCAN_LIMITS, Scanner, SinkFn, Source, Verdict};
use feedsieve_tests::table;

use crate::product::{format_of, image_of, scanner_of};

/// The line, the offset of the evidence, whom it concerns and by what.
type Named = BTreeSet<(u64, u64, String, String, String)>;

#[test]
fn explanations_name_the_hits_of_a_scan() {
    let mut wrong = String::new();
    let (mut hits, mut misses) = (0, 0);
    for row in table::rows().iter() {
        if row.feed.starts_with(b"\xff\xfe") || row.feed.starts_with(b"\xfe\xff") {
            continue;
        }
        let image = image_of(&row.inventory);
        let scanner = scanner_of(&image, format_of(row.format), &row.options);
        let scanned = scanned(&scanner, &row.feed);
        let explained = explained(&scanner, &row.feed, None);
        let named: Named = explained.iter().flat_map(named).collect();
        if named != scanned {
            let _ = writeln!(wrong, "{}:\n  scan    {scanned:?}\n  explain {named:?}", row.name);
        }
        let (counted, told) = (counted(&scanner, &row.feed), reasons(&explained));
        if told != counted {
            let _ = writeln!(wrong, "{}: counted {counted:?}, explained {told:?}", row.name);
        }
        // What the scan passes over must concern nobody, or the scan has lost a hit.
        for seen in explained.iter().flat_map(|found| &found.seen) {
            if !seen.is_scanned && seen.concerns.iter().any(|c| c.verdict == Verdict::Hit) {
                let _ = writeln!(wrong, "{}: passed over {seen:?}", row.name);
            }
        }
        hits += named.len();
        misses += usize::from(named.is_empty());
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(hits > 500 && misses > 200, "{hits} hits, {misses} feeds without");
}

#[test]
fn every_line_of_a_record_gives_the_record() {
    for row in table::rows().iter().filter(|row| row.feed.len() < 4096) {
        if row.feed.starts_with(b"\xff\xfe") || row.feed.starts_with(b"\xfe\xff") {
            continue;
        }
        let image = image_of(&row.inventory);
        let scanner = scanner_of(&image, format_of(row.format), &row.options);
        let all = explained(&scanner, &row.feed, None);
        let stats = scanner.scan(Source::slice("feed", &row.feed), &mut SinkFn(|_: &Hit<'_>| true));
        let stats = stats.expect("the feed can be read");
        assert_eq!(all.len() as u64, stats.records, "{}", row.name);
        for line in 1..=stats.lines {
            // Records of a document may begin on one line.
            let last = all.iter().rev().find(|found| found.line <= line).map(|found| found.line);
            let mut on_line = all.iter().filter(|found| Some(found.line) == last);
            let on_line: Vec<_> = match last == Some(line) {
                true => on_line.collect(),
                false => on_line.next_back().into_iter().collect(),
            };
            let found = explained(&scanner, &row.feed, Some(line));
            assert_eq!(found.iter().collect::<Vec<_>>(), on_line, "{} line {line}", row.name);
        }
        let beyond = scanner.explain(
            Source::slice("feed", &row.feed),
            Some(stats.lines + 1),
            &mut |found| panic!("{}: {found:?}", row.name),
        );
        assert!(beyond.is_err(), "{}", row.name);
    }
}

#[test]
fn a_secret_is_said_to_be_one_and_not_shown() {
    let csv = "participant,kind,value\nA,domain,hospital.nl\n";
    let (inventory, _) = feedsieve::Inventory::from_csv(csv.as_bytes()).expect("a header");
    let image = feedsieve::compile(&inventory, &feedsieve::Limits::default()).expect("it is small");
    let image = feedsieve::Image::open(image).expect("it opens");
    let feed = b"user,password\njan@hospital.nl,x@hospital.nl\n";
    let found = explained(&Scanner::new(&image), feed, Some(2));
    let shown = format!("{found:?}");
    assert!(!shown.contains("x@hospital.nl"), "{shown}");
    let secrets = found[0].seen.iter().filter(|seen| seen.outcome == Outcome::Secret);
    assert_eq!(secrets.map(|seen| seen.field.as_deref()).collect::<Vec<_>>(), [Some("password")]);
    assert_eq!(found[0].hits().count(), 1);
}

fn explained(scanner: &Scanner<'_>, feed: &[u8], line: Option<u64>) -> Vec<Explanation> {
    let mut all = Vec::new();
    let source = Source::slice("feed", feed);
    scanner.explain(source, line, &mut |found| all.push(found.clone())).expect("it can be read");
    all
}

fn named(explanation: &Explanation) -> Named {
    let name = |(seen, concern): (&feedsieve::Seen, &feedsieve::Concern)| {
        let kind = concern.asset_kind.to_string();
        (explanation.line, seen.at, concern.participant.clone(), kind, concern.asset.clone())
    };
    explanation.hits().map(name).collect()
}

/// Why something is no indicator, wherever it stands.
const REASONS: [&str; 3] = ["too-broad", "inverted-range", "ambiguous-octal"];

fn counted(scanner: &Scanner<'_>, feed: &[u8]) -> BTreeSet<&'static str> {
    let stats = scanner.scan(Source::slice("feed", feed), &mut SinkFn(|_: &Hit<'_>| true));
    let rejected = stats.expect("the feed can be read").rejected;
    rejected.into_keys().filter(|reason| REASONS.contains(reason)).collect()
}

fn reasons(explained: &[Explanation]) -> BTreeSet<&'static str> {
    let seen = explained.iter().flat_map(|found| &found.seen);
    let reason = |seen: &feedsieve::Seen| match seen.outcome {
        Outcome::Rejected(reason) if REASONS.contains(&reason) => Some(reason),
        _ => None,
    };
    seen.filter_map(reason).collect()
}

fn scanned(scanner: &Scanner<'_>, feed: &[u8]) -> Named {
    let mut all = Named::new();
    let mut sink = SinkFn(|hit: &Hit<'_>| {
        assert!(hit.also_count <= SCAN_LIMITS.also as u64, "the rows are small");
        let kind = hit.asset_kind.to_string();
        for at in std::iter::once(hit.at).chain(hit.also.iter().map(|also| also.at)) {
            all.insert((
                hit.line,
                at,
                hit.participant.to_owned(),
                kind.clone(),
                hit.asset.to_owned(),
            ));
        }
        true
    });
    scanner.scan(Source::slice("feed", feed), &mut sink).expect("the feed can be read");
    all
}
