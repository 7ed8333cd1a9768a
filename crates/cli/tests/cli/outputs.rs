//! Where hits go, and what people and spreadsheets see.

use super::*;

#[test]
fn a_file_of_hits_is_whole_and_private() {
    let place = Place::new();
    let expected = place.scan(&["list.txt"]).ran.out;
    place.write("hits.ndjson", "old");
    let scan = place.scan(&["--out", "hits.ndjson", "list.txt"]);
    assert_eq!(scan.exits(0).out, "");
    assert_eq!(place.read("hits.ndjson"), expected);
    assert_eq!(mode(&place.path("hits.ndjson")), 0o600);
    // What fails before the end leaves what was there, and no other trace.
    place.write("hits.ndjson", "old");
    place
        .run(&[
            "scan",
            "-p",
            "p.csv",
            "--participant",
            "nobody",
            "--out",
            "hits.ndjson",
            "list.txt",
        ])
        .exits(2);
    place.run(&["scan", "-p", "no.csv", "--out", "hits.ndjson", "list.txt"]).exits(2);
    assert_eq!(place.read("hits.ndjson"), "old");
    let left: Vec<_> = fs::read_dir(place.0.path())
        .expect("a folder")
        .map(|e| e.expect("an entry").file_name())
        .collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().ends_with(".tmp")), "{left:?}");
    // Without hits the file is there and empty, so that yesterday's is not taken for today's.
    place.write("clean.txt", "other.example\n");
    place.scan(&["--out", "hits.ndjson", "clean.txt"]).exits(1);
    assert_eq!(place.read("hits.ndjson"), "");
}

#[test]
fn every_file_that_is_written_is_private() {
    let place = Place::new();
    // Whatever the mask of the user is, and whatever the file was before.
    for old in [0o644, 0o666] {
        for name in ["hits", "account", "p.image"] {
            place.write(name, "old");
            fs::set_permissions(place.path(name), fs::Permissions::from_mode(old)).expect("set");
        }
        let arguments =
            ["scan", "-p", "p.csv", "--out", "hits", "--summary", "account", "list.txt"];
        place.run(&arguments).exits(0);
        place.run(&["compile", "-p", "p.csv", "-o", "p.image"]).exits(0);
        for name in ["hits", "account", "p.image"] {
            assert_eq!(mode(&place.path(name)), 0o600, "{name}");
        }
    }
}

#[test]
fn outputs_are_refused_that_are_links_devices_folders_or_inputs() {
    let place = Place::new();
    place.write("target.txt", "keep");
    symlink(place.path("target.txt"), place.path("link.txt")).expect("a link");
    symlink(place.path("nowhere.txt"), place.path("dangling.txt")).expect("a link");
    fs::create_dir(place.path("folder")).expect("a folder");
    fs::hard_link(place.path("list.txt"), place.path("twin.txt")).expect("a second name");
    for (name, message) in [
        ("link.txt", "a symbolic link"),
        ("dangling.txt", "a symbolic link"),
        ("/dev/stdout", "a symbolic link"),
        ("/dev/null", "not a regular file"),
        ("folder", "a folder"),
        ("no/such/hits.txt", "no/such/hits.txt: there is no such folder"),
        ("list.txt", "both read and written"),
        ("twin.txt", "both read and written"),
        ("p.csv", "both read and written"),
    ] {
        place.run(&["scan", "-p", "p.csv", "--out", name, "list.txt"]).exits(2).says(message);
        place.run(&["scan", "-p", "p.csv", "--summary", name, "list.txt"]).exits(2).says(message);
        if name != "list.txt" && name != "twin.txt" {
            place.run(&["compile", "-p", "p.csv", "-o", name]).exits(2).says(message);
        }
    }
    place
        .run(&["scan", "-p", "p.csv", "--out", "x", "--summary", "x", "list.txt"])
        .exits(2)
        .says("the same file");
    assert_eq!(place.read("target.txt"), "keep");
    assert_eq!(place.read("list.txt"), LIST);
    assert!(!place.path("nowhere.txt").exists());

    let feed = File::options().append(true).open(place.path("list.txt")).expect("the feed");
    let mut command = place.command(&["scan", "-p", "p.csv", "list.txt"]);
    let ran = Ran::of(&command.stdout(feed).output().expect("it runs"));
    ran.exits(2).says("list.txt: both read and written");
    assert_eq!(place.read("list.txt"), LIST);
}

#[test]
fn a_closed_pipe_is_silent() {
    let place = Place::new();
    place.write("many.txt", "192.0.2.7\n".repeat(100_000));
    let mut random = Random::new(4);
    let more = (0..rounds(8, 200)).map(|_| random.below(3_000_000) as usize);
    for read_bytes in [0, 1, 1_000, 100_000].into_iter().chain(more) {
        let mut child = place
            .command(&["scan", "-p", "p.csv", "many.txt", "list.txt"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut pipe = child.stdout.take().expect("a pipe");
        let mut begin = vec![0; read_bytes];
        pipe.read_exact(&mut begin).expect("so much is written");
        drop(pipe);
        Ran::of(&child.wait_with_output().expect("it ends")).exits(0).is_quiet();
    }
}

#[test]
fn a_full_disk_is_an_error() {
    let place = Place::new();
    let run = |arguments: &[&str]| {
        let full = File::options().write(true).open("/dev/full").expect("/dev/full");
        Ran::of(&place.command(arguments).stdout(full).output().expect("it runs"))
    };
    for arguments in [
        &["scan", "-p", "p.csv", "list.txt"][..],
        &["scan", "-p", "p.csv", "-o", "csv", "list.txt"],
        &["lookup", "-p", "p.csv", "hospital.example"],
    ] {
        run(arguments).exits(2).says("writing to standard output: no space left");
    }
    run(&["--version"]).exits(2);
    run(&["scan", "--help"]).exits(2);
}

// What people and spreadsheets see.

#[test]
fn csv_has_a_header_and_no_formulas() {
    let place = Place::new();
    place.write("=cmd.txt", "192.0.2.7\n");
    place.write(
        "header.csv",
        "\u{ff1d}ip,\"who, is\"\n192.0.2.7,www.hospital.example\n203.0.113.1,-x.hospital.example\n",
    );
    place.write("ids.csv", "participant,kind,value,label\n=1+1,prefix,192.0.2.0/24,@SUM(A1)\n+A,domain,hospital.example,a;=b\n");
    let scan = place.scan(&["-o", "csv", "-p", "ids.csv", "=cmd.txt", "header.csv"]);
    let mut lines = scan.exits(0).out.lines();
    assert_eq!(
        lines.next(),
        Some(
            "schema,feed,line,offset,length,at,field,role,kind,indicator,relation,participant,asset,asset_kind,time,port,protocol,tag,side,raw,flags,also_count,label"
        )
    );
    let rows: Vec<&str> = lines.collect();
    assert!(
        rows[0].starts_with("1,\"'=cmd.txt\",1,0,9,0,,indicator,ipv4,192.0.2.7,inside,\"'=1+1\",192.0.2.0/24,prefix,,,,,,,,,\"'@SUM(A1)\""),
        "{}",
        rows[0]
    );
    assert!(rows[1].contains(",\"'\u{ff1d}ip\",indicator,"), "{}", rows[1]);
    assert!(rows[2].contains(",\"who, is\",indicator,"), "{}", rows[2]);
    assert!(rows[3].contains(",domain,\"'-x.hospital.example\","), "{}", rows[3]);
    assert_eq!(
        place
            .scan(&["-o", "csv", "-p", "p.csv", "--roles", "comment", "list.txt"])
            .exits(1)
            .out
            .lines()
            .count(),
        1
    );
}

#[test]
fn facts_stand_in_every_form() {
    let place = Place::new();
    place.write(
        "report.csv",
        "timestamp,src_ip,src_port,proto,tag\n2026-11-22 01:02:03,192.0.2.7,4717,UDP,=mirai\n",
    );
    let scan = place.scan(&["report.csv"]);
    assert!(
        scan.exits(0).out.contains(
            "\"asset_kind\":\"prefix\",\"time\":\"2026-11-22T01:02:03Z\",\"port\":4717,\"protocol\":\"udp\",\
             \"tag\":\"=mirai\",\"side\":\"source\",\"flags\":[\"tz-assumed\"]"
        ),
        "{}",
        scan.out
    );
    let csv = place.scan(&["-o", "csv", "report.csv"]);
    let facts = ",2026-11-22T01:02:03Z,4717,udp,\"'=mirai\",source,,tz-assumed,,";
    assert!(csv.exits(0).out.contains(facts), "{}", csv.out);
    let table = place.scan(&["-o", "table", "report.csv"]);
    assert!(table.exits(0).out.contains("2026-11-22T01:02:03Z"), "{}", table.out);
}

#[test]
fn nothing_from_outside_steers_a_terminal() {
    let place = Place::new();
    let name = "evil\u{1b}[2J\u{202e}\u{9b}\r.txt";
    place.write(name, "www.hospital.example\n");
    place.write("keys.ndjson", "{\"a\\u001b[31m\\u202e\\u2066b\":\"192.0.2.7\"}\n");
    place.write("cells.csv", "x,\"a\u{1b}]0;b\u{7}\u{85}\"\n1,192.0.2.7\n");
    for form in ["table", "ndjson", "csv"] {
        let scan = place.scan(&["-o", form, name, "keys.ndjson", "cells.csv"]);
        assert_eq!(scan.exits(0).out.matches("192.0.2.7").count(), 2);
        assert_harmless(&scan.out);
        assert!(form != "ndjson" || scan.column("feed")[0] == name);
    }
    let gone = format!("gone-{name}");
    let scan = place.scan(&["--progress", "json", &gone, "list.txt"]);
    scan.exits(2).says("gone-evil\\u{1b}[2J\\u{202e}");
    assert_harmless(&scan.err);
    for arguments in [
        &["scan", "-p", name][..],
        &["scan", "-p", &gone],
        &["scan", "-i", name],
        &["inspect", name],
        &["scan", "-f", name],
        &["scan", "-p", "p.csv", "--out", "/dev/null", name],
        &["lookup", "-p", "p.csv", name],
        &[name],
    ] {
        let ran = place.run(arguments);
        assert_harmless(&ran.exits(2).err);
        assert!(!ran.err.is_empty());
    }
    // The image's name is shown by `inspect`, too.
    place.run(&["compile", "-p", "p.csv", "-o", name]).exits(0);
    assert_harmless(&place.run(&["inspect", name]).exits(0).out);
}

#[test]
fn a_table_has_a_column_for_each_thing() {
    let place = Place::new();
    let scan = place.scan(&["-o", "table", "report.csv"]);
    let lines: Vec<Vec<&str>> =
        scan.exits(0).out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(
        lines[0],
        ["participant", "asset", "relation", "indicator", "where", "role", "field", "time"]
    );
    assert_eq!(
        lines[1],
        [
            "A",
            "192.0.2.0/24",
            "inside",
            "192.0.2.7",
            "report.csv:2",
            "indicator",
            "src_ip",
            "2026-11-22T00:00:00Z"
        ]
    );
    assert_eq!(
        lines[2],
        [
            "A",
            "hospital.example",
            "subdomain",
            "www.hospital.example",
            "report.csv:3",
            "url-host",
            "url",
            "2026-11-22T00:00:00Z"
        ]
    );
    assert!(!scan.out.contains('\u{1b}'));
}
