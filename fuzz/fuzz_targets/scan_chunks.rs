//! However a feed is cut, read and shared out, a scan gives the same hits and the same account.

#![no_main]

use std::io::{self, Read};
use std::sync::LazyLock;

use feedsieve::{Format, Image, Roles, Scanner, Source};
use feedsieve_fuzz::{hits_of, image_of};
use libfuzzer_sys::fuzz_target;

/// Beside the assets that all targets share.
const KEYWORDS: &str = "D,keyword,a bc\nD,keyword,\u{fc}\u{e4} b\u{e9}\n";

static IMAGE: LazyLock<Image> =
    LazyLock::new(|| image_of(&(feedsieve_fuzz::inventory_csv() + KEYWORDS)));

fuzz_target!(|input: &[u8]| {
    let Some((&[size, search, how, format, keywords], bytes)) = input.split_first_chunk() else {
        return;
    };
    let feed = &feedsieve_fuzz::feed(format & 0x80 != 0, bytes)[..];
    feedsieve_fuzz::count(feed);
    let format = Format::ALL[usize::from(format & 0x7f) % Format::ALL.len()];
    let roles = if how & 0x80 == 0 { Roles::default() } else { Roles::ALL };
    let scanner = Scanner::new(&IMAGE).format(format).roles(roles).local_space(how & 0x40 != 0);
    let scanner = scanner.keywords(keywords & 1 == 1);
    let whole = hits_of(&scanner, Source::slice("feed", feed));

    let chunk_bytes = 1 + usize::from(size % 100);
    let cut = scanner.clone().chunk_bytes(chunk_bytes, usize::from(search % 100));
    assert_eq!(hits_of(&cut, Source::slice("feed", feed)), whole, "cut");
    let pipe = Source::reader("feed", Dribble(feed, 1 + usize::from(how & 0x1f)));
    assert_eq!(hits_of(&cut, pipe), whole, "cut, from a pipe");
    // Starting threads costs more than all the rest.
    if how & 0x20 != 0 {
        let threads = 2 + usize::from(search % 7);
        let shared = cut.threads(threads);
        assert_eq!(
            hits_of(&shared, Source::slice("feed", feed)),
            whole,
            "cut, by {threads} threads"
        );
        let pipe = Source::reader("feed", Dribble(feed, 1 + usize::from(how & 0x1f)));
        assert_eq!(hits_of(&shared, pipe), whole, "cut, from a pipe, by {threads} threads");
    }
});

/// A pipe that hands out a few bytes at a time.
struct Dribble<'b>(&'b [u8], usize);

impl Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(self.0.len()).min(buffer.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}
