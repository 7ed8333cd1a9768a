//! Feeds in UTF-16 as UTF-8, and the way back from its offsets.
//!
//! A lone surrogate becomes U+FFFD, which is one unit as well, so that the units of a text tell how
//! many bytes of the feed it stands for.

use std::io::{self, Read};

use encoding_rs::{Decoder, Encoding, UTF_16BE, UTF_16LE};

/// Bytes of the mark that tells the order of bytes.
pub(crate) const MARK_BYTES: u64 = 2;

/// The encoding that a byte order mark tells.
///
/// Bytes that begin so by chance hold no NUL in every second place.
pub(crate) fn utf16(head: &[u8]) -> Option<&'static Encoding> {
    let has_nul = |units: &[u8], high: usize| {
        units.is_empty() || units.as_chunks::<2>().0.iter().take(32).any(|unit| unit[high] == 0)
    };
    match head {
        [0xff, 0xfe, units @ ..] if has_nul(units, 1) => Some(UTF_16LE),
        [0xfe, 0xff, units @ ..] if has_nul(units, 0) => Some(UTF_16BE),
        _ => None,
    }
}

/// Bytes of UTF-16 that a text in UTF-8 stands for, or the beginning of one.
pub(crate) fn utf16_bytes(text: &[u8]) -> u64 {
    let units = text.iter().map(|&byte| match byte {
        0x80..=0xbf => 0,
        0xf0.. => 2,
        _ => 1_u64,
    });
    2 * units.sum::<u64>()
}

/// Offsets of a text in UTF-8 as those of the feed that it was made of.
pub(crate) struct Offsets<'t> {
    text: &'t [u8],
    /// The offset of the text in UTF-8, and in the feed.
    base: u64,
    origin: u64,
    /// Bytes of the feed before each piece of the text.
    before: Vec<u64>,
}

/// Bytes of text between offsets that are known.
const STEP_BYTES: usize = 4 << 10;

impl<'t> Offsets<'t> {
    pub(crate) fn new(text: &'t [u8], base: u64, origin: u64) -> Self {
        let mut sum = 0;
        let before = text.chunks(STEP_BYTES).map(|step| {
            sum += utf16_bytes(step);
            sum
        });
        let before = std::iter::once(0).chain(before).collect();
        Self { text, base, origin, before }
    }

    /// The offset in the feed of one in the text.
    pub(crate) fn of(&self, offset: u64) -> u64 {
        let at = (offset - self.base) as usize;
        let step = at / STEP_BYTES;
        self.origin + self.before[step] + utf16_bytes(&self.text[step * STEP_BYTES..at])
    }
}

/// Reads UTF-16 behind its mark as UTF-8.
pub(crate) struct Utf8<R> {
    inner: R,
    decoder: Decoder,
    units: Vec<u8>,
    text: Vec<u8>,
    /// Bytes of the text that were handed out.
    given: usize,
    is_done: bool,
}

/// Bytes of UTF-16 that are read at a time.
const PIECE_BYTES: usize = 64 << 10;

impl<R: Read> Utf8<R> {
    pub(crate) fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_without_bom_handling();
        let units = vec![0; PIECE_BYTES];
        Self { inner, decoder, units, text: Vec::new(), given: 0, is_done: false }
    }

    /// Decodes what comes next.
    fn decode(&mut self) -> io::Result<()> {
        let count = self.inner.read(&mut self.units)?;
        let room = self.decoder.max_utf8_buffer_length(count).expect("a piece is no gigabyte");
        self.text.resize(room, 0);
        self.is_done = count == 0;
        let units = &self.units[..count];
        let (_, _, bytes, _) = self.decoder.decode_to_utf8(units, &mut self.text, self.is_done);
        self.text.truncate(bytes);
        self.given = 0;
        Ok(())
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() && !self.is_done {
            self.decode()?;
        }
        let rest = &self.text[self.given..];
        let count = rest.len().min(to.len());
        to[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_that_tells_the_encoding_is_66_bytes() {
        // The last unit that counts is the first that looks like text.
        for (mark, wide, plain) in
            [([0xff, 0xfe], [0x2d, 0x4e], [b'a', 0]), ([0xfe, 0xff], [0x4e, 0x2d], [0, b'a'])]
        {
            let head = [&mark[..], &wide.repeat(31), &plain, &wide.repeat(99)].concat();
            assert_eq!(utf16(&head[..66]), utf16(&head));
            assert!(utf16(&head[..66]).is_some());
            assert!(!crate::source::has_ranges(&head[..66]));
            // Not told yet, and not to be told by anything behind.
            assert!(utf16(&head[..64]).is_none());
            let late = [&mark[..], &wide.repeat(32), &plain].concat();
            assert!(utf16(&late).is_none());
        }
    }

    #[test]
    fn offsets_of_the_text_are_those_of_the_feed() {
        // Letters of one to four bytes of UTF-8, and half of a pair.
        let units: Vec<u16> =
            "a\u{e9}\u{20ac}\u{1f600}b".encode_utf16().cycle().take(9000).collect();
        for swap in [false, true] {
            let bytes = |unit: &u16| if swap { unit.to_be_bytes() } else { unit.to_le_bytes() };
            let mut feed = bytes(&0xfeff).to_vec();
            feed.extend(units.iter().chain(&[0xd800, 0x61]).flat_map(bytes));
            let encoding = utf16(&feed).expect("there is a mark");
            let mut text = Vec::new();
            Utf8::new(&feed[2..], encoding).read_to_end(&mut text).expect("a slice can be read");
            let text = String::from_utf8(text).expect("UTF-8");
            assert!(text.ends_with("\u{fffd}a"));
            let offsets = Offsets::new(text.as_bytes(), 100, 2);
            let mut at = 2;
            for (index, letter) in text.char_indices() {
                assert_eq!(offsets.of(100 + index as u64), at);
                at += 2 * letter.len_utf16() as u64;
            }
            assert_eq!(offsets.of(100 + text.len() as u64), at);
            assert_eq!(at, feed.len() as u64);
        }
        assert!(utf16(b"\xff\xfehospital.example, and more than that").is_none());
    }
}
