//! Drops what no asset can be concerned by, with as few branches as can be.
//!
//! Feeds mix what they hold, so that a CPU guesses the branches of `candidate` wrong about once a
//! candidate, which costs more than all the rest. Here the ends of tokens are written to queues
//! first, by what they look like; then a loop for each queue asks the image, and what it says
//! yes to is kept by moving an index. What is kept goes to `candidate`, which decides: dropped is
//! only what `candidate` drops as well.

use feedsieve_core::Anchors;

use super::candidate::Candidates;
use super::masks::{BLOCK_BYTES, Rare, avx2, avx512};
use super::quad::{self, QUAD_BYTES, Shape};
use super::queue::{self, BATCH_BLOCKS, Queue};
use super::runs::each_bit;
use super::{Progress, Search};

/// What the loops over the queues need to know of a block.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Row {
    label: u64,
    dot: u64,
    digit: u64,
    dash: u64,
    /// Hex digits and colons.
    group: u64,
    colon: u64,
    /// Signs of mail, and what is not ASCII.
    odd_local: u64,
    /// Blanks, line ends and colons: what no local part holds.
    white: u64,
}

/// The blocks of a batch, behind the last of the batch before; a power of two for the bounds.
type Rows = [Row; 2 * BATCH_BLOCKS];

/// Moves what is needed to the front of a queue, without a branch.
macro_rules! sieve {
    ($queue:ident, |$end:ident| $is_needed:expr) => {
        let mut kept = 0;
        for at in 0..$queue.len {
            let slot = $queue.slots[at];
            $queue.slots[kept] = slot;
            let $end = usize::from(slot);
            kept += usize::from($is_needed);
        }
        $queue.len = kept;
    };
}

/// Writes the function for one kind of CPU.
///
/// A macro, since what is generic is compiled for every CPU until it is inlined, and then what
/// needs certain instructions cannot be inlined into it.
macro_rules! sift {
    ($name:ident, $features:literal, $masks:path, $rare:path, $add:path) => {
        /// Searches all blocks but the first, which may continue a token, and the last ones.
        #[target_feature(enable = $features)]
        pub(super) fn $name(search: &Search<'_>, progress: &mut Progress, to: &mut Candidates<'_>) {
            let haystack = search.haystack;
            let has_mails = search.probe.has_mails();
            let anchors = search.probe.anchors();
            let Progress { at, carry, found } = progress;
            let mut rows: Rows = [Row::default(); 2 * BATCH_BLOCKS];
            let (mut quads, mut names, mut groups) = (Queue::EMPTY, Queue::EMPTY, Queue::EMPTY);
            // Names behind which stands the dot of the root, and tokens that end in a dash.
            let (mut rooted, mut dashed) = (Queue::EMPTY, Queue::EMPTY);
            let mut at_signs = Queue::EMPTY;
            let mut is_first = true;
            // Behind each token that is looked at here stand two bytes at least.
            while *at + 2 * BLOCK_BYTES <= search.region.end {
                let start = *at;
                let blocks = ((search.region.end - start) / BLOCK_BYTES - 1).min(BATCH_BLOCKS);
                let batch = &haystack[start..start + blocks * BLOCK_BYTES];
                for (index, block) in batch.as_chunks::<BLOCK_BYTES>().0.iter().enumerate() {
                    let masks = $masks(block, search.eol);
                    let ends = carry.ends(&masks);
                    found.lines += u64::from(masks.eol.count_ones());
                    found.blank_lines += carry.blank_lines(&masks);
                    // The row before them is that of the block before.
                    let base = (index + 1) * BLOCK_BYTES;
                    let has_rare = masks.rare != 0;
                    let rare = if has_rare { $rare(block) } else { Rare::default() };
                    let row = Row {
                        label: masks.label,
                        dot: masks.dot,
                        digit: masks.digit,
                        dash: masks.dash,
                        group: masks.hex | masks.colon,
                        colon: masks.colon,
                        odd_local: rare.at_sign | rare.high,
                        white: masks.blank | masks.eol | masks.colon,
                    };
                    let last = rows[index & (2 * BATCH_BLOCKS - 1)];
                    rows[(index + 1) & (2 * BATCH_BLOCKS - 1)] = row;
                    if is_first {
                        is_first = false;
                        found.candidates += u64::from((ends.dotted | ends.colons).count_ones());
                        each_bit(ends.dotted, |bit| to.dotted(start + bit));
                        each_bit(ends.colons, |bit| to.colons(start + bit));
                    } else {
                        let behind_digit = ends.dotted & (row.digit << 1 | last.digit >> 63);
                        let behind_dot = ends.dotted & (row.dot << 1 | last.dot >> 63);
                        let behind_dash = ends.dotted & (row.dash << 1 | last.dash >> 63);
                        let odd = behind_dot | behind_dash;
                        $add(&mut quads, behind_digit, base);
                        $add(&mut names, ends.dotted & !behind_digit & !odd, base);
                        if odd | ends.colons != 0 {
                            $add(&mut rooted, behind_dot, base);
                            $add(&mut dashed, behind_dash, base);
                            $add(&mut groups, ends.colons, base);
                        }
                    }
                    if !has_rare {
                        carry.nothing_rare();
                        continue;
                    }
                    // The byte behind the last is not known here.
                    let before = |mask: u64| mask >> 1 | 1 << 63;
                    let before_number = before(masks.digit | rare.high | rare.percent);
                    let slashes = carry.second_slashes(rare.slash) & before_number;
                    let hosts = rare.at_sign & before_number;
                    // Of a batch's first and last block the bytes around are not all known, and
                    // two signs in a row would be more than a queue has room for.
                    let is_known = index > 0 && index + 1 < blocks;
                    let others = if has_mails { rare.at_sign & !hosts } else { 0 };
                    let others_known = if is_known { others & !(others << 1) } else { 0 };
                    $add(&mut at_signs, others_known, base);
                    let base = start + index * BLOCK_BYTES;
                    each_bit(slashes, |bit| to.slashes(base + bit));
                    each_bit(hosts | others & !others_known, |bit| to.at_sign(base + bit));
                    each_bit(rare.backslash, |bit| to.backslash(base + bit));
                    each_bit(rare.percent & before(masks.hex), |bit| to.percent(base + bit));
                    each_bit(rare.bracket, |bit| to.bracket(base + bit));
                    each_bit(carry.first_high(rare.high), |bit| to.high(base + bit));
                }
                let origin = start.wrapping_sub(BLOCK_BYTES);
                let look = Look { search, anchors, rows: &rows, origin };
                let queued = [&quads, &names, &rooted, &dashed, &groups].map(|queue| queue.len);
                found.candidates += queued.iter().sum::<usize>() as u64;
                let parse = |text: &[u8; QUAD_BYTES], shape: &Shape| quad::parse(text, shape);
                sieve!(quads, |end| look.quad(end, parse));
                sieve!(names, |end| look.name(end));
                sieve!(names, |end| look.deep_name(end));
                sieve!(rooted, |end| look.rooted_name(end));
                sieve!(groups, |end| look.group(end));
                sieve!(groups, |end| look.addr6(end));
                sieve!(at_signs, |at| look.mail(at));
                quads.drain(origin, |end| to.dotted(end));
                names.drain(origin, |end| to.dotted(end));
                rooted.drain(origin, |end| to.dotted(end));
                dashed.drain(origin, |end| to.dotted(end));
                groups.drain(origin, |end| to.colons(end));
                at_signs.drain(origin, |at| to.at_sign(at));
                rows[0] = rows[blocks & (2 * BATCH_BLOCKS - 1)];
                *at += blocks * BLOCK_BYTES;
            }
        }
    };
}

sift!(on_avx2, "avx2,bmi1,bmi2,lzcnt,popcnt", avx2::masks, avx2::rare, queue::avx2::add);
sift!(
    on_avx512,
    "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,avx512vpopcntdq,avx2,bmi1,bmi2,lzcnt,popcnt",
    avx512::masks,
    avx512::rare,
    queue::avx512::add
);

/// Looks at the ends of a batch, each from the masks of the 64 bytes before it.
struct Look<'a> {
    search: &'a Search<'a>,
    anchors: Anchors<'a>,
    rows: &'a Rows,
    /// Where the block of the first row begins.
    origin: usize,
}

impl Look<'_> {
    /// The mask of the 64 bytes before a place, the last of them highest.
    #[inline(always)]
    fn before(&self, end: usize, of: impl Fn(&Row) -> u64) -> u64 {
        let row = end / BLOCK_BYTES;
        let last = of(&self.rows[row.wrapping_sub(1) & (2 * BATCH_BLOCKS - 1)]);
        let this = of(&self.rows[row & (2 * BATCH_BLOCKS - 1)]);
        let bits = end % BLOCK_BYTES;
        // In two steps, since a shift by all bits is none.
        last >> bits | this << 1 << (BLOCK_BYTES - 1 - bits)
    }

    /// The bytes around a place, which is in their middle.
    #[inline(always)]
    fn around(&self, end: usize) -> &Around {
        let text = &self.search.haystack[self.origin.wrapping_add(end) - BLOCK_BYTES..];
        text.first_chunk().expect("a block before and a block behind")
    }

    /// The first byte behind a dotted token that ends in a digit.
    #[inline(always)]
    fn quad(&self, end: usize, parse: impl Fn(&[u8; QUAD_BYTES], &Shape) -> Option<u32>) -> bool {
        let dots = self.before(end, |row| row.dot);
        let digits = self.before(end, |row| row.digit);
        let len = (!(dots | digits)).leading_zeros();
        let last_len = dots.leading_zeros();
        if (!digits).leading_zeros() < last_len {
            // The last label is no number, so this is a name or, with a dash, a range.
            let dashes = self.before(end, |row| row.dash);
            return dashes.leading_zeros() < last_len || self.may_be_name(end);
        }
        if (last_bits(dots, len).count_ones() < 3) & (len < 63) {
            return false;
        }
        let Some(shape) = quad::shape(dots, len) else { return true };
        let labels = self.before(end, |row| row.label);
        // A shape is no longer than fifteen bytes.
        let is_in_label = labels << len >> 63 == 1;
        let around = self.around(end);
        let Some(addr) = parse(before_middle(around), shape) else { return true };
        let probe = self.search.probe;
        let shortest = u32::from(self.search.shortest4.max(probe.addr4_block_len()));
        goes_on(around, shortest, 32) | is_in_label | probe.addr4_block(addr)
    }

    /// The first byte behind a dotted token that ends in a letter: two labels are looked at.
    #[inline(always)]
    fn name(&self, end: usize) -> bool {
        self.may_be_name(end)
    }

    #[inline(always)]
    fn may_be_name(&self, end: usize) -> bool {
        let labels = self.last_labels(end);
        let tail = before_middle(self.around(end));
        labels.are_odd | self.anchors.may_hold(tail, labels.two as usize)
    }

    /// The same, and a third label where many register under two.
    #[inline(always)]
    fn deep_name(&self, end: usize) -> bool {
        let labels = self.last_labels(end);
        let (two, three) = (labels.two as usize, labels.three as usize);
        let tail = before_middle(self.around(end));
        labels.are_odd | labels.is_third_dashed || self.anchors.may_hold_deep(tail, two, three)
    }

    /// The first byte behind a dotted token that ends in a dot.
    #[inline(always)]
    fn rooted_name(&self, end: usize) -> bool {
        // Nothing stands a block before the name's end where that is in the first one.
        if self.origin.wrapping_add(end) <= BLOCK_BYTES {
            return true;
        }
        let around = self.around(end);
        let class = |at: usize| AROUND[usize::from(around[at])];
        // The dot of `[.]`, of which the bracket says all.
        if class(BLOCK_BYTES - 2) & OPENS != 0 {
            return false;
        }
        let is_odd = class(BLOCK_BYTES) & CLOSES != 0 || class(BLOCK_BYTES - 2) & ENDS_NO_NAME != 0;
        is_odd || class(BLOCK_BYTES - 2) & LABEL != 0 && self.deep_name(end - 1)
    }

    #[inline(always)]
    fn last_labels(&self, end: usize) -> LastLabels {
        let dots = self.before(end, |row| row.dot);
        let labels = self.before(end, |row| row.label);
        let dashes = self.before(end, |row| row.dash);
        let len = (!(dots | labels)).leading_zeros();
        let before_last = without_highest(dots);
        let two = before_last.leading_zeros().min(len);
        let three = without_highest(before_last).leading_zeros().min(len);
        let is_doubled = (dots & dots << 1).leading_zeros() < len;
        // At a length of zero it does not matter what comes out.
        let is_dashed = |len: u32| dashes << (len.wrapping_sub(1) & 63) >> 63 == 1;
        LastLabels {
            two,
            three,
            are_odd: is_dashed(two) | is_doubled | (len >= 63),
            is_third_dashed: is_dashed(three),
        }
    }

    /// The first byte behind hex digits and colons: could it be an address at all?
    #[inline(always)]
    fn group(&self, end: usize) -> bool {
        let groups = self.before(end, |row| row.group);
        let len = (!groups).leading_zeros();
        let colons = last_bits(self.before(end, |row| row.colon), len);
        (len >= 63) | (colons & colons << 1 != 0) | (colons.count_ones() >= 6)
    }

    /// The same, of those that could: is an asset near its first 32 bits?
    #[inline(always)]
    fn addr6(&self, end: usize) -> bool {
        let groups = self.before(end, |row| row.group);
        let tokens = self.before(end, |row| row.label | row.dot);
        let len = (!groups).leading_zeros();
        let colons = last_bits(self.before(end, |row| row.colon), len);
        // How many digits the first two groups have.
        let first = colons.trailing_zeros();
        let second = (colons & colons.wrapping_sub(1)).trailing_zeros().wrapping_sub(first + 1);
        let is_odd = (len > 45)
            | (tokens << len.min(63) >> 63 == 1)
            | (first.wrapping_sub(1) >= 4)
            | (second.wrapping_sub(1) >= 4);
        if is_odd {
            return true;
        }
        let around = self.around(end);
        // Of `%40:2001:...` the first digits are an escape, of `7{.}0{.}0{.}1:2001:...` an address's.
        if matches!(around[BLOCK_BYTES - 1 - len as usize], b'%' | b']' | b')' | b'}' | 0x80..) {
            return true;
        }
        let text = &around[BLOCK_BYTES - len as usize..];
        let group = |at: u32, digits: u32| {
            let digits_at = text[at as usize..].first_chunk().expect("a block behind");
            // The digits as the highest bytes, so that the last is worth one.
            let bytes = u32::from_le_bytes(*digits_at) << (32 - 8 * digits);
            let nibbles = (bytes & 0x0f0f_0f0f) + 9 * (bytes >> 6 & 0x0101_0101);
            let [a, b, c, d] = nibbles.to_le_bytes().map(u32::from);
            a << 12 | b << 8 | c << 4 | d
        };
        let block = group(0, first) << 16 | group(first + 1, second);
        let probe = self.search.probe;
        let shortest = u32::from(self.search.shortest6.max(probe.addr6_block_len()));
        let next = AROUND[usize::from(around[BLOCK_BYTES])];
        // With the first 32 bits zero it may be an IPv4 address.
        (block == 0)
            | (next & GOES_ON6 != 0)
            | goes_on(around, shortest, 128)
            | probe.addr6_block(block)
    }

    /// An `@`: may the mail address around it be an asset?
    #[inline(always)]
    fn mail(&self, at: usize) -> bool {
        let domain_bytes = (!self.behind(at + 1, |row| row.label | row.dot)).trailing_zeros();
        let odd = self.before(at, |row| row.odd_local);
        let white = self.before(at, |row| row.white);
        // Behind another `@` in the same word it is not seen where the local part begins, and
        // letters of other scripts have another case.
        let is_odd_local = odd.leading_zeros() < white.leading_zeros() || white == 0;
        let before = self.around(at)[BLOCK_BYTES - 1];
        let end = at + 1 + domain_bytes as usize;
        let around = self.around(end);
        // No asset is at a domain without a dot.
        let dots = self.behind(at + 1, |row| row.dot) & !(!0 << (domain_bytes & 63));
        let next = around[BLOCK_BYTES];
        let hides_dot = AROUND[usize::from(next)] & (GOES_ON6 | DASH) != 0 || !next.is_ascii();
        if (domain_bytes <= 48) & (dots == 0) & !hides_dot {
            return false;
        }
        let tail = before_middle(around);
        let last = tail[tail.len() - 1];
        let is_odd =
            is_odd_local | (before == b'"') | matches!(last, b'.' | b'-') | (domain_bytes > 48);
        is_odd | self.search.probe.mail_tail(tail, domain_bytes as usize + 2)
    }

    /// The mask of the 64 bytes from a place on, the first of them lowest.
    #[inline(always)]
    fn behind(&self, start: usize, of: impl Fn(&Row) -> u64) -> u64 {
        let row = start / BLOCK_BYTES;
        let this = of(&self.rows[row & (2 * BATCH_BLOCKS - 1)]);
        let next = of(&self.rows[(row + 1) & (2 * BATCH_BLOCKS - 1)]);
        let bits = start % BLOCK_BYTES;
        this >> bits | next << 1 << (BLOCK_BYTES - 1 - bits)
    }
}

/// The last labels of a name, in bytes with their dots, or all the labels there are.
struct LastLabels {
    two: u32,
    three: u32,
    /// Only `candidate` can tell.
    are_odd: bool,
    is_third_dashed: bool,
}

/// A block before a place and a block behind it.
type Around = [u8; 2 * BLOCK_BYTES];

#[inline(always)]
fn before_middle(around: &Around) -> &[u8; 16] {
    around[..BLOCK_BYTES].last_chunk().expect("shorter than a block")
}

/// Whether what stands behind an address makes a range of it, or a prefix shorter than this.
#[inline(always)]
fn goes_on(around: &Around, shortest: u32, longest: u32) -> bool {
    let behind: &[u8; 5] = around[BLOCK_BYTES..].first_chunk().expect("shorter than a block");
    let [next, then, ..] = behind.map(|byte| AROUND[usize::from(byte)]);
    let makes_range =
        (next & GOES_ON != 0) | (next & BLANK_BEHIND != 0) & (then & (BLANK_BEHIND | DASH) != 0);
    if behind[0] != b'/' {
        return makes_range;
    }
    // Of two digits or three, and nothing behind that could belong to the number.
    let [_, first, second, third, fourth] = behind.map(|byte| u32::from(byte.wrapping_sub(b'0')));
    let has_three = third <= 9;
    let two = first * 10 + second;
    let len = if has_three { two * 10 + third } else { two };
    let behind_len = if has_three { behind[4] } else { behind[3] };
    let is_long = (first <= 9)
        & (second <= 9)
        & (shortest <= len)
        & (len <= longest)
        & !(has_three & (fourth <= 9))
        & (behind_len != b'.');
    !is_long
}

/// The highest `len` bits of a mask, the first of them lowest.
#[inline(always)]
fn last_bits(mask: u64, len: u32) -> u64 {
    // In two steps, since a shift by all bits is none.
    mask >> 1 >> (63 - len.min(63))
}

#[inline(always)]
fn without_highest(mask: u64) -> u64 {
    mask & !((1_u64 << 63).wrapping_shr(mask.leading_zeros()))
}

/// Behind an address begins what makes a range of it, or may.
const GOES_ON: u8 = 1;
/// The same, if more blanks or a dash follow.
const BLANK_BEHIND: u8 = 2;
/// A dash, or an escape that may be one more blank.
const DASH: u8 = 4;
/// A bracket that was put behind a dot, to defang it.
const CLOSES: u8 = 8;
/// What a name does not end in, or seldom.
const ENDS_NO_NAME: u8 = 16;
/// The same as [`GOES_ON`] behind an IPv6 address only: an IPv4 address, a zone, brackets.
const GOES_ON6: u8 = 32;
/// A bracket that a dot may stand in.
const OPENS: u8 = 64;
/// What labels end in, if they do not [end no name](ENDS_NO_NAME).
const LABEL: u8 = 128;

static AROUND: [u8; 256] = {
    let mut around = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        around[byte] = match byte as u8 {
            b'*' => GOES_ON,
            b'\\' => GOES_ON | DASH,
            b'-' => GOES_ON | DASH | ENDS_NO_NAME,
            b' ' | b'\t' => BLANK_BEHIND,
            b']' | b')' | b'}' => CLOSES,
            b'%' => GOES_ON6,
            b'[' | b'(' | b'{' => GOES_ON6 | OPENS,
            b'.' => ENDS_NO_NAME | GOES_ON6,
            b'0'..=b'9' => ENDS_NO_NAME,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => LABEL,
            _ => 0,
        };
        byte += 1;
    }
    around
};
