//! 64 bytes as bit masks, one bit a byte for each class that the finder knows.
//!
//! `plain` is for every CPU, and `avx2` and `avx512` give the same masks where the CPU has what
//! they need. They work on values only, so that nothing in them can be out of bounds.

/// Bytes that are classified at a time.
pub(crate) const BLOCK_BYTES: usize = 64;

/// So many bytes.
pub(super) type Block = [u8; BLOCK_BYTES];

/// What every block is asked for: one bit for each byte, the lowest for the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Masks {
    /// Letters, digits, `-` and `_`.
    pub(super) label: u64,
    pub(super) dot: u64,
    pub(super) digit: u64,
    pub(super) hex: u64,
    pub(super) colon: u64,
    pub(super) dash: u64,
    /// The end of a line.
    pub(super) eol: u64,
    /// Blank, tab, and whichever of CR and LF does not end lines.
    pub(super) blank: u64,
    /// Any class of [`Rare`].
    pub(super) rare: u64,
}

/// What is looked at only where a block holds some of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rare {
    pub(super) at_sign: u64,
    pub(super) slash: u64,
    pub(super) backslash: u64,
    pub(super) percent: u64,
    /// `[`, `(` and `{`.
    pub(super) bracket: u64,
    /// Not ASCII.
    pub(super) high: u64,
}

/// The rare classes, from where a block holds a byte and where it holds what is not ASCII.
macro_rules! rare_of {
    ($is:ident, $high:expr) => {
        Rare {
            at_sign: $is(b'@'),
            slash: $is(b'/'),
            backslash: $is(b'\\'),
            percent: $is(b'%'),
            bracket: $is(b'[') | $is(b'(') | $is(b'{'),
            high: $high,
        }
    };
}

/// Eight bytes at a time, in what every CPU has.
pub(super) mod plain {
    use super::{Block, Masks, Rare};
    use crate::bytes::is_label_byte;

    pub(in crate::find) fn masks(block: &Block, eol: u8) -> Masks {
        let mut masks = Masks::default();
        for (at, bytes) in block.as_chunks::<8>().0.iter().enumerate() {
            let classes = bytes.map(|byte| CLASSES[usize::from(byte)]);
            let of_class = transposed(u64::from_le_bytes(classes)).to_le_bytes();
            let bits = |class: u8| u64::from(of_class[class.trailing_zeros() as usize]) << (8 * at);
            let ends_line = equal_of_eight(bytes, eol) << (8 * at);
            masks.label |= bits(LABEL);
            masks.dot |= bits(DOT);
            masks.digit |= bits(DIGIT);
            masks.hex |= bits(HEX);
            masks.colon |= bits(COLON);
            masks.dash |= bits(DASH);
            masks.eol |= ends_line;
            masks.blank |= bits(BLANK) & !ends_line;
            masks.rare |= bits(RARE);
        }
        masks
    }

    pub(in crate::find) fn rare(block: &Block) -> Rare {
        let is = |byte: u8| equal(block, byte);
        let high = |bytes: &[u8; 8]| lowest_bits(u64::from_le_bytes(*bytes) >> 7 & LOWEST);
        rare_of!(is, of_eights(block, high))
    }

    /// Where a block holds a byte.
    pub(in crate::find) fn equal(block: &Block, byte: u8) -> u64 {
        of_eights(block, |bytes| equal_of_eight(bytes, byte))
    }

    /// One bit a byte from what eight bytes give.
    fn of_eights(block: &Block, bits: impl Fn(&[u8; 8]) -> u64) -> u64 {
        let eights = block.as_chunks::<8>().0.iter().enumerate();
        eights.fold(0, |mask, (at, bytes)| mask | bits(bytes) << (8 * at))
    }

    /// The lowest bit of each byte.
    const LOWEST: u64 = u64::from_le_bytes([1; 8]);

    fn equal_of_eight(bytes: &[u8; 8], byte: u8) -> u64 {
        const LOW_SEVEN: u64 = u64::from_le_bytes([0x7f; 8]);
        let differs = u64::from_le_bytes(*bytes) ^ (LOWEST * u64::from(byte));
        // The highest bit of each byte is set if any of its bits is: no carry leaves a byte.
        let is_other = ((differs & LOW_SEVEN) + LOW_SEVEN) | differs;
        lowest_bits(!is_other >> 7 & LOWEST)
    }

    /// The lowest bits of eight bytes, of which all others are zero, as one byte.
    fn lowest_bits(word: u64) -> u64 {
        // The bit at 8 n is moved to 56 + n.
        word.wrapping_mul(0x0102_0408_1020_4080) >> 56
    }

    /// Bit n of byte m as bit m of byte n (H. S. Warren, Hacker's Delight, section 7-3).
    fn transposed(mut bits: u64) -> u64 {
        for (distance, mask) in
            [(7, 0x00aa_00aa_00aa_00aa), (14, 0x0000_cccc_0000_cccc), (28, 0x0000_0000_f0f0_f0f0)]
        {
            let swapped = (bits ^ bits >> distance) & mask;
            bits ^= swapped ^ swapped << distance;
        }
        bits
    }

    pub(super) const LABEL: u8 = 1;
    pub(super) const DOT: u8 = 2;
    pub(super) const DIGIT: u8 = 4;
    pub(super) const HEX: u8 = 8;
    pub(super) const COLON: u8 = 16;
    /// Of CR and LF the one that ends lines is none.
    pub(super) const BLANK: u8 = 32;
    pub(super) const RARE: u8 = 64;
    pub(super) const DASH: u8 = 128;

    /// The classes of each byte.
    pub(super) const CLASSES: [u8; 256] = {
        let mut classes = [0; 256];
        let mut at = 0;
        while at < 256 {
            let byte = at as u8;
            classes[at] = if is_label_byte(byte) { LABEL } else { 0 }
                | if byte == b'.' { DOT } else { 0 }
                | if byte.is_ascii_digit() { DIGIT } else { 0 }
                | if byte.is_ascii_hexdigit() { HEX } else { 0 }
                | if byte == b':' { COLON } else { 0 }
                | if byte == b'-' { DASH } else { 0 }
                | if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') { BLANK } else { 0 }
                | match byte {
                    b'@' | b'/' | b'\\' | b'%' | b'[' | b'(' | b'{' | 0x80.. => RARE,
                    _ => 0,
                };
            at += 1;
        }
        classes
    };
}

/// 32 bytes at a time.
#[cfg(target_arch = "x86_64")]
pub(super) mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm256_andnot_si256, _mm256_cmpeq_epi8, _mm256_min_epu8, _mm256_movemask_epi8,
        _mm256_or_si256, _mm256_set1_epi8, _mm256_setr_epi64x, _mm256_sub_epi8,
    };

    use super::{Block, Masks, Rare};

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::find) fn masks(block: &Block, eol: u8) -> Masks {
        let [low, high] = halves(block);
        let (mut masks, above) = (of_half(low, eol), of_half(high, eol));
        masks.label |= above.label << 32;
        masks.dot |= above.dot << 32;
        masks.digit |= above.digit << 32;
        masks.hex |= above.hex << 32;
        masks.colon |= above.colon << 32;
        masks.dash |= above.dash << 32;
        masks.eol |= above.eol << 32;
        masks.blank |= above.blank << 32;
        masks.rare |= above.rare << 32;
        // Without this the compiler moves what is done with the masks into the vectors and takes
        // four times as long.
        std::hint::black_box(masks)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn of_half(bytes: __m256i, eol: u8) -> Masks {
        let is = |byte: u8| _mm256_cmpeq_epi8(bytes, splat(byte));
        let or = |a, b| _mm256_or_si256(a, b);
        // At most `span` from `first`, without sign.
        let within = |bytes, first: u8, span: u8| {
            let distance = _mm256_sub_epi8(bytes, splat(first));
            _mm256_cmpeq_epi8(_mm256_min_epu8(distance, splat(span)), distance)
        };
        let lower = or(bytes, splat(0x20));
        let digit = within(bytes, b'0', 9);
        let letter = within(lower, b'a', 25);
        let line_end = is(eol);
        let dash = is(b'-');
        let blank = or(or(is(b' '), is(b'\t')), or(is(b'\r'), is(b'\n')));
        let brackets = or(is(b'['), or(is(b'('), is(b'{')));
        let marks = or(or(is(b'@'), is(b'/')), or(is(b'\\'), is(b'%')));
        Masks {
            label: bits(or(or(letter, digit), or(dash, is(b'_')))),
            dot: bits(is(b'.')),
            digit: bits(digit),
            hex: bits(or(digit, within(lower, b'a', 5))),
            colon: bits(is(b':')),
            dash: bits(dash),
            eol: bits(line_end),
            blank: bits(_mm256_andnot_si256(line_end, blank)),
            // The sign bit is what `bits` reads, so the bytes themselves are all that is high.
            rare: bits(or(or(brackets, marks), bytes)),
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::find) fn rare(block: &Block) -> Rare {
        let [low, high] = halves(block);
        let is = |byte: u8| {
            bits(_mm256_cmpeq_epi8(low, splat(byte)))
                | bits(_mm256_cmpeq_epi8(high, splat(byte))) << 32
        };
        rare_of!(is, bits(low) | bits(high) << 32)
    }

    /// Where a block holds a byte.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::find) fn equal(block: &Block, byte: u8) -> u64 {
        let [low, high] = halves(block);
        bits(_mm256_cmpeq_epi8(low, splat(byte))) | bits(_mm256_cmpeq_epi8(high, splat(byte))) << 32
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn halves(block: &Block) -> [__m256i; 2] {
        let (words, _) = block.as_chunks::<8>();
        // No closure, which might become a function that is called.
        let word = i64::from_le_bytes;
        [
            _mm256_setr_epi64x(word(words[0]), word(words[1]), word(words[2]), word(words[3])),
            _mm256_setr_epi64x(word(words[4]), word(words[5]), word(words[6]), word(words[7])),
        ]
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn splat(byte: u8) -> __m256i {
        _mm256_set1_epi8(byte.cast_signed())
    }

    /// The highest bit of each byte.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn bits(bytes: __m256i) -> u64 {
        _mm256_movemask_epi8(bytes).cast_unsigned().into()
    }
}

/// 64 bytes at a time: the classes of each from one look into a table.
#[cfg(target_arch = "x86_64")]
pub(super) mod avx512 {
    use std::arch::x86_64::{
        __m512i, _mm512_cmpeq_epi8_mask, _mm512_maskz_permutex2var_epi8, _mm512_movepi8_mask,
        _mm512_set1_epi8, _mm512_setr_epi64, _mm512_test_epi8_mask,
    };

    use super::plain::{BLANK, CLASSES, COLON, DASH, DIGIT, DOT, HEX, LABEL, RARE};
    use super::{Block, Masks, Rare};

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    pub(in crate::find) fn masks(block: &Block, eol: u8) -> Masks {
        let bytes = load(block);
        let high = _mm512_movepi8_mask(bytes);
        let (halves, _) = CLASSES.as_chunks();
        let (low_half, high_half) = (load(&halves[0]), load(&halves[1]));
        let classes = _mm512_maskz_permutex2var_epi8(!high, low_half, bytes, high_half);
        let of = |class: u8| _mm512_test_epi8_mask(classes, splat(class));
        let line_ends = _mm512_cmpeq_epi8_mask(bytes, splat(eol));
        Masks {
            label: of(LABEL),
            dot: of(DOT),
            digit: of(DIGIT),
            hex: of(HEX),
            colon: of(COLON),
            dash: of(DASH),
            eol: line_ends,
            blank: of(BLANK) & !line_ends,
            rare: of(RARE) | high,
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(in crate::find) fn rare(block: &Block) -> Rare {
        let bytes = load(block);
        let is = |byte: u8| _mm512_cmpeq_epi8_mask(bytes, splat(byte));
        rare_of!(is, _mm512_movepi8_mask(bytes))
    }

    /// Where a block holds a byte.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    pub(in crate::find) fn equal(block: &Block, byte: u8) -> u64 {
        _mm512_cmpeq_epi8_mask(load(block), splat(byte))
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn load(block: &Block) -> __m512i {
        let (words, _) = block.as_chunks::<8>();
        let word = |at: usize| i64::from_le_bytes(words[at]);
        _mm512_setr_epi64(word(0), word(1), word(2), word(3), word(4), word(5), word(6), word(7))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn splat(byte: u8) -> __m512i {
        _mm512_set1_epi8(byte.cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the classes mean, a byte at a time.
    fn by_bytes(block: &Block, eol: u8) -> (Masks, Rare) {
        let mask = |is: &dyn Fn(u8) -> bool| {
            block.iter().enumerate().map(|(at, &byte)| u64::from(is(byte)) << at).sum()
        };
        let masks = Masks {
            label: mask(&|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'),
            dot: mask(&|b| b == b'.'),
            digit: mask(&|b| b.is_ascii_digit()),
            hex: mask(&|b| b.is_ascii_hexdigit()),
            colon: mask(&|b| b == b':'),
            dash: mask(&|b| b == b'-'),
            eol: mask(&|b| b == eol),
            blank: mask(&|b| b" \t\r\n".contains(&b) && b != eol),
            rare: mask(&|b| b"@/\\%[({".contains(&b) || !b.is_ascii()),
        };
        let rare = Rare {
            at_sign: mask(&|b| b == b'@'),
            slash: mask(&|b| b == b'/'),
            backslash: mask(&|b| b == b'\\'),
            percent: mask(&|b| b == b'%'),
            bracket: mask(&|b| b"[({".contains(&b)),
            high: mask(&|b| !b.is_ascii()),
        };
        (masks, rare)
    }

    #[test]
    fn masks_are_what_their_classes_mean_on_every_cpu() {
        for eol in [b'\n', b'\r'] {
            for start in 0..=u8::MAX {
                for step in [1_u8, 3, 37, 101] {
                    let block: Block =
                        std::array::from_fn(|at| start.wrapping_add((at as u8).wrapping_mul(step)));
                    let expected = by_bytes(&block, eol);
                    assert_eq!(expected.1.any(), expected.0.rare);
                    assert_eq!((plain::masks(&block, eol), plain::rare(&block)), expected);
                    for found in on_this_cpu(&block, eol) {
                        assert_eq!(found, expected, "{block:?}");
                    }
                }
            }
        }
    }

    impl Rare {
        fn any(&self) -> u64 {
            let marks = self.at_sign | self.slash | self.backslash | self.percent;
            marks | self.bracket | self.high
        }
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn on_this_cpu(_: &Block, _: u8) -> Vec<(Masks, Rare)> {
        Vec::new()
    }

    #[cfg(target_arch = "x86_64")]
    #[expect(unsafe_code, reason = "calls for certain CPUs")]
    fn on_this_cpu(block: &Block, eol: u8) -> Vec<(Masks, Rare)> {
        let mut found = Vec::new();
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the CPU has AVX2.
            let masks = unsafe { avx2::masks(block, eol) };
            // SAFETY: the CPU has AVX2.
            let rare = unsafe { avx2::rare(block) };
            found.push((masks, rare));
        }
        if is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512vbmi") {
            // SAFETY: the CPU has AVX-512 with bytes and their permutations.
            let masks = unsafe { avx512::masks(block, eol) };
            // SAFETY: the CPU has AVX-512 with bytes.
            let rare = unsafe { avx512::rare(block) };
            found.push((masks, rare));
        }
        found
    }
}
