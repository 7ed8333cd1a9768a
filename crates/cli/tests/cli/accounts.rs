//! Every record of a feed is counted once, however the feed is cut and wherever it ends.

use super::*;

/// Feeds longer than what is looked at in one go, with the records and blank ones that they hold.
fn feeds() -> Vec<(&'static str, String, u64, u64)> {
    let lines = "203.0.113.1 x\n\n".repeat(200_000);
    let rows = "203.0.113.1,\"two\nlines\"\n".repeat(100_000);
    let objects = "{\"ip\": \"203.0.113.1\", \"n\": [1, 2]},\n".repeat(100_000);
    vec![
        ("text", "192.0.2.9\n\n203.0.113.1".to_owned(), 3, 1),
        ("text", "192.0.2.9\n\n203.0.113.1\n".to_owned(), 3, 1),
        ("text", "192.0.2.9\n\n203.0.113.1\n \t".to_owned(), 4, 2),
        ("text", "x".to_owned(), 1, 0),
        ("text", String::new(), 0, 0),
        ("text", lines.clone(), 400_000, 200_000),
        ("text", format!("{lines}x"), 400_001, 200_000),
        ("text", format!("{lines} "), 400_001, 200_001),
        ("list", format!("{lines}x"), 400_001, 200_000),
        ("ndjson", format!("{lines}x"), 400_001, 200_000),
        ("csv", format!("ip,note\n{rows}"), 100_001, 0),
        ("csv", format!("ip,note\n{rows}\n203.0.113.1,y"), 100_003, 1),
        ("json", format!("[{objects}{{}}]"), 100_001, 0),
        ("json", format!("[{objects}{{}}]\n"), 100_001, 0),
    ]
}

#[test]
fn every_record_is_counted_once() {
    let place = Place::new();
    for (format, feed, records, blank) in feeds() {
        place.write("feed", &feed);
        let seen = &feed[feed.len() - feed.len().min(30)..];
        for road in [["--io", "mmap"], ["--io", "read"], ["-j", "1"], ["-j", "8"]] {
            let ran = place.scan(&["-f", format, road[0], road[1], "feed"]);
            let piped = place.scan_with_stdin(&["-f", format, road[0], road[1]], &feed);
            for scan in [ran, piped] {
                let total = &scan.summary["total"];
                let skipped = total["skipped"]["blank"].as_u64().unwrap_or_default();
                let counted = (&total["records"], &total["scanned"], skipped);
                let scanned = records - blank;
                assert_eq!(
                    counted,
                    (&records.into(), &scanned.into(), blank),
                    "{format} {road:?} {seen:?}"
                );
                assert_eq!(total["bytes"], feed.len(), "{format} {road:?} {seen:?}");
            }
        }
    }
}
