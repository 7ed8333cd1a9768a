//! Images with changed bytes, by accident and by intent, and those of other versions.

use feedsieve_core::{AddrRange, Assets, Image, ImageError, Inventory, Limits, compile};

/// Everything that records of an image can say, with few assets.
const INVENTORY: &str = "participant,kind,value,label,group
A,prefix,192.0.2.0/24,office,g
B,prefix,192.0.2.0/24,,
B,prefix,192.0.2.0/28,,
C,range,192.0.2.0-192.0.2.15,site,
C,range,192.0.2.40-192.0.2.49,,
D,range,198.51.100.7-198.51.100.90,,
D,range,198.51.100.60-198.51.100.120,,
E,range,2001:db8::5-2001:db8::99,,
E,prefix,2001:db8:10::/48,,
A,domain,hospital.example,,g
B,domain_exact,hospital.example,,
C,email_domain,hospital.example,,
C,domain,lab.hospital.example,,
C,domain,clinic.github.io,,
B,email,board@hospital.example,,
B,email,board@shared.test,,
A,keyword,st. antonius,,
A,keyword,antonius,,
";

fn image() -> Vec<u8> {
    let (inventory, rejected) = Inventory::from_csv(INVENTORY.as_bytes()).expect("a header");
    assert!(rejected.is_empty(), "{rejected:?}");
    compile(&inventory, &Limits::default()).expect("within the limits")
}

/// Every how-maniest step is taken: the long form, which `cargo xtask promises` asks for, takes all.
fn stride(short: usize) -> usize {
    if std::env::var_os("FEEDSIEVE_LONG").is_some() { 1 } else { short }
}

/// Sections of a fixed size say the same in nearly every word. Of those only every so maniest byte is
/// changed, and of the others each.
const LONG_BYTES: u64 = 8 << 10;
const LONG_STRIDE: usize = 61;

/// The bytes to change.
fn places(bytes: &[u8]) -> Vec<usize> {
    let info = Image::open(bytes.to_vec()).expect("as it was compiled").info();
    let (_, first, _) = info.sections[0];
    let mut places: Vec<usize> = (0..usize::try_from(first).expect("small")).collect();
    for &(_, start, length) in &info.sections {
        let [start, end] = [start, start + length].map(|at| usize::try_from(at).expect("small"));
        let padded_end = end.next_multiple_of(8).min(bytes.len());
        let stride = if length > LONG_BYTES { LONG_STRIDE } else { 1 };
        places.extend((start..end).step_by(stride));
        places.extend(end..padded_end);
    }
    places
}

/// Ten other values of a byte, none of them its own.
fn changed(byte: u8) -> [u8; 10] {
    [1, 2, 0x03, 0x0e, 0x10, 0x40, 0x55, 0x7f, 0x80, 0xff].map(|bits| byte ^ bits)
}

#[test]
fn every_changed_byte_and_every_cut_is_noticed() {
    let (mut bytes, mut tried) = (image(), 0);
    for at in places(&bytes).into_iter().step_by(stride(5)) {
        let before = bytes[at];
        for other in changed(before).into_iter().step_by(stride(5)) {
            bytes[at] = other;
            bytes = refused(bytes, at);
            tried += 1;
        }
        bytes[at] = before;
    }
    for end in (0..bytes.len()).step_by(stride(97)) {
        assert!(Image::open(bytes[..end].to_vec()).is_err(), "cut at {end}");
    }
    println!(
        "promise B2: {tried} changes and {} cuts, all noticed",
        bytes.len().div_ceil(stride(97))
    );
    let longer = [&bytes[..], &[0]].concat();
    assert!(matches!(Image::open(longer), Err(ImageError::Length { .. })));
}

/// Gives the bytes back, since copying them costs more than looking at them.
#[track_caller]
fn refused(bytes: Vec<u8>, at: usize) -> Vec<u8> {
    let copy = bytes.clone();
    assert!(Image::open(bytes).is_err(), "byte {at}");
    copy
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |number, &byte| number << 8 | usize::from(byte))
}

/// Sets every checksum right, as an attacker would; the layout is that of `image/format.rs`.
///
/// What a section header says of places outside the bytes has no checksum.
fn sign(image: &mut [u8]) {
    let sections = number(&image[12..16]).min(64);
    let table_end = (64 + 24 * sections).min(image.len());
    for entry in (0..sections).map(|section| 64 + 24 * section) {
        if entry + 24 > image.len() {
            break;
        }
        let start = number(&image[entry + 8..entry + 16]);
        let end = start.saturating_add(number(&image[entry + 16..entry + 24]));
        if let Some(content) = image.get(start..end) {
            let crc = crc32fast::hash(content);
            image[entry + 4..entry + 8].copy_from_slice(&crc.to_le_bytes());
        }
    }
    image[60..64].fill(0);
    let crc = crc32fast::hash(&image[..table_end]);
    image[60..64].copy_from_slice(&crc.to_le_bytes());
}

/// Lists that a crafted image crosses may find assets twice, but not for ever.
const MOST_FOUND: usize = 10_000;

fn drain(found: Assets<'_>) {
    let mut count = 0;
    for found in found {
        std::hint::black_box((found.participant(), found.relation(), found.asset().value()));
        found.asset().owners().for_each(|owner| {
            std::hint::black_box((owner.label(), owner.group()));
        });
        count += 1;
        assert!(count < MOST_FOUND, "a lookup that does not end");
    }
}

/// Asks for everything that the sound image holds, and for what lies around.
fn look_up(image: &Image) {
    let v4 = |first: [u8; 4], last: [u8; 4]| AddrRange::V4 {
        first: u32::from_be_bytes(first),
        last: u32::from_be_bytes(last),
    };
    let v6 = 0x2001_0db8_u128 << 96;
    for range in [
        v4([192, 0, 2, 5], [192, 0, 2, 5]),
        v4([192, 0, 2, 45], [192, 0, 2, 45]),
        v4([198, 51, 100, 70], [198, 51, 100, 70]),
        v4([192, 0, 0, 0], [198, 51, 100, 255]),
        v4([0, 0, 0, 0], [255, 255, 255, 255]),
        AddrRange::V6 { first: v6 + 7, last: v6 + 7 },
        AddrRange::V6 { first: v6 | 0x10 << 80, last: v6 | 0x10 << 80 },
        AddrRange::V6 { first: 0, last: u128::MAX },
    ] {
        drain(image.lookup_range(range));
    }
    for name in ["hospital.example", "x.lab.hospital.example", "clinic.github.io", "example", "io"]
    {
        drain(image.lookup_name(name));
        drain(image.lookup_subtree(name));
        drain(image.lookup_mail(&format!("board@{name}")));
    }
    drain(image.lookup_mail("board@shared.test"));
    for (text, asset) in image.keywords() {
        std::hint::black_box((text.len(), asset.value()));
    }
    for participant in 0..image.participant_count() {
        let id = image.participant(participant as u32);
        std::hint::black_box(image.find_participant(id));
    }
}

#[test]
fn images_with_true_checksums_are_refused_or_answer() {
    let sound = image();
    let (mut refused, mut opened) = (0_u64, 0_u64);
    let mut try_one = |mut bytes: Vec<u8>| {
        sign(&mut bytes);
        match Image::open(bytes) {
            Ok(image) => {
                look_up(&image);
                opened += 1;
            }
            Err(_) => refused += 1,
        }
    };
    for at in places(&sound).into_iter().step_by(stride(3)) {
        // The checksums themselves are set right again.
        for other in changed(sound[at]).into_iter().step_by(stride(4)) {
            let mut bytes = sound.clone();
            bytes[at] = other;
            try_one(bytes);
        }
    }
    // Cut, with the length that is left as the one that is stated.
    for end in (64..sound.len()).step_by(stride(199)) {
        let mut bytes = sound[..end].to_vec();
        bytes[16..24].copy_from_slice(&(end as u64).to_le_bytes());
        try_one(bytes);
    }
    println!("promise B1: {refused} images refused, {opened} opened and were looked up in");
    assert!(refused > 1000 && opened > 100, "{refused} refused, {opened} opened");
}

#[test]
fn opening_allocates_nothing_that_grows_with_what_an_image_claims() {
    let counted = |bytes: Vec<u8>| {
        let mut opened = None;
        let allocated = allocation_counter::measure(|| opened = Some(Image::open(bytes).is_ok()));
        (opened.expect("it was called"), allocated.count_total, allocated.bytes_max)
    };
    let sound = image();
    let (is_sound, count, _) = counted(sound.clone());
    // The shared pointer to the bytes.
    assert!(is_sound && count == 1, "{count}");
    // A hundred times as many assets.
    let rows: String = (0..2000).map(|n| format!("P{n},domain,n{n}.example,l{n},g\n")).collect();
    let (large, _) =
        Inventory::from_csv(format!("{INVENTORY}{rows}").as_bytes()).expect("a header");
    let large = compile(&large, &Limits::default()).expect("within the limits");
    assert_eq!((true, 1), {
        let (is_sound, count, _) = counted(large);
        (is_sound, count)
    });
    // Whatever lengths and counts a header claims; a refusal has a message.
    for at in (8..808).step_by(1) {
        for other in [0x7f, 0xff] {
            let mut bytes = sound.clone();
            bytes[at] = other;
            sign(&mut bytes);
            let (_, count, most) = counted(bytes);
            assert!(count < 16 && most < 1024, "byte {at}: {count} allocations, {most} bytes");
        }
    }
}

#[test]
fn another_version_is_named() {
    let sound = image();
    let version = u32::from(sound[8]);
    let mut bytes = sound.clone();
    bytes[8] += 1;
    let error = Image::open(bytes).expect_err("a newer version");
    assert_eq!(
        error.to_string(),
        format!(
            "image format {} is newer than this library reads (up to {version}); recompile the inventory",
            version + 1
        )
    );
    let mut bytes = sound;
    bytes[8] -= 1;
    let error = Image::open(bytes).expect_err("an older version");
    assert_eq!(
        error.to_string(),
        format!(
            "image format {} is older than this library reads ({version}); recompile the inventory",
            version - 1
        )
    );
    assert!(matches!(Image::open(b"hello".to_vec()), Err(ImageError::NotAnImage)));
}
