//! A packed feed has the hits of the plain one; a damaged one ends without a panic, and what was read
//! before the damage has its hits.

#![no_main]

use std::io::{Cursor, Read, Write as _};
use std::sync::LazyLock;

use feedsieve::{Contents, Format, Image, Scanner, Source};
use feedsieve_fuzz::{hits_of, image_of, inventory_csv};
use libfuzzer_sys::fuzz_target;

static IMAGE: LazyLock<Image> = LazyLock::new(|| image_of(&inventory_csv()));

fuzz_target!(|input: &[u8]| {
    let Some((&[packing, cut, place, value], bytes)) = input.split_first_chunk() else { return };
    // Hits of lists do not depend on what comes behind them.
    let scanner = Scanner::new(&IMAGE).format(Format::List);
    // Whatever the bytes are, as if they came from outside.
    scan_all(&scanner, bytes);

    let mut feed = b"plain\n".to_vec();
    feed.extend(feedsieve_fuzz::feed(packing & 0x80 != 0, bytes));
    let (plain, _) = hits_of(&scanner, Source::slice("feed", &feed));
    let mut packed = pack(packing & 0x7f, &feed);
    feedsieve_fuzz::count(&packed);
    if packing & 0x7f != ZIP {
        let (unpacked, stats) = hits_of(&scanner, Source::slice("feed", &packed));
        assert!(stats.is_complete(), "{:?}", stats.incomplete_why);
        assert_eq!(unpacked, plain);
    }
    // Cut: every line that was read whole has its hits.
    let end = packed.len() * usize::from(cut) / 256;
    if packing & 0x7f != ZIP && end > 6 {
        let scanned = scanner.scan(
            Source::slice("feed", &packed[..end]),
            &mut feedsieve::SinkFn(|_: &feedsieve::Hit<'_>| true),
        );
        if let Ok(stats) = scanned {
            let read = usize::try_from(stats.bytes).expect("small");
            let whole = feed[..read].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
            let (expected, _) = hits_of(&scanner, Source::slice("feed", &feed[..whole]));
            let (found, _) = hits_of(&scanner, Source::slice("feed", &packed[..end]));
            assert!(found.starts_with(&expected), "cut at {end}");
        }
    }
    // Changed: nothing is promised of it but an end.
    let at = packed.len() * usize::from(place) / 256;
    if let Some(byte) = packed.get_mut(at) {
        *byte ^= value;
    }
    scan_all(&scanner, &packed);
});

const ZIP: u8 = 4;

fn pack(packing: u8, feed: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let read = match packing {
        0 => flate2::read::GzEncoder::new(feed, flate2::Compression::fast()).read_to_end(&mut out),
        1 => bzip2::read::BzEncoder::new(feed, bzip2::Compression::fast()).read_to_end(&mut out),
        2 => liblzma::read::XzEncoder::new(feed, 0).read_to_end(&mut out),
        ZIP => {
            let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
            zip.start_file("a", zip::write::SimpleFileOptions::default()).expect("memory");
            zip.write_all(feed).expect("memory");
            out = zip.finish().expect("memory").into_inner();
            Ok(0)
        }
        _ => zstd::stream::copy_encode(feed, &mut out, 1).map(|()| 0),
    };
    read.expect("memory can be read");
    out
}

/// Scans a feed, or all feeds of an archive, from memory and in order.
fn scan_all(scanner: &Scanner<'_>, bytes: &[u8]) {
    for source in [Source::slice("feed", bytes), Source::reader("feed", bytes)] {
        match source.contents() {
            Ok(Contents::Feed(source)) => {
                let _ = scanner.scan(source, &mut feedsieve::SinkFn(|_: &feedsieve::Hit<'_>| true));
            }
            Ok(Contents::Archive(archive)) => {
                let visited: Result<(), ()> = archive.each(|_, member| {
                    if let Ok(member) = member {
                        let mut sink = feedsieve::SinkFn(|_: &feedsieve::Hit<'_>| true);
                        let _ = scanner.scan(member, &mut sink);
                    }
                    Ok(true)
                });
                assert_eq!(visited, Ok(()));
            }
            _ => {}
        }
    }
}
