//! The command as a process: what it prints, where, and with which exit code.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

#[path = "cli/check.rs"]
mod check;
#[path = "cli/explain.rs"]
mod explain;

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
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(TempDir::new().expect("a folder"));
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
        let Some(feeds) = self.summary["feeds"].as_array() else { return };
        let number = |value: &Value| value.as_u64().expect("a count");
        let keys = ["bytes", "lines", "records", "scanned", "candidates", "hits", "local_space"];
        for tally in feeds.iter().chain([&self.summary["total"]]) {
            let skipped: u64 =
                tally["skipped"].as_object().expect("reasons").values().map(number).sum();
            assert_eq!(number(&tally["records"]), number(&tally["scanned"]) + skipped, "{tally}");
            let hits: u64 =
                tally["participants"].as_object().expect("ids").values().map(number).sum();
            assert_eq!(number(&tally["hits"]), hits, "{tally}");
            assert_eq!(tally["complete"] == true, tally["incomplete_why"].is_null(), "{tally}");
        }
        for key in keys {
            let sum: u64 = feeds.iter().map(|feed| number(&feed[key])).sum();
            assert_eq!(number(&self.summary["total"][key]), sum, "{key}");
        }
        let complete = feeds.iter().all(|feed| feed["complete"] == true);
        assert_eq!(self.summary["total"]["complete"], complete);
    }
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
        "\"asset_kind\":\"domain\",\"port\":8080,\"raw\":\"www[.]hospital[.]example\",\
         \"flags\":[\"defanged\"],\"label\":\"main site\"}"
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
        "port",
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
        .says("dump.gz: a gzip file")
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

// Options of a scan.

#[test]
fn an_unknown_format_names_the_known_ones() {
    let place = Place::new();
    let ran = place.run(&["scan", "-p", "p.csv", "-f", "xml", "list.txt"]);
    ran.exits(2).says("xml");
    for format in ["auto", "text", "list", "csv", "tsv", "ndjson"] {
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

// Where hits go.

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
    for read_bytes in [0, 1, 1_000, 100_000] {
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
            "schema,feed,line,offset,length,at,field,role,kind,indicator,relation,participant,asset,asset_kind,port,raw,flags,also_count,label"
        )
    );
    let rows: Vec<&str> = lines.collect();
    assert!(
        rows[0].starts_with("1,\"'=cmd.txt\",1,0,9,0,,indicator,ipv4,192.0.2.7,inside,\"'=1+1\",192.0.2.0/24,prefix,,,,,\"'@SUM(A1)\""),
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
        ["participant", "asset", "relation", "indicator", "where", "role", "field"]
    );
    assert_eq!(
        lines[1],
        ["A", "192.0.2.0/24", "inside", "192.0.2.7", "report.csv:2", "indicator", "src_ip"]
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
            "url"
        ]
    );
    assert!(!scan.out.contains('\u{1b}'));
}

// Images.

#[test]
fn images_are_reproducible_private_and_replaced_whole() {
    let place = Place::new();
    let mut rows: Vec<&str> = INVENTORY.lines().collect();
    rows[1..].reverse();
    place.write("shuffled.csv", rows.join("\n"));
    place.write("one.image", "old");
    let ran = place.run(&["compile", "-p", "p.csv", "-o", "one.image"]);
    ran.exits(0).says("one.image: 7 assets of 4 participants, ");
    assert_eq!(ran.out, "");
    place.run(&["compile", "-p", "shuffled.csv", "-o", "two.image"]).exits(0);
    assert!(
        fs::read(place.path("one.image")).expect("one")
            == fs::read(place.path("two.image")).expect("two")
    );
    assert_eq!(mode(&place.path("one.image")), 0o600);
    place.run(&["compile", "-p", "no.csv", "-o", "one.image"]).exits(2);
    place.run(&["inspect", "one.image"]).exits(0);
}

#[test]
fn inspect_tells_what_an_image_holds_or_is_not() {
    let place = Place::new();
    place.run(&["compile", "-p", "p.csv", "-o", "p.image"]).exits(0);
    let text = place.run(&["inspect", "p.image"]);
    for part in ["version 2", "participants  4", "assets        7", "(as stated)", "name slots"] {
        assert!(text.exits(0).is_quiet().out.contains(part), "{part}: {}", text.out);
    }
    let json = &place.run(&["inspect", "-o", "json", "p.image"]).rows()[0];
    assert_eq!((&json["assets"], &json["digest_matches"]), (&Value::from(7), &Value::from(true)));
    assert_eq!(json["digest"].as_str().map(str::len), Some(64));
    let bytes = fs::read(place.path("p.image")).expect("the image");
    assert_eq!(json["bytes"], bytes.len() as u64);

    let mut newer = bytes.clone();
    newer[8] = 9;
    place.write("newer.image", newer);
    let mut older = bytes.clone();
    older[8] = 1;
    place.write("older.image", older);
    let mut damaged = bytes.clone();
    damaged[bytes.len() - 1] ^= 1;
    place.write("damaged.image", damaged);
    place.write("cut.image", &bytes[..bytes.len() / 2]);
    place.write("none.image", "participant,kind,value\n");
    place.write("empty.image", "");
    for (name, message) in [
        ("newer.image", "newer.image: image format 9 is newer than this library reads"),
        ("older.image", "older.image: image format 1 is older than this library reads (2)"),
        ("damaged.image", "damaged.image: the image is damaged"),
        ("cut.image", "cut.image: the image has"),
        ("none.image", "none.image: not a feedsieve image"),
        ("empty.image", "empty.image: not a feedsieve image"),
        ("no.image", "no.image: there is no such file"),
        (".", ".: a folder"),
    ] {
        place.run(&["inspect", name]).exits(2).says(message);
        place.run(&["scan", "-i", name, "list.txt"]).exits(2).says(message);
        place.run(&["lookup", "-i", name, "hospital.example"]).exits(2).says(message);
    }
    // Neither takes the other's place.
    place.scan(&["-p", "p.image", "list.txt"]).exits(2).says("p.image:");
    place.scan(&["p.image"]).exits(2).says("p.image: a compiled image, not a feed");
}

// Lookups.

#[test]
fn every_kind_of_indicator_is_looked_up() {
    let place = Place::new();
    for (indicator, expected) in [
        ("192.0.2.200", &["B inside 192.0.2.128/25", "A inside 192.0.2.0/24"][..]),
        ("192.0.2.0/24", &["B covers 192.0.2.128/25", "A equal 192.0.2.0/24"]),
        ("192.0.2.100-192.0.2.140", &["B overlaps 192.0.2.128/25", "A inside 192.0.2.0/24"]),
        (
            "0.0.0.0/0",
            &[
                "B covers 192.0.2.128/25",
                "C covers 198.51.100.10-198.51.100.99",
                "A covers 192.0.2.0/24",
                "L covers 10.20.0.0/16",
            ],
        ),
        ("10.20.3.4", &["L inside 10.20.0.0/16"]),
        ("::ffff:192.0.2.7", &["A inside 192.0.2.0/24"]),
        ("WWW.Hospital.Example.", &["A subdomain hospital.example"]),
        ("-x.hospital.example", &["A subdomain hospital.example"]),
        ("*.hospital.example", &["A equal hospital.example"]),
        (".hospital.example", &["A equal hospital.example"]),
        ("m\u{fc}nchen-klinik.example", &["C equal xn--mnchen-klinik-wob.example"]),
        ("Jan@Shared.example", &["B equal jan@shared.example"]),
        ("x@mail.hospital.example", &["A subdomain hospital.example"]),
        ("192.0.3.1", &[]),
        ("*.example", &[]),
        ("nothospital.example", &[]),
    ] {
        let ran = place.run(&["lookup", "-p", "p.csv", "--", indicator]);
        let found: Vec<String> = ran
            .exits(i32::from(expected.is_empty()))
            .is_quiet()
            .rows()
            .iter()
            .map(|row| {
                format!("{} {} {}", row["participant"], row["relation"], row["asset"])
                    .replace('"', "")
            })
            .collect();
        assert_eq!(found, expected, "{indicator}");
    }
    let one = place.run(&["lookup", "-p", "p.csv", "hospital.example"]);
    assert_eq!(
        one.out,
        "{\"indicator\":\"hospital.example\",\"kind\":\"domain\",\"relation\":\"equal\",\"participant\":\"A\",\
         \"group\":\"health\",\"asset\":\"hospital.example\",\"asset_kind\":\"domain\",\"label\":\"main site\"}\n"
    );
    let table = place.run(&["lookup", "-p", "p.csv", "-o", "table", "hospital.example"]);
    assert!(table.exits(0).out.starts_with("indicator"));
}

#[test]
fn lookups_come_from_standard_input_too() {
    let place = Place::new();
    place.run(&["compile", "-p", "p.csv", "-o", "p.image"]).exits(0);
    let ran = place.run_with_stdin(
        &["lookup", "-i", "p.image"],
        "hospital.example\r\n\n 192.0.2.7 \nother.example",
    );
    assert_eq!(ran.exits(0).is_quiet().column("asset"), ["hospital.example", "192.0.2.0/24"]);
    let long = format!("{}\nhospital.example\n", "a".repeat(10_000));
    let ran = place.run_with_stdin(&["lookup", "-i", "p.image"], long);
    ran.exits(2).says("-:1: a line of more than 4,096 bytes; expected an address");
    assert_eq!(ran.column("participant"), ["A"]);
    place
        .run_with_stdin(&["lookup", "-i", "p.image"], b"\xff\xfe\n")
        .exits(2)
        .says("-:1: bytes that are not UTF-8");
    place.run_with_stdin(&["lookup", "-i", "p.image"], "").exits(1).is_quiet();
    for (indicator, what) in [
        ("hospital", "hospital: a single label; expected an address"),
        ("010.1.2.3", "010.1.2.3: a number with a leading zero"),
        ("192.0.2.0/33", "192.0.2.0/33: a prefix length beyond"),
        ("192.0.2.9-192.0.2.1", "192.0.2.9-192.0.2.1: a range whose end lies before its start"),
        (
            "http://hospital.example/",
            "http://hospital.example/: a label that is no part of a domain name",
        ),
        ("a b@hospital.example", "a b@hospital.example: no local part"),
    ] {
        let ran = place.run(&["lookup", "-i", "p.image", indicator, "192.0.2.7"]);
        ran.exits(2).says(what);
        assert_eq!(ran.column("participant"), ["A"]);
    }
}

/// Whoever asks line by line gets each answer before the next question.
#[test]
fn answers_are_not_held_back() {
    let place = Place::new();
    let mut child = place
        .command(&["lookup", "-p", "p.csv"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let (mut ask, mut answer) =
        (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
    for _ in 0..3 {
        ask.write_all(b"hospital.example\n").expect("asked");
        let mut byte = [0];
        while byte != [b'\n'] {
            answer.read_exact(&mut byte).expect("answered");
        }
    }
    drop(ask);
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}
