//! SIGINT and SIGTERM: whole rows, an account, and an end within a second.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Child;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use super::*;

const SIGNALS: [(&str, i32); 2] = [("-INT", 130), ("-TERM", 143)];

fn send(child: &Child, signal: &str) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args([signal, &id]).status().expect("kill").success());
}

/// The same command with signals as a terminal has them.
///
/// Of a script that is run in the background SIGINT is ignored, and then it stays so in tests.
fn hearing(command: &Command) -> Command {
    let mut hearing = Command::new("env");
    hearing.arg("--default-signal=INT,TERM").arg(command.get_program()).args(command.get_args());
    hearing.current_dir(command.get_current_dir().expect("a folder"));
    hearing.stdout(Stdio::piped()).stderr(Stdio::piped());
    hearing
}

/// Takes what the process writes, ends it with a signal after `wait`, and how long it took from there.
fn end(mut child: Child, wait: Duration, signal: &str) -> (Output, Duration) {
    // Closed, it would end the command by itself.
    let _stdin = child.stdin.take();
    let mut stdout = child.stdout.take().expect("a pipe");
    let reader = thread::spawn(move || {
        let mut out = Vec::new();
        stdout.read_to_end(&mut out).expect("a pipe can be read");
        out
    });
    sleep(wait);
    let sent = Instant::now();
    send(&child, signal);
    let mut output = child.wait_with_output().expect("it ends");
    let took = sent.elapsed();
    output.stdout = reader.join().expect("no panic");
    (output, took)
}

impl Place {
    fn scanning(&self, arguments: &[&str], stdin: Stdio) -> Child {
        let _ = fs::remove_file(self.path("summary.json"));
        let all = [&["scan", "-p", "p.csv", "--summary", "summary.json"], arguments].concat();
        hearing(&self.command(&all)).stdin(stdin).spawn().expect("it runs")
    }

    fn account(&self) -> Value {
        let text = fs::read(self.path("summary.json")).expect("an account");
        serde_json::from_slice(&text).expect("JSON")
    }
}

#[test]
fn a_signal_at_any_moment_ends_a_scan_with_whole_rows() {
    let place = Place::new();
    let mut random = Random::new(2);
    place.write("feeds/a.txt", format!("192.0.2.7 {}\n", "x".repeat(60)).repeat(1_000_000));
    for number in 0..40 {
        place.write(format!("feeds/b{number}.txt"), LIST.repeat(2000));
    }
    let (mut interrupted, mut slowest) = (0, Duration::ZERO);
    for round in 0..rounds(10, 100) {
        let (signal, code) = SIGNALS[round % 2];
        let threads = ["1", "4"][round / 2 % 2];
        let is_file = round % 3 == 0;
        place.write("hits.ndjson", "old");
        let arguments = ["-j", threads, "-r", "feeds", "--out", "hits.ndjson"];
        let arguments = &arguments[..if is_file { 6 } else { 4 }];
        let child = place.scanning(arguments, Stdio::null());
        // Signals are looked at from the first millisecond or so on.
        let (output, took) = end(child, Duration::from_millis(30 + random.below(900)), signal);
        assert!(took < Duration::from_secs(1), "{took:?}");
        slowest = slowest.max(took);
        let ran = Ran::of(&output);
        let account = place.account();
        check_account(&account);
        assert!(ran.out.is_empty() || ran.out.ends_with("}\n"));
        let rows = ran.rows().len() as u64;
        if ran.code == 0 {
            // It was done before.
            assert_eq!(account["total"]["complete"], true);
            continue;
        }
        interrupted += 1;
        ran.exits(code).says("feedsieve: interrupted");
        let why = account["total"]["incomplete_why"].as_str().expect("why");
        assert!(why.starts_with("interrupted; "), "{why}");
        match is_file {
            true => assert_eq!(place.read("hits.ndjson"), "old"),
            false => assert_eq!(account["total"]["hits"], rows),
        }
        let left = fs::read_dir(place.0.path()).expect("a folder");
        let is_begun = |name: &str| name.ends_with(".tmp");
        assert!(
            !left
                .into_iter()
                .any(|e| is_begun(&e.expect("an entry").file_name().to_string_lossy()))
        );
    }
    assert!(interrupted > 0, "every scan was too short to be interrupted");
    println!(
        "promise D3: {interrupted} of {} signals interrupted a scan, the slowest took {} ms",
        rounds(10, 100),
        slowest.as_millis()
    );
}

#[test]
fn who_waits_for_a_feed_or_for_a_reader_ends_too() {
    let place = Place::new();
    assert!(Command::new("mkfifo").arg(place.path("pipe")).status().expect("mkfifo").success());
    place.write("many.txt", "192.0.2.7\n".repeat(100_000));
    for (signal, code) in SIGNALS {
        // A pipe that brings one record, and no more.
        let mut child = place.scanning(&[], Stdio::piped());
        let mut pipe = child.stdin.take().expect("a pipe");
        pipe.write_all(b"192.0.2.7\n").expect("it reads");
        let (output, took) = end(child, Duration::from_millis(300), signal);
        assert!(took < Duration::from_secs(1), "{took:?}");
        Ran::of(&output).exits(code).says("interrupted");
        assert_eq!(place.account()["total"]["hits"], 1);
        drop(pipe);

        // A pipe with a name into which nobody writes, and one into which somebody wrote nothing yet.
        for is_opened in [false, true] {
            let child = place.scanning(&["pipe"], Stdio::null());
            let path = place.path("pipe");
            let writer =
                is_opened.then(|| File::options().write(true).open(path).expect("somebody reads"));
            let (output, took) = end(child, Duration::from_millis(300), signal);
            assert!(took < Duration::from_secs(1), "{took:?}");
            Ran::of(&output).exits(code).says("pipe: interrupted");
            drop(writer);
        }

        // Nobody takes the rows.
        let mut child = place.scanning(&["many.txt"], Stdio::null());
        sleep(Duration::from_millis(500));
        let sent = Instant::now();
        send(&child, signal);
        let code_of = child.wait().expect("it ends").code();
        assert!(sent.elapsed() < Duration::from_secs(1), "{:?}", sent.elapsed());
        assert_eq!(code_of, Some(code));
        let mut out = String::new();
        child.stdout.take().expect("a pipe").read_to_string(&mut out).expect("UTF-8");
        assert!(out.ends_with("}\n"), "a row is cut");
        place.account();
    }
}

#[test]
fn other_commands_end_at_once() {
    let place = Place::new();
    for (signal, code) in SIGNALS {
        let command = place.command(&["lookup", "-p", "p.csv"]);
        let child = hearing(&command).stdin(Stdio::piped()).spawn().expect("it runs");
        let (output, took) = end(child, Duration::from_millis(300), signal);
        assert_eq!((output.status.code(), output.status.signal()), (Some(code), None));
        assert!(took < Duration::from_secs(1), "{took:?}");
    }
}
