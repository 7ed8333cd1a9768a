//! SHA-256 of feeds as they lie on disk.

use sha2::{Digest as _, Sha256};

use super::*;

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn gzip(feed: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut packed = flate2::read::GzEncoder::new(feed, flate2::Compression::default());
    packed.read_to_end(&mut bytes).expect("memory can be read");
    bytes
}

#[test]
fn the_digest_is_that_of_the_file_on_every_road() {
    let place = Place::new();
    // More than a few chunks, with a hit in each, and nothing to hash.
    let large = [&CSV.repeat(40_000), "rest"].concat();
    let packed = gzip(large.as_bytes());
    let utf16: Vec<u8> = "\u{feff}192.0.2.7\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let damaged = [&packed[..packed.len() / 2], b"damage", &packed[packed.len() / 2..]].concat();
    let feeds: [(&str, &[u8]); 7] = [
        ("small.txt", LIST.as_bytes()),
        ("empty.txt", b""),
        ("large.csv", large.as_bytes()),
        ("large.csv.gz", &packed),
        ("damaged.gz", &damaged),
        ("utf16.txt", &utf16),
        ("page.html", b"<!DOCTYPE html><html>hospital.example</html>\n"),
    ];
    let names: Vec<&str> = feeds
        .iter()
        .map(|(name, bytes)| {
            place.write(name, bytes);
            *name
        })
        .collect();
    for io in ["mmap", "read"] {
        for threads in ["1", "3"] {
            let options = ["--digest", "--io", io, "-j", threads, "-o", "csv", "--out", "hits.csv"];
            let scan = place.scan(&[&options[..], &names].concat());
            scan.exits(2);
            for ((name, bytes), feed) in
                feeds.iter().zip(scan.summary["feeds"].as_array().expect("feeds"))
            {
                assert_eq!(feed["sha256"], sha256(bytes), "{name} {io} {threads}");
            }
            assert!(scan.summary["total"]["sha256"].is_null());
        }
    }
    let piped = place.scan_with_stdin(&["--digest"], &packed);
    assert_eq!(piped.summary["feeds"][0]["sha256"], sha256(&packed));
    // What a range leaves out is part of the feed.
    for arguments in [&["large.csv"][..], &["-j", "1", "large.csv"], &["--io", "read", "large.csv"]]
    {
        let ranged = place.scan(&[&["--digest", "--range", "0-200"][..], arguments].concat());
        assert_eq!(ranged.summary["feeds"][0]["sha256"], sha256(large.as_bytes()));
    }
}

#[test]
fn without_the_flag_there_is_none() {
    let place = Place::new();
    let scan = place.scan(&["list.txt"]);
    assert!(scan.summary["feeds"][0].get("sha256").is_none());
}
