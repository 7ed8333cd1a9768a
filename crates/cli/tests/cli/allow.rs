//! Indicators that are never hits.

use super::*;

#[test]
fn entries_silence_what_they_hold_and_are_counted() {
    let place = Place::new();
    place.write("allow.txt", "# ours\n192.0.2.7 ; scanner\nwww.hospital.example\n\n");
    let without = place.scan(&["list.txt", "report.csv"]);
    assert_eq!(without.exits(0).rows().len(), 5);
    let with = place.scan(&["--allow", "allow.txt", "list.txt", "report.csv"]);
    assert_eq!(with.exits(0).is_quiet().column("indicator"), ["192.0.2.200", "192.0.2.200"]);
    let total = &with.summary["total"];
    assert_eq!((&total["hits"], &total["allowed"]), (&2.into(), &3.into()));
    let feeds: Vec<_> = with.summary["feeds"].as_array().expect("feeds").iter().collect();
    assert_eq!((&feeds[0]["allowed"], &feeds[1]["allowed"]), (&1.into(), &2.into()));
    assert_eq!(
        with.summary["allow"],
        serde_json::json!({"entries": 2, "own_silenced": false, "own": {}})
    );
    assert!(without.summary["allow"].is_null());
    // Nothing but what is allowed is missing.
    let kept = |line: &&str| !line.contains("192.0.2.7\"") && !line.contains("www.hospital");
    assert_eq!(
        with.out.lines().collect::<Vec<_>>(),
        without.out.lines().filter(kept).collect::<Vec<_>>()
    );
}

#[test]
fn entries_that_hold_own_assets_are_named_and_silence_nothing_of_their_owners() {
    let place = Place::new();
    place.write("allow.txt", "192.0.2.128/25\n203.0.113.9\n");
    let scan = place.scan(&["--allow", "allow.txt", "list.txt"]);
    // B has an asset in the entry, A has not.
    assert_eq!(scan.exits(0).column("participant"), ["A", "B"]);
    assert_eq!(scan.summary["allow"]["own"], serde_json::json!({"192.0.2.128/25": ["B"]}));
    let own = place.scan(&["--allow", "allow.txt", "--allow-own", "list.txt"]);
    assert_eq!(own.exits(0).column("participant"), ["A"]);
    assert_eq!(own.summary["allow"]["own_silenced"], true);
    assert_eq!(own.summary["total"]["allowed"], 2);
    place.run(&["scan", "-p", "p.csv", "--allow-own", "list.txt"]).exits(2).says("--allow");
}

#[test]
fn several_lists_and_warninglists() {
    let place = Place::new();
    let misp = |kind: &str, entry: &str| {
        format!("{{\"name\":\"x\",\"version\":1,\"type\":\"{kind}\",\"list\":[\"{entry}\"]}}\n")
    };
    place.write("cidr.json", misp("cidr", "192.0.2.192/26"));
    place.write("host.json", misp("hostname", "www.hospital.example"));
    place.write("under.txt", "x.www.hospital.example\n");
    let scan =
        place.scan(&["--allow", "cidr.json", "--allow", "host.json", "list.txt", "under.txt"]);
    assert_eq!(scan.exits(1).out, "");
    assert_eq!(scan.summary["total"]["allowed"], 4);
    // The type `string` compares whole names.
    place.write("exact.json", misp("string", "www.hospital.example"));
    let exact = place.scan(&["--allow", "exact.json", "list.txt", "under.txt"]);
    assert_eq!(
        exact.exits(0).column("indicator"),
        ["192.0.2.200", "192.0.2.200", "x.www.hospital.example"]
    );
    place.write("regex.json", misp("regex", "/hospital/"));
    let regex = place.scan(&["--allow", "regex.json", "list.txt"]);
    regex.exits(2).says("regex.json:1:1: a warninglist of type regex; cidr, hostname or string");
    assert_eq!(regex.out, "");
    place.scan(&["--allow", "no.txt", "list.txt"]).exits(2).says("no.txt: there is no such file");
}

#[test]
fn bad_entries_are_reported_as_bad_rows_are() {
    let place = Place::new();
    place.write("allow.txt", "www.hospital.example\n192.0.2.0/33\n");
    let scan = place.scan(&["--allow", "allow.txt", "list.txt"]);
    scan.exits(2)
        .says("allow.txt:2:1: prefix 192.0.2.0/33 has a length over 32; a length from 0 to 32")
        .says("allow.txt: 1 bad row, the others are used");
    assert_eq!(scan.column("participant"), ["B", "A"]);
    place.scan(&["--allow", "allow.txt", "--skip-bad-rows", "list.txt"]).exits(0);
    place.write("empty.txt", "# nothing\n");
    let empty = place.scan(&["--allow", "empty.txt", "list.txt"]);
    empty.exits(0).says("empty.txt: no entry in it, so that it allows nothing");
    assert_eq!(empty.rows().len(), 3);
    for flag in ["--out", "--summary"] {
        let ran = place.run(&[
            "scan",
            "-p",
            "p.csv",
            "--allow",
            "allow.txt",
            flag,
            "allow.txt",
            "list.txt",
        ]);
        ran.exits(2).says("both read and written");
    }
}

#[test]
fn an_explanation_says_that_something_is_allowed() {
    let place = Place::new();
    place.write("allow.txt", "192.0.2.200\n");
    let explain = ["explain", "-p", "p.csv", "--allow", "allow.txt", "192.0.2.200"];
    let allowed = place.run(&explain);
    assert!(allowed.exits(1).out.contains("an entry of --allow holds it"), "{}", allowed.out);
    place.run(&["explain", "-p", "p.csv", "192.0.2.200"]).exits(0);
}
