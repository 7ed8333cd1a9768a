//! Many small feeds, of which several are scanned at once.

use super::*;

/// Feeds of many kinds and sizes; some cannot be read, and one is large.
fn many(place: &Place) -> Vec<String> {
    let mut names = Vec::new();
    let add = |names: &mut Vec<String>, name: String, bytes: &[u8]| {
        place.write(&name, bytes);
        names.push(name);
    };
    for number in 0..120 {
        // The larger come first, so that the later are done before.
        let lines = LIST.repeat(1 + (120 - number) * (number % 7));
        add(&mut names, format!("feeds/{number:03}.txt"), lines.as_bytes());
        match number % 20 {
            3 => add(&mut names, format!("feeds/{number:03}-events.ndjson"), NDJSON.as_bytes()),
            5 => add(&mut names, format!("feeds/{number:03}-empty.txt"), b""),
            7 => add(&mut names, format!("feeds/{number:03}-damaged.gz"), b"\x1f\x8b\x08\0rest"),
            11 => add(
                &mut names,
                format!("feeds/{number:03}-page.txt"),
                b"<!DOCTYPE html><html></html>\n",
            ),
            13 => {
                let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
                for member in ["a.csv", "b.csv"] {
                    let options = zip::write::SimpleFileOptions::default();
                    zip.start_file(member, options).expect("memory takes every write");
                    zip.write_all(CSV.as_bytes()).expect("memory takes every write");
                }
                let zip = zip.finish().expect("memory takes every write").into_inner();
                add(&mut names, format!("feeds/{number:03}.zip"), &zip);
            }
            17 if number < 20 => {
                let large = "203.0.113.9,www.clean.example,192.0.2.77\n".repeat(230_000);
                add(&mut names, format!("feeds/{number:03}-large.txt"), large.as_bytes());
            }
            _ => {}
        }
        if number == 50 {
            names.push("feeds/no.txt".to_owned());
        }
    }
    names
}

/// An account without what depends on the clock or on chunks.
fn steady(summary: &Value) -> Value {
    let mut summary = summary.clone();
    let strip = |tally: &mut Value| {
        let tally = tally.as_object_mut().expect("an object");
        tally.remove("seconds");
        tally.remove("candidates");
    };
    strip(&mut summary["total"]);
    summary["feeds"].as_array_mut().expect("feeds").iter_mut().for_each(strip);
    summary
}

#[test]
fn the_same_comes_out_for_any_number_of_threads() {
    let place = Place::new();
    let names = many(&place);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for form in ["ndjson", "csv", "table"] {
        let one = place.scan(&[&["-j", "1", "-o", form][..], &names].concat());
        one.exits(2).says("feeds/no.txt: there is no such file");
        for threads in ["2", "3", "64"] {
            let several = place.scan(&[&["-j", threads, "-o", form][..], &names].concat());
            several.exits(2);
            assert!(several.out == one.out, "{form} {threads}");
            assert_eq!(several.err, one.err, "{form} {threads}");
            assert_eq!(steady(&several.summary), steady(&one.summary), "{form} {threads}");
        }
    }
    let folder = place.scan(&["-r", "-j", "5", "feeds"]);
    assert_eq!(folder.exits(2).out.lines().count() as u64, folder.summary["total"]["hits"]);
}

#[test]
fn strict_gives_no_hit_of_a_later_feed() {
    let place = Place::new();
    let names = many(&place);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let one = place.scan(&[&["--strict", "-j", "1"][..], &names].concat());
    let last = one.exits(2).column("feed").pop().expect("a hit");
    assert_eq!(last, "feeds/007.txt");
    for threads in ["2", "64"] {
        let several = place.scan(&[&["--strict", "-j", threads][..], &names].concat());
        assert_eq!(several.exits(2).out, one.out);
        assert_eq!(several.err, one.err);
        assert_eq!(steady(&several.summary), steady(&one.summary));
    }
}

#[test]
fn members_behind_a_damaged_one_are_named_as_not_read() {
    let place = Place::new();
    let members: Vec<(&str, &[u8])> =
        vec![("a.gz", b"\x1f\x8b\x08\0rest"), ("b.txt", LIST.as_bytes())];
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in members {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("memory");
        zip.write_all(content).expect("memory");
    }
    place.write("a.zip", zip.finish().expect("memory").into_inner());
    let one = place.scan(&["--strict", "-j", "1", "a.zip", "list.txt"]);
    assert_eq!(one.exits(2).out, "");
    let several = place.scan(&["--strict", "-j", "4", "a.zip", "list.txt"]);
    assert_eq!(several.exits(2).err, one.err);
    assert_eq!(steady(&several.summary), steady(&one.summary));
    assert_eq!(one.summary["feeds"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_closed_pipe_ends_many_feeds_silently() {
    let place = Place::new();
    let feed = "192.0.2.7\n".repeat(20_000);
    for number in 0..40 {
        place.write(format!("feeds/{number}.txt"), &feed);
    }
    for read_bytes in [0, 1_000, 300_000] {
        let mut child = place
            .command(&["scan", "-p", "p.csv", "-j", "4", "-r", "feeds"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut pipe = child.stdout.take().expect("a pipe");
        pipe.read_exact(&mut vec![0; read_bytes]).expect("so much is written");
        drop(pipe);
        Ran::of(&child.wait_with_output().expect("it ends")).exits(0).is_quiet();
    }
}

#[test]
fn rows_that_wait_do_not_fill_the_memory() {
    let place = Place::new();
    // Eight megabytes of hits for a feed, many times what may wait of one.
    let feed = "192.0.2.200\n".repeat(20_000);
    for number in 0..12 {
        place.write(format!("feeds/{number:02}.txt"), &feed);
    }
    let mut child = place
        .command(&["scan", "-p", "p.csv", "-j", "4", "-r", "feeds"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    // Nobody reads for a while, so everything that may wait does.
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("it runs still");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a figure");
    let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
    let mut out = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut out).expect("UTF-8");
    assert!(child.wait().expect("it ends").success());
    assert_eq!(out.lines().count(), 12 * 40_000);
    // All rows together have more than a hundred megabytes.
    assert!(out.len() > 100_000_000 && kilobytes < 60_000, "{kilobytes} kB of {}", out.len());
}
