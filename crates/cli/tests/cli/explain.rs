//! `feedsieve explain`: why a record is a hit, or why it is not.

use super::{Place, assert_harmless};

#[test]
fn a_record_is_explained_as_a_scan_reads_it() {
    let place = Place::new();
    let explain = |arguments: &[&str]| {
        place.run(&[&["explain", "-p", "p.csv", "--skip-bad-rows"], arguments].concat())
    };
    let ran = explain(&["-f", "list", "www[.]hospital[.]example"]);
    assert_eq!(
        ran.exits(0).is_quiet().out,
        "read as list: as asked\n\
         record: line 1, bytes 0 to 24\n\n\
         at byte 0, role indicator: www[.]hospital[.]example\n    \
             reads as domain www.hospital.example (defanged)\n    \
             hit: domain hospital.example of A (main site), subdomain\n\
         a hit for A\n"
    );
    for (arguments, code, parts) in [
        (
            &["-f", "list", "192.0.2.200"][..],
            0,
            &[
                "hit: prefix 192.0.2.128/25 of B (ward), inside\n    hit: prefix 192.0.2.0/24 of A, inside\na hit for A, B",
            ][..],
        ),
        (
            &["-f", "list", "192.0.2.5/24"],
            0,
            &["reads as prefix 192.0.2.0/24 (host-bits)", "a hit for A, B"],
        ),
        (
            &["-f", "text", "http://evil.test/hospital.example/x"],
            1,
            &[
                "role url-host: evil.test\n    reads as domain evil.test\n    no hit: no asset is at or above this name",
                "no hit: domain hospital.example of A (main site), equal: the role url-path is off by default; scan --roles url-path shows it",
                "not a hit",
            ],
        ),
        (
            &["-f", "list", "10.20.0.1"],
            1,
            &["local space is withheld; scan --local-space shows it"],
        ),
        (&["-f", "list", "0.0.0.0/0"], 1, &["no hit: too broad"]),
        (&["-f", "list", "010.1.2.3"], 1, &["no hit: a number with a leading zero"]),
        (
            &["-f", "list", "192.0.2.50-192.0.2.10"],
            1,
            &["no hit: a range whose end lies before its start"],
        ),
        (&["-f", "list", "hospital..example"], 1, &["no hit: no name"]),
        (&["-f", "text", "nothing to see"], 1, &["nothing in it reads as an address", "not a hit"]),
        (
            &["-f", "list", "--participant", "A", "nothospital.example"],
            1,
            &[
                "no hit: no asset of A is at or above this name\n    not domain hospital.example of A: this name only ends with the same letters, and is not under it",
            ],
        ),
        (
            &["-f", "list", "--participant", "A", "192.0.2.200"],
            0,
            &[
                "hit: prefix 192.0.2.0/24 of A, inside\n    other participants are concerned, and --participant leaves them out\na hit for A\n",
            ],
        ),
        (
            &["-f", "list", "--participant", "B", "jaap@shared.example"],
            1,
            &[
                "not email jan@shared.example of B: it is one mail address, and this is another of the same domain",
            ],
        ),
        (
            &["-f", "csv", "ip,password\n192.0.2.7,www.hospital.example"],
            0,
            &["field ip", "field password: a secret by its name; not searched, not shown"],
        ),
    ] {
        let ran = explain(arguments);
        ran.exits(code);
        for part in parts {
            assert!(ran.out.contains(part), "{part:?} is not in {}", ran.out);
        }
        assert!(!ran.out.contains("hospital.example") || arguments[1] != "csv", "{}", ran.out);
    }
}

#[test]
fn a_line_of_a_feed_is_explained_with_its_header() {
    let place = Place::new();
    let at = |at: &str| place.run(&["explain", "-p", "p.csv", "--at", at]);
    let ran = at("report.csv:3");
    assert!(
        ran.exits(0).out.contains("field url, role url-host: www[.]hospital[.]example"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("record: line 3, bytes 59 to 120"), "{}", ran.out);
    assert!(at("report.csv:4").exits(1).out.contains("url-path"));
    place.write("quoted.csv", "a,b\n\"two\nlines\",192.0.2.7\n");
    for line in [2, 3] {
        let ran = at(&format!("quoted.csv:{line}"));
        assert!(ran.exits(0).out.contains("record: line 2"), "{}", ran.out);
    }
    place.write("blank.txt", "hospital.example\n\nx\n");
    let ran = at("blank.txt:2");
    assert!(
        ran.exits(1).out.contains("record: line 2, bytes 17 to 17\nit is blank"),
        "{}",
        ran.out
    );
    at("report.csv:9").exits(2).says("report.csv: there is no line 9; the feed has 4");
    at("gone.csv:1").exits(2).says("gone.csv: there is no such file");
    at("report.csv").exits(2).says("expected a feed and a line from 1");
    // What the scan says of every line is what the explanation says.
    for (feed, lines) in [("list.txt", 6), ("report.csv", 4), ("events.ndjson", 2)] {
        let scan = place.scan(&[feed]);
        let hits: Vec<u64> = scan.rows().iter().filter_map(|row| row["line"].as_u64()).collect();
        for line in 1..=lines {
            at(&format!("{feed}:{line}")).exits(i32::from(!hits.contains(&line)));
        }
    }
}

#[test]
fn a_record_comes_from_standard_input_and_mistakes_are_named() {
    let place = Place::new();
    let explain = ["explain", "-p", "p.csv"];
    let ran = place.run_with_stdin(&[&explain[..], &["-"]].concat(), "192.0.2.7\n");
    assert!(ran.exits(0).out.ends_with("a hit for A\n"));
    place.run_with_stdin(&[&explain[..], &["-"]].concat(), "").exits(2).says("is empty");
    let big = "x\n".repeat(600_000);
    place.run_with_stdin(&[&explain[..], &["-"]].concat(), big).exits(2).says("more than 1 MiB");
    place.run(&explain).exits(2);
    place.run(&[&explain[..], &["--at", "list.txt:1", "x"]].concat()).exits(2);
    for id in ["a", "AA"] {
        let ran = place.run(&[&explain[..], &["--participant", id, "x"]].concat());
        ran.exits(2).says("no participant of this id; the nearest is A\n");
    }
    let ran =
        place.run(&[&explain[..], &["a\u{1b}[2J\u{202e}.hospital.example 192.0.2.7"]].concat());
    assert_harmless(&ran.exits(0).out);
}
