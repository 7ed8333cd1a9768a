//! The keyed hash of names and mail addresses, and the filter in front of the tables.
//!
//! The hash reads a text from its end, eight bytes at a time, and folds case
//! while doing so: a scanner knows where a name ends before it knows where it
//! begins. No hash is ever an answer; what it finds is compared byte by byte.

/// Odd constants with well-spread bits (the fractions of the square roots of 2, 3 and 5).
const MULTIPLIERS: [u64; 3] = [0x6a09_e667_f3bc_c909, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b];

/// Hashes `text` with ASCII upper case read as lower case.
///
/// Costs one multiplication for every eight bytes.
#[inline]
pub(crate) fn hash_folded(seed: u64, text: &[u8]) -> u64 {
    let mut hash = seed ^ (text.len() as u64).wrapping_mul(MULTIPLIERS[2]);
    let mut rest = text;
    while let Some((head, word)) = rest.split_last_chunk::<8>() {
        hash = mix(hash ^ fold_case(u64::from_le_bytes(*word)));
        rest = head;
    }
    if !rest.is_empty() {
        let mut word = [0; 8];
        word[8 - rest.len()..].copy_from_slice(rest);
        hash = mix(hash ^ fold_case(u64::from_le_bytes(word)));
    }
    hash
}

/// Both halves of a product, folded together.
#[inline]
fn mix(value: u64) -> u64 {
    let product = u128::from(value ^ MULTIPLIERS[1]) * u128::from(MULTIPLIERS[0]);
    (product >> 64) as u64 ^ product as u64
}

/// Turns `A` to `Z` into lower case in each of eight bytes.
#[inline]
const fn fold_case(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    let low = word & !HIGH;
    let from_a = low + (0x80 - b'A' as u64) * ONES;
    let past_z = low + (0x80 - b'Z' as u64 - 1) * ONES;
    let upper = from_a & !past_z & !word & HIGH;
    word | (upper >> 2)
}

/// Bytes of an anchor that are hashed: its last, at most so many.
pub const ANCHOR_BYTES: usize = 16;

/// Hashes the last `len` bytes of `tail`, with upper case of labels read as lower case.
///
/// Always the same few instructions, whatever the length: a scanner asks this of every name, and
/// a loop over its words would be a branch that no CPU can predict.
#[inline]
pub(crate) fn hash_anchor(seed: u64, tail: &[u8; ANCHOR_BYTES], len: usize) -> u64 {
    // The bit that parts the cases of a letter. It makes DEL of `_`, which no label holds, and
    // changes no other byte of a label.
    const FOLD: u64 = 0x2020_2020_2020_2020;
    let kept = &KEPT[len.min(ANCHOR_BYTES)];
    let (words, _) = tail.as_chunks();
    let word = |at: usize| (u64::from_le_bytes(words[at]) | FOLD) & kept[at];
    let product =
        u128::from(word(1) ^ seed ^ MULTIPLIERS[0]) * u128::from(word(0) ^ MULTIPLIERS[1]);
    (product >> 64) as u64 ^ product as u64
}

/// The hash of an anchor that stands alone.
pub(crate) fn hash_anchor_text(seed: u64, anchor: &[u8]) -> u64 {
    let last = &anchor[anchor.len().saturating_sub(ANCHOR_BYTES)..];
    let mut tail = [0; ANCHOR_BYTES];
    tail[ANCHOR_BYTES - last.len()..].copy_from_slice(last);
    hash_anchor(seed, &tail, last.len())
}

/// Other bits of the same key, for a second filter.
#[inline]
pub(crate) fn second_hash(hash: u64) -> u64 {
    mix(hash)
}

/// Hashes the first bits of an IPv6 address.
///
/// Without a key: whoever gives an inventory blocks that collide makes its own scans slower.
#[inline]
pub(crate) fn hash_block(first_bits: u32) -> u64 {
    mix(first_bits.into())
}

/// By length, the bits of two words that belong to a text which ends there.
static KEPT: [[u64; 2]; ANCHOR_BYTES + 1] = {
    let mut kept = [[0; 2]; ANCHOR_BYTES + 1];
    let mut len = 0;
    while len <= ANCHOR_BYTES {
        let mut byte = ANCHOR_BYTES - len;
        while byte < ANCHOR_BYTES {
            kept[len][byte / 8] |= 0xff << (8 * (byte % 8));
            byte += 1;
        }
        len += 1;
    }
    kept
};

/// The bits of a key in a filter of 64-bit blocks: the block, and three bits within.
#[inline]
pub(crate) const fn filter_bits(hash: u64, block_count: usize) -> (usize, u64) {
    // The high bits choose the block and the low ones the bits, so they are
    // independent; block counts are powers of two.
    let block = (hash >> 32) as usize & (block_count - 1);
    let bits = 1 << (hash & 63) | 1 << (hash >> 6 & 63) | 1 << (hash >> 12 & 63);
    (block, bits)
}

/// The first slot of a key in a table whose size is a power of two.
#[inline]
pub(crate) const fn first_slot(hash: u64, slot_count: usize) -> usize {
    (hash >> 18) as usize & (slot_count - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_folded_in_every_byte_and_nothing_else_is() {
        for byte in 0..=u8::MAX {
            let folded = fold_case(u64::from_le_bytes([byte; 8])).to_le_bytes();
            assert_eq!(folded, [byte.to_ascii_lowercase(); 8]);
        }
        for text in ["a", "Ab", "WWW.Hospital", "EIGHT888", "A-name-of-more.Than.Eight"] {
            let folded = hash_folded(7, text.to_ascii_lowercase().as_bytes());
            assert_eq!(hash_folded(7, text.as_bytes()), folded);
        }
    }

    #[test]
    fn an_anchor_is_its_last_bytes_and_nothing_before_them() {
        let text = b"www.some-rather-long_name-of-a.HOSPITAL.example";
        for len in 1..=text.len() {
            let anchor = &text[text.len() - len..];
            let tail = text.last_chunk().expect("longer than an anchor");
            assert_eq!(hash_anchor_text(7, anchor), hash_anchor(7, tail, len));
            assert_eq!(
                hash_anchor_text(7, &anchor.to_ascii_lowercase()),
                hash_anchor(7, tail, len)
            );
            let other = hash_anchor_text(7, &anchor[1..]);
            assert_eq!(hash_anchor_text(7, anchor) == other, len > ANCHOR_BYTES, "{len}");
        }
    }

    #[test]
    fn texts_of_zero_bytes_and_other_lengths_differ() {
        assert_ne!(hash_folded(0, b""), hash_folded(0, b"\0"));
        assert_ne!(hash_folded(0, b"\0"), hash_folded(0, b"\0\0"));
        assert_ne!(hash_folded(0, b"a"), hash_folded(1, b"a"));
    }
}
