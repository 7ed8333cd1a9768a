//! What is no regular file, or cannot be read: an error that says so, and never a wait without end.

use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

use super::*;

/// More than a pipe is waited for, with room for a busy machine.
const MOST: Duration = Duration::from_secs(20);

#[test]
fn what_is_no_feed_is_refused_in_time() {
    let place = Place::new();
    fs::create_dir(place.path("folder")).expect("a folder");
    symlink("loop-b", place.path("loop-a")).expect("a link");
    symlink("loop-a", place.path("loop-b")).expect("a link");
    symlink("nowhere", place.path("dangling")).expect("a link");
    let _socket = UnixListener::bind(place.path("socket")).expect("a socket");
    assert!(Command::new("mkfifo").arg(place.path("pipe")).status().expect("mkfifo").success());
    for io in ["mmap", "read"] {
        for (name, message) in [
            ("folder", "folder: a folder; -r scans the files in it"),
            ("loop-a", "loop-a: too many levels of symbolic links"),
            ("dangling", "dangling: there is no such file"),
            ("list.txt/x", "list.txt/x: a part of the path is no folder"),
            ("socket", "socket: a socket, not a feed"),
            ("/dev/zero", "/dev/zero: a device, not a feed"),
            ("/dev/tty", "/dev/tty: a device, not a feed"),
            ("pipe", "pipe: a pipe into which nobody wrote for 10 s"),
            ("/proc/self/mem", "/proc/self/mem: "),
        ] {
            // Waiting once is enough.
            if name == "pipe" && io == "read" {
                continue;
            }
            let begun = Instant::now();
            // What comes behind is scanned all the same.
            let scan = place.scan(&["--io", io, name, "list.txt"]);
            scan.exits(2).says(message);
            assert!(begun.elapsed() < MOST, "{name}: {:?}", begun.elapsed());
            assert_eq!(scan.column("feed"), ["list.txt"; 3], "{name}");
            assert_eq!(scan.summary["feeds"][0]["complete"], false);
        }
    }
    place.scan(&["/dev/null"]).exits(1).says("/dev/null: empty");
}

#[test]
fn a_feed_that_may_not_be_read_is_named() {
    let place = Place::new();
    // Who runs the tests as root may read everything, so the system call is made to fail.
    let fault = ["-e", "trace=openat", "-e", "inject=openat:error=EACCES", "-P", "list.txt"];
    let (_, output) = place.traced(&fault, &["scan", "-p", "p.csv", "list.txt", "report.csv"]);
    let ran = Ran::of(&output);
    ran.exits(2).says("list.txt: permission denied");
    assert_eq!(ran.column("feed"), ["report.csv"; 2]);
}

#[test]
fn a_read_that_fails_in_the_middle_leaves_the_hits_before_it() {
    let place = Place::new();
    place.write("long.txt", format!("192.0.2.7\n{}192.0.2.8\n", "203.0.113.9 x\n".repeat(200_000)));
    let fault = ["-P", "long.txt", "-e", "trace=read", "-e", "inject=read:error=EIO:when=4"];
    let arguments = ["scan", "-p", "p.csv", "-j", "1", "--io", "read", "long.txt"];
    let (_, output) = place.traced(&fault, &arguments);
    let ran = Ran::of(&output);
    ran.exits(2).says("long.txt: reading failed: Input/output error");
    assert_eq!(ran.column("indicator"), ["192.0.2.7"]);
}
