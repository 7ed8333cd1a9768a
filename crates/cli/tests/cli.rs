//! The command as a process: what it prints, where, and with which exit code.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

#[path = "cli/accounts.rs"]
mod accounts;
#[path = "cli/allow.rs"]
mod allow;
#[path = "cli/bench.rs"]
mod bench;
#[path = "cli/canary.rs"]
mod canary;
#[path = "cli/check.rs"]
mod check;
#[path = "cli/digests.rs"]
mod digests;
#[path = "cli/explain.rs"]
mod explain;
#[path = "cli/faults.rs"]
mod faults;
#[path = "cli/hostile_inventories.rs"]
mod hostile_inventories;
#[path = "cli/images.rs"]
mod images;
#[path = "cli/intelmq.rs"]
mod intelmq;
#[path = "cli/interference.rs"]
mod interference;
#[path = "cli/lookups.rs"]
mod lookups;
#[path = "cli/memory.rs"]
mod memory;
#[path = "cli/options.rs"]
mod options;
#[path = "cli/outputs.rs"]
mod outputs;
#[path = "cli/packed.rs"]
mod packed;
#[path = "cli/ranges.rs"]
mod ranges;
#[path = "cli/signals.rs"]
mod signals;
#[path = "cli/special_files.rs"]
mod special_files;
#[path = "cli/surfaces.rs"]
mod surfaces;
#[path = "cli/terminals.rs"]
mod terminals;
#[path = "cli/together.rs"]
mod together;

const INVENTORY: &str = "\
participant,kind,value,label,group
A,domain,hospital.example,main site,health
A,prefix,192.0.2.0/24,,health
B,prefix,192.0.2.128/25,ward,
B,email,jan@shared.example,,
C,range,198.51.100.10-198.51.100.99,,
C,domain,m\u{fc}nchen-klinik.example,,
L,prefix,10.20.0.0/16,,
";

const LIST: &str = "other.example\nwww.hospital.example\n\n203.0.113.9\n192.0.2.200\n10.20.0.1\n";

const CSV: &str = "time,src_ip,url\n\
    2026-11-22,192.0.2.7,http://clean.example/\n\
    2026-11-22,203.0.113.1,http://www[.]hospital[.]example:8080/x\n\
    2026-11-22,203.0.113.2,http://clean.example/hospital.example\n";

const NDJSON: &str = "{\"ip\":\"198.51.100.12\"}\n{\"mail\":\"JAN@shared.example\"}\n";

/// A folder to work in, and the command run there.
///
/// Every scan gives an account, into a folder of its own where the test does not name a file,
/// and what has to hold of all accounts is checked at the end of the test at the latest.
struct Place(TempDir, TempDir);

impl Drop for Place {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        for account in fs::read_dir(self.1.path()).expect("a folder") {
            let text = fs::read(account.expect("an entry").path()).expect("a file");
            check_account(&serde_json::from_slice(&text).expect("JSON"));
        }
    }
}

impl Place {
    fn new() -> Self {
        let place = Self(TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
        place.write("p.csv", INVENTORY);
        place.write("list.txt", LIST);
        place.write("report.csv", CSV);
        place.write("events.ndjson", NDJSON);
        place
    }

    fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(&path, content).expect("a file");
        path
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a text file")
    }

    fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedsieve"));
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        let is = |name: &str| arguments.iter().any(|argument| argument.as_ref() == name);
        if arguments.first().is_some_and(|first| first.as_ref() == "scan")
            && !["--summary", "--help", "-h"].into_iter().any(is)
        {
            let number = fs::read_dir(self.1.path()).expect("a folder").count();
            command.arg("--summary").arg(self.1.path().join(format!("{number}.json")));
        }
        command
    }

    fn run(&self, arguments: &[impl AsRef<OsStr>]) -> Ran {
        Ran::of(&self.command(arguments).output().expect("it runs"))
    }

    fn run_with_stdin(&self, arguments: &[impl AsRef<OsStr>], stdin: impl AsRef<[u8]>) -> Ran {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut pipe = child.stdin.take().expect("a pipe");
        // The command may have ended without reading all.
        let _ = pipe.write_all(stdin.as_ref());
        drop(pipe);
        Ran::of(&child.wait_with_output().expect("it ends"))
    }

    /// `scan -p p.csv --summary …`, with the promises checked that hold for every scan.
    fn scan(&self, arguments: &[&str]) -> Scan {
        self.scan_with_stdin(arguments, "")
    }

    fn scan_with_stdin(&self, arguments: &[&str], stdin: impl AsRef<[u8]>) -> Scan {
        let mut all = vec!["scan", "--summary", "summary.json"];
        if !arguments.iter().any(|argument| ["-p", "-i"].contains(argument)) {
            all.extend(["-p", "p.csv"]);
        }
        all.extend(arguments);
        let _ = fs::remove_file(self.path("summary.json"));
        let ran = self.run_with_stdin(&all, stdin);
        let text = fs::read(self.path("summary.json")).ok();
        let summary = text.map(|text| serde_json::from_slice(&text).expect("JSON"));
        let scan = Scan { ran, summary: summary.unwrap_or(Value::Null) };
        scan.check();
        scan
    }
}

/// How often a test tries what is decided by chance: few times, or as often as the promise says
/// where `cargo xtask promises` asks for it.
fn rounds(few: usize, many: usize) -> usize {
    if std::env::var_os("FEEDSIEVE_LONG").is_some() { many } else { few }
}

/// Numbers that look like chance and are the same in each run (xorshift, Marsaglia 2003).
struct Random(u64);

impl Random {
    const fn new(seed: u64) -> Self {
        Self(seed ^ 0x9e37_79b9_7f4a_7c15)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Self {
            code: output.status.code().expect("no signal ended it"),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }

    #[track_caller]
    fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }

    #[track_caller]
    fn says(&self, part: &str) -> &Self {
        assert!(self.err.contains(part), "{part:?} is not in: {}", self.err);
        self
    }

    #[track_caller]
    fn is_quiet(&self) -> &Self {
        assert_eq!(self.err, "");
        self
    }

    /// The lines of stdout as JSON.
    fn rows(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// The named string of every row.
    fn column(&self, key: &str) -> Vec<String> {
        let text = |row: Value| row[key].as_str().unwrap_or_default().to_owned();
        self.rows().into_iter().map(text).collect()
    }
}

struct Scan {
    ran: Ran,
    summary: Value,
}

impl std::ops::Deref for Scan {
    type Target = Ran;

    fn deref(&self) -> &Ran {
        &self.ran
    }
}

impl Scan {
    /// Nothing is lost: in every feed and in total, records are scanned or skipped for a reason.
    fn check(&self) {
        if self.summary.is_null() {
            return;
        }
        check_account(&self.summary);
        let total = &self.summary["total"];
        let is_closed = total["incomplete_why"].as_str().is_some_and(|why| why.contains("closed"));
        if total["complete"] == false && !is_closed {
            self.ran.exits(2);
        }
    }
}

/// Of how much there is in all feeds together, in each and by reason.
fn check_account(account: &Value) {
    let feeds = account["feeds"].as_array().expect("feeds");
    let number = |value: &Value| value.as_u64().expect("a count");
    let sum = |value: &Value| value.as_object().expect("counts").values().map(number).sum::<u64>();
    for tally in feeds.iter().chain([&account["total"]]) {
        let records = number(&tally["scanned"]) + sum(&tally["skipped"]);
        assert_eq!(number(&tally["records"]), records, "{tally}");
        for reason in tally["skipped"].as_object().expect("counts").keys() {
            assert!(["blank", "out-of-range"].contains(&reason.as_str()), "{tally}");
        }
        assert_eq!(number(&tally["hits"]), sum(&tally["participants"]), "{tally}");
        assert_eq!(tally["complete"] == true, tally["incomplete_why"].is_null(), "{tally}");
    }
    // Where a record is a line, there are as many.
    let has_lines = |format: &str| !["csv", "tsv", "json", "stix", "misp"].contains(&format);
    for feed in feeds.iter().filter(|feed| feed["format"].as_str().is_some_and(has_lines)) {
        assert_eq!(feed["lines"], feed["records"], "{feed}");
    }
    let total = &account["total"];
    for key in [
        "bytes",
        "lines",
        "records",
        "scanned",
        "candidates",
        "hits",
        "exceptions",
        "allowed",
        "local_space",
    ] {
        assert_eq!(
            number(&total[key]),
            feeds.iter().map(|feed| number(&feed[key])).sum::<u64>(),
            "{key}"
        );
    }
    for key in ["skipped", "participants", "suppressed"] {
        assert_eq!(
            sum(&total[key]),
            feeds.iter().map(|feed| sum(&feed[key])).sum::<u64>(),
            "{key}"
        );
    }
    assert_eq!(total["complete"], feeds.iter().all(|feed| feed["complete"] == true));
}

/// The keys of a JSON object in the order in which they are written.
fn keys(line: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut rest = line.trim().strip_prefix('{').expect("an object");
    loop {
        let mut strings = serde_json::Deserializer::from_str(rest).into_iter::<String>();
        let Some(key) = strings.next() else { return keys };
        keys.push(key.expect("a key"));
        rest = rest[strings.byte_offset()..].trim_start().strip_prefix(':').expect("a colon");
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        values.next().expect("a value").expect("a value");
        rest = rest[values.byte_offset()..].trim_start();
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => {
                assert_eq!(rest, "}");
                return keys;
            }
        }
    }
}

fn is_steering(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[track_caller]
fn assert_harmless(text: &str) {
    for line in text.lines() {
        assert!(!line.contains(is_steering), "{line:?}");
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o7777
}

// What a scan gives, and its exit code.

#[test]
fn hits_no_hits_and_errors_have_their_exit_codes() {
    let place = Place::new();
    place.write("clean.txt", "other.example\n203.0.113.9\n");
    place.scan(&["list.txt"]).exits(0).is_quiet();
    let clean = place.scan(&["clean.txt"]);
    assert_eq!(clean.exits(1).is_quiet().out, "");
    place.scan(&["--exit-zero", "clean.txt"]).exits(0).is_quiet();
    place.scan(&["--exit-zero", "no.txt"]).exits(2).says("no.txt: there is no such file");
    place.scan(&["-p", "no.csv", "list.txt"]).exits(2).says("no.csv: there is no such file");
    place.run(&["scan", "list.txt"]).exits(2).says("--participants");
    place.run(&["scan", "-p", "p.csv", "-i", "x", "list.txt"]).exits(2).says("cannot be used with");
    place.run(&["nothing"]).exits(2);
    place.run(&["--version"]).exits(0).is_quiet();
    for command in [&["--help"][..], &["scan", "--help"], &["scan", "-h"], &["lookup", "--help"]] {
        assert!(place.run(command).exits(0).is_quiet().out.contains("Usage: feedsieve"));
    }
}

#[test]
fn a_hit_has_the_documented_keys_in_their_order() {
    let place = Place::new();
    let scan = place.scan(&["list.txt", "report.csv", "events.ndjson"]);
    let lines: Vec<&str> = scan.exits(0).out.lines().collect();
    assert_eq!(
        lines[0],
        "{\"schema\":1,\"feed\":\"list.txt\",\"line\":2,\"offset\":14,\"length\":20,\"at\":14,\
         \"field\":null,\"role\":\"indicator\",\"kind\":\"domain\",\"indicator\":\"www.hospital.example\",\
         \"relation\":\"subdomain\",\"participant\":\"A\",\"asset\":\"hospital.example\",\
         \"asset_kind\":\"domain\",\"label\":\"main site\"}"
    );
    let defanged = lines.iter().find(|line| line.contains("defanged")).expect("a defanged hit");
    assert!(defanged.contains(
        "\"asset_kind\":\"domain\",\"time\":\"2026-11-22T00:00:00Z\",\"port\":8080,\
         \"raw\":\"www[.]hospital[.]example\",\"flags\":[\"defanged\",\"tz-assumed\"],\
         \"label\":\"main site\"}"
    ));
    let order = [
        "schema",
        "feed",
        "line",
        "offset",
        "length",
        "at",
        "field",
        "role",
        "kind",
        "indicator",
        "relation",
        "participant",
        "asset",
        "asset_kind",
        "time",
        "port",
        "protocol",
        "tag",
        "side",
        "raw",
        "flags",
        "also",
        "also_count",
        "label",
    ];
    for line in lines {
        let keys = keys(line);
        let documented: Vec<&str> =
            order.into_iter().filter(|key| keys.contains(&(*key).to_owned())).collect();
        assert_eq!(keys, documented);
    }
    assert_eq!(scan.column("participant"), ["A", "B", "A", "A", "A", "C", "B"]);
    assert_eq!(scan.rows()[6]["field"], "/mail");
}

#[test]
fn further_evidence_is_listed_up_to_sixteen_and_counted_beyond() {
    let place = Place::new();
    place.write("few.ndjson", "{\"a\":\"192.0.2.1\",\"b\":\"192.0.2.2\"}\n");
    let many: Vec<String> = (1..30).map(|host| format!("\"k{host}\":\"192.0.2.{host}\"")).collect();
    place.write("many.ndjson", format!("{{{}}}\n", many.join(",")));
    let few = place.scan(&["few.ndjson"]);
    assert_eq!(keys(few.exits(0).out.trim()).last().map(String::as_str), Some("also"));
    let also = &few.rows()[0]["also"][0];
    assert_eq!(
        also.to_string(),
        "{\"at\":22,\"field\":\"/b\",\"indicator\":\"192.0.2.2\",\"relation\":\"inside\",\"role\":\"indicator\"}"
    );
    let many = place.scan(&["many.ndjson"]);
    let row = &many.exits(0).rows()[0];
    assert_eq!(row["also"].as_array().map(Vec::len), Some(16));
    assert_eq!(row["also_count"], 28);
}

#[test]
fn standard_input_is_a_feed() {
    let place = Place::new();
    for arguments in [&[][..], &["-"]] {
        let scan = place.scan_with_stdin(arguments, LIST);
        assert_eq!(scan.exits(0).is_quiet().column("participant"), ["A", "B", "A"]);
        assert_eq!(scan.column("feed"), ["-", "-", "-"]);
    }
    let scan = place.scan_with_stdin(&["report.csv", "-", "events.ndjson"], LIST);
    let feeds = ["report.csv", "report.csv", "-", "-", "-", "events.ndjson", "events.ndjson"];
    assert_eq!(scan.exits(0).column("feed"), feeds);
    place.scan(&["-", "-"]).exits(2).says("`-` is named more than once");
}

#[test]
fn a_feed_that_fails_does_not_stop_the_others() {
    let place = Place::new();
    place.write("dump.gz", b"\x1f\x8b\x08\0rest");
    place.write("page.txt", "<!DOCTYPE html><html>hospital.example</html>\n");
    let scan = place.scan(&["list.txt", "no.txt", "dump.gz", "page.txt", "report.csv"]);
    scan.exits(2)
        .says("no.txt: there is no such file")
        .says("dump.gz: the gzip data is damaged or cut short")
        .says("page.txt: an HTML page");
    assert_eq!(scan.column("participant"), ["A", "B", "A", "A", "A"]);
    let complete: Vec<bool> = scan.summary["feeds"]
        .as_array()
        .expect("feeds")
        .iter()
        .map(|f| f["complete"] == true)
        .collect();
    assert_eq!(complete, [true, false, false, false, true]);
    assert_eq!(scan.summary["total"]["incomplete_why"], "3 of 5 feeds not read to the end");

    let strict = place.scan(&["--strict", "list.txt", "no.txt", "report.csv"]);
    assert_eq!(strict.exits(2).column("feed"), ["list.txt", "list.txt", "list.txt"]);
    let why = strict.summary["feeds"][2]["incomplete_why"].as_str().expect("why");
    assert!(why.contains("--strict"), "{why}");
    place.scan(&["-f", "text", "page.txt"]).exits(0);
}

#[test]
fn folders_are_scanned_on_request_in_byte_order_without_links() {
    let place = Place::new();
    place.write("feeds/b.txt", "192.0.2.1\n");
    place.write("feeds/a/deep.txt", "192.0.2.2\n");
    place.write("feeds/a-1.txt", "192.0.2.3\n");
    place.write("feeds/.hidden", "192.0.2.4\n");
    place.write("outside.txt", "192.0.2.5\n");
    symlink(place.path("outside.txt"), place.path("feeds/link.txt")).expect("a link");
    symlink(place.path("feeds"), place.path("feeds/a/loop")).expect("a link");
    let made = Command::new("mkfifo").arg(place.path("feeds/pipe")).status().expect("mkfifo");
    assert!(made.success());

    place.scan(&["feeds"]).exits(2).says("feeds: a folder; -r scans the files in it");
    let mixed = place.scan(&["feeds", "list.txt"]);
    assert_eq!(mixed.exits(2).column("participant"), ["A", "B", "A"]);
    let scan = place.scan(&["-r", "feeds"]);
    let feeds = ["feeds/.hidden", "feeds/a-1.txt", "feeds/a/deep.txt", "feeds/b.txt"];
    assert_eq!(scan.exits(0).column("feed"), feeds);
    scan.says("feeds: passed over 2 symbolic links").says("feeds: passed over 1 pipe");
    // A link that is named is meant.
    place.scan(&["feeds/link.txt"]).exits(0).is_quiet();
    fs::create_dir(place.path("bare")).expect("a folder");
    place.scan(&["-r", "bare"]).exits(1).says("bare: no file in this folder");
}

#[test]
fn an_empty_feed_is_said_to_be_empty() {
    let place = Place::new();
    place.write("empty.txt", "");
    place.scan(&["empty.txt"]).exits(1).says("empty.txt: empty");
    place.scan_with_stdin(&[], "").exits(1).says("-: empty");
}

// One answer by every road.

#[test]
fn every_road_gives_the_same_bytes() {
    let place = Place::new();
    let filler = "203.0.113.77 nothing.example here\n".repeat(50_000);
    place.write(
        "long.txt",
        format!("{filler}192.0.2.9\n{filler}www.hospital.example and 198.51.100.12\n{filler}"),
    );
    place.run(&["compile", "-p", "p.csv", "-o", "p.image"]).exits(0);
    for feed in ["long.txt", "list.txt", "report.csv", "events.ndjson"] {
        for form in ["ndjson", "csv", "table"] {
            let expected = place.scan(&["-o", form, "-j", "1", feed]);
            assert!(!expected.exits(0).out.is_empty());
            for threads in ["1", "2", "8"] {
                for road in [["--io", "mmap"], ["--io", "read"], ["-i", "p.image"]] {
                    let scan = place.scan(&["-o", form, "-j", threads, road[0], road[1], feed]);
                    assert_eq!(scan.exits(0).out, expected.out, "{feed} {form} {threads} {road:?}");
                }
                let stdin = fs::read(place.path(feed)).expect("the feed");
                let piped = place.scan_with_stdin(&["-o", form, "-j", threads], stdin);
                let renamed = match form {
                    "ndjson" => {
                        piped.out.replace("\"feed\":\"-\"", &format!("\"feed\":\"{feed}\""))
                    }
                    "csv" => piped
                        .out
                        .replace("\n1,-,", &format!("\n1,{feed},"))
                        .replace("\n1,\"'-\",", &format!("\n1,{feed},")),
                    // Columns of a table depend on the widths of what stands in them.
                    _ => continue,
                };
                assert_eq!(renamed, expected.out, "{feed} {form} {threads} stdin");
            }
        }
    }
}

/// A line of names is cut to be searched at each mebibyte, and there within the word `hospital`.
#[test]
fn a_line_is_searched_across_what_a_pipe_hands_out() {
    const NAMES: usize = 200_000;
    let place = Place::new();
    let line = format!("{}{}", "- ".repeat(5), "hospital.example ".repeat(NAMES));
    let cut = |mebibytes: usize| &line.as_bytes()[mebibytes << 20..];
    assert!(
        cut(1).starts_with(b"al.") && cut(2).starts_with(b"tal.") && cut(3).starts_with(b"ital.")
    );
    place.write("line.txt", &line);
    for threads in ["1", "8"] {
        let options = ["-f", "text", "-j", threads];
        let mut scans = vec![place.scan_with_stdin(&options, &line)];
        for road in ["mmap", "read"] {
            scans.push(place.scan(&[&options[..], &["--io", road, "line.txt"]].concat()));
        }
        for scan in scans {
            let rows = scan.exits(0).is_quiet().rows();
            assert_eq!(rows.len(), 1, "{threads}");
            assert_eq!((&rows[0]["at"], &rows[0]["length"]), (&10.into(), &line.len().into()));
            assert_eq!(rows[0]["also_count"], NAMES - 1, "{} {threads}", rows[0]["feed"]);
        }
    }
}

#[test]
fn a_line_is_searched_across_with_what_stands_before_a_cut() {
    const URLS: usize = 400;
    let place = Place::new();
    // In its query is a name only for who sees the scheme, 12 kB before it.
    let url = format!("https://other.example/{}?u=hospital.example ", "x".repeat(12_000));
    let line = url.repeat(URLS);
    place.write("line.txt", &line);
    let options = ["-f", "text", "--roles", "url-query"];
    let mut scans = vec![place.scan_with_stdin(&options, &line)];
    for road in ["mmap", "read"] {
        scans.push(place.scan(&[&options[..], &["--io", road, "line.txt"]].concat()));
    }
    for scan in scans {
        let rows = scan.exits(0).is_quiet().rows();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0]["also_count"], URLS - 1, "{}", rows[0]["feed"]);
    }
}

#[test]
fn a_pipe_with_a_name_is_read() {
    let place = Place::new();
    assert!(Command::new("mkfifo").arg(place.path("pipe")).status().expect("mkfifo").success());
    let path = place.path("pipe");
    let writer = std::thread::spawn(move || fs::write(path, LIST));
    let scan = place.scan(&["pipe"]);
    writer.join().expect("no panic").expect("written");
    assert_eq!(scan.exits(0).column("participant"), ["A", "B", "A"]);
}

// Inventories.

#[test]
fn bad_rows_are_reported_and_the_others_used() {
    let place = Place::new();
    place.write(
        "bad.csv",
        "participant,kind,value\nA,prefix,192.0.2.0/33\nA,domain,com\nA,domain,hospital.example\n",
    );
    let scan = place.scan(&["-p", "bad.csv", "list.txt"]);
    assert_eq!(scan.exits(2).column("participant"), ["A"]);
    scan.says("feedsieve: bad.csv:2:10: prefix 192.0.2.0/33 has a length over 32; ");
    scan.says("feedsieve: bad.csv:3:10: domain com is a public suffix; ");
    scan.says("pass --skip-bad-rows");
    let skipped = place.scan(&["--skip-bad-rows", "-p", "bad.csv", "list.txt"]);
    assert_eq!(skipped.exits(0).out, scan.out);
    skipped.says("bad.csv:2:10").says("2 bad rows skipped");
    place.run(&["lookup", "-p", "bad.csv", "hospital.example"]).exits(2);
    place.run(&["lookup", "--skip-bad-rows", "-p", "bad.csv", "hospital.example"]).exits(0);
    place
        .run(&["compile", "-p", "bad.csv", "-o", "bad.image"])
        .exits(2)
        .says("bad.image: 1 asset of 1 participant");
    place.run(&["lookup", "-i", "bad.image", "hospital.example"]).exits(0).is_quiet();
    place.run(&["compile", "--skip-bad-rows", "-p", "bad.csv", "-o", "bad.image"]).exits(0);
}

#[test]
fn a_long_list_of_bad_rows_is_cut() {
    let place = Place::new();
    let rows: String = (0..25).map(|row| format!("A,prefix,192.0.2.0/{}\n", 100 + row)).collect();
    place.write("bad.csv", format!("participant,kind,value\nA,domain,hospital.example\n{rows}"));
    let scan = place.scan(&["-p", "bad.csv", "list.txt"]);
    scan.exits(2).says("bad.csv:22:10:").says("bad.csv: and 5 more").says("25 bad rows");
    assert!(!scan.err.contains("bad.csv:23:"));
}

#[test]
fn several_inventories_are_one() {
    let place = Place::new();
    place.write("more.toml", "[[asset]]\nparticipant = 'D'\nvalue = '203.0.113.0/24'\n");
    let scan = place.scan(&["-p", "p.csv", "-p", "more.toml", "list.txt"]);
    assert_eq!(scan.exits(0).column("participant"), ["A", "D", "B", "A"]);
    place.write("none.csv", "participant,kind,value\n");
    place.scan(&["-p", "none.csv", "list.txt"]).exits(1).says("none.csv: no asset in it");
    place.write("broken.json", "[{\"participant\":");
    place.scan(&["-p", "broken.json", "list.txt"]).exits(2).says("feedsieve: broken.json:1:");
}
