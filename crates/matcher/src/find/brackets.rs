//! What the structure of JSON is written with, 64 bytes at a time as bit masks.
//!
//! `document` follows strings and nesting through these; here is only told where the bytes are.

use super::masks::{Block, plain};
#[cfg(target_arch = "x86_64")]
use super::masks::{avx2, avx512};

/// One bit for each byte of a block, the lowest for the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Brackets {
    pub(crate) quote: u64,
    pub(crate) backslash: u64,
    /// `{` and `[`.
    pub(crate) open: u64,
    /// `}` and `]`.
    pub(crate) close: u64,
    pub(crate) comma: u64,
    /// The end of a line.
    pub(crate) eol: u64,
}

/// Blocks that are looked at in one call.
pub(crate) const BRACKET_BLOCKS: usize = 16;

/// The masks of a block, from where it holds a byte.
macro_rules! masks_of {
    ($block:expr, $eol:expr, $equal:path) => {
        Brackets {
            quote: $equal($block, b'"'),
            backslash: $equal($block, b'\\'),
            open: $equal($block, b'{') | $equal($block, b'['),
            close: $equal($block, b'}') | $equal($block, b']'),
            comma: $equal($block, b','),
            eol: $equal($block, $eol),
        }
    };
}

pub(super) fn on_any(block: &Block, eol: u8) -> Brackets {
    masks_of!(block, eol, plain::equal)
}

/// Writes the function for one kind of CPU; see `sift`.
#[cfg(target_arch = "x86_64")]
macro_rules! masks {
    ($name:ident, $features:literal, $equal:path) => {
        #[target_feature(enable = $features)]
        pub(super) fn $name(blocks: &[Block], eol: u8, masks: &mut [Brackets; BRACKET_BLOCKS]) {
            for (block, masks) in blocks.iter().zip(masks) {
                *masks = masks_of!(block, eol, $equal);
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
masks!(on_avx2, "avx2,bmi1,bmi2,lzcnt", avx2::equal);
#[cfg(target_arch = "x86_64")]
masks!(on_avx512, "avx512f,avx512bw,avx2,bmi1,bmi2,lzcnt", avx512::equal);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::{BLOCK_BYTES, Cpu};

    fn by_bytes(block: &Block) -> Brackets {
        let mask = |of: &[u8]| {
            block.iter().enumerate().map(|(at, b)| u64::from(of.contains(b)) << at).sum()
        };
        Brackets {
            quote: mask(b"\""),
            backslash: mask(b"\\"),
            open: mask(b"{["),
            close: mask(b"}]"),
            comma: mask(b","),
            eol: mask(b"\n"),
        }
    }

    #[test]
    fn every_cpu_sees_where_the_bytes_are() {
        let mut state = 1_u64;
        let bytes: Vec<u8> = (0..9000)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                b"{}[]\",\\\n\ra:\xfb"[(state >> 33) as usize % 12]
            })
            .collect();
        for from in 0..70 {
            let blocks = &bytes[from..].as_chunks::<BLOCK_BYTES>().0[..BRACKET_BLOCKS];
            let expected: Vec<Brackets> = blocks.iter().map(by_bytes).collect();
            for cpu in Cpu::all() {
                let mut masks = [Brackets::default(); BRACKET_BLOCKS];
                let count = Brackets::of(cpu, &bytes[from..], b'\n', &mut masks);
                assert_eq!(count, BRACKET_BLOCKS);
                assert_eq!(masks[..], expected, "{cpu:?}");
            }
        }
    }
}
