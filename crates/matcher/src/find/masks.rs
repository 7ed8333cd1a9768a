//! 64 bytes as bit masks, one bit a byte for each class that the finder knows.
//!
//! The plain version: two table lookups a byte, whose results are eight classes
//! at a time, and one turn of eight by eight bits.

/// Bytes that are classified at a time.
pub(super) const BLOCK_BYTES: usize = 64;

/// One bit for each byte of a block, the lowest for the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Masks {
    /// Letters, digits, `-` and `_`.
    pub(super) label: u64,
    pub(super) dot: u64,
    pub(super) hex: u64,
    pub(super) colon: u64,
    /// `%` and `\`.
    pub(super) escape: u64,
    /// `[`, `(` and `{`.
    pub(super) bracket: u64,
    /// Not ASCII.
    pub(super) high: u64,
    pub(super) slash: u64,
    pub(super) at_sign: u64,
    /// The end of a line.
    pub(super) eol: u64,
    /// Blank, tab, and whichever of CR and LF does not end lines.
    pub(super) blank: u64,
}

/// The classes of each byte, as bits that are eight apart.
pub(super) struct Classes {
    shape: [u64; 256],
    line: [u32; 256],
}

impl Classes {
    /// Classes for a feed whose lines end with `eol`.
    pub(super) fn new(eol: u8) -> Self {
        let mut classes = Self { shape: [0; 256], line: [0; 256] };
        for byte in 0..=u8::MAX {
            let members = [
                byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_',
                byte == b'.',
                byte.is_ascii_hexdigit(),
                byte == b':',
                byte == b'%' || byte == b'\\',
                byte == b'[' || byte == b'(' || byte == b'{',
                !byte.is_ascii(),
                byte == b'/',
            ];
            let shape = &mut classes.shape[usize::from(byte)];
            for (class, is_member) in members.into_iter().enumerate() {
                *shape |= u64::from(is_member) << (8 * class);
            }
            let is_blank = matches!(byte, b' ' | b'\t' | b'\r' | b'\n') && byte != eol;
            classes.line[usize::from(byte)] =
                u32::from(byte == eol) | u32::from(is_blank) << 8 | u32::from(byte == b'@') << 16;
        }
        classes
    }

    pub(super) fn masks(&self, block: &[u8; BLOCK_BYTES]) -> Masks {
        let mut shape = [0_u64; 8];
        let mut line = [0_u64; 3];
        for (group, bytes) in block.as_chunks::<8>().0.iter().enumerate() {
            let (mut shapes, mut lines) = (0_u64, 0_u32);
            for (bit, &byte) in bytes.iter().enumerate() {
                shapes |= self.shape[usize::from(byte)] << bit;
                lines |= self.line[usize::from(byte)] << bit;
            }
            for (class, mask) in shape.iter_mut().enumerate() {
                *mask |= (shapes >> (8 * class) & 0xff) << (8 * group);
            }
            for (class, mask) in line.iter_mut().enumerate() {
                *mask |= (u64::from(lines) >> (8 * class) & 0xff) << (8 * group);
            }
        }
        let [label, dot, hex, colon, escape, bracket, high, slash] = shape;
        let [eol, blank, at_sign] = line;
        Masks { label, dot, hex, colon, escape, bracket, high, slash, at_sign, eol, blank }
    }
}
