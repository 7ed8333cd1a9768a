//! Memory does not grow with a feed, whatever the feed is: lines without end, bombs, hostile text.

use std::io;
use std::thread;
use std::time::Duration;

use xtask::Hostile;

use super::*;

const MIB: u64 = 1 << 20;

/// Anonymous memory that a scan may have beside its image: 32 MiB and 16 MiB a thread.
const fn most(threads: u64) -> u64 {
    (32 + 16 * threads) * MIB
}

impl Place {
    /// Scans what `write` puts into standard input, or what `arguments` name; the peak of its
    /// anonymous memory, as it is seen a few hundred times a second.
    fn measured(
        &self,
        arguments: &[&str],
        write: impl FnOnce(&mut dyn io::Write) + Send + 'static,
    ) -> (Ran, u64) {
        let all = [&["scan", "-p", "p.csv"], arguments].concat();
        let mut command = self.command(&all);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("it runs");
        let mut stdin = child.stdin.take().expect("a pipe");
        let writer = thread::spawn(move || write(&mut stdin));
        let status = format!("/proc/{}/status", child.id());
        let watcher = thread::spawn(move || {
            let mut peak = 0;
            // The file is empty of figures once the process has ended.
            while let Some(kilobytes) = anonymous(&status) {
                peak = peak.max(kilobytes << 10);
                thread::sleep(Duration::from_millis(3));
            }
            peak
        });
        let ran = Ran::of(&child.wait_with_output().expect("it ends"));
        writer.join().expect("no panic");
        (ran, watcher.join().expect("no panic"))
    }
}

/// Kilobytes of anonymous memory.
fn anonymous(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let figure = text.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    figure.trim().trim_end_matches(" kB").parse().ok()
}

fn repeat(to: &mut dyn io::Write, piece: &[u8], bytes: u64) {
    let piece = piece.repeat((1 << 16) / piece.len() + 1);
    let mut left = bytes;
    while left > 0 {
        let count = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        // It may have ended with an error.
        if to.write_all(&piece[..count]).is_err() {
            return;
        }
        left -= count as u64;
    }
}

#[test]
fn a_line_without_end_gives_all_hits_in_bounded_memory() {
    let place = Place::new();
    // More than the memory that there may be, in the short form too.
    let pieces = rounds(6, 64) as u64;
    let (ran, peak) = place.measured(&["-j", "2"], move |to| {
        for _ in 0..pieces {
            let _ = to.write_all(b" 192.0.2.7 ");
            repeat(to, b"nothing.example 203.0.113.9 ", 16 * MIB);
        }
        let _ = to.write_all(b" www.hospital.example\n");
    });
    let rows = ran.exits(0).rows();
    let counts: Vec<_> =
        rows.iter().map(|row| (row["asset"].as_str(), &row["also_count"])).collect();
    assert_eq!(counts.len(), 2, "{counts:?}");
    assert_eq!(rows[0]["also"].as_array().map(Vec::len), Some(pieces.min(17) as usize - 1));
    assert!(peak > 0 && peak <= most(2), "{} MiB", peak / MIB);
    println!("promise A5: a line of {} MiB: {} MiB", pieces * 16, peak / MIB);
}

/// Packs zeros without holding them.
fn bomb(packing: &str, bytes: u64, to: impl io::Write) {
    let zeros = || io::Read::take(io::repeat(0), bytes);
    match packing {
        "gz" => {
            let mut packed = flate2::write::GzEncoder::new(to, flate2::Compression::fast());
            io::copy(&mut zeros(), &mut packed).expect("written");
            packed.finish().map(drop).expect("written");
        }
        "zst" => {
            // With little enough growth to be no bomb to the limit, and with as much as there is.
            zstd::stream::copy_encode(zeros(), to, 1).expect("written");
        }
        "xz" => {
            let mut packed = liblzma::write::XzEncoder::new(to, 0);
            io::copy(&mut zeros(), &mut packed).expect("written");
            packed.finish().map(drop).expect("written");
        }
        _ => {
            let mut packed = bzip2::write::BzEncoder::new(to, bzip2::Compression::fast());
            io::copy(&mut zeros(), &mut packed).expect("written");
            packed.finish().map(drop).expect("written");
        }
    }
}

#[test]
fn bombs_are_unpacked_in_flat_memory_and_told_of() {
    let place = Place::new();
    let bytes = rounds(96, 10 << 10) as u64 * MIB;
    for packing in ["gz", "zst", "xz", "bz2"] {
        let name = format!("bomb.{packing}");
        bomb(packing, bytes, File::create(place.path(&name)).expect("a file"));
        for threads in [1, 2] {
            let (ran, peak) = place.measured(&["-j", &threads.to_string(), &name], |_| {});
            // Read to its end, or refused beyond a gigabyte for its growth.
            assert!(
                ran.code == 1 || ran.code == 2 && ran.err.contains("times its size"),
                "{}",
                ran.err
            );
            // Decoders have windows of their own.
            assert!(peak > 0 && peak <= most(threads) + 16 * MIB, "{packing}: {} MiB", peak / MIB);
            println!(
                "{} MiB of zeros in {packing}, {threads} threads: {} MiB",
                bytes / MIB,
                peak / MIB
            );
        }
    }
}

#[test]
fn a_window_that_is_declared_too_large_is_refused() {
    let place = Place::new();
    // RFC 8878, 3.1.1.1.2: a frame that asks for a window of 2^41 bytes.
    place.write("window.zst", [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 0x01, 0x00, 0x00]);
    let (ran, peak) = place.measured(&["window.zst"], |_| {});
    ran.exits(2).says("window.zst: ");
    assert!(peak <= most(2), "{} MiB", peak / MIB);
}

#[test]
fn an_archive_that_comes_as_a_stream_takes_no_memory() {
    let place = Place::new();
    let bytes = rounds(64, 2048) as u64 * MIB;
    let mut zip = zip::ZipWriter::new(File::create(place.path("bomb.zip")).expect("a file"));
    for name in ["a.txt", "b.txt"] {
        zip.start_file(name, zip::write::SimpleFileOptions::default().large_file(true))
            .expect("written");
        io::copy(&mut io::Read::take(io::repeat(b'x'), bytes), &mut zip).expect("written");
        zip.write_all(b"\n192.0.2.7\n").expect("written");
    }
    zip.finish().expect("written");
    let path = place.path("bomb.zip");
    let (ran, peak) = place.measured(&["-"], move |to| {
        let _ = io::copy(&mut File::open(path).expect("the archive"), to);
    });
    assert_eq!(ran.exits(0).column("feed"), ["-!a.txt", "-!b.txt"]);
    assert!(peak > 0 && peak <= most(2), "{} MiB", peak / MIB);
}

#[test]
fn members_that_overlap_are_refused_or_bounded() {
    let place = Place::new();
    let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    for name in ["a.txt", "b.txt"] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("written");
        zip.write_all(LIST.as_bytes()).expect("written");
    }
    let mut bytes = zip.finish().expect("written").into_inner();
    // Both entries of the directory point to the first member (APPNOTE.TXT, 4.3.12).
    let second = bytes.windows(4).rposition(|bytes| bytes == b"PK\x01\x02").expect("an entry");
    bytes[second + 42..second + 46].fill(0);
    place.write("overlap.zip", bytes);
    let scan = place.scan(&["overlap.zip"]);
    assert!(scan.column("feed").len() <= 6, "{}", scan.out);
    assert!(scan.code == 0 || scan.code == 2);
}

#[test]
fn hostile_text_is_scanned_in_bounded_memory() {
    let place = Place::new();
    // More than the memory that there may be, in the short form too.
    let bytes = rounds(72, 256) * MIB as usize;
    let names: Vec<String> = ["hospital.example", "shared.example"].map(str::to_owned).to_vec();
    let mut worst = [0; 2];
    for hostile in Hostile::ALL {
        let feed = hostile.feed(bytes, &names);
        for threads in [2, 1].into_iter().take(rounds(1, 2)) {
            let feed = feed.clone();
            let (ran, peak) = place.measured(
                &["-j", &threads.to_string(), "-f", hostile.format(), "--exit-zero"],
                move |to| {
                    let _ = to.write_all(&feed);
                },
            );
            // A document that is brackets only ends in the middle.
            assert!([0, 2].contains(&ran.code), "{hostile:?}: {}", ran.err);
            assert!(peak > 0 && peak <= most(threads), "{hostile:?}: {} MiB", peak / MIB);
            worst[threads as usize - 1] = worst[threads as usize - 1].max(peak / MIB);
        }
    }
    println!(
        "promise C4: {} kinds of {} MiB each, at most {} MiB on two threads",
        Hostile::ALL.len(),
        bytes as u64 / MIB,
        worst[1]
    );
}
