//! `feedsieve bench`: what is told, and with which exit code; never how fast it was.

use super::*;

fn example(part: &str) -> String {
    format!("{}/../../tests/data/example/{part}", env!("CARGO_MANIFEST_DIR"))
}

const STAGES: [&str; 6] = ["newlines", "read", "find", "probe-interpret", "write", "all"];

#[test]
fn every_feed_of_the_example_is_measured() {
    let place = Place::new();
    let (inventory, feeds) = (example("participants.csv"), example("feeds"));
    let ran = place.run(&["bench", "--runs", "1", "-o", "ndjson", "-p", &inventory, "-r", &feeds]);
    let rows = ran.exits(0).is_quiet().rows();
    let scan = place.scan(&["-p", &inventory, "-r", &feeds]);
    let scanned = scan.summary["feeds"].as_array().expect("feeds");
    assert_eq!((rows.len(), scanned.len()), (9, 9));
    for ((row, line), feed) in rows.iter().zip(ran.out.lines()).zip(scanned) {
        assert_eq!(
            keys(line),
            [
                "schema",
                "feed",
                "format",
                "feed_bytes",
                "bytes",
                "records",
                "hits",
                "image",
                "threads",
                "runs",
                "stages",
                "all_to_newlines"
            ]
        );
        for key in ["feed", "format", "bytes", "records", "hits"] {
            assert_eq!(row[key], feed[key], "{key}");
        }
        assert_eq!(row["image"], scan.summary["image"]);
        let numbers = (&row["schema"], &row["runs"], &row["threads"], &row["feed_bytes"]);
        let one = Value::from(1);
        assert_eq!(numbers, (&one, &one, &one, &row["bytes"]));
        let stages = row["stages"].as_array().expect("stages");
        assert_eq!(stages.iter().map(|stage| &stage["stage"]).collect::<Vec<_>>(), STAGES);
        for stage in stages {
            let seconds = &stage["seconds"];
            let [median, lowest, highest] =
                ["median", "lowest", "highest"].map(|key| seconds[key].as_f64().expect("seconds"));
            assert!(lowest <= median && median <= highest, "{stage}");
            // A rate, or none where the difference of two passes is nothing.
            assert_eq!(stage["gb_per_second"].is_number(), median > 0.0, "{stage}");
            assert_eq!(stage["records_per_second"].is_number(), median > 0.0, "{stage}");
        }
        assert!(stages[0]["share"].is_null());
        assert_eq!(stages[5]["share"], 1.0);
    }
}

#[test]
fn the_chart_has_a_line_for_each_stage_and_nothing_of_the_feed() {
    let place = Place::new();
    let ran = place.run(&["bench", "--runs", "1", "-p", "p.csv", "list.txt", "report.csv"]);
    let lines: Vec<&str> = ran.exits(0).is_quiet().out.lines().collect();
    assert_eq!(
        lines[0],
        "7 assets of 4 participants; 1 thread, 1 round; one tells nothing of noise"
    );
    let of_list = &lines[1..lines[2..].iter().position(|line| line.is_empty()).expect("two") + 2];
    assert_eq!(of_list[..3], ["", "list.txt", "  list, 70 B, 6 records, 3 hits"]);
    let names = of_list[4..10].iter().map(|line| line[..18].trim()).collect::<Vec<_>>();
    assert_eq!(names, ["newlines", "read", "find", "probe, interpret", "write", "all"]);
    assert!(of_list[9].ends_with("100 %  █████████"), "{}", of_list[9]);
    assert!(of_list[10].contains(" times as long as counting the newlines"), "{}", of_list[10]);
    assert!(of_list[11].starts_with("  small: "), "{}", of_list[11]);
    for line in &lines {
        assert!(line.chars().count() < 80, "{line}");
    }
    assert_harmless(&ran.out);
    for content in ["hospital", "192.0.2", "203.0.113", "10.20"] {
        assert!(!ran.out.contains(content), "{content}: {}", ran.out);
    }
}

#[test]
fn long_feeds_are_measured_by_their_beginning() {
    let place = Place::new();
    let line = "www.hospital.example 203.0.113.9\n";
    place.write("long.txt", line.repeat(40_000));
    let arguments = ["bench", "--runs", "1", "--max-mb", "1", "-p", "p.csv", "long.txt"];
    let text = place.run(&arguments);
    let part = " of 1.32 MB, 30,303 records, 30,303 hits\n";
    assert!(text.exits(0).out.contains(part), "{}", text.out);
    assert!(text.out.contains(", the first "), "{}", text.out);
    let row = &place.run(&[&arguments[..], &["-o", "ndjson"]].concat()).rows()[0];
    // Whole lines only.
    let whole = 1_000_000 / line.len();
    assert_eq!(row["bytes"], whole * line.len());
    assert_eq!((&row["records"], &row["hits"]), (&Value::from(whole), &Value::from(whole)));
    assert_eq!(row["feed_bytes"], 40_000 * line.len());
}

#[test]
fn an_image_and_several_threads_serve_as_well() {
    let place = Place::new();
    place.run(&["compile", "-p", "p.csv", "-o", "p.image"]).exits(0);
    place.write("long.txt", "www.hospital.example 203.0.113.9\n".repeat(80_000));
    let arguments = ["bench", "--runs", "2", "-j", "2", "-o", "ndjson", "-f", "text"];
    let ran = place.run(&[&arguments[..], &["-i", "p.image", "long.txt"]].concat());
    let row = &ran.exits(0).is_quiet().rows()[0];
    assert_eq!((&row["threads"], &row["hits"]), (&Value::from(2), &Value::from(80_000)));
    assert_eq!(row["format"], "text");
}

#[test]
fn what_cannot_be_measured_is_named_and_the_rest_is_measured() {
    let place = Place::new();
    place.write("empty.txt", "");
    place.write("packed.gz", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
    fs::create_dir(place.path("folder")).expect("a folder");
    assert!(Command::new("mkfifo").arg(place.path("pipe")).status().expect("mkfifo").success());
    let bench = |feeds: &[&str]| {
        place.run(&[&["bench", "--runs", "1", "-o", "ndjson", "-p", "p.csv"], feeds].concat())
    };
    let some = bench(&["gone.txt", "packed.gz", "folder", "pipe", "-", "empty.txt", "list.txt"]);
    assert_eq!(some.exits(2).column("feed"), ["list.txt"]);
    some.says("gone.txt: there is no such file");
    some.says("packed.gz: ");
    some.says("folder: a folder; -r ");
    some.says("pipe: no regular file").says("-: no regular file");
    some.says("empty.txt: empty, so that there is nothing to measure");
    let empty = bench(&["empty.txt"]);
    assert_eq!(empty.exits(1).out, "");
    bench(&["empty.txt", "list.txt"]).exits(0);

    let none = bench(&[]);
    none.exits(2).says("FEED");
    place.run(&["bench", "list.txt"]).exits(2).says("--participants");
    place.run(&["bench", "-p", "p.csv", "--runs", "0", "list.txt"]).exits(2).says("'0'");
    place.write("bad.csv", "participant,kind,value\nA,domain,com\nA,domain,hospital.example\n");
    let bad = ["bench", "--runs", "1", "-o", "ndjson", "-p", "bad.csv", "list.txt"];
    assert_eq!(place.run(&bad).exits(2).says("bad.csv:2:10: ").rows()[0]["hits"], 1);
    place.run(&[&bad[..], &["--skip-bad-rows"]].concat()).exits(0);
}

#[test]
fn no_name_of_a_feed_steers_the_terminal() {
    let place = Place::new();
    let name = "dump\u{1b}[2J\u{202e}.txt";
    place.write(name, LIST);
    for form in ["text", "ndjson"] {
        assert_harmless(
            &place.run(&["bench", "--runs", "1", "-o", form, "-p", "p.csv", name]).exits(0).out,
        );
    }
}
