//! Finds the places of a chunk where an asset may be concerned.
//!
//! Raw bytes in, positions out: no format, no fields, no records. `masks` turns
//! 64 bytes into one bit a byte and class; the ends of everything dotted then
//! fall out of one addition in `runs`, and `candidate` looks at each end, cheaply.
//! What raw text hides (escapes, brackets, other scripts) is found by exact triggers.
//! A position means "read the word around me", never "this is a hit": too many
//! cost time, one too few is a missed hospital.
//!
//! On CPUs that have the instructions, `sift` stands before `candidate` and
//! drops, without a branch, nearly all that `candidate` would drop.

mod brackets;
mod candidate;
mod masks;
#[cfg(target_arch = "x86_64")]
mod quad;
#[cfg(target_arch = "x86_64")]
mod queue;
#[cfg(target_arch = "x86_64")]
mod quotes;
mod runs;
#[cfg(target_arch = "x86_64")]
mod sift;

use std::ops::Range;

use feedsieve_core::Probe;

pub(crate) use brackets::{BRACKET_BLOCKS, Brackets};
use candidate::Candidates;
pub(crate) use candidate::local_starts;
pub(crate) use masks::BLOCK_BYTES;
use masks::{Block, Masks, Rare, plain};
use runs::{Carry, each_bit};

/// The instructions that are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cpu {
    /// Those that every CPU has.
    Plain,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Cpu {
    /// The best that this CPU has.
    pub(crate) fn best() -> Self {
        Self::all().last().copied().unwrap_or(Self::Plain)
    }

    /// All that this CPU has, the best last.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![Self::Plain];
        #[cfg(target_arch = "x86_64")]
        {
            let has_avx2 = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("lzcnt")
                && is_x86_feature_detected!("pclmulqdq")
                && is_x86_feature_detected!("popcnt");
            if has_avx2 {
                all.push(Self::Avx2);
            }
            let has_avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512vbmi")
                && is_x86_feature_detected!("avx512vbmi2")
                && is_x86_feature_detected!("avx512vpopcntdq");
            if has_avx2 && has_avx512 {
                all.push(Self::Avx512);
            }
        }
        all
    }
}

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

/// Where to search, and for what.
#[derive(Clone)]
pub(crate) struct Search<'a> {
    pub(crate) haystack: &'a [u8],
    /// Bytes outside the region are looked at to see how a token goes on.
    pub(crate) region: Range<usize>,
    /// The byte that ends lines.
    pub(crate) eol: u8,
    pub(crate) probe: &'a Probe<'a>,
    /// IPv4 prefixes shorter than this are always to be read, to be counted.
    pub(crate) shortest4: u8,
    /// The same for IPv6.
    pub(crate) shortest6: u8,
}

impl Search<'_> {
    /// Pushes the positions at which a word is to be read, in no order.
    #[cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "calls for certain CPUs"))]
    pub(crate) fn run(&self, cpu: Cpu, positions: &mut Vec<usize>) -> Found {
        let mut candidates = Candidates::new(self, positions);
        let mut progress = Progress {
            at: self.region.start,
            carry: Carry::at_line_start(),
            found: Found::default(),
        };
        match cpu {
            Cpu::Plain => {}
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a `Cpu` is made where the CPU has these instructions.
            Cpu::Avx2 => unsafe { sift::on_avx2(self, &mut progress, &mut candidates) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a `Cpu` is made where the CPU has these instructions.
            Cpu::Avx512 => unsafe { sift::on_avx512(self, &mut progress, &mut candidates) },
        }
        self.rest(&mut progress, &mut candidates);
        progress.found
    }

    /// The plain way, from where the fast one left off.
    fn rest(&self, progress: &mut Progress, candidates: &mut Candidates<'_>) {
        let Progress { at, carry, found } = progress;
        while *at < self.region.end {
            let (masks, rare) = match self.haystack[*at..self.region.end].first_chunk() {
                Some(block) => self.masks(block),
                None => {
                    // Past the end stands nothing that continues a token; what the
                    // region's last token continues with is left to `candidate`.
                    let rest = &self.haystack[*at..self.region.end];
                    let mut block = [0; BLOCK_BYTES];
                    block[..rest.len()].copy_from_slice(rest);
                    self.masks(&block)
                }
            };
            let ends = carry.ends(&masks);
            found.candidates += u64::from((ends.dotted | ends.colons).count_ones());
            found.lines += u64::from(masks.eol.count_ones());
            found.blank_lines += carry.blank_lines(&masks);
            each_bit(ends.dotted, |bit| candidates.dotted(*at + bit));
            each_bit(ends.colons, |bit| candidates.colons(*at + bit));
            each_bit(rare.at_sign, |bit| candidates.at_sign(*at + bit));
            each_bit(rare.backslash, |bit| candidates.backslash(*at + bit));
            each_bit(rare.percent, |bit| candidates.percent(*at + bit));
            each_bit(rare.bracket, |bit| candidates.bracket(*at + bit));
            each_bit(carry.second_slashes(rare.slash), |bit| candidates.slashes(*at + bit));
            each_bit(carry.first_high(rare.high), |bit| candidates.high(*at + bit));
            *at += BLOCK_BYTES;
        }
        // A token that the region's end cuts has its end there.
        if self.region.len().is_multiple_of(BLOCK_BYTES) {
            let ends = carry.ends(&Masks::default());
            each_bit(ends.dotted & 1, |_| candidates.dotted(self.region.end));
            each_bit(ends.colons & 1, |_| candidates.colons(self.region.end));
        }
    }

    fn masks(&self, block: &Block) -> (Masks, Rare) {
        let masks = plain::masks(block, self.eol);
        (masks, if masks.rare == 0 { Rare::default() } else { plain::rare(block) })
    }
}

/// What the quotes of a csv feed stand next to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quotes {
    pub(crate) separator: u8,
    pub(crate) eol: u8,
    /// Bytes of a record, from which on every field is to be looked at.
    pub(crate) most_bytes: usize,
}

impl Quotes {
    /// A place up to which all quoted fields are closed and hold no line end, as far as that is
    /// seen at a glance; at least `from`, which is outside of quotes in a record from `record` on.
    #[cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "calls for certain CPUs"))]
    pub(crate) fn skip(&self, cpu: Cpu, bytes: &[u8], record: usize, from: usize) -> usize {
        match cpu {
            Cpu::Plain => from,
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a `Cpu` is made where the CPU has these instructions.
            Cpu::Avx2 => unsafe { quotes::on_avx2(self, bytes, record, from) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a `Cpu` is made where the CPU has these instructions.
            Cpu::Avx512 => unsafe { quotes::on_avx512(self, bytes, record, from) },
        }
    }
}

impl Brackets {
    /// The masks of as many whole blocks as `bytes` begins with, [`BRACKET_BLOCKS`] at most, and
    /// how many these are. What is less than a block is filled up with blanks.
    #[cfg_attr(target_arch = "x86_64", expect(unsafe_code, reason = "calls for certain CPUs"))]
    pub(crate) fn of(cpu: Cpu, bytes: &[u8], eol: u8, masks: &mut [Self; BRACKET_BLOCKS]) -> usize {
        let (blocks, rest) = bytes.as_chunks::<BLOCK_BYTES>();
        if blocks.is_empty() {
            let mut block = [b' '; BLOCK_BYTES];
            block[..rest.len()].copy_from_slice(rest);
            masks[0] = brackets::on_any(&block, eol);
            return usize::from(!rest.is_empty());
        }
        let blocks = &blocks[..blocks.len().min(BRACKET_BLOCKS)];
        match cpu {
            Cpu::Plain => {
                let masks = blocks.iter().zip(masks);
                masks.for_each(|(block, masks)| *masks = brackets::on_any(block, eol));
            }
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a `Cpu` is made where the CPU has these instructions.
            Cpu::Avx2 => unsafe { brackets::on_avx2(blocks, eol, masks) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: a `Cpu` is made where the CPU has these instructions.
            Cpu::Avx512 => unsafe { brackets::on_avx512(blocks, eol, masks) },
        }
        blocks.len()
    }
}

/// How far a search is.
struct Progress {
    /// Whole blocks from the region's start.
    at: usize,
    carry: Carry,
    found: Found,
}

#[cfg(test)]
mod tests {
    use super::*;
    use feedsieve_core::{Image, Inventory, Limits, compile};

    const PARTS: &[&[u8]] = &[
        b"192.0.2.1",
        b"192.0.2.200",
        b"198.51.100.7",
        b"203.0.113.255",
        b"192.0.2.0/24",
        b"192.0.2.9/31",
        b"198.51.100.0/9",
        b"1.1.1.1/240",
        b"/32",
        b"/128.",
        b"2001:db8::/32",
        b"2001:db8:1::/48",
        b"2a00:1:2::/129",
        b"2a00:1:2::9 - ",
        b"256.1.1.1",
        b"01.2.3.4",
        b"1.2.3",
        b"1.2.3.4.5",
        b"0.5",
        b"12:30:01.123456",
        b"2026-01-02T03:04:05",
        b"1.1.1.1",
        b"2001:db8::1",
        b"::1",
        b"fe80::1%eth0",
        b"2001:db8:0:0:0:0:0:9",
        b"aa:bb:cc:dd:ee:ff",
        b"a:b:1",
        b"www.hospital.example",
        b"HOSPITAL.example",
        b"hospital.example.",
        b"ahospital.example",
        b"x.clinic.co.uk",
        b"clinic.co.uk",
        b"co.uk",
        b"other.co.uk",
        b"-hospital.example",
        b"a..b",
        b"www..hospital.example",
        b"2.0.192.in-addr.arpa",
        b"a-rather-long-label-of-a-name-that-is.no-asset.test",
        b"jan@hospital.example",
        b"jan@clinic.co.uk",
        b"piet@mail.example",
        b"x+piet@MAIL.example",
        b"\"piet\"@mail.example",
        b"jan@piet@mail.example",
        b"piet@mail.example.",
        b"piet@mail",
        b"%40:2001:db8::1",
        b"%",
        b"2001%3Adb8%3A:1",
        b"file.mp3",
        b"v1.2-3",
        b"-",
        b".",
        b"/",
        b"//",
        b"//3221225989",
        b"\\",
        b"\\n",
        b"\\u002e",
        b"%2e",
        b"%",
        b"[.]",
        b"[",
        b"]",
        b"(dot)",
        b"{",
        b" ",
        b" ",
        b" ",
        b" - ",
        b"  ",
        b"\t",
        b"\n",
        b"\n",
        b"\n",
        b"\r\n",
        b"\"",
        b",",
        b",",
        b";",
        b"=",
        b"*",
        b"\xc3\xa9",
        b"\xe3\x80\x82",
        b"\xff",
        b"_",
        b"a",
        b"7",
        b"@",
        b":",
        b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ];

    fn image(rows: &str) -> Image {
        let csv = format!("participant,kind,value\n{rows}");
        let (inventory, rejected) = Inventory::from_csv(csv.as_bytes()).expect("an inventory");
        assert!(rejected.is_empty(), "{rejected:?}");
        Image::open(compile(&inventory, &Limits::default()).expect("an image")).expect("an image")
    }

    #[test]
    fn every_cpu_finds_the_same() {
        let images = [
            "A,prefix,192.0.2.0/25\nA,domain,hospital.example\nA,domain,clinic.co.uk\n\
             A,email,piet@mail.example\nA,prefix,2001:db8::/32\n",
            "A,prefix,203.0.113.0/24\nA,domain_exact,www.hospital.example\n",
            "A,prefix,2001:db8::1/128\n",
        ]
        .map(image);
        let mut state = 1_u64;
        let mut below = |count: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % count
        };
        let mut dropped = 0;
        for round in 0..3000 {
            let image = &images[round % images.len()];
            let probe = image.probe();
            let mut haystack = Vec::new();
            for _ in 0..below(900) {
                haystack.extend_from_slice(PARTS[below(PARTS.len())]);
                if below(3) == 0 {
                    haystack.push(b" \n,"[below(3)]);
                }
            }
            let (start, cut) =
                (below(haystack.len().min(90) + 1), below(haystack.len().min(90) + 1));
            let region = start..(haystack.len() - cut).max(start);
            let (shortest4, shortest6) = [(8, 19), (24, 48)][round % 2];
            let search = Search {
                haystack: &haystack,
                region,
                eol: b'\n',
                probe: &probe,
                shortest4,
                shortest6,
            };
            let run = |cpu| {
                let mut positions = Vec::new();
                let found = search.run(cpu, &mut positions);
                positions.sort_unstable();
                (found, positions)
            };
            let plain = run(Cpu::Plain);
            dropped += plain.0.candidates as usize - plain.1.len().min(plain.0.candidates as usize);
            for cpu in Cpu::all() {
                let found = run(cpu);
                let other = plain.1.iter().find(|at| !found.1.contains(at)).map(|&at| {
                    let around = at.saturating_sub(80)..(at + 20).min(haystack.len());
                    String::from_utf8_lossy(&haystack[around]).into_owned()
                });
                assert_eq!(other, None, "{cpu:?} drops it");
                assert_eq!(found, plain, "{cpu:?}");
            }
        }
        assert!(dropped > 10_000, "{dropped} say little");
    }
}
