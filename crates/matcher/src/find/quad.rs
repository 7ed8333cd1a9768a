//! Dotted quads read sixteen bytes at a time.
//!
//! Where the dots stand tells how long each number is, and so which byte is worth how much: a
//! table gives the order into which the bytes are shuffled, and two multiplications do the rest.

/// Bytes of the longest dotted quad, and one before it.
pub(super) const QUAD_BYTES: usize = 16;

/// Where the bytes of a quad go, by the lengths of its numbers.
#[repr(C, align(32))]
pub(super) struct Shape {
    /// The digits of the last number first, each number as hundreds, tens, ones and nothing.
    order: [u8; QUAD_BYTES],
    /// The least of each number that has so many digits and no zero before them.
    least: [u32; 4],
}

/// A byte of no quad, which a shuffle makes zero.
const NOTHING: u8 = 0x80;

/// Lengths that the last three numbers of a quad may have together.
const TAILS: usize = 27;

/// What the places of dots say, one bit for each distance from the end, 2 being the lowest:
/// which lengths the last three numbers have, and how far from the end the third dot stands.
#[derive(Clone, Copy)]
struct Tail {
    lengths: u8,
    third_dot: u8,
}

/// The distances at which the dots of a quad may stand: 2 to 12.
const TAIL_BITS: u32 = 11;

/// No three dots of a quad; so far away that no number lies between it and the start.
const NO_TAIL: Tail = Tail { lengths: 0, third_dot: 64 };

static TAIL_OF_DOTS: [Tail; 1 << TAIL_BITS] = {
    let mut tails = [NO_TAIL; 1 << TAIL_BITS];
    let mut lengths = 0;
    while lengths < TAILS {
        let [second, third, fourth] = lengths_of(lengths);
        let first_dot = fourth + 1;
        let second_dot = first_dot + third + 1;
        let third_dot = second_dot + second + 1;
        let dots = 1 << (first_dot - 2) | 1 << (second_dot - 2) | 1 << (third_dot - 2);
        // The lowest bit of `dots` is distance 2; a mask of text has the last byte at the top.
        let mirrored = (dots as u16).reverse_bits() >> (u16::BITS - TAIL_BITS);
        tails[mirrored as usize] = Tail { lengths: lengths as u8, third_dot: third_dot as u8 };
        lengths += 1;
    }
    tails
};

static SHAPES: [Shape; 3 * TAILS] = {
    let mut shapes = [const { Shape { order: [NOTHING; QUAD_BYTES], least: [0; 4] } }; 3 * TAILS];
    let mut at = 0;
    while at < shapes.len() {
        let [second, third, fourth] = lengths_of(at / 3);
        let numbers = [fourth, third, second, at % 3 + 1];
        let mut end = QUAD_BYTES;
        let mut number = 0;
        while number < 4 {
            let digits = numbers[number];
            shapes[at].least[number] = [0, 10, 100][digits - 1];
            let mut digit = 0;
            while digit < digits {
                shapes[at].order[4 * number + 2 - digit] = (end - 1 - digit) as u8;
                digit += 1;
            }
            end -= digits + 1;
            number += 1;
        }
        at += 1;
    }
    shapes
};

/// Of the second, third and fourth number.
const fn lengths_of(tail: usize) -> [usize; 3] {
    [tail / 9 + 1, tail / 3 % 3 + 1, tail % 3 + 1]
}

/// The shape of the quad that ends where two masks of the last 64 bytes end, if it is one.
///
/// `len` is how many digits and dots in a row there are.
#[inline(always)]
pub(super) fn shape(dots: u64, len: u32) -> Option<&'static Shape> {
    let places = dots >> (u64::BITS - 1 - TAIL_BITS) & ((1 << TAIL_BITS) - 1);
    let tail = TAIL_OF_DOTS[places as usize];
    let first = len.wrapping_sub(u32::from(tail.third_dot) + 1);
    if first < 3 { SHAPES.get(3 * usize::from(tail.lengths) + first as usize) } else { None }
}

/// The address in the last bytes of `text`, if no number in it is too large or begins with a zero.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn parse(text: &[u8; QUAD_BYTES], shape: &Shape) -> Option<u32> {
    use std::arch::x86_64::{
        __m128i, _mm_cmpgt_epi32, _mm_cvtsi128_si32, _mm_madd_epi16, _mm_maddubs_epi16,
        _mm_or_si128, _mm_packus_epi16, _mm_packus_epi32, _mm_set_epi64x, _mm_set1_epi8,
        _mm_set1_epi16, _mm_set1_epi32, _mm_setr_epi32, _mm_shuffle_epi8, _mm_sub_epi8,
        _mm_testz_si128,
    };
    let load = |bytes: &[u8; QUAD_BYTES]| -> __m128i {
        let (words, _) = bytes.as_chunks::<8>();
        _mm_set_epi64x(i64::from_le_bytes(words[1]), i64::from_le_bytes(words[0]))
    };
    let digits = _mm_sub_epi8(load(text), _mm_set1_epi8(b'0'.cast_signed()));
    let digits = _mm_shuffle_epi8(digits, load(&shape.order));
    let worth = _mm_set1_epi32(i32::from_le_bytes([100, 10, 1, 0]));
    let numbers = _mm_madd_epi16(_mm_maddubs_epi16(digits, worth), _mm_set1_epi16(1));
    let [a, b, c, d] = shape.least.map(u32::cast_signed);
    let too_small = _mm_cmpgt_epi32(_mm_setr_epi32(a, b, c, d), numbers);
    let too_large = _mm_cmpgt_epi32(numbers, _mm_set1_epi32(255));
    let wrong = _mm_or_si128(too_small, too_large);
    let packed = _mm_packus_epi16(_mm_packus_epi32(numbers, numbers), numbers);
    let is_right = _mm_testz_si128(wrong, wrong) == 1;
    is_right.then_some(_mm_cvtsi128_si32(packed).cast_unsigned())
}
