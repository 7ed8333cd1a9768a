//! Unpacks compressed feeds as they are read, told by their first bytes and not by a name.
//!
//! A new packing is one line of [`PACKINGS`]. Without the feature `compression` packed feeds are told and
//! refused.

use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

#[cfg(feature = "compression")]
use liblzma::stream::{CONCATENATED, Stream};

use crate::limits::{SCAN_LIMITS, ScanLimits};

/// What a feed is read from.
pub(crate) type Input<'a> = Box<dyn Read + Send + 'a>;

/// A way to pack a feed.
struct Packing {
    name: &'static str,
    /// The first bytes of everything that is packed so.
    magic: &'static [u8],
    /// Unpacks all members, frames or streams, one behind the other.
    #[cfg(feature = "compression")]
    unpack: for<'a> fn(Input<'a>) -> io::Result<Input<'a>>,
}

impl Packing {
    #[cfg(feature = "compression")]
    fn unpack<'a>(&self, packed: Input<'a>) -> io::Result<Input<'a>> {
        (self.unpack)(packed)
    }

    #[cfg(not(feature = "compression"))]
    fn unpack<'a>(&self, _: Input<'a>) -> io::Result<Input<'a>> {
        Err(lacking(self.name))
    }
}

/// RFC 1952, RFC 8878, and the file formats of bzip2 and xz.
const PACKINGS: [Packing; 4] = [
    Packing {
        name: "gzip",
        magic: b"\x1f\x8b\x08",
        #[cfg(feature = "compression")]
        unpack: |packed| Ok(Box::new(flate2::read::MultiGzDecoder::new(packed))),
    },
    Packing {
        name: "zstd",
        magic: b"\x28\xb5\x2f\xfd",
        #[cfg(feature = "compression")]
        unpack: |packed| Ok(Box::new(zstd::stream::read::Decoder::new(packed)?)),
    },
    Packing {
        name: "bzip2",
        magic: b"BZh",
        #[cfg(feature = "compression")]
        unpack: |packed| Ok(Box::new(bzip2::read::MultiBzDecoder::new(packed))),
    },
    Packing {
        name: "xz",
        magic: b"\xfd7zXZ\0",
        #[cfg(feature = "compression")]
        unpack: |packed| {
            let stream = Stream::new_stream_decoder(SCAN_LIMITS.xz_memory_bytes, CONCATENATED)?;
            Ok(Box::new(liblzma::read::XzDecoder::new_stream(packed, stream)))
        },
    },
];

/// Bytes that tell a packing.
pub(crate) const MAGIC_BYTES: usize = 6;

/// Bytes that are asked for at once: of damaged data, what was unpacked with the damage is lost.
const PIECE_BYTES: usize = 16 << 10;

/// Whether bytes begin as something does that is packed.
pub(crate) fn is_packed(head: &[u8]) -> bool {
    packing_of(head).is_some()
}

fn packing_of(head: &[u8]) -> Option<&'static Packing> {
    let is_bzip2 = |head: &[u8]| head.get(3).is_some_and(|level| (b'1'..=b'9').contains(level));
    let fits = |packing: &&Packing| {
        head.starts_with(packing.magic) && (packing.name != "bzip2" || is_bzip2(head))
    };
    PACKINGS.iter().find(fits)
}

/// Takes off what a feed is packed in, and names it, the outermost first.
///
/// # Errors
///
/// Those of the reader, and where a feed is packed too often.
pub(crate) fn unpacked(input: Input<'_>) -> io::Result<(Input<'_>, Vec<&'static str>)> {
    let mut input = input;
    let mut names = Vec::new();
    loop {
        let (head, rest) = peeked(input)?;
        let Some(packing) = packing_of(&head) else { return Ok((rest, names)) };
        if names.len() == SCAN_LIMITS.packings {
            let most = SCAN_LIMITS.packings;
            let why = format!("packed more than {most} times; unpack it first");
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        names.push(packing.name);
        input = Box::new(Unpacking::new(rest, packing)?);
    }
}

/// The first bytes, and all of them to be read once more.
pub(crate) fn peeked(mut input: Input<'_>) -> io::Result<(Vec<u8>, Input<'_>)> {
    let mut head = Vec::with_capacity(MAGIC_BYTES);
    let read = input.by_ref().take(MAGIC_BYTES as u64).read_to_end(&mut head);
    let rest: Input<'_> = match read {
        Ok(_) => input,
        Err(error) if head.is_empty() => return Err(error),
        // What came before is a feed all the same, and no reader has to fail twice.
        Err(error) => Box::new(Failing(Some(error))),
    };
    Ok((head.clone(), Box::new(Cursor::new(head).chain(rest))))
}

/// An error that was met too early.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Why nothing is unpacked where the feature is off.
#[cfg(not(feature = "compression"))]
pub(super) fn lacking(packing: &str) -> io::Error {
    let why = format!(
        "packed with {packing}, and this program was built without the feature `compression` of \
         feedsieve; unpack it first"
    );
    io::Error::new(io::ErrorKind::Unsupported, why)
}

/// Unpacks, and says what is wrong in the words of a user.
struct Unpacking<'a> {
    name: &'static str,
    inner: Input<'a>,
    packed_bytes: Arc<AtomicU64>,
    unpacked_bytes: u64,
}

impl<'a> Unpacking<'a> {
    fn new(packed: Input<'a>, packing: &Packing) -> io::Result<Self> {
        let packed_bytes = Arc::<AtomicU64>::default();
        let counted = Counted { inner: packed, bytes: packed_bytes.clone() };
        let inner = packing.unpack(Box::new(counted))?;
        Ok(Self { name: packing.name, inner, packed_bytes, unpacked_bytes: 0 })
    }
}

impl Read for Unpacking<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let most = to.len().min(PIECE_BYTES);
        let count = self.inner.read(&mut to[..most]).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            kind => {
                let why = format!("the {} data is damaged or cut short ({error})", self.name);
                io::Error::new(kind, why)
            }
        })?;
        self.unpacked_bytes += count as u64;
        let packed = self.packed_bytes.load(Ordering::Relaxed);
        let ScanLimits { growth, growth_from_bytes, .. } = SCAN_LIMITS;
        if self.unpacked_bytes > growth_from_bytes && self.unpacked_bytes / growth > packed {
            let why = format!(
                "the {} data unpacks to more than {growth} times its size; if that is \
                 right, unpack it first",
                self.name
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        Ok(count)
    }
}

/// Counts what is read.
struct Counted<'a> {
    inner: Input<'a>,
    bytes: Arc<AtomicU64>,
}

impl Read for Counted<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(to)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(all(test, feature = "compression"))]
mod tests {
    use super::*;

    fn read(packed: &[u8]) -> (Vec<u8>, Option<String>, Vec<&'static str>) {
        let mut bytes = Vec::new();
        let (mut input, names) = unpacked(Box::new(packed)).expect("it can be opened");
        let error = input.read_to_end(&mut bytes).err().map(|error| error.to_string());
        (bytes, error, names)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packed = flate2::read::GzEncoder::new(bytes, flate2::Compression::default());
        let mut out = Vec::new();
        packed.read_to_end(&mut out).expect("a slice can be read");
        out
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(bytes, 3).expect("a slice can be read")
    }

    fn bzip2(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut packed = bzip2::read::BzEncoder::new(bytes, bzip2::Compression::best());
        packed.read_to_end(&mut out).expect("a slice can be read");
        out
    }

    fn xz(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        liblzma::read::XzEncoder::new(bytes, 6).read_to_end(&mut out).expect("a slice can be read");
        out
    }

    type Pack = fn(&[u8]) -> Vec<u8>;
    const PACKS: [(&str, Pack); 4] = [("gzip", gzip), ("zstd", zstd), ("bzip2", bzip2), ("xz", xz)];

    #[test]
    fn every_packing_gives_back_all_its_members() {
        let feed = b"192.0.2.1\nwww.hospital.example\n".repeat(9000);
        for (name, pack) in PACKS {
            assert_eq!(read(&pack(&feed)), (feed.clone(), None, vec![name]));
            let members = [pack(b"192.0.2.1\n"), pack(b""), pack(b"192.0.2.2\n")].concat();
            assert_eq!(read(&members).0, b"192.0.2.1\n192.0.2.2\n", "{name}");
            for (outer, wrap) in PACKS {
                assert_eq!(read(&wrap(&pack(&feed))), (feed.clone(), None, vec![outer, name]));
            }
        }
        assert_eq!(read(&feed), (feed.clone(), None, vec![]));
        assert_eq!(read(b"BZhospital.example").2, Vec::<&str>::new());
        assert_eq!(read(b"").0, b"");
        assert!(unpacked(Box::new(&gzip(&gzip(&gzip(&feed)))[..])).is_err());
    }

    #[test]
    fn what_stands_before_damage_is_read() {
        let feed: Vec<u8> = (0..90_000_u32).flat_map(|n| format!("{n:x}\n").into_bytes()).collect();
        for (name, pack) in PACKS {
            let packed = [pack(&feed), pack(&feed)].concat();
            let cut = &packed[..packed.len() - 9];
            let (bytes, error, _) = read(cut);
            assert!(bytes.len() >= feed.len() && feed.repeat(2).starts_with(&bytes), "{name}");
            let expected = format!("the {name} data is damaged or cut short (");
            assert!(error.is_some_and(|error| error.starts_with(&expected)), "{name}");
        }
    }

    /// Fails once, behind a few bytes, and then takes itself for read to the end.
    struct FailsOnce(&'static [u8], bool);

    impl Read for FailsOnce {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            match (self.0.read(to)?, std::mem::replace(&mut self.1, true)) {
                (0, false) => Err(io::Error::other("gone")),
                (count, failed) => {
                    self.1 = failed;
                    Ok(count)
                }
            }
        }
    }

    #[test]
    fn an_error_within_the_first_bytes_is_kept() {
        let (mut input, _) = unpacked(Box::new(FailsOnce(b"a\n", false))).expect("two bytes");
        let mut bytes = Vec::new();
        let error = input.read_to_end(&mut bytes).expect_err("it is not read to its end");
        assert_eq!((bytes.as_slice(), error.to_string().as_str()), (&b"a\n"[..], "gone"));
    }

    #[test]
    fn what_grows_beyond_reason_is_cut() {
        // 3 GiB of zeros in a few hundred KiB of zstd.
        let zeros = io::repeat(0).take(3 << 30);
        let packed = zstd::encode_all(zeros, 1).expect("zeros can be read");
        let (mut input, _) = unpacked(Box::new(&packed[..])).expect("it can be opened");
        let error = io::copy(&mut input, &mut io::sink()).expect_err("that is too much");
        assert!(error.to_string().contains("more than 2000 times its size"), "{error}");
    }
}

#[cfg(all(test, not(feature = "compression")))]
mod refusals {
    use super::*;
    use crate::{Contents, Source};

    #[test]
    fn packed_feeds_are_refused_by_the_name_of_what_is_lacking() {
        for (packing, head) in [
            ("gzip", &b"\x1f\x8b\x08\0\0"[..]),
            ("zstd", b"\x28\xb5\x2f\xfd\0"),
            ("bzip2", b"BZh91AY"),
            ("xz", b"\xfd7zXZ\0\0"),
        ] {
            let error = unpacked(Box::new(head)).err().expect("nothing unpacks it").to_string();
            assert!(error.starts_with(&format!("packed with {packing}, ")), "{error}");
            assert!(error.contains("`compression`"), "{error}");
        }
        let zip = Source::slice("z", b"PK\x03\x04 and so on").contents().expect_err("an archive");
        assert!(zip.to_string().starts_with("packed with zip, "), "{zip}");
        let zip = Source::reader("z", &b"PK\x03\x04 and so on"[..]).contents();
        assert!(zip.is_err());
    }

    #[test]
    fn other_feeds_are_read_as_ever() {
        for feed in [&b"BZhospital.example\n"[..], b"192.0.2.1\n", b"P", b""] {
            let (mut input, names) = unpacked(Box::new(feed)).expect("it is not packed");
            let mut bytes = Vec::new();
            input.read_to_end(&mut bytes).expect("a slice can be read");
            assert_eq!((bytes.as_slice(), names.len()), (feed, 0));
            let contents = Source::slice("feed", feed).contents().expect("it is no archive");
            assert!(matches!(contents, Contents::Feed(_)));
        }
    }
}
