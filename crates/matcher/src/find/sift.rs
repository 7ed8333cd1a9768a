//! Drops what no asset can be concerned by, with as few branches as can be.
//!
//! Feeds mix what they hold, so that a CPU guesses the branches of `candidate` wrong about once a
//! candidate, which costs more than all the rest. Here the ends of tokens are written to queues
//! first, by what they look like; then a loop for each queue asks the image, and what it says
//! yes to is kept by moving an index. What is kept goes to `candidate`, which decides: dropped is
//! only what `candidate` drops as well.

use feedsieve_core::ANCHOR_BYTES;

use super::candidate::Candidates;
use super::masks::{BLOCK_BYTES, avx2, avx512};
use super::quad;
use super::runs::each_bit;
use super::{Progress, Search};

/// Blocks whose ends are queued before any of them is looked at.
const BATCH_BLOCKS: usize = 64;

/// Slots of a queue; a token and what ends it have two bytes at least.
const QUEUE_SLOTS: usize = BATCH_BLOCKS * BLOCK_BYTES / 2 + 2 * BLOCK_BYTES;

/// What the loops over the queues need to know of a block.
#[derive(Clone, Copy, Default)]
struct Row {
    label: u64,
    dot: u64,
    digit: u64,
    /// Hex digits and colons.
    group: u64,
    colon: u64,
}

/// The blocks of a batch, behind the last of the batch before; a power of two for the bounds.
type Rows = [Row; 2 * BATCH_BLOCKS];

/// Ends of tokens, as distances from the batch's start.
struct Queue {
    slots: [u16; QUEUE_SLOTS],
    len: usize,
}

impl Queue {
    const EMPTY: Self = Self { slots: [0; QUEUE_SLOTS], len: 0 };

    /// Adds the places of some bits; `base` is that of the lowest.
    #[inline(always)]
    fn add(&mut self, mut mask: u64, base: usize) {
        // More is written than counted, since a loop over the bits would end at a place that
        // no CPU can guess.
        const AT_ONCE: usize = 8;
        let count = mask.count_ones() as usize;
        let mut written = 0;
        loop {
            let slots = self.slots[self.len + written..].first_chunk_mut::<AT_ONCE>();
            let slots = slots.expect("a queue has room for a batch and more");
            for slot in slots {
                *slot = (base as u32 + mask.trailing_zeros()) as u16;
                mask &= mask.wrapping_sub(1);
            }
            written += AT_ONCE;
            if written >= count {
                break;
            }
        }
        self.len += count;
    }

    fn drain(&mut self, base: usize, mut visit: impl FnMut(usize)) {
        for &end in &self.slots[..self.len] {
            visit(base + usize::from(end));
        }
        self.len = 0;
    }
}

/// Writes the function for one kind of CPU.
///
/// A macro, since what is generic is compiled for every CPU until it is inlined, and then what
/// needs certain instructions cannot be inlined into it.
macro_rules! sift {
    ($name:ident, $features:literal, $masks:path, $rare:path) => {
        /// Searches all blocks but the first, which may continue a token, and the last ones.
        #[target_feature(enable = $features)]
        pub(super) fn $name(search: &Search<'_>, progress: &mut Progress, to: &mut Candidates<'_>) {
            let haystack = search.haystack;
            let has_mails = search.probe.has_mails();
            let Progress { at, carry, found } = progress;
            let mut rows: Rows = [Row::default(); 2 * BATCH_BLOCKS];
            let (mut quads, mut names, mut groups) = (Queue::EMPTY, Queue::EMPTY, Queue::EMPTY);
            let mut is_first = true;
            // Behind each token that is looked at here stand two bytes at least.
            while *at + 2 * BLOCK_BYTES <= search.region.end {
                let start = *at;
                let blocks = ((search.region.end - start) / BLOCK_BYTES - 1).min(BATCH_BLOCKS);
                let batch = &haystack[start..start + blocks * BLOCK_BYTES];
                for (index, block) in batch.as_chunks::<BLOCK_BYTES>().0.iter().enumerate() {
                    let masks = $masks(block, search.eol);
                    let ends = carry.ends(&masks);
                    found.candidates += u64::from((ends.dotted | ends.colons).count_ones());
                    found.lines += u64::from(masks.eol.count_ones());
                    found.blank_lines += carry.blank_lines(&masks);
                    let base = index * BLOCK_BYTES;
                    let last_digit = rows[index & (2 * BATCH_BLOCKS - 1)].digit >> 63;
                    let behind_digit = ends.dotted & (masks.digit << 1 | last_digit);
                    rows[(index + 1) & (2 * BATCH_BLOCKS - 1)] = Row {
                        label: masks.label,
                        dot: masks.dot,
                        digit: masks.digit,
                        group: masks.hex | masks.colon,
                        colon: masks.colon,
                    };
                    if is_first {
                        is_first = false;
                        each_bit(ends.dotted, |bit| to.dotted(start + bit));
                        each_bit(ends.colons, |bit| to.colons(start + bit));
                    } else {
                        quads.add(behind_digit, base);
                        names.add(ends.dotted & !behind_digit, base);
                        if ends.colons != 0 {
                            groups.add(ends.colons, base);
                        }
                    }
                    if masks.rare == 0 {
                        carry.nothing_rare();
                        continue;
                    }
                    let rare = $rare(block);
                    // The byte behind the last is not known here.
                    let before = |mask: u64| mask >> 1 | 1 << 63;
                    let before_number = before(masks.digit | rare.high | rare.percent);
                    let slashes = carry.second_slashes(rare.slash) & before_number;
                    let at_signs =
                        if has_mails { rare.at_sign } else { rare.at_sign & before_number };
                    let base = start + base;
                    each_bit(slashes, |bit| to.slashes(base + bit));
                    each_bit(at_signs, |bit| to.at_sign(base + bit));
                    each_bit(rare.backslash, |bit| to.backslash(base + bit));
                    each_bit(rare.percent & before(masks.hex), |bit| to.percent(base + bit));
                    each_bit(rare.bracket, |bit| to.bracket(base + bit));
                    each_bit(carry.first_high(rare.high), |bit| to.high(base + bit));
                }
                let look = Look { search, rows: &rows, start };
                // What is needed moves to the front, without a branch.
                let mut kept = 0;
                for at in 0..quads.len {
                    let end = quads.slots[at];
                    quads.slots[kept] = end;
                    kept += usize::from(look.quad(end.into()));
                }
                quads.len = kept;
                let mut kept = 0;
                for at in 0..names.len {
                    let end = names.slots[at];
                    names.slots[kept] = end;
                    kept += usize::from(look.name(end.into()));
                }
                names.len = kept;
                let mut kept = 0;
                for at in 0..groups.len {
                    let end = groups.slots[at];
                    groups.slots[kept] = end;
                    kept += usize::from(look.group(end.into()));
                }
                groups.len = kept;
                quads.drain(start, |end| to.dotted(end));
                names.drain(start, |end| to.dotted(end));
                groups.drain(start, |end| to.colons(end));
                rows[0] = rows[blocks & (2 * BATCH_BLOCKS - 1)];
                *at += blocks * BLOCK_BYTES;
            }
        }
    };
}

sift!(on_avx2, "avx2,bmi1,bmi2,lzcnt,popcnt", avx2::masks, avx2::rare);
sift!(
    on_avx512,
    "avx512f,avx512bw,avx512vbmi,avx2,bmi1,bmi2,lzcnt,popcnt",
    avx512::masks,
    avx512::rare
);

/// Looks at the ends of a batch, each from the masks of the 64 bytes before it.
struct Look<'a> {
    search: &'a Search<'a>,
    rows: &'a Rows,
    start: usize,
}

impl Look<'_> {
    /// The mask of the 64 bytes before a place, the last of them highest.
    #[inline(always)]
    fn before(&self, end: usize, of: impl Fn(&Row) -> u64) -> u64 {
        let row = end / BLOCK_BYTES;
        let last = of(&self.rows[row & (2 * BATCH_BLOCKS - 1)]);
        let this = of(&self.rows[(row + 1) & (2 * BATCH_BLOCKS - 1)]);
        let bits = end % BLOCK_BYTES;
        // In two steps, since a shift by all bits is none.
        last >> bits | this << 1 << (BLOCK_BYTES - 1 - bits)
    }

    /// The first byte behind a dotted token that ends in a digit.
    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    fn quad(&self, end: usize) -> bool {
        let dots = self.before(end, |row| row.dot);
        let digits = self.before(end, |row| row.digit);
        let labels = self.before(end, |row| row.label);
        let len = (!(dots | digits)).leading_zeros();
        let last_len = dots.leading_zeros();
        let is_number = (!digits).leading_zeros() >= last_len;
        // A shift by 64 - len, where len is at least one.
        let dot_count = (dots >> 1 >> (63 - len.min(63))).count_ones();
        if is_number & (dot_count < 3) & (len < 63) {
            return false;
        }
        let Some(shape) = quad::shape(dots, len) else { return true };
        // A shape is no longer than fifteen bytes.
        let is_in_label = labels << len >> 63 == 1;
        let end = self.start + end;
        let text = self.search.haystack[..end].last_chunk().expect("a block before");
        let Some(addr) = quad::parse(text, shape) else { return true };
        let next = AROUND[usize::from(self.search.haystack[end])];
        let then = AROUND[usize::from(self.search.haystack[end + 1])];
        let goes_on =
            next & GOES_ON != 0 || next & BLANK_BEHIND != 0 && then & (BLANK_BEHIND | DASH) != 0;
        goes_on | is_in_label | self.search.probe.addr4_block(addr)
    }

    /// The first byte behind a dotted token that does not end in a digit.
    #[inline(always)]
    fn name(&self, end: usize) -> bool {
        let dots = self.before(end, |row| row.dot);
        let labels = self.before(end, |row| row.label);
        // Without the dot of the root.
        let root = (dots >> 63) as u32;
        let (dots, labels) = (dots << root, labels << root);
        let len = (!(dots | labels)).leading_zeros();
        let last = dots.leading_zeros();
        let more = dots & !((1_u64 << 63).wrapping_shr(last));
        let anchor = more.leading_zeros().min(len);
        let is_doubled = (dots & dots << 1).leading_zeros() < len;
        let next = AROUND[usize::from(self.search.haystack[self.start + end])];
        let end = self.start + end - root as usize;
        let text = &self.search.haystack[..end];
        let tail: &[u8; ANCHOR_BYTES] = text.last_chunk().expect("a block before");
        let is_closed = next & CLOSES != 0 && root == 1;
        let last = AROUND[usize::from(tail[ANCHOR_BYTES - 1])];
        let is_odd = last & ENDS_NO_NAME != 0 || text[end - anchor.max(1) as usize] == b'-';
        let is_reverse = {
            let last = tail.last_chunk().map_or(0, |last| u32::from_le_bytes(*last));
            last | 0x2020_2020 == u32::from_le_bytes(*b"arpa")
        };
        is_closed
            | is_odd
            | is_reverse
            | is_doubled
            | (len >= 63)
            | self.search.probe.name_tail(tail, anchor as usize)
    }

    /// The first byte behind hex digits and colons.
    #[inline(always)]
    fn group(&self, end: usize) -> bool {
        let groups = self.before(end, |row| row.group);
        let colons = self.before(end, |row| row.colon);
        let len = (!groups).leading_zeros();
        let colons = colons >> 1 >> (63 - len.min(63));
        (len >= 63) | (colons & colons << 1 != 0) | (colons.count_ones() >= 6)
    }
}

/// Behind an address begins what makes a prefix or a range of it.
const GOES_ON: u8 = 1;
/// The same, if more blanks or a dash follow.
const BLANK_BEHIND: u8 = 2;
const DASH: u8 = 4;
/// A bracket that was put behind a dot, to defang it.
const CLOSES: u8 = 8;
/// What a name does not end in, or seldom.
const ENDS_NO_NAME: u8 = 16;

static AROUND: [u8; 256] = {
    let mut around = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        around[byte] = match byte as u8 {
            b'/' | b'*' | b'\\' => GOES_ON,
            b'-' => GOES_ON | DASH | ENDS_NO_NAME,
            b' ' | b'\t' => BLANK_BEHIND,
            b']' | b')' | b'}' => CLOSES,
            b'.' | b'0'..=b'9' => ENDS_NO_NAME,
            _ => 0,
        };
        byte += 1;
    }
    around
};
