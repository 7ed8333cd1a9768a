//! Options of a scan.

use super::*;

#[test]
fn an_unknown_format_names_the_known_ones() {
    let place = Place::new();
    let ran = place.run(&["scan", "-p", "p.csv", "-f", "xml", "list.txt"]);
    ran.exits(2).says("xml");
    for format in ["auto", "text", "list", "csv", "tsv", "ndjson", "json", "stix", "misp"] {
        ran.says(format);
        place.scan(&["-f", format, "list.txt"]).exits(0);
    }
    place.run(&["scan", "-p", "p.csv", "--roles", "host", "list.txt"]).exits(2).says("url-path");
}

#[test]
fn roles_participants_and_local_space_choose_hits() {
    let place = Place::new();
    let all = place.scan(&["--roles", "all", "report.csv"]);
    assert_eq!(all.exits(0).column("role"), ["indicator", "url-host", "url-path"]);
    let path = place.scan(&["--roles", "url-path,comment", "report.csv"]);
    assert_eq!(path.exits(0).column("role"), ["url-path"]);
    let default = place.scan(&["report.csv"]);
    assert_eq!(default.summary["total"]["suppressed"]["url-path"], 1);

    let one = place.scan(&["--participant", "B", "list.txt", "events.ndjson"]);
    assert_eq!(one.exits(0).column("participant"), ["B", "B"]);
    let two =
        place.scan(&["--participant", "B", "--participant", "C", "list.txt", "events.ndjson"]);
    assert_eq!(two.exits(0).column("participant"), ["B", "C", "B"]);
    let unknown = place.run(&["scan", "-p", "p.csv", "--participant", "b", "list.txt"]);
    unknown.exits(2).says("--participant b: no participant of this id");
    assert_eq!(unknown.out, "");

    let list = place.scan(&["list.txt"]);
    assert_eq!(list.summary["total"]["local_space"], 1);
    let local = place.scan(&["--local-space", "list.txt"]);
    assert_eq!(local.column("participant"), ["A", "B", "A", "L"]);
}

#[test]
fn the_most_specific_asset_of_each_participant_on_request() {
    let place = Place::new();
    place.write(
        "nested.csv",
        "participant,kind,value\nA,domain,h.example\nA,domain,lab.h.example\nB,domain,h.example\n",
    );
    place.write("one.txt", "x.lab.h.example\n");
    let all = place.scan(&["-p", "nested.csv", "one.txt"]);
    assert_eq!(all.exits(0).column("participant"), ["A", "A", "B"]);
    let longest = place.scan(&["-p", "nested.csv", "--most-specific", "one.txt"]);
    assert_eq!(longest.exits(0).column("participant"), ["A", "B"]);
    assert_eq!(longest.column("asset"), ["lab.h.example", "h.example"]);
    assert_eq!(longest.summary["total"]["hits"], 2);
    let of_one =
        place.scan(&["-p", "nested.csv", "--most-specific", "--participant", "B", "one.txt"]);
    assert_eq!(of_one.exits(0).column("asset"), ["h.example"]);
}

#[test]
fn keywords_are_searched_on_request() {
    let place = Place::new();
    place
        .write("k.csv", "participant,kind,value\nA,keyword,St. Antonius\nB,keyword,M\u{fc}nchen\n");
    let feed = "{\"t\":\"ST.\\tANTONIUS, M\\u00fcnchen\"}\n{\"t\":\"M\u{dc}NCHEN\"}\n";
    place.write("leak.ndjson", feed);
    let without = place.scan(&["-p", "k.csv", "leak.ndjson"]);
    assert_eq!(without.exits(1).out, "");
    let with = place.scan(&["-p", "k.csv", "--keywords", "leak.ndjson"]);
    assert_eq!(with.exits(0).column("asset"), ["st. antonius", "m\u{fc}nchen", "m\u{fc}nchen"]);
    for (key, expected) in
        [("kind", "keyword"), ("asset_kind", "keyword"), ("relation", "mention"), ("role", "text")]
    {
        assert_eq!(with.column(key), [expected; 3]);
    }
    // As written, unless only the case differs.
    assert_eq!(with.column("raw"), ["ST.\\tANTONIUS", "M\\u00fcnchen", ""]);

    place.run(&["compile", "-p", "k.csv", "-o", "k.image"]).exits(0);
    let compiled = place.scan(&["-i", "k.image", "--keywords", "leak.ndjson"]);
    assert_eq!(compiled.out, with.out);
    assert_eq!(place.run(&["inspect", "-o", "json", "k.image"]).rows()[0]["keywords"], 2);
    place.run(&["lookup", "-i", "k.image", "st.antonius.example"]).exits(1);
    place.write("short.csv", "participant,kind,value\nA,keyword,umc\n");
    place
        .run(&["scan", "-p", "short.csv", "--keywords", "leak.ndjson"])
        .exits(2)
        .says("short.csv:2:11: keyword umc has fewer than four characters");
}

#[test]
fn broad_prefixes_are_rejected_up_to_the_limits() {
    let place = Place::new();
    place.write("broad.txt", "192.0.0.0/7\n192.0.0.0/8\n192.0.0.0/16\n");
    let default = place.scan(&["broad.txt"]);
    let covering = |scan: &Scan| scan.column("indicator");
    assert_eq!(covering(&default), ["192.0.0.0/8", "192.0.0.0/8", "192.0.0.0/16", "192.0.0.0/16"]);
    assert_eq!(default.summary["total"]["rejected"]["too-broad"]["count"], 1);
    assert_eq!(
        default.summary["feeds"][0]["rejected"]["too-broad"]["lines"],
        serde_json::json!([1])
    );
    let strict = place.scan(&["--max-feed-prefix4", "16", "broad.txt"]);
    assert_eq!(covering(&strict), ["192.0.0.0/16", "192.0.0.0/16"]);
    place.run(&["scan", "-p", "p.csv", "--max-feed-prefix4", "33", "list.txt"]).exits(2).says("33");
    place.run(&["scan", "-p", "p.csv", "-j", "0", "list.txt"]).exits(2).says("'0'");
}

#[test]
fn the_summary_has_the_documented_keys() {
    let place = Place::new();
    let scan = place.scan(&["report.csv", "list.txt"]);
    let names =
        |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    let mut tally = vec![
        "bytes",
        "lines",
        "records",
        "scanned",
        "skipped",
        "rejected",
        "candidates",
        "hits",
        "participants",
        "suppressed",
        "exceptions",
        "allowed",
        "local_space",
        "format",
        "format_why",
        "encoding",
        "complete",
        "incomplete_why",
        "seconds",
    ];
    tally.sort_unstable();
    assert_eq!(names(&scan.summary), ["feeds", "image", "schema", "total"]);
    assert_eq!(names(&scan.summary["total"]), tally);
    tally.push("feed");
    tally.sort_unstable();
    assert_eq!(names(&scan.summary["feeds"][0]), tally);
    assert_eq!(scan.summary["schema"], 1);
    assert_eq!(scan.summary["feeds"][0]["format"], "csv");
    assert_eq!(scan.summary["feeds"][1]["skipped"], serde_json::json!({"blank": 1}));
    assert_eq!(scan.summary["total"]["bytes"], (CSV.len() + LIST.len()) as u64);
    assert_eq!(scan.summary["total"]["participants"], serde_json::json!({"A": 4, "B": 1}));
    assert_eq!(scan.summary["image"]["assets"], 7);
    assert_eq!(mode(&place.path("summary.json")), 0o600);
}

#[test]
fn progress_is_shown_on_request_only() {
    let place = Place::new();
    place.scan(&["--progress", "auto", "list.txt"]).exits(0).is_quiet();
    place.scan(&["--progress", "never", "list.txt"]).exits(0).is_quiet();
    place.scan(&["--progress", "always", "list.txt"]).exits(0);
    let json = place.scan(&["--progress", "json", "list.txt", "report.csv"]);
    let last: Value =
        serde_json::from_str(json.exits(0).err.lines().last().expect("a line")).expect("JSON");
    assert_eq!(last["bytes"], (CSV.len() + LIST.len()) as u64);
    assert_eq!(last["bytes"], last["bytes_total"]);
    assert_eq!(last["hits"], 5);
}

const EVENTS: &str = "{\"src\":{\"ip\":\"192.0.2.7\",\"n\":[1,2]},\"note\":\"=see 192.0.2.8\",\"user\":{\"pw\":\"x\",\"id\":7}}\n\
    {\"src\":{\"ip\":\"203.0.113.1\"},\"note\":\"192.0.2.9\"}\n";

#[test]
fn only_the_fields_that_were_asked_for_are_searched() {
    let place = Place::new();
    place.write("two.csv", "ip,seen_by,\n192.0.2.7,192.0.2.8,192.0.2.9\n");
    let one = place.scan(&["--fields", "seen_by", "two.csv"]);
    assert_eq!(one.exits(0).column("indicator"), ["192.0.2.8"]);
    let unnamed = place.scan(&["--fields", "col3", "two.csv"]);
    assert_eq!(unnamed.exits(0).column("indicator"), ["192.0.2.9"]);
    let unknown = place.scan(&["--fields", "ip,sen_by", "two.csv"]);
    unknown.exits(2).says("two.csv: no field sen_by; the nearest is seen_by");
    assert_eq!(unknown.out, "");
    place.scan(&["--fields", "col1", "two.csv"]).exits(2).says("no field col1");
    place.scan(&["--fields", "ip", "list.txt"]).exits(2).says("fields have no names");

    place.write("e.ndjson", EVENTS);
    let under = place.scan(&["--fields", "/src", "e.ndjson"]);
    assert_eq!(under.exits(0).column("indicator"), ["192.0.2.7"]);
    assert!(!under.err.contains("has"), "{}", under.err);
    let two = place.scan(&["--fields", "/note,/src/ip", "e.ndjson"]);
    assert_eq!(two.exits(0).column("indicator"), ["192.0.2.7", "192.0.2.9"]);
    let none = place.scan(&["--fields", "/sr,/source/ip", "e.ndjson"]);
    none.exits(1).says("e.ndjson: no record that was looked at has /sr\n");
    none.says("no record that was looked at has /source/ip\n");
    let unseen = |scan: &Scan| scan.summary["feeds"][0]["unseen_fields"].to_string();
    assert_eq!((unseen(&none), unseen(&two)), (r#"["/sr","/source/ip"]"#.into(), "null".into()));
    place.scan(&["--fields", "src", "e.ndjson"]).exits(2).says("the nearest is /src");
    place.run(&["scan", "-p", "p.csv", "--fields", "/a/token", "e.ndjson"]).exits(2).says("secret");
}

#[test]
fn fields_of_the_record_are_copied_into_hits() {
    let place = Place::new();
    place
        .write("k.csv", "id,ip,note,password\n7,192.0.2.7,\"=a \"\"b\"\", c\",x\n8,192.0.2.8,,y\n");
    let kept = place.scan(&["--keep", "note,id", "k.csv"]);
    let data = |scan: &Scan| -> Vec<String> {
        scan.exits(0).rows().iter().map(|row| row["data"].to_string()).collect()
    };
    assert_eq!(data(&kept), [r#"{"id":"7","note":"=a \"b\", c"}"#, r#"{"id":"8","note":""}"#]);
    let csv = place.scan(&["-o", "csv", "--keep", "note,id", "k.csv"]);
    let lines: Vec<&str> = csv.exits(0).out.lines().collect();
    assert!(lines[0].ends_with(",label,data.note,data.id"), "{}", lines[0]);
    assert!(lines[1].ends_with(",\"'=a \"\"b\"\", c\",7"), "{}", lines[1]);
    assert!(lines[2].ends_with(",,8"), "{}", lines[2]);
    let unknown = place.scan(&["--keep", "notes", "k.csv"]);
    unknown.exits(2).says("k.csv: no field notes; the nearest is note");
    for secret in ["password", "id,password"] {
        let refused = place.run(&["scan", "-p", "p.csv", "--keep", secret, "k.csv"]);
        refused.exits(2).says("--keep password: a field of this name holds a secret");
        assert_eq!(refused.out, "");
    }

    place.write("e.ndjson", EVENTS);
    let kept = place.scan(&["--keep", "/user,/src/n,/none", "e.ndjson"]);
    let expected = r#"{"/src/n":"[1,2]","/user":"{\"id\":7,\"pw\":\"[redacted]\"}"}"#;
    assert_eq!(data(&kept), [expected, "null"]);
    kept.says("no record that was looked at has /none");
    let plain = place.scan(&["e.ndjson"]);
    assert!(plain.rows().iter().all(|row| row.get("data").is_none()));
}

#[test]
fn records_are_copied_without_their_secrets() {
    let place = Place::new();
    place.write(
        "k.csv",
        "id,ip,user_password,x\n7,192.0.2.7,\"geheim, \"\"1\"\"\",=y\n8,192.0.2.8,,z\n",
    );
    let copied = place.scan(&["--with-record", "k.csv"]);
    assert_eq!(
        copied.exits(0).column("record"),
        ["7,192.0.2.7,\"[redacted]\",=y", "8,192.0.2.8,,z"]
    );
    let csv = place.scan(&["-o", "csv", "--with-record", "k.csv"]);
    assert!(csv.exits(0).out.lines().next().is_some_and(|line| line.ends_with(",label,record")));
    assert!(csv.out.contains(",\"7,192.0.2.7,\"\"[redacted]\"\",=y\"\n"), "{}", csv.out);

    place.write("e.ndjson", EVENTS);
    let copied = place.scan(&["--with-record", "e.ndjson"]);
    let records = copied.exits(0).column("record");
    assert!(records[0].contains("\"pw\":\"[redacted]\""), "{}", records[0]);
    assert_eq!(records.last().map(String::as_str), EVENTS.lines().last());

    place.write(
        "leak.txt",
        "jan@hospital.example:Geheim1\npiet@hospital.example;Geheim2\nx@y.example:a\n",
    );
    let leak = place.scan(&["--with-record", "-f", "credentials", "leak.txt"]);
    assert_eq!(
        leak.exits(0).column("record"),
        ["jan@hospital.example:[redacted]", "piet@hospital.example;[redacted]"]
    );
    for scan in [&copied, &leak, &csv] {
        assert!(!scan.out.contains("eheim"), "{}", scan.out);
    }

    place.write("block.txt", "URL: http://hospital.example/\nUsername: jan@hospital.example\nPassword: !x@hospital.example\n");
    let block = place.scan(&["--with-record", "-f", "credentials", "block.txt"]);
    let records = block.exits(0).column("record");
    assert_eq!(records, ["URL: http://hospital.example/", "Username: jan@hospital.example"]);
}

#[test]
fn long_records_are_cut_and_nothing_in_them_is_taken_for_no_secret() {
    let place = Place::new();
    let long = "x".repeat(40_000);
    place.write("long.txt", format!("{long} 192.0.2.7 {long}\n192.0.2.8\n"));
    let text = place.scan(&["--with-record", "-f", "text", "long.txt"]);
    let rows = text.exits(0).rows();
    assert_eq!(rows[0]["record"].as_str().map(str::len), Some(64 << 10));
    assert!(rows[0]["record"].as_str().is_some_and(|record| record.contains(" 192.0.2.7 ")));
    assert_eq!(rows[0]["flags"].to_string(), "[\"long-record\"]");
    assert_eq!((rows[1]["record"].as_str(), rows[1].get("flags")), (Some("192.0.2.8"), None));
    assert_eq!(
        (&text.summary["total"]["hits"], &text.summary["total"]["long_records"]),
        (&2.into(), &1.into())
    );
    for (name, head) in [("long.csv", "a,password\n"), ("long.ndjson", "")] {
        place.write(name, format!("{head}{{\"a\":\"{long} 192.0.2.7 {long}\"}}\n{{}},\n"));
        let format = if head.is_empty() { "ndjson" } else { "csv" };
        let scan = place.scan(&[
            "--with-record",
            "--keep",
            if head.is_empty() { "/a" } else { "a" },
            "-f",
            format,
            name,
        ]);
        let row = &scan.exits(0).rows()[0];
        assert!(row.get("record").is_none() && row.get("data").is_none(), "{name}");
        assert!(row["flags"].to_string().contains("long-record"), "{name}");
        assert_eq!(scan.summary["total"]["long_records"], 1, "{name}");
    }
}
