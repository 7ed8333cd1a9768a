//! Hash tables and filters of the image: open addressing with short probes.

use zerocopy::little_endian::{U32, U64};

use super::CompileError;
use crate::image::format::MAX_PROBES;
use crate::image::hash::{filter_bits, first_slot};

/// Seeds that are tried before the inventory is called hostile.
const SEEDS: u64 = 64;

/// Bits of a filter for each key; three of them are set.
const FILTER_BITS_A_KEY: usize = 16;

/// Builds a table under the first seed that keeps every probe short.
///
/// Half the slots or more stay empty. The slots hold one more than a key's index.
pub(super) fn build(
    what: &'static str,
    key_count: usize,
    hash: impl Fn(u64, u32) -> u64,
) -> Result<(u64, Vec<U32>), CompileError> {
    let slot_count = (key_count * 2).next_power_of_two().max(2 * MAX_PROBES);
    (0..SEEDS)
        .find_map(|seed| Some((seed, place(slot_count, key_count as u32, |key| hash(seed, key))?)))
        .ok_or(CompileError::Collisions { what })
}

fn place(slot_count: usize, key_count: u32, hash: impl Fn(u32) -> u64) -> Option<Vec<U32>> {
    let mut slots = vec![U32::ZERO; slot_count];
    for key in 0..key_count {
        let start = first_slot(hash(key), slot_count);
        // One fewer than a reader visits, so that it always meets an empty slot.
        let free = (start..start + MAX_PROBES - 1)
            .map(|slot| slot & (slot_count - 1))
            .find(|&slot| slots[slot] == U32::ZERO)?;
        slots[free] = U32::new(key + 1);
    }
    Some(slots)
}

/// Builds a blocked Bloom filter that holds these hashes.
pub(super) fn filter(hashes: &[u64]) -> Vec<U64> {
    let bits = (hashes.len() * FILTER_BITS_A_KEY).next_power_of_two();
    let mut blocks = vec![U64::ZERO; (bits / 64).max(1)];
    for &hash in hashes {
        let (block, bits) = filter_bits(hash, blocks.len());
        blocks[block] = U64::new(blocks[block].get() | bits);
    }
    blocks
}

/// Builds a set of hashes that are not zero.
pub(super) fn hash_set(hashes: &[u64]) -> Option<Vec<U64>> {
    let slot_count = (hashes.len() * 2).next_power_of_two().max(8);
    let mut slots = vec![U64::ZERO; slot_count];
    for &hash in hashes {
        let start = first_slot(hash, slot_count);
        let free = (start..start + (MAX_PROBES - 1).min(slot_count))
            .map(|slot| slot & (slot_count - 1))
            .find(|&slot| slots[slot] == U64::ZERO)?;
        slots[free] = U64::new(hash);
    }
    Some(slots)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::hash::hash_folded;

    /// Names that all begin to probe at one slot under the first seed, as somebody would write
    /// them who knows it; another seed parts them.
    #[test]
    fn names_that_collide_make_another_seed() {
        let slot_count = 512;
        let is_first = |name: &String| first_slot(hash_folded(0, name.as_bytes()), slot_count) == 0;
        let names: Vec<String> =
            (0..).map(|n| format!("n{n}.example")).filter(is_first).take(200).collect();
        let hash = |seed, key: u32| hash_folded(seed, names[key as usize].as_bytes());
        let (seed, slots) = build("names", names.len(), hash).expect("a seed");
        assert_ne!(seed, 0);
        assert_eq!(slots.len(), slot_count);
        for key in 0..names.len() as u32 {
            let start = first_slot(hash(seed, key), slot_count);
            let mut probes = (start..start + MAX_PROBES).map(|slot| slots[slot % slot_count].get());
            assert!(probes.any(|slot| slot == key + 1), "{key} is not found");
        }
    }

    #[test]
    fn keys_that_collide_under_every_seed_are_refused() {
        let refused = build("names", 200, |_, _| 7).expect_err("no seed helps");
        assert!(matches!(refused, CompileError::Collisions { what: "names" }), "{refused}");
    }
}
