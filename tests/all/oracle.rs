//! The oracle agrees with every row of the tables, which were written by hand.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use feedsieve_tests::{expected, loads, table};

#[test]
fn the_oracle_agrees_with_every_row() {
    let rows = table::rows();
    let mut wrong = String::new();
    for row in &rows {
        let outcome = expected(&row.inventory, &row.feed, row.format, &row.options);
        if !row.agrees_with(&outcome) {
            let feed = String::from_utf8_lossy(&row.feed);
            let _ =
                writeln!(wrong, "\n{}: {:?}", row.name, feed.chars().take(300).collect::<String>());
            let _ = writeln!(wrong, "  row:    {:?} {:?}", row.rejected, row.suppressed);
            for hit in &row.hits {
                let _ = writeln!(wrong, "    {hit:?}");
            }
            let _ = writeln!(wrong, "  oracle: {:?} {:?}", outcome.rejected, outcome.suppressed);
            for hit in &outcome.hits {
                let _ = writeln!(wrong, "    {hit:?}");
            }
        }
    }
    assert!(wrong.is_empty(), "the oracle and these rows differ:{wrong}");
}

#[test]
fn every_inventory_of_the_tables_loads() {
    for row in table::rows() {
        for asset in &row.inventory {
            assert!(loads(asset), "{}: {asset:?}", row.name);
        }
    }
}

#[test]
fn names_of_rows_are_unique() {
    let mut names: Vec<String> = table::rows().into_iter().map(|row| row.name).collect();
    names.sort();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}

/// A false alarm is a bug as much as a miss is, and is forgotten more easily.
#[test]
fn feeds_that_must_not_match_are_as_many_as_those_that_must() {
    let rows = table::rows();
    // A test with several texts is one entry, whose rows are numbered.
    let entry = |row: &table::Row| row.name.split(" #").next().unwrap_or_default().to_owned();
    let entries: BTreeSet<String> = rows.iter().map(entry).collect();
    let with_hits = rows.iter().filter(|row| !row.hits.is_empty()).count();
    let without = rows.len() - with_hits;
    assert!(entries.len() >= 400, "{} entries", entries.len());
    assert!(without >= with_hits, "{without} feeds without hits, {with_hits} with");
}
