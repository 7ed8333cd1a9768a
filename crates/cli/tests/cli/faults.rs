//! System calls that fail, and a process that is killed at any of them: files are whole or not there.

use std::collections::{BTreeMap, HashMap};

use super::*;

/// A system call, and the how-maniest of its kind in one thread.
pub(super) type Call = (String, usize);

/// The system calls of a run, in the order in which they begin, with the text of their arguments.
fn calls(trace: &str) -> Vec<(Call, String)> {
    let mut seen: HashMap<(&str, &str), usize> = HashMap::new();
    let mut calls = Vec::new();
    for line in trace.lines() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        let Some((name, arguments)) = call.trim_start().split_once('(') else { continue };
        if name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            let count = seen.entry((thread, name)).or_default();
            *count += 1;
            calls.push(((name.to_owned(), *count), arguments.to_owned()));
        }
    }
    calls
}

impl Place {
    /// Runs the command under strace; its system calls, and how it ended.
    pub(super) fn traced(
        &self,
        options: &[&str],
        arguments: &[&str],
    ) -> (Vec<(Call, String)>, Output) {
        let command = self.command(arguments);
        let mut strace = Command::new("strace");
        strace
            .args(["-f", "-qq", "-o", "trace"])
            .args(options)
            .arg("--")
            .arg(command.get_program());
        strace.args(command.get_args()).current_dir(self.0.path()).stdin(Stdio::null());
        let output = strace.output().expect("strace is there; `cargo xtask promises` brings it");
        (calls(&self.read("trace")), output)
    }

    /// The same with a fault at one system call.
    fn faulty(&self, (name, number): &Call, fault: &str, arguments: &[&str]) -> Output {
        let fault = format!("inject={name}:{fault}:when={number}");
        self.traced(&["-e", &format!("trace={name}"), "-e", &fault], arguments).1
    }
}

/// Calls of which nothing is left out that has to do with files.
const OF_FILES: [&str; 14] = [
    "openat",
    "read",
    "write",
    "fsync",
    "renameat",
    "rename",
    "close",
    "statx",
    "newfstatat",
    "fstat",
    "lseek",
    "fcntl",
    "unlink",
    "unlinkat",
];

/// Every call from the first that names a file in the making on, or all in the long form.
fn chosen(calls: &[(Call, String)]) -> Vec<Call> {
    let is_begun = |(_, arguments): &(Call, String)| arguments.contains(".tmp");
    let first = calls.iter().position(is_begun).expect("a file is begun");
    // The first of all starts the program, and is strace's own.
    let first = if rounds(0, 1) == 1 { 1 } else { first };
    let mut chosen: Vec<Call> = calls[first..].iter().map(|(call, _)| call.clone()).collect();
    chosen.sort();
    chosen.dedup();
    chosen
}

#[test]
fn a_published_image_is_the_old_or_the_new_one_wherever_the_process_is_killed() {
    let place = Place::new();
    place.write("q.csv", "participant,kind,value\nZ,domain,old.example\n");
    place.run(&["compile", "-p", "q.csv", "-o", "old.image"]).exits(0);
    place.run(&["compile", "-p", "p.csv", "-o", "new.image"]).exits(0);
    let read = |name| fs::read(place.path(name)).expect("an image");
    let (old, new) = (read("old.image"), read("new.image"));
    let arguments = ["compile", "-p", "p.csv", "-o", "the.image"];
    place.write("the.image", &old);
    let (calls, _) = place.traced(&[], &arguments);
    assert!(read("the.image") == new);

    let mut ends: BTreeMap<&str, usize> = BTreeMap::new();
    for call in chosen(&calls) {
        place.write("the.image", &old);
        let output = place.faulty(&call, "signal=KILL", &arguments);
        let found = read("the.image");
        let end = match (found == old, found == new) {
            (true, _) => "old",
            (_, true) => "new",
            _ => panic!("{call:?}: neither the old image nor the new one"),
        };
        *ends.entry(end).or_default() += 1;
        // Killed, unless strace counted calls of another thread.
        if output.status.code() == Some(0) {
            assert_eq!(end, "new", "{call:?}");
        }
        for error in ["EIO", "ENOSPC"] {
            if !OF_FILES.contains(&call.0.as_str()) {
                continue;
            }
            place.write("the.image", &old);
            let output = place.faulty(&call, &format!("error={error}"), &arguments);
            let found = read("the.image");
            assert!(found == old || found == new, "{call:?} {error}: neither old nor new");
            match output.status.code() {
                Some(0) => assert!(found == new, "{call:?} {error}: a failure is not told"),
                code => assert!(
                    [Some(2), Some(127)].contains(&code),
                    "{call:?} {error}: {:?}",
                    output.status
                ),
            }
        }
    }
    assert!(ends.contains_key("old") && ends.contains_key("new"), "{ends:?}");
    println!(
        "promise B4: killed at {} system calls: {ends:?}, none else",
        ends.values().sum::<usize>()
    );
}

#[test]
fn what_is_published_has_reached_the_disk() {
    let place = Place::new();
    for arguments in [
        &["compile", "-p", "p.csv", "-o", "out"][..],
        &["scan", "-p", "p.csv", "--out", "out", "list.txt"],
    ] {
        let (calls, _) =
            place.traced(&["-y", "-e", "trace=/^(write|fsync|rename.*|openat)$"], arguments);
        let order: Vec<&str> = calls
            .iter()
            .filter_map(|((name, _), arguments)| match name.as_str() {
                "write" if arguments.contains(".out.") => Some("write"),
                "fsync" if arguments.contains(".out.") => Some("fsync"),
                "fsync" => Some("fsync of the folder"),
                name if name.starts_with("rename") && arguments.contains(".out.") => Some("rename"),
                _ => None,
            })
            .collect();
        let expected = ["write", "fsync", "rename", "fsync of the folder"];
        // Of a scan the account follows, which is a file of its own.
        assert!(order.windows(4).any(|calls| calls == expected), "{order:?}");
        // What is said of success is said behind it.
        let is_said =
            |(call, arguments): &(Call, String)| call.0 == "write" && arguments.starts_with("2<");
        if let Some(said) = calls.iter().position(is_said) {
            let renamed = calls.iter().position(|((name, _), _)| name.starts_with("rename"));
            assert!(renamed < Some(said));
        }
    }
}

#[test]
fn a_write_that_fails_is_an_error_and_leaves_the_file_of_hits() {
    let place = Place::new();
    place.write("many.txt", "192.0.2.7\n".repeat(2_000));
    let arguments = [
        "scan",
        "-p",
        "p.csv",
        "-j",
        "1",
        "--out",
        "hits",
        "--summary",
        "account",
        "many.txt",
        "list.txt",
    ];
    let (calls, _) = place.traced(&[], &arguments);
    let expected = place.read("hits");
    for call in chosen(&calls) {
        let is_write = ["write", "fsync", "renameat", "rename"].contains(&call.0.as_str());
        if !is_write && (rounds(0, 1) == 0 || !OF_FILES.contains(&call.0.as_str())) {
            continue;
        }
        for error in ["ENOSPC", "EIO"] {
            place.write("hits", "old");
            let output = place.faulty(&call, &format!("error={error}"), &arguments);
            let found = place.read("hits");
            assert!(found == "old" || found == expected, "{call:?} {error}");
            match output.status.code() {
                Some(0) => assert!(found == expected, "{call:?} {error}: a failure is not told"),
                code => assert!(
                    [Some(2), Some(127)].contains(&code),
                    "{call:?} {error}: {:?}",
                    output.status
                ),
            }
        }
    }
    // On standard output, each of the writes of rows.
    let arguments = ["scan", "-p", "p.csv", "-j", "1", "many.txt", "list.txt"];
    let (calls, _) = place.traced(&[], &arguments);
    let writes: Vec<Call> = (calls.into_iter())
        .filter(|((name, _), arguments)| name == "write" && arguments.contains(r#"\"feed\":"#))
        .map(|(call, _)| call)
        .collect();
    assert!(writes.len() > 8, "{writes:?}");
    for call in writes.iter().step_by(rounds(20, 1)).chain(writes.last()) {
        let ran = Ran::of(&place.faulty(call, "error=ENOSPC", &arguments));
        ran.exits(2).says("writing to standard output: no space left");
    }
}

#[test]
fn a_full_disk_leaves_the_files_that_were_there() {
    let place = Place::new();
    place.write("many.txt", "192.0.2.7\n".repeat(2_000));
    fs::create_dir(place.path("disk")).expect("a folder");
    let binary = env!("CARGO_BIN_EXE_feedsieve");
    for (arguments, name) in [
        ("scan -p p.csv --out disk/hits many.txt", "hits"),
        ("scan -p p.csv --summary disk/account list.txt", "account"),
        ("compile -p p.csv -o disk/image", "image"),
    ] {
        // Room for the old file and little more; an account has a thousand bytes.
        let size = if name == "account" { 4096 } else { 64 << 10 };
        let script = format!(
            "mount -t tmpfs -o size={size} none disk && echo old > disk/{name} && \
             {{ dd if=/dev/zero of=disk/filler bs=1k count={} 2> dd.txt; \
             '{binary}' {arguments}; echo exit $?; cat disk/{name}; ls -A disk; }}",
            if name == "account" { 4096 } else { 16 }
        );
        let mut unshare = Command::new("unshare");
        unshare.args(["-rm", "sh", "-c", &script]).current_dir(place.0.path());
        let ran = Ran::of(&unshare.output().expect("unshare is there"));
        ran.exits(0).says("no space left");
        let said = format!("exit 2\nold\nfiller\n{name}\n");
        assert!(
            ran.out.ends_with(&said)
                || ran.out.ends_with(&format!("exit 2\nold\n{name}\nfiller\n")),
            "{}",
            ran.out
        );
    }
}

#[test]
fn nothing_opens_a_socket_or_starts_a_program() {
    let place = Place::new();
    place.run(&["compile", "-p", "p.csv", "-o", "p.image"]).exits(0);
    for arguments in [
        &[
            "scan",
            "-p",
            "p.csv",
            "-j",
            "4",
            "--keywords",
            "--digest",
            "list.txt",
            "report.csv",
            "events.ndjson",
        ][..],
        &["lookup", "-i", "p.image", "hospital.example"],
        &["check", "-p", "p.csv", "--fail-on", "error"],
        &["explain", "-p", "p.csv", "--at", "list.txt:2"],
        &["inspect", "p.image"],
    ] {
        let (calls, output) = place.traced(&[], arguments);
        assert!(output.status.code() < Some(2), "{arguments:?}");
        let names: Vec<&str> = calls.iter().map(|((name, _), _)| name.as_str()).collect();
        assert!(names.contains(&"openat"), "strace sees what is done");
        for forbidden in [
            "socket",
            "socketpair",
            "connect",
            "bind",
            "listen",
            "accept",
            "accept4",
            "fork",
            "vfork",
            "ptrace",
        ] {
            assert!(!names.contains(&forbidden), "{arguments:?}: {forbidden}");
        }
        assert_eq!(names.iter().filter(|name| **name == "execve").count(), 1, "its own start");
    }
}
