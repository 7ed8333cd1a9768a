//! Where tokens end: what falls out of the masks of one block and what it leaves to the next.

use super::masks::Masks;

/// What one block leaves to the next.
#[derive(Default)]
pub(super) struct Carry {
    dotted: bool,
    colons: bool,
    /// The last byte was a hex digit or a colon.
    group: bool,
    slash: bool,
    high: bool,
    /// The bytes since the last line end are blanks.
    line_start: bool,
}

/// One bit for each place in a block where a token ends.
pub(super) struct Ends {
    /// The first byte behind a token that holds a dot.
    pub(super) dotted: u64,
    /// The first byte behind hex digits that follow a colon.
    pub(super) colons: u64,
}

impl Carry {
    /// The state before the first byte of some lines.
    pub(super) fn at_line_start() -> Self {
        Self { line_start: true, ..Self::default() }
    }

    #[inline(always)]
    pub(super) fn ends(&mut self, masks: &Masks) -> Ends {
        let dotted = run_ends(masks.label, masks.dot, &mut self.dotted);
        let group = masks.hex | masks.colon;
        let inner_colon = masks.colon & (group << 1 | u64::from(self.group));
        self.group = group >> 63 == 1;
        let colons = run_ends(masks.hex, inner_colon, &mut self.colons);
        Ends { dotted, colons }
    }

    /// The second of two slashes.
    #[inline(always)]
    pub(super) fn second_slashes(&mut self, slash: u64) -> u64 {
        let second = slash & (slash << 1 | u64::from(self.slash));
        self.slash = slash >> 63 == 1;
        second
    }

    /// The first of some bytes that are not ASCII.
    #[inline(always)]
    pub(super) fn first_high(&mut self, high: u64) -> u64 {
        let first = high & !(high << 1 | u64::from(self.high));
        self.high = high >> 63 == 1;
        first
    }

    /// The block before held neither slashes nor bytes that are not ASCII.
    #[inline(always)]
    pub(super) fn nothing_rare(&mut self) {
        (self.slash, self.high) = (false, false);
    }

    /// The lines that end in this block and hold nothing but blanks.
    #[inline(always)]
    pub(super) fn blank_lines(&mut self, masks: &Masks) -> u64 {
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
#[inline(always)]
fn run_ends(inner: u64, mark: u64, carry: &mut bool) -> u64 {
    let behind = mark << 1 | u64::from(*carry);
    let (sum, overflow) = inner.overflowing_add(behind);
    *carry = overflow || mark >> 63 == 1;
    sum & !inner & !mark
}

#[inline(always)]
pub(super) fn each_bit(mut mask: u64, mut visit: impl FnMut(usize)) {
    while mask != 0 {
        visit(mask.trailing_zeros() as usize);
        mask &= mask - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::masks::{BLOCK_BYTES, plain};

    #[test]
    fn ends_of_dotted_runs_are_found_across_blocks() {
        for pad in 0..140 {
            let text = format!("{}a.bc.d- x.y. z :1:2 ab", " ".repeat(pad));
            let mut carry = Carry::default();
            let mut found = Vec::new();
            let mut bytes = text.clone().into_bytes();
            bytes.resize(bytes.len().next_multiple_of(BLOCK_BYTES) + BLOCK_BYTES, b' ');
            for (index, block) in bytes.as_chunks::<BLOCK_BYTES>().0.iter().enumerate() {
                let ends = carry.ends(&plain::masks(block, b'\n'));
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
            let mut carry = Carry::at_line_start();
            let blocks = bytes.as_chunks::<BLOCK_BYTES>().0.iter();
            let count: u64 =
                blocks.map(|block| carry.blank_lines(&plain::masks(block, b'\n'))).sum();
            assert_eq!(count, 4, "{pad}");
        }
    }
}
