//! The table that every surface gives the same answers to, through the command.

use super::*;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/surfaces");

fn table(name: &str) -> String {
    fs::read_to_string(Path::new(TABLE).join(name)).expect("the table is there")
}

/// The lines of what a command printed as an array.
fn array(lines: &str) -> String {
    format!("[{}]", lines.lines().collect::<Vec<_>>().join(","))
}

#[test]
fn questions_have_the_answers_of_the_table() {
    let place = Place::new();
    let table = table("lookups.tsv");
    let rows = || table.lines().map(|row| row.split_once('\t').expect("two cells"));
    let questions: String = rows().map(|(question, _)| format!("{question}\n")).collect();
    let inventory = format!("{TABLE}/inventory.csv");
    let arguments = ["lookup", "-p", &inventory, "-o", "ndjson"];
    let ran = place.run_with_stdin(&arguments, questions);
    let wanted: Vec<&str> = rows()
        .map(|(_, wanted)| wanted.trim_start_matches('[').trim_end_matches(']'))
        .filter(|wanted| !wanted.is_empty())
        .collect();
    assert_eq!(array(&ran.exits(0).is_quiet().out), format!("[{}]", wanted.join(",")));
}

#[test]
fn feeds_have_the_hits_of_the_table() {
    let place = Place::new();
    let image = place.path("surfaces.image");
    let (image, inventory) = (image.to_str().expect("UTF-8"), format!("{TABLE}/inventory.csv"));
    place.run(&["compile", "-p", &inventory, "-o", image]).exits(0);
    for row in table("scans.tsv").lines() {
        let [format, feed, wanted] = row.split('\t').collect::<Vec<_>>().try_into().expect("three");
        let feed: String = serde_json::from_str(feed).expect("a string");
        fs::write(place.path("feed"), &feed).expect("the folder is writable");
        let ran = place.run(&["scan", "-i", image, "-f", format, "-o", "ndjson", "feed"]);
        assert_eq!(array(&ran.exits(i32::from(wanted == "[]")).out), wanted, "{feed:?}");
    }
}
