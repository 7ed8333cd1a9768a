//! Feeds that come packed, in archives or in UTF-16: the hits of the plain feed.

use std::io::Cursor;
use std::os::unix::fs::MetadataExt as _;
use std::thread;
use std::time::{Duration, Instant};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

fn all(mut from: impl std::io::Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).expect("memory can be read");
    bytes
}

fn gzip(feed: &[u8]) -> Vec<u8> {
    all(flate2::read::GzEncoder::new(feed, flate2::Compression::default()))
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        zip.start_file(*name, SimpleFileOptions::default()).expect("memory takes every write");
        zip.write_all(content).expect("memory takes every write");
    }
    zip.finish().expect("memory takes every write").into_inner()
}

/// Hits without the name of the feed.
fn unnamed(scan: &Scan) -> Vec<Value> {
    let mut rows = scan.rows();
    for row in &mut rows {
        row.as_object_mut().expect("an object").remove("feed");
    }
    rows
}

#[test]
fn a_packed_feed_gives_the_hits_of_the_plain_one_on_every_road() {
    let place = Place::new();
    let feed = CSV.repeat(400);
    place.write("plain", &feed);
    let plain = place.scan(&["plain"]);
    assert_eq!(plain.exits(0).rows().len(), 800);
    let packings: [(&str, Vec<u8>); 6] = [
        ("gzip", gzip(feed.as_bytes())),
        ("zstd", zstd::encode_all(feed.as_bytes(), 3).expect("memory can be read")),
        ("bzip2", all(bzip2::read::BzEncoder::new(feed.as_bytes(), bzip2::Compression::fast()))),
        ("xz", all(liblzma::read::XzEncoder::new(feed.as_bytes(), 1))),
        ("zip", zip(&[("a.csv", feed.as_bytes())])),
        ("gzip, in a zip", zip(&[("a.csv.gz", &gzip(feed.as_bytes()))])),
    ];
    for (packing, packed) in packings {
        place.write("packed", &packed);
        for io in ["mmap", "read"] {
            for threads in ["1", "8"] {
                let scan = place.scan(&["--io", io, "-j", threads, "packed"]);
                scan.exits(0);
                assert_eq!(unnamed(&scan), unnamed(&plain), "{packing} {io} {threads}");
            }
        }
        let piped = place.scan_with_stdin(&[], &packed);
        piped.exits(0);
        assert_eq!(unnamed(&piped), unnamed(&plain), "{packing}, piped");
        let why = piped.summary["feeds"][0]["format_why"].as_str().expect("why").to_owned();
        let name = packing.split(',').next().expect("a name");
        assert_eq!(why.ends_with(&format!("; unpacked from {name}")), name != "zip", "{why}");
        for key in ["bytes", "lines", "records", "hits", "format", "encoding"] {
            let of = |scan: &Scan| scan.summary["feeds"][0][key].clone();
            assert_eq!(of(&piped), of(&plain), "{packing}: {key}");
        }
    }
}

/// An archive as programs write it to a pipe: how long a member is stands behind it.
fn streamed_zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new_stream(Vec::new());
    for (name, content) in members {
        zip.start_file(*name, SimpleFileOptions::default()).expect("memory takes every write");
        zip.write_all(content).expect("memory takes every write");
    }
    zip.finish().expect("memory takes every write").into_inner()
}

#[test]
fn an_archive_that_comes_as_a_stream_has_the_hits_of_its_file() {
    let place = Place::new();
    let members = [("lists/a.txt", LIST.as_bytes()), ("b.ndjson", NDJSON.as_bytes())];
    for archive in [zip(&members), streamed_zip(&members)] {
        place.write("feeds.zip", &archive);
        let file = place.scan(&["feeds.zip"]);
        let piped = place.scan_with_stdin(&["-"], &archive);
        assert_eq!(piped.exits(0).is_quiet().out, file.exits(0).out.replace("feeds.zip!", "-!"));
        assert_eq!(unnamed(&piped).len(), 5);
    }
    let cut = &zip(&members)[..200];
    place.scan_with_stdin(&["-"], cut).exits(2).says("-: the zip archive is damaged or cut short");
}

#[test]
fn an_archive_that_comes_as_a_stream_is_kept_in_a_file_without_a_name() {
    let place = Place::new();
    fs::create_dir(place.path("tmp")).expect("a folder");
    let archive = zip(&[("a.txt", LIST.as_bytes())]);
    let (first, last) = archive.split_at(60);
    let mut command = place.command(&["scan", "-p", "p.csv", "-"]);
    command.env("TMPDIR", place.path("tmp"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(first).expect("it reads");
    let kept = place.path("tmp").canonicalize().expect("a folder");
    let kept_file = || {
        let open = fs::read_dir(format!("/proc/{}/fd", child.id())).expect("it runs");
        open.flatten().map(|entry| entry.path()).find(|open| {
            fs::read_link(open).is_ok_and(|file| file.starts_with(&kept))
                && fs::metadata(open).is_ok_and(|file| file.len() == first.len() as u64)
        })
    };
    let begin = Instant::now();
    let file = loop {
        if let Some(file) = kept_file() {
            break fs::metadata(file).expect("it is open");
        }
        assert!(begin.elapsed() < Duration::from_secs(60), "nothing is kept");
        thread::sleep(Duration::from_millis(5));
    };
    assert_eq!((file.mode() & 0o777, file.nlink()), (0o600, 0));
    assert_eq!(fs::read_dir(&kept).expect("a folder").count(), 0);
    stdin.write_all(last).expect("it reads");
    drop(stdin);
    let ran = Ran::of(&child.wait_with_output().expect("it ends"));
    assert_eq!(ran.exits(0).column("feed"), ["-!a.txt"; 3]);

    place.write("a.zip", &archive);
    let mut command = place.command(&["scan", "-p", "p.csv", "-"]);
    command.env("TMPDIR", place.path("nowhere"));
    command.stdin(fs::File::open(place.path("a.zip")).expect("written"));
    let folder = place.path("nowhere");
    let expected = format!("it has to be kept in {}; set TMPDIR to a folder", folder.display());
    Ran::of(&command.output().expect("it runs")).exits(2).says(&expected);
}

#[test]
fn every_member_of_an_archive_is_a_feed() {
    let place = Place::new();
    let members = [("lists/a.txt", LIST.as_bytes()), ("b.ndjson", NDJSON.as_bytes())];
    let archive = zip(&members);
    place.write("feeds.zip", &archive);
    let scan = place.scan(&["feeds.zip", "report.csv"]);
    let list = ["feeds.zip!lists/a.txt"; 3];
    let feeds = [&list[..], &["feeds.zip!b.ndjson"; 2], &["report.csv"; 2]].concat();
    assert_eq!(scan.exits(0).is_quiet().column("feed"), feeds);
    let piped = place.scan_with_stdin(&["-"], &archive);
    assert_eq!(piped.exits(0).column("feed")[0], "-!lists/a.txt");

    // Without its end, with which its list is gone too.
    place.write("cut.zip", &archive[..archive.len() - 40]);
    let cut = place.scan(&["cut.zip", "list.txt"]);
    cut.exits(2).says("cut.zip: the zip archive is damaged or cut short");
    assert_eq!(cut.column("feed").len(), 3 + 2 + 3);
    let inner = zip(&[("inner.zip", &archive)]);
    place.write("nested.zip", inner);
    place.scan(&["nested.zip"]).exits(2).says("nested.zip!inner.zip: a zip archive where a feed");
}

#[test]
fn damage_makes_a_feed_incomplete_behind_its_hits() {
    let place = Place::new();
    let feed = LIST.repeat(20_000);
    let packed = gzip(feed.as_bytes());
    place.write("cut.gz", &packed[..packed.len() - 100]);
    for arguments in [&["cut.gz"][..], &["--io", "read", "cut.gz"], &["-j", "1", "cut.gz"]] {
        let scan = place.scan(arguments);
        scan.exits(2).says("cut.gz: reading failed: the gzip data is damaged or cut short");
        let found = scan.rows().len();
        assert!((40_000..=60_000).contains(&found), "{found}");
    }
    place.write("thrice.gz", gzip(&gzip(&gzip(feed.as_bytes()))));
    place.scan(&["thrice.gz"]).exits(2).says("thrice.gz: packed more than 2 times");
}

#[test]
fn a_packing_that_is_cut_anywhere_gives_every_record_before() {
    let place = Place::new();
    // So little alike that packings keep its length, and a hit in every tenth record.
    let mut random = Random::new(3);
    let lines = (0..6000).map(|line| match line % 10 {
        0 => format!("192.0.2.{}\n", random.below(256)),
        _ => format!("{:x}.example\n", random.below(u64::MAX)),
    });
    let feed: String = lines.collect();
    let text = feed.as_bytes();
    place.write("plain", text);
    let plain = unnamed(&place.scan(&["-f", "list", "plain"]));
    let bzip2 = bzip2::read::BzEncoder::new(text, bzip2::Compression::fast());
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("a", stored).expect("memory takes every write");
    archive.write_all(text).expect("memory takes every write");
    // Blocks small enough that there is something before the damage.
    let mut blocks = Vec::new();
    for piece in text.chunks(8 << 10) {
        blocks.extend(zstd::encode_all(piece, 3).expect("memory can be read"));
    }
    let packings: [(&str, Vec<u8>, usize); 6] = [
        ("gzip", gzip(text), 64 << 10),
        ("zstd", blocks, 16 << 10),
        ("bzip2", all(bzip2), 110 << 10),
        ("xz", all(liblzma::read::XzEncoder::new(text, 1)), 64 << 10),
        ("zip", zip(&[("a", text)]), 64 << 10),
        ("zip, stored", archive.finish().expect("memory").into_inner(), 64 << 10),
    ];
    for (packing, packed, most_lost) in packings {
        let cuts = rounds(12, 200);
        for cut in (1..=cuts).map(|cut| packed.len() * cut / (cuts + 1)) {
            place.write("cut", &packed[..cut]);
            let scan = place.scan(&["-f", "list", "--io", ["mmap", "read"][cut % 2], "cut"]);
            scan.exits(2).says("cut");
            let mut found = unnamed(&scan);
            // The last record may be cut as well, to another address of the same prefix.
            found.pop();
            assert!(plain.starts_with(&found), "{packing} cut at {cut}");
            // What lies before the piece of the damage is there.
            let read = scan.summary["total"]["bytes"].as_u64().expect("bytes") as usize;
            let share = text.len() * cut / packed.len();
            assert!(read + most_lost >= share, "{packing} cut at {cut}: {read} bytes of {share}");
        }
    }
}

#[test]
fn a_damaged_member_says_where_and_what_was_expected() {
    let place = Place::new();
    let feed = LIST.repeat(20_000);
    let mut archive = zip(&[("a.txt", feed.as_bytes()), ("b.txt", LIST.as_bytes())]);
    // Zeros in the middle of the first member; its length in the list is that of the whole.
    let middle = archive.windows(5).position(|name| name == b"a.txt").expect("it is there") + 600;
    archive[middle..middle + 40].fill(0);
    place.write("broken.zip", &archive);
    let scan = place.scan(&["broken.zip"]);
    let promised = format!("of the {} that the archive promises (", feed.len());
    scan.exits(2)
        .says(
            "broken.zip!a.txt: reading failed: the zip member is damaged or cut short behind byte ",
        )
        .says(&promised);
    assert!(scan.column("feed").ends_with(&["broken.zip!b.txt".to_owned()]));
    let why = scan.summary["feeds"][0]["incomplete_why"].as_str().expect("why");
    assert!(why.contains("the zip member is damaged"), "{why}");
    assert_eq!(scan.summary["feeds"][1]["complete"], true);
}

#[test]
fn a_feed_in_utf_16_has_its_own_offsets() {
    let place = Place::new();
    // The second is longer than what is looked at in one go.
    let long = "203.0.113.77 \u{e9}\n".repeat(120_000);
    for (before, lines) in [("\u{e9}t\u{e9} \u{1f600}\n", 1), (&long, 120_000)] {
        check_utf_16(&place, &format!("{before}{LIST}"), lines + 2);
    }
}

/// A feed whose first hit is `www.hospital.example` on a line.
fn check_utf_16(place: &Place, text: &str, line: usize) {
    let units = |bytes: fn(u16) -> [u8; 2]| {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(bytes).collect::<Vec<u8>>()
    };
    for (encoding, feed) in
        [("utf-16le", units(u16::to_le_bytes)), ("utf-16be", units(u16::to_be_bytes))]
    {
        place.write("export.txt", &feed);
        let scan = place.scan(&["-f", "list", "export.txt"]);
        assert_eq!(scan.exits(0).is_quiet().column("participant"), ["A", "B", "A"]);
        assert_eq!(scan.summary["feeds"][0]["encoding"], encoding);
        assert_eq!(scan.summary["feeds"][0]["bytes"], feed.len());
        let row = &scan.rows()[0];
        let at = |key: &str| row[key].as_u64().expect("an offset") as usize;
        let expected: Vec<u8> = "www.hospital.example"
            .encode_utf16()
            .flat_map(|unit| match encoding {
                "utf-16le" => unit.to_le_bytes(),
                _ => unit.to_be_bytes(),
            })
            .collect();
        assert_eq!(feed[at("at")..][..expected.len()], expected);
        assert_eq!((at("offset"), at("length"), at("line")), (at("at"), expected.len(), line));
    }
}
