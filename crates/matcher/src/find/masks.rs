//! 64 bytes as bit masks, one bit a byte for each class that the finder knows.
//!
//! `plain` says what the classes are, a byte at a time. Where every CPU of the
//! target compares sixteen bytes at once, `sse2` gives the same masks; it works
//! on values only, so that nothing in it can be out of bounds.

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

impl Masks {
    /// The masks of a block in a feed whose lines end with `eol`.
    #[inline]
    #[cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "a call for certain CPUs"))]
    pub(super) fn of(block: &[u8; BLOCK_BYTES], eol: u8) -> Self {
        // SAFETY: SSE2 is part of x86-64, so that every CPU which runs this has it.
        #[cfg(target_arch = "x86_64")]
        return unsafe { sse2::masks(block, eol) };
        #[cfg(not(target_arch = "x86_64"))]
        return plain::masks(block, eol);
    }
}

/// A byte at a time: the meaning of every class.
#[cfg(any(test, not(target_arch = "x86_64")))]
mod plain {
    use super::{BLOCK_BYTES, Masks};
    use crate::bytes::is_label_byte;

    pub(super) fn masks(block: &[u8; BLOCK_BYTES], eol: u8) -> Masks {
        let mut masks = Masks::default();
        for (at, &byte) in block.iter().enumerate() {
            let bit = |holds: bool| u64::from(holds) << at;
            masks.label |= bit(is_label_byte(byte));
            masks.dot |= bit(byte == b'.');
            masks.hex |= bit(byte.is_ascii_hexdigit());
            masks.colon |= bit(byte == b':');
            masks.escape |= bit(matches!(byte, b'%' | b'\\'));
            masks.bracket |= bit(matches!(byte, b'[' | b'(' | b'{'));
            masks.high |= bit(!byte.is_ascii());
            masks.slash |= bit(byte == b'/');
            masks.at_sign |= bit(byte == b'@');
            masks.eol |= bit(byte == eol);
            masks.blank |= bit(matches!(byte, b' ' | b'\t' | b'\r' | b'\n') && byte != eol);
        }
        masks
    }
}

/// Sixteen bytes at a time, with what every x86-64 CPU has.
#[cfg(target_arch = "x86_64")]
mod sse2 {
    use std::arch::x86_64::{
        __m128i, _mm_andnot_si128, _mm_cmpeq_epi8, _mm_min_epu8, _mm_movemask_epi8, _mm_or_si128,
        _mm_set_epi64x, _mm_set1_epi8, _mm_sub_epi8,
    };

    use super::{BLOCK_BYTES, Masks};

    #[inline]
    #[target_feature(enable = "sse2")]
    pub(super) fn masks(block: &[u8; BLOCK_BYTES], eol: u8) -> Masks {
        let mut masks = Masks::default();
        for (index, words) in block.as_chunks::<8>().0.as_chunks::<2>().0.iter().enumerate() {
            let [low, high] = words.map(i64::from_le_bytes);
            add(&mut masks, _mm_set_epi64x(high, low), eol, 16 * index);
        }
        masks
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn add(masks: &mut Masks, bytes: __m128i, eol: u8, shift: usize) {
        let splat = |byte: u8| _mm_set1_epi8(byte.cast_signed());
        let is = |byte: u8| _mm_cmpeq_epi8(bytes, splat(byte));
        let or = |a, b| _mm_or_si128(a, b);
        // At most `span` from `first`, without sign.
        let within = |bytes, first: u8, span: u8| {
            let distance = _mm_sub_epi8(bytes, splat(first));
            _mm_cmpeq_epi8(_mm_min_epu8(distance, splat(span)), distance)
        };
        let bits = |mask| u64::from(_mm_movemask_epi8(mask).cast_unsigned()) << shift;

        let lower = or(bytes, splat(0x20));
        let digit = within(bytes, b'0', 9);
        let letter = within(lower, b'a', 25);
        let line_end = is(eol);
        masks.label |= bits(or(or(letter, digit), or(is(b'-'), is(b'_'))));
        masks.dot |= bits(is(b'.'));
        masks.hex |= bits(or(digit, within(lower, b'a', 5)));
        masks.colon |= bits(is(b':'));
        masks.escape |= bits(or(is(b'%'), is(b'\\')));
        masks.bracket |= bits(or(or(is(b'['), is(b'{')), is(b'(')));
        masks.high |= bits(bytes);
        masks.slash |= bits(is(b'/'));
        masks.at_sign |= bits(is(b'@'));
        masks.eol |= bits(line_end);
        let blank = or(or(is(b' '), is(b'\t')), or(is(b'\r'), is(b'\n')));
        masks.blank |= bits(_mm_andnot_si128(line_end, blank));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_masks_are_the_plain_ones() {
        for eol in [b'\n', b'\r'] {
            for start in 0..=u8::MAX {
                for step in [1_u8, 3, 37, 101] {
                    let block: [u8; BLOCK_BYTES] =
                        std::array::from_fn(|at| start.wrapping_add((at as u8).wrapping_mul(step)));
                    assert_eq!(Masks::of(&block, eol), plain::masks(&block, eol), "{block:?}");
                }
            }
        }
    }
}
