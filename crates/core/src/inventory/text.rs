//! The bytes of an inventory, and on which line and in which column something stands.

use std::io::Read;

use super::{InventoryError, Rejected};

/// A whole inventory in memory: without a byte order mark, with line feeds as line ends.
#[derive(Debug)]
pub(super) struct Text {
    bytes: Vec<u8>,
    /// Bytes of the mark that opens the file.
    mark_bytes: usize,
}

impl Text {
    pub(super) fn read(mut reader: impl Read) -> Result<Self, InventoryError> {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes)?;
        if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            return Err(InventoryError::Syntax(Rejected {
                line: 1,
                column: 1,
                found: "the text is UTF-16".to_owned(),
                expected: "UTF-8; save the file as \"CSV UTF-8\"".to_owned(),
            }));
        }
        // A lone CR ends a line only where no LF does, as in files of the classic
        // Mac OS. Changed in place, so that every offset stays true.
        if !bytes.contains(&b'\n') {
            bytes.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
        }
        let mark_bytes = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Ok(Self { bytes, mark_bytes })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[self.mark_bytes..]
    }

    /// The error that ends the load because of what stands at `offset`.
    pub(super) fn syntax(
        &self,
        offset: usize,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> InventoryError {
        let (line, column) = Cursor::new(self.bytes()).seek(offset);
        InventoryError::Syntax(Rejected {
            line,
            column,
            found: found.into(),
            expected: expected.into(),
        })
    }

    /// The offset of the first byte that is neither blank nor in a `#` line.
    pub(super) fn content_start(&self) -> usize {
        let bytes = self.bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'#' => at = line_end(bytes, at),
                byte if byte.is_ascii_whitespace() => at += 1,
                _ => break,
            }
        }
        at
    }
}

/// The offset of the line feed that ends the line of `at`, or the end of the text.
pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |found| at + found)
}

/// Turns offsets, asked for in rising order, into lines and columns.
///
/// Every byte is counted once however many offsets are asked for, so that a file
/// of bad rows costs no more than a pass over it.
#[derive(Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
    column: u64,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, line: 1, column: 1 }
    }

    /// The line, and the column in characters, of `offset`; both from 1.
    pub(super) fn seek(&mut self, offset: usize) -> (u64, u64) {
        debug_assert!(offset >= self.at, "offsets are sorted by the caller");
        let passed = self.bytes.get(self.at..offset).unwrap_or_default();
        let tail = match passed.iter().rposition(|&byte| byte == b'\n') {
            Some(last) => {
                self.line += count(&passed[..=last], |byte| byte == b'\n');
                self.column = 1;
                &passed[last + 1..]
            }
            None => passed,
        };
        // The first byte of a character stands for it; the others are 10xxxxxx.
        self.column += count(tail, |byte| byte & 0xc0 != 0x80);
        self.at += passed.len();
        (self.line, self.column)
    }
}

fn count(bytes: &[u8], is: impl Fn(u8) -> bool) -> u64 {
    bytes.iter().map(|&byte| u64::from(is(byte))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_become_lines_and_columns() {
        let mut cursor = Cursor::new("ab\r\né€c\n\nd".as_bytes());
        for (offset, expected) in [
            (0, (1, 1)),
            (1, (1, 2)),
            (4, (2, 1)),
            (9, (2, 3)),
            (9, (2, 3)),
            (11, (3, 1)),
            (12, (4, 1)),
        ] {
            assert_eq!(cursor.seek(offset), expected, "{offset}");
        }
        assert_eq!(Cursor::new(b"").seek(0), (1, 1));
    }

    #[test]
    fn marks_and_lone_carriage_returns_are_put_right() {
        for (bytes, expected) in [
            (&b"\xef\xbb\xbfa,b"[..], &b"a,b"[..]),
            (b"a\rb\r", b"a\nb\n"),
            (b"a\r\nb\rc", b"a\r\nb\rc"),
            (b"", b""),
        ] {
            assert_eq!(
                Text::read(bytes).map(|text| text.bytes().to_vec()).ok(),
                Some(expected.to_vec())
            );
        }
        let utf16 = Text::read(&b"\xff\xfep\0"[..]).map(|_| ()).map_err(|error| error.to_string());
        assert_eq!(
            utf16,
            Err("1:1: the text is UTF-16; UTF-8; save the file as \"CSV UTF-8\"".to_owned())
        );
    }
}
