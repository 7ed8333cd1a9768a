//! Ends of tokens, written down by the block before any of them is looked at.

use super::masks::BLOCK_BYTES;

/// Blocks whose ends are queued before any of them is looked at.
pub(super) const BATCH_BLOCKS: usize = 64;

/// Ends that a block may have, since a token and what ends it have two bytes at least.
const ENDS_A_BLOCK: usize = BLOCK_BYTES / 2;

/// Slots of a queue, with those that are written beyond what is counted.
const QUEUE_SLOTS: usize = (BATCH_BLOCKS + 1) * ENDS_A_BLOCK;

/// Places in a batch, as distances from the start of the block before it.
pub(super) struct Queue {
    pub(super) slots: [u16; QUEUE_SLOTS],
    pub(super) len: usize,
}

impl Queue {
    pub(super) const EMPTY: Self = Self { slots: [0; QUEUE_SLOTS], len: 0 };

    /// Hands out what is left, as distances from where `origin` is.
    pub(super) fn drain(&mut self, origin: usize, mut visit: impl FnMut(usize)) {
        for &end in &self.slots[..self.len] {
            visit(origin.wrapping_add(end.into()));
        }
        self.len = 0;
    }
}

/// Adds the places of the bits of a block, at most every second; `base` is that of the lowest.
///
/// The number of bits is nothing that a CPU can guess, so more is written than is counted.
pub(super) mod avx2 {
    use super::Queue;

    /// Bits that are written at once.
    const AT_ONCE: usize = 4;

    #[inline]
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    pub(in crate::find) fn add(queue: &mut Queue, mut mask: u64, base: usize) {
        let count = mask.count_ones() as usize;
        let mut written = 0;
        loop {
            let slots = queue.slots[queue.len + written..].first_chunk_mut::<AT_ONCE>();
            for slot in slots.expect("a queue has room for a batch and more") {
                *slot = (base as u32 + mask.trailing_zeros()) as u16;
                mask &= mask.wrapping_sub(1);
            }
            written += AT_ONCE;
            if written >= count {
                break;
            }
        }
        queue.len += count;
    }
}

/// The same from one instruction that moves the numbers of the bits together.
pub(super) mod avx512 {
    use std::arch::x86_64::{
        __m512i, _mm512_add_epi16, _mm512_castsi512_si256, _mm512_cvtepu8_epi16,
        _mm512_maskz_compress_epi8, _mm512_set1_epi16, _mm512_setr_epi64, _mm512_storeu_si512,
    };

    use super::{ENDS_A_BLOCK, Queue};

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2,popcnt")]
    #[expect(unsafe_code, reason = "a vector is stored into an array")]
    pub(in crate::find) fn add(queue: &mut Queue, mask: u64, base: usize) {
        let numbers = _mm512_maskz_compress_epi8(mask, numbers());
        let wide = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(numbers));
        let places = _mm512_add_epi16(wide, _mm512_set1_epi16(base as i16));
        let slots = queue.slots[queue.len..].first_chunk_mut::<ENDS_A_BLOCK>();
        let slots = slots.expect("a queue has room for a batch and more");
        // SAFETY: the array is as long as the vector, and any bits are numbers.
        unsafe { _mm512_storeu_si512(slots.as_mut_ptr().cast::<__m512i>(), places) };
        queue.len += mask.count_ones() as usize;
    }

    /// 0 to 63.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn numbers() -> __m512i {
        const EIGHT: i64 = 0x0808_0808_0808_0808;
        const FIRST: i64 = 0x0706_0504_0302_0100;
        let from = |eights: i64| FIRST + eights * EIGHT;
        _mm512_setr_epi64(from(0), from(1), from(2), from(3), from(4), from(5), from(6), from(7))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(unsafe_code, reason = "calls for certain CPUs")]
    fn places_are_those_of_the_bits() {
        let mut mask = 0x5555_5555_5555_5555_u64;
        for round in 0..200_u64 {
            let expected: Vec<u16> =
                (0..64).filter(|bit| mask >> bit & 1 == 1).map(|bit| 640 + bit).collect();
            let mut queues = Vec::new();
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi2") {
                let mut queue = Queue::EMPTY;
                // SAFETY: the CPU has AVX2 and with it the rest.
                unsafe { avx2::add(&mut queue, mask, 640) };
                queues.push(queue);
            }
            if is_x86_feature_detected!("avx512vbmi2") {
                let mut queue = Queue::EMPTY;
                // SAFETY: the CPU has the second extension, and so what it extends.
                unsafe { avx512::add(&mut queue, mask, 640) };
                queues.push(queue);
            }
            for queue in queues {
                assert_eq!(queue.slots[..queue.len], expected, "{mask:x}");
            }
            mask =
                mask.rotate_left(1) & round.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1 << (round % 64);
            mask &= !(mask << 1);
        }
    }
}
