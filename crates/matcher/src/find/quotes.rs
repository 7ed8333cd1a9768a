//! Skips quoted fields of csv 64 bytes at a time, as long as they are as plain as can be.
//!
//! Where every quote opens a field, closes one, or is one of two in a row, it is outside of
//! quotes wherever an even number of quotes stands before. `Csv` says what quotes mean; here is
//! only told how far nothing of it is needed.

use std::arch::x86_64::{_mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8};

use super::Quotes;
use super::masks::{BLOCK_BYTES, avx2, avx512};

/// Writes the function for one kind of CPU; see `sift`.
macro_rules! skip {
    ($name:ident, $features:literal, $equal:path) => {
        /// The last place up to which all quoted fields are closed and hold no line end.
        ///
        /// `bytes[from]` is outside of quotes, in a record that begins at `record`.
        #[target_feature(enable = $features)]
        pub(super) fn $name(quotes: &Quotes, bytes: &[u8], record: usize, from: usize) -> usize {
            let (mut at, mut record, mut safe) = (from, record, from);
            // All ones within quotes.
            let mut within = 0_u64;
            // Whether a quote may open a field at the next byte, and whether it closed one before.
            let first = from.checked_sub(1).map(|before| bytes[before]);
            let ends_field = |byte| byte == quotes.separator || byte == quotes.eol;
            let mut may_open = u64::from(first.is_none_or(ends_field) || from == record);
            let mut closed = 0_u64;
            while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
                let quote = $equal(block, b'"');
                let eol = $equal(block, quotes.eol);
                let ends = $equal(block, quotes.separator) | eol;
                let cr = if quotes.eol == b'\n' { $equal(block, b'\r') & eol >> 1 } else { 0 };
                // Bit by bit, whether the quotes up to here are odd in number.
                let inside = odd_up_to(quote) ^ within;
                let (opening, closing) = (quote & inside, quote & !inside);
                let wrongly_open = opening & !(ends << 1 | may_open | closing << 1 | closed);
                // Of the last byte it is told by the next block.
                let wrongly_closed = closing & !(ends >> 1 | cr >> 1 | quote >> 1 | 1 << 63);
                let pending = closed & !(ends | cr | quote) & 1;
                let line_ends_inside = eol & inside;
                let is_long = at + BLOCK_BYTES - record > quotes.most_bytes;
                if wrongly_open | wrongly_closed | pending | line_ends_inside != 0 || is_long {
                    break;
                }
                if eol != 0 {
                    record = at + BLOCK_BYTES - eol.leading_zeros() as usize;
                }
                let begins = may_open;
                within = 0_u64.wrapping_sub(inside >> 63);
                (may_open, closed) = (ends >> 63, closing >> 63);
                at += BLOCK_BYTES;
                // Two quotes in a row open no field, and one at the end may be the first of two.
                let fields = opening & (begins | ends << 1);
                if within | closed == 0 {
                    safe = at;
                } else if fields != 0 {
                    safe = at - 1 - fields.leading_zeros() as usize;
                }
            }
            safe
        }
    };
}

skip!(on_avx2, "avx2,bmi1,bmi2,lzcnt,pclmulqdq", avx2::equal);
skip!(on_avx512, "avx512f,avx512bw,avx2,bmi1,bmi2,lzcnt,pclmulqdq", avx512::equal);

/// Bit by bit, whether the bits up to it, itself included, are odd in number.
///
/// A product without carries, of which one factor is all ones, is just that.
#[inline]
#[target_feature(enable = "pclmulqdq")]
fn odd_up_to(bits: u64) -> u64 {
    let bits = _mm_set_epi64x(0, bits.cast_signed());
    let odd = _mm_clmulepi64_si128::<0>(bits, _mm_set1_epi8(-1));
    _mm_cvtsi128_si64(odd).cast_unsigned()
}
