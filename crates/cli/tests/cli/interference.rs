//! Others write to a feed, cut it short or take it away while it is scanned.

use std::io::Seek as _;
use std::process::Child;
use std::thread::sleep;
use std::time::Duration;

use super::*;

/// Rows of hits, which fill the pipe to a reader that waits, and then records without any.
fn feed(bytes: usize) -> Vec<u8> {
    let mut feed = "192.0.2.7\n".repeat(100_000).into_bytes();
    let line = b"203.0.113.9,nothing.example,GET /\n";
    feed.extend(line.iter().cycle().take(bytes.saturating_sub(feed.len())));
    feed.extend(b"\n192.0.2.77\n");
    feed
}

impl Place {
    fn begin(&self, arguments: &[&str]) -> Child {
        let mut command = self
            .command(&[&["scan", "-p", "p.csv", "--summary", "summary.json"], arguments].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("it runs")
    }

    fn end(&self, child: Child) -> Scan {
        let ran = Ran::of(&child.wait_with_output().expect("it ends"));
        let text = fs::read(self.path("summary.json")).expect("an account");
        Scan { ran, summary: serde_json::from_slice(&text).expect("JSON") }
    }
}

/// Waits until the scan has read the beginning and nobody takes its rows.
fn wait_until_blocked(child: &Child) {
    let wait_channel =
        || fs::read_to_string(format!("/proc/{}/status", child.id())).expect("it runs");
    let is_asleep = || wait_channel().lines().any(|line| line.starts_with("State:\tS"));
    for _ in 0..200 {
        sleep(Duration::from_millis(20));
        if is_asleep()
            && (0..5).all(|_| {
                sleep(Duration::from_millis(10));
                is_asleep()
            })
        {
            return;
        }
    }
    panic!("it does not wait for us");
}

#[test]
fn a_mapped_feed_that_is_cut_short_is_incomplete_and_kills_nobody() {
    let place = Place::new();
    let bytes = 40 << 20;
    // Within the chunk that is scanned now, in a later one, and all of it.
    for (left, threads) in [(600_000, "1"), (21 << 20, "2"), (0, "1"), (0, "8"), (4095, "1")] {
        for digest in [&[][..], &["--digest"]] {
            let path = place.write("feed.txt", feed(bytes));
            let child = place.begin(&[&["-j", threads, "feed.txt", "list.txt"], digest].concat());
            wait_until_blocked(&child);
            File::options().write(true).open(&path).expect("the feed").set_len(left).expect("cut");
            let scan = place.end(child);
            scan.check();
            scan.exits(2).says("feed.txt: ").says("cut short");
            let (feed, list) = (&scan.summary["feeds"][0], &scan.summary["feeds"][1]);
            assert_eq!((&feed["complete"], &list["complete"]), (&false.into(), &true.into()));
            assert_eq!(feed["sha256"], Value::Null);
            // What was there is found, and what comes behind it too.
            assert!(scan.column("feed").ends_with(&[
                "feed.txt".to_owned(),
                "list.txt".to_owned(),
                "list.txt".to_owned(),
                "list.txt".to_owned()
            ]));
            assert_eq!(scan.summary["total"]["hits"], scan.out.lines().count());
        }
    }
}

#[test]
fn a_feed_that_is_written_to_meanwhile_is_incomplete() {
    let place = Place::new();
    for (io, change) in [("mmap", "over"), ("read", "over"), ("read", "cut"), ("mmap", "grow")] {
        let path = place.write("feed.txt", feed(6 << 20));
        let child = place.begin(&["-j", "1", "--io", io, "feed.txt"]);
        wait_until_blocked(&child);
        let mut file = File::options().write(true).open(&path).expect("the feed");
        match change {
            "over" => file.write_all(b"198.51.100.1\n").expect("written"),
            "cut" => file.set_len(5 << 20).expect("cut"),
            _ => {
                file.seek(std::io::SeekFrom::End(0)).expect("the end");
                file.write_all(b"192.0.2.9\n").expect("written");
            }
        }
        let scan = place.end(child);
        scan.check();
        scan.exits(2).says("feed.txt: the file ").says(" while it was scanned");
    }
}

#[test]
fn a_feed_that_is_replaced_or_deleted_is_read_to_its_end_and_named() {
    let place = Place::new();
    for (io, change) in
        [("mmap", "replace"), ("mmap", "delete"), ("read", "replace"), ("read", "delete")]
    {
        let path = place.write("feed.txt", feed(6 << 20));
        let child = place.begin(&["-j", "1", "--io", io, "feed.txt"]);
        wait_until_blocked(&child);
        match change {
            "replace" => {
                fs::rename(place.write("new.txt", "other.example\n"), &path).expect("renamed")
            }
            _ => fs::remove_file(&path).expect("deleted"),
        }
        let scan = place.end(child);
        scan.check();
        scan.exits(2).says("feed.txt: the file was deleted or replaced while it was scanned");
        assert_eq!(scan.summary["feeds"][0]["complete"], false);
        assert_eq!(scan.summary["total"]["hits"], 100_001, "{io} {change}");
    }
}

#[test]
fn a_growing_log_is_read_to_its_end() {
    let place = Place::new();
    let path = place.write("feed.txt", feed(6 << 20));
    let child = place.begin(&["-j", "1", "--io", "read", "feed.txt"]);
    wait_until_blocked(&child);
    let mut file = File::options().append(true).open(&path).expect("the feed");
    file.write_all(b"192.0.2.9\n").expect("written");
    let scan = place.end(child);
    scan.check();
    scan.exits(0).is_quiet();
    assert_eq!(scan.summary["total"]["hits"], 100_002);
}

#[test]
fn no_race_with_a_feed_ends_in_a_signal() {
    let place = Place::new();
    let mut random = Random::new(1);
    let feed = feed(5 << 20);
    let mut incomplete = 0;
    for round in 0..rounds(24, 1000) {
        let path = place.write("feed.txt", &feed);
        let threads = ["1", "2", "4"][round % 3];
        let child = place.begin(&[
            "-j",
            threads,
            "--io",
            ["mmap", "mmap", "read"][round / 3 % 3],
            "feed.txt",
        ]);
        // The scan takes some hundred milliseconds with these options.
        let reader = std::thread::spawn(move || child.wait_with_output().expect("it ends"));
        sleep(Duration::from_micros(random.below(300_000)));
        match round % 4 {
            0 => drop(File::create(&path).expect("cut")),
            1 => fs::remove_file(&path).expect("deleted"),
            2 => File::options()
                .write(true)
                .open(&path)
                .expect("the feed")
                .set_len(random.below(5 << 20))
                .expect("cut"),
            _ => fs::write(&path, "\u{fc}\"{[\n".repeat(500_000)).expect("written"),
        }
        let ran = Ran::of(&reader.join().expect("no panic"));
        // Changed before it was opened, it is another feed, and may be one without hits.
        assert!([0, 1, 2].contains(&ran.code), "{round}: {} {}", ran.code, ran.err);
        assert!(ran.code != 1 || ran.out.is_empty(), "{round}: {}", ran.out);
        assert!(ran.code != 2 || ran.err.contains("feed.txt: "), "{round}: {}", ran.err);
        assert!(ran.out.is_empty() || ran.out.ends_with("}\n"));
        ran.rows();
        incomplete += usize::from(ran.code == 2);
    }
    assert!(incomplete > 0, "no race was ever lost");
    let races = rounds(24, 1000);
    println!("promise A1: {races} races, 0 deaths by signal, {incomplete} feeds incomplete");
}

#[test]
fn faults_that_are_not_of_a_feed_end_the_process_as_before() {
    let place = Place::new();
    place.write("feed.txt", feed(2 << 20));
    let mut child = place.begin(&["feed.txt"]);
    wait_until_blocked(&child);
    // The handler that was there before puts back the default at the first.
    for _ in 0..2 {
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-BUS", &id]).status().expect("kill").success());
        sleep(Duration::from_millis(100));
    }
    let status = child.wait().expect("it ends");
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(7), "{status}");
}
