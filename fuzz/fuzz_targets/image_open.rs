//! Whatever the bytes are: opening an image does not panic, and lookups in what opens end.
//!
//! Checksums would keep the fuzzer out, so they are mended: what is tested is that
//! a crafted image is refused or harmless, not that an accident is noticed.

#![no_main]

use std::sync::LazyLock;

use feedsieve::{AddrRange, Assets, Image, Inventory, Limits, Scanner, SinkFn, Source, compile};
use libfuzzer_sys::fuzz_target;

const INVENTORY: &str = "participant,kind,value,label,group
A,prefix,192.0.2.0/24,office,g
A,prefix,2001:db8:10::/48,,g
A,domain,hospital.example,,g
B,prefix,192.0.2.128/25,,
B,range,198.51.100.7-198.51.100.90,,
B,range,2001:db8::5-2001:db8::99,,
B,domain,lab.hospital.example,,
B,domain,clinic.github.io,,
C,domain_exact,portal.test,,
C,email_domain,mail.test,,
C,email,board@shared.test,,
C,keyword,st. antonius,,
";

static SOUND: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let (inventory, _) = Inventory::from_csv(INVENTORY.as_bytes()).expect("a header is there");
    let mut bytes = compile(&inventory, &Limits::default()).expect("within the limits");
    let sound = bytes.clone();
    mend(&mut bytes, section_count(&sound));
    // Or every image would be refused for its checksums, and nothing be tested.
    assert!(bytes == sound, "checksums are mended as the format has them");
    sound
});

fuzz_target!(|input: &[u8]| {
    // As they are, and as changes to a sound image, whose tries no fuzzer would guess.
    if let Ok(image) = Image::open(input.to_vec()) {
        look_up(&image, input);
    }
    let mut bytes = SOUND.clone();
    let (edits, queries) = input.split_at(input.len() * 3 / 4);
    for edit in edits.chunks_exact(8) {
        change(&mut bytes, edit);
    }
    mend(&mut bytes, section_count(&SOUND));
    feedsieve_fuzz::count(&bytes);
    if let Ok(image) = Image::open(bytes) {
        look_up(&image, queries);
    }
});

/// Bytes of the header and of an entry of the section table.
const HEADER_BYTES: usize = 64;
const ENTRY_BYTES: usize = 24;

/// Entries of the section table, as the header of a sound image says.
fn section_count(sound: &[u8]) -> usize {
    let count: [u8; 4] = sound[12..16].try_into().expect("four bytes");
    usize::try_from(u32::from_le_bytes(count)).expect("a few")
}

/// Writes one to four bytes into a section: which one, where and what, from eight bytes.
fn change(bytes: &mut [u8], edit: &[u8]) {
    let [section, len, low, high, value @ ..] = edit else { return };
    let Some((_, content)) = section_at(bytes, usize::from(*section) % section_count(&SOUND)) else { return };
    // Late records are reached too, where a section is longer than 64 KiB.
    let place = usize::from(u16::from_le_bytes([*low, *high])) * (1 + content.len() / 0xffff);
    let value = &value[..usize::from(len % 4) + 1];
    if !content.is_empty() {
        let at = content.start + place % content.len();
        for (byte, new) in bytes[at..content.end].iter_mut().zip(value) {
            *byte = *new;
        }
    }
}

/// Where the entry of a section stands, and its content.
fn section_at(bytes: &[u8], index: usize) -> Option<(usize, std::ops::Range<usize>)> {
    let entry = HEADER_BYTES + index * ENTRY_BYTES;
    let number = |at: usize| {
        let bytes: [u8; 8] = bytes.get(at..at + 8)?.try_into().ok()?;
        usize::try_from(u64::from_le_bytes(bytes)).ok()
    };
    let start = number(entry + 8)?;
    let end = start.checked_add(number(entry + 16)?)?;
    (end <= bytes.len()).then_some((entry, start..end))
}

/// Makes every checksum right.
fn mend(bytes: &mut [u8], sections: usize) {
    for index in 0..sections {
        if let Some((entry, content)) = section_at(bytes, index) {
            let crc = crc32fast::hash(&bytes[content]);
            bytes[entry + 4..entry + 8].copy_from_slice(&crc.to_le_bytes());
        }
    }
    bytes[HEADER_BYTES - 4..HEADER_BYTES].fill(0);
    let crc = crc32fast::hash(&bytes[..HEADER_BYTES + sections * ENTRY_BYTES]);
    bytes[HEADER_BYTES - 4..HEADER_BYTES].copy_from_slice(&crc.to_le_bytes());
}

/// Looks up what the sound image holds, and what the fuzzer asks for.
fn look_up(image: &Image, queries: &[u8]) {
    for query in queries.chunks_exact(16).take(4) {
        let (first, last) = query.split_at(8);
        let wide =
            |half: &[u8]| (0x2001_0db8 << 96) | half.iter().fold(0, |n, &b| n << 8 | u128::from(b));
        let narrow = |half: &[u8]| half[..4].iter().fold(0, |n, &b| n << 8 | u32::from(b));
        let (a, b) = (narrow(first), narrow(last));
        drain(image.lookup_range(AddrRange::V4 { first: a.min(b), last: a.max(b) }));
        let (a, b) = (wide(first), wide(last));
        drain(image.lookup_range(AddrRange::V6 { first: a.min(b), last: a.max(b) }));
    }
    let text = String::from_utf8_lossy(queries);
    for name in ["x.lab.hospital.example", "portal.test", "example", "a.clinic.github.io", &*text] {
        drain(image.lookup_name(name));
        drain(image.lookup_subtree(name));
        drain(image.lookup_mail(name));
    }
    drain(image.lookup_mail("board@shared.test"));
    let feed =
        Source::slice("feed", b"192.0.2.200 198.51.100.0/24 x@mail.test www.lab.hospital.example");
    let scanned =
        Scanner::new(image).keywords(true).scan(feed, &mut SinkFn(|_: &feedsieve::Hit<'_>| true));
    assert!(scanned.is_ok_and(|stats| stats.is_complete()));
    // Hashing the whole image costs more than all the rest.
    if queries.first() == Some(&0) {
        let _ = image.info();
    }
}

/// Lists that a crafted image crosses may find assets twice, but never for ever.
fn drain(found: Assets<'_>) {
    for found in found {
        std::hint::black_box((found.participant(), found.relation(), found.asset().value()));
    }
}
