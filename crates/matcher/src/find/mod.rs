//! Finds the places of a chunk where an asset may be concerned.
//!
//! Raw bytes in, positions out: no format, no fields, no records. `masks` turns
//! 64 bytes into one bit a byte and class; the ends of everything dotted then
//! fall out of one addition, and `candidate` looks at each end, cheaply. What
//! raw text hides (escapes, brackets, other scripts) is found by exact triggers.
//! A position means "read the word around me", never "this is a hit": too many
//! cost time, one too few is a missed hospital.

mod candidate;
mod masks;

use feedsieve_core::Probe;

use candidate::Candidates;
pub(crate) use candidate::local_starts;
use masks::{BLOCK_BYTES, Masks};

/// What is counted on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Ends of dotted tokens and of groups with colons.
    pub(crate) candidates: u64,
    /// Line ends.
    pub(crate) lines: u64,
    /// Lines that end here and hold nothing but blanks; the region is taken to begin a line.
    pub(crate) blank_lines: u64,
}

/// Pushes the positions in `haystack[region]` at which a word is to be read, roughly ascending.
///
/// Bytes outside the region are looked at to see how a token goes on. `eol` ends lines.
/// IPv4 prefixes shorter than `shortest4` are always to be read, to be counted.
pub(crate) fn find(
    haystack: &[u8],
    region: std::ops::Range<usize>,
    eol: u8,
    probe: &Probe<'_>,
    shortest4: u8,
    positions: &mut Vec<usize>,
) -> Found {
    let mut candidates = Candidates::new(haystack, probe, shortest4, positions);
    let mut found = Found::default();
    let mut carry = Carry { line_start: true, ..Carry::default() };
    let mut start = region.start;
    while start < region.end {
        let masks = match haystack[start..region.end].first_chunk::<BLOCK_BYTES>() {
            Some(block) => Masks::of(block, eol),
            None => {
                // Past the end stands nothing that continues a token; what the
                // region's last token continues with is left to `candidate`.
                let rest = &haystack[start..region.end];
                let mut block = [0; BLOCK_BYTES];
                block[..rest.len()].copy_from_slice(rest);
                Masks::of(&block, eol)
            }
        };
        let ends = carry.ends(&masks);
        found.candidates += u64::from((ends.dotted | ends.colons).count_ones());
        found.lines += u64::from(masks.eol.count_ones());
        found.blank_lines += carry.blank_lines(&masks);
        each_bit(ends.dotted, |bit| candidates.dotted(start + bit));
        each_bit(ends.colons, |bit| candidates.colons(start + bit));
        each_bit(masks.at_sign, |bit| candidates.at_sign(start + bit));
        each_bit(masks.escape, |bit| candidates.escape(start + bit));
        each_bit(masks.bracket, |bit| candidates.bracket(start + bit));
        each_bit(ends.slashes, |bit| candidates.slashes(start + bit));
        each_bit(ends.high, |bit| candidates.high(start + bit));
        start += BLOCK_BYTES;
    }
    // A token that the region's end cuts has its end there.
    if region.len().is_multiple_of(BLOCK_BYTES) {
        let ends = carry.ends(&Masks::default());
        each_bit(ends.dotted & 1, |_| candidates.dotted(region.end));
        each_bit(ends.colons & 1, |_| candidates.colons(region.end));
    }
    found
}

#[inline]
fn each_bit(mut mask: u64, mut visit: impl FnMut(usize)) {
    while mask != 0 {
        visit(mask.trailing_zeros() as usize);
        mask &= mask - 1;
    }
}

/// What one block leaves to the next.
#[derive(Default)]
struct Carry {
    dotted: bool,
    colons: bool,
    /// The last byte was a hex digit or a colon.
    group: bool,
    slash: bool,
    high: bool,
    /// The bytes since the last line end are blanks.
    line_start: bool,
}

/// One bit for each place in a block that is to be looked at.
struct Ends {
    /// The first byte behind a token that holds a dot.
    dotted: u64,
    /// The first byte behind hex digits that follow a colon.
    colons: u64,
    /// The second of two slashes.
    slashes: u64,
    /// The first of some bytes that are not ASCII.
    high: u64,
}

impl Carry {
    fn ends(&mut self, masks: &Masks) -> Ends {
        let dotted = run_ends(masks.label, masks.dot, &mut self.dotted);
        let group = masks.hex | masks.colon;
        let inner_colon = masks.colon & (group << 1 | u64::from(self.group));
        self.group = group >> 63 == 1;
        let colons = run_ends(masks.hex, inner_colon, &mut self.colons);
        let slashes = masks.slash & (masks.slash << 1 | u64::from(self.slash));
        self.slash = masks.slash >> 63 == 1;
        let high = masks.high & !(masks.high << 1 | u64::from(self.high));
        self.high = masks.high >> 63 == 1;
        Ends { dotted, colons, slashes, high }
    }

    /// The lines that end in this block and hold nothing but blanks.
    fn blank_lines(&mut self, masks: &Masks) -> u64 {
        let starts = masks.eol << 1 | u64::from(self.line_start);
        // Blanks that begin a line carry the line's start up to their end.
        let (sum, overflow) = masks.blank.overflowing_add(starts & masks.blank);
        let reached = (sum & !masks.blank) | (starts & !masks.blank);
        self.line_start = overflow || masks.eol >> 63 == 1;
        u64::from((reached & masks.eol).count_ones())
    }
}

/// The first place behind each run of `inner` that follows a `mark`, from one addition.
///
/// A mark puts a bit behind itself; added to the run there, the bit ripples
/// through the run to its end.
#[inline]
fn run_ends(inner: u64, mark: u64, carry: &mut bool) -> u64 {
    let behind = mark << 1 | u64::from(*carry);
    let (sum, overflow) = inner.overflowing_add(behind);
    *carry = overflow || mark >> 63 == 1;
    sum & !inner & !mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_dotted_runs_are_found_across_blocks() {
        for pad in 0..140 {
            let text = format!("{}a.bc.d- x.y. z :1:2 ab", " ".repeat(pad));
            let mut carry = Carry::default();
            let mut found = Vec::new();
            let mut bytes = text.clone().into_bytes();
            bytes.resize(bytes.len().next_multiple_of(BLOCK_BYTES) + BLOCK_BYTES, b' ');
            for (index, block) in bytes.as_chunks::<BLOCK_BYTES>().0.iter().enumerate() {
                let ends = carry.ends(&Masks::of(block, b'\n'));
                each_bit(ends.dotted, |bit| found.push(index * BLOCK_BYTES + bit - pad));
                each_bit(ends.colons, |bit| found.push(1000 + index * BLOCK_BYTES + bit - pad));
            }
            found.sort_unstable();
            assert_eq!(found, [7, 12, 1019], "{pad}");
        }
    }

    #[test]
    fn blank_lines_are_counted_across_blocks() {
        for pad in 0..140 {
            let text = format!("{}x\n\n \t\r\n a\n\r\n{}\nb", "y".repeat(pad), " ".repeat(pad));
            let mut bytes = text.into_bytes();
            bytes.resize(bytes.len().next_multiple_of(BLOCK_BYTES), b'z');
            let mut carry = Carry { line_start: true, ..Carry::default() };
            let blocks = bytes.as_chunks::<BLOCK_BYTES>().0.iter();
            let count: u64 = blocks.map(|block| carry.blank_lines(&Masks::of(block, b'\n'))).sum();
            assert_eq!(count, 4, "{pad}");
        }
    }
}
