//! Records that begin in some bytes of a feed.

use super::*;

#[test]
fn ranges_that_follow_each_other_have_the_hits_of_the_whole() {
    let place = Place::new();
    let feed = [CSV, "2026-11-22,192.0.2.9,\"two\nlines\"\n", &CSV[17..]].concat();
    place.write("feed.csv", &feed);
    let whole = place.scan(&["feed.csv"]);
    whole.exits(0);
    for cuts in [&[0, 17, 60, 61, 999][..], &[0, 200, 230, 999], &[0, 1, 2, 999]] {
        let mut out = String::new();
        let mut records = 0;
        for ends in cuts.windows(2) {
            let range = format!("{}-{}", ends[0], ends[1]);
            let scan = place.scan(&["--range", &range, "feed.csv"]);
            out.push_str(&scan.out);
            let total = &scan.summary["total"];
            records += total["scanned"].as_u64().expect("a count");
            assert_eq!(total["complete"], true);
        }
        assert_eq!(out, whole.out, "{cuts:?}");
        assert_eq!(records, whole.summary["total"]["scanned"].as_u64().expect("a count"));
    }
    // A pipe is read from its start as well.
    let piped = place.scan_with_stdin(&["--range", "17-61"], &feed);
    let named = place.scan(&["--range", "17-61", "feed.csv"]);
    assert_eq!(piped.column("line"), named.column("line"));
    assert_eq!(piped.rows().len(), named.rows().len());
    assert_eq!(named.summary["total"]["skipped"]["out-of-range"], 7);
}

#[test]
fn what_a_range_cannot_mean_is_refused() {
    let place = Place::new();
    for range in ["5", "5-", "-5", "9-5", "a-b", "0-99999999999999999999"] {
        let argument = format!("--range={range}");
        let ran = place.run(&["scan", "-p", "p.csv", &argument, "list.txt"]);
        ran.exits(2).says("expected two offsets, the lower first");
    }
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("a.txt", zip::write::SimpleFileOptions::default()).expect("memory");
    zip.write_all(LIST.as_bytes()).expect("memory");
    place.write("a.zip", zip.finish().expect("memory").into_inner());
    place.write("a.zst", zstd::encode_all(LIST.as_bytes(), 1).expect("memory"));
    place.write(
        "a.txt",
        "\u{feff}192.0.2.7".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>(),
    );
    for (feed, what) in [("a.zip", "an archive"), ("a.zst", "packed"), ("a.txt", "UTF-16")] {
        let scan = place.scan(&["--range", "0-9", feed]);
        scan.exits(2).says(&format!("{feed}: {what}, and a range of bytes means those of a"));
        assert_eq!(scan.out, "");
    }
}
