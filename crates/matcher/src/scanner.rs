//! What a host calls: options, and one feed at a time through an image into a sink.

use std::borrow::Cow;
use std::io::{self, Cursor, Read};
use std::ops::Range;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use encoding_rs::Encoding;
use feedsieve_core::Image;

use crate::allow::AllowList;
use crate::changing::{cut_changing, scan_changing};
use crate::chunk::ChunkSizes;
use crate::evidence::Spare;
use crate::fields::{FieldNames, FieldSet, SecretField, UnknownField};
use crate::find::Cpu;
use crate::format::{Dialect, Format, sniff};
use crate::hit::Roles;
use crate::jobs::{Job, ReaderJobs, SliceJobs};
use crate::join::Joiner;
use crate::keywords::Keywords;
use crate::outside::is_last;
use crate::parallel::{Next, Threads};
use crate::scan::{HEAD_BYTES, Options, scan};
use crate::sink::Sink;
use crate::source::{
    Ahead, Hashed, Input, MARK_BYTES, Map, Source, SourceKind, Utf8, beside, is_rewritten,
    unpacked, utf16,
};
use crate::stats::ScanStats;

/// Scans feeds for what concerns the participants of an image.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Format, Image, Inventory, Limits, Scanner, SinkFn, Source};
/// let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\n";
/// let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let feed = Source::slice("feed", b"ip,port\n192.0.2.7,443\n198.51.100.1,80\n");
/// let mut found = Vec::new();
/// let stats = Scanner::new(&image).scan(feed, &mut SinkFn(|hit: &feedsieve::Hit<'_>| {
///     found.push((hit.line, hit.participant.to_owned(), hit.field.map(str::to_owned)));
///     true
/// }))?;
/// assert_eq!(found, [(2, "A".to_owned(), Some("ip".to_owned()))]);
/// assert_eq!((stats.records, stats.hits, stats.format), (3, 1, Format::Csv));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Scanner<'i> {
    image: Cow<'i, Image>,
    format: Format,
    options: Options,
    threads: Threads,
    sizes: ChunkSizes,
    digests: bool,
}

/// Why a scan ended before the feed did.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Hit, Image, Inventory, Limits, ScanError, Scanner, Sink, Source};
/// let csv = "participant,kind,value\nA,domain,hospital.example\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// struct Full;
/// impl Sink for Full {
///     type Error = &'static str;
///     fn hit(&mut self, _: &Hit<'_>) -> Result<bool, Self::Error> {
///         Err("no space left")
///     }
/// }
/// let feed = Source::slice("feed", b"hospital.example\n");
/// let scanned = Scanner::new(&image).scan(feed, &mut Full);
/// assert!(matches!(scanned, Err(ScanError::Sink("no space left"))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScanError<E> {
    /// The feed could not be read, or not to its end.
    #[error("{0}")]
    Feed(io::Error),
    /// The sink failed.
    #[error("{0}")]
    Sink(E),
    /// The feed does not have a field that was asked for.
    #[error("{0}")]
    Field(UnknownField),
    /// The threads could not be started.
    #[error("starting threads: {0}")]
    Threads(io::Error),
}

/// Bytes of a map that are given back at a time, a multiple of any page.
const GIVE_BACK_BYTES: usize = 8 << 20;

/// The longest prefixes that are too broad, unless the options say otherwise.
const SHORTEST_PREFIX: (u8, u8) = (8, 19);

impl<'i> Scanner<'i> {
    /// A scanner with the default options: one thread, format from content, default roles.
    #[must_use]
    pub fn new(image: &'i Image) -> Self {
        Self::over(Cow::Borrowed(image))
    }

    /// The same over an image of its own, for a host that keeps the scanner and has no place for
    /// what it would borrow. Clones of an image share its bytes.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
    /// let csv = "participant,kind,value\nA,domain,hospital.example\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let scanner: Scanner<'static> = Scanner::owning(image);
    /// let hits = std::thread::spawn(move || {
    ///     let feed = Source::slice("feed", b"hospital.example\n");
    ///     scanner.scan(feed, &mut SinkFn(|_: &Hit<'_>| true)).map(|stats| stats.hits)
    /// });
    /// assert_eq!(hits.join().expect("it does not panic")?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn owning(image: Image) -> Scanner<'static> {
        Scanner::over(Cow::Owned(image))
    }

    fn over(image: Cow<'i, Image>) -> Self {
        Self {
            image,
            format: Format::Auto,
            options: Options {
                roles: Roles::default(),
                local_space: false,
                most_specific: false,
                keywords: None,
                allow: None,
                participants: None,
                shortest4: SHORTEST_PREFIX.0,
                shortest6: SHORTEST_PREFIX.1,
                range: None,
                cpu: Cpu::best(),
                fields: None,
                keep: None,
                with_record: false,
                with_url: false,
            },
            threads: Threads::new(1),
            sizes: ChunkSizes::default(),
            digests: false,
        }
    }

    /// Reads feeds in this format.
    #[must_use]
    pub const fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// Reports evidence in these roles; other evidence is counted.
    #[must_use]
    pub const fn roles(mut self, roles: Roles) -> Self {
        self.options.roles = roles;
        self
    }

    /// Reports hits on assets in private and other local space, which are only counted otherwise.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
    /// let csv = "participant,kind,value\nA,prefix,10.0.0.0/8\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let feed = b"10.1.2.3\n";
    /// let mut none = SinkFn(|_: &Hit<'_>| true);
    /// let stats = Scanner::new(&image).scan(Source::slice("feed", feed), &mut none)?;
    /// assert_eq!((stats.hits, stats.local_space), (0, 1));
    /// let scanner = Scanner::new(&image).local_space(true);
    /// assert_eq!(scanner.scan(Source::slice("feed", feed), &mut none)?.hits, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn local_space(mut self, is_wanted: bool) -> Self {
        self.options.local_space = is_wanted;
        self
    }

    /// Reports, for each indicator, only the most specific asset of each participant.
    ///
    /// Where assets nest, the others are left out; other participants never are. What
    /// is withheld as local space hides nothing that is a hit.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
    /// let csv = "\
    /// participant,kind,value
    /// A,prefix,192.0.0.0/16
    /// A,prefix,192.0.2.0/24
    /// B,prefix,192.0.0.0/16
    /// ";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let mut told = Vec::new();
    /// let mut sink = SinkFn(|hit: &Hit<'_>| {
    ///     told.push(format!("{} {}", hit.participant, hit.asset));
    ///     true
    /// });
    /// let scanner = Scanner::new(&image).most_specific(true);
    /// let stats = scanner.scan(Source::slice("feed", b"192.0.2.7\n"), &mut sink)?;
    /// assert_eq!(told, ["A 192.0.2.0/24", "B 192.0.0.0/16"]);
    /// # assert!(stats.is_complete());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn most_specific(mut self, is_wanted: bool) -> Self {
        self.options.most_specific = is_wanted;
        self
    }

    /// Searches for the image's keywords too, which costs a second pass over the feed.
    ///
    /// The search is built here, in memory, once for the scanner and its clones.
    /// Without it keywords cost nothing and yield nothing.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
    /// let csv = "participant,kind,value\nA,keyword,st. antonius\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let feed = "the ST.  ANTONIUS clinic\nst. antoniuses\n".as_bytes();
    /// let mut told = Vec::new();
    /// let mut sink = SinkFn(|hit: &Hit<'_>| {
    ///     told.push(hit.line);
    ///     true
    /// });
    /// let scanner = Scanner::new(&image).keywords(true);
    /// let stats = scanner.scan(Source::slice("feed", feed), &mut sink)?;
    /// assert_eq!(told, [1]);
    /// let mut none = SinkFn(|_: &Hit<'_>| true);
    /// let without = Scanner::new(&image).scan(Source::slice("feed", feed), &mut none)?;
    /// assert_eq!((stats.hits, without.hits), (1, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn keywords(mut self, is_wanted: bool) -> Self {
        self.options.keywords =
            is_wanted.then(|| Keywords::of(&self.image)).flatten().map(Arc::new);
        self
    }

    /// Never reports what this list allows; such hits are counted.
    ///
    /// Costs nothing where nothing concerns a participant.
    #[must_use]
    pub fn allow(mut self, list: AllowList) -> Self {
        self.options.allow = Some(Arc::new(list));
        self
    }

    /// Reports hits of these participants only. Ids that the image does not hold are ignored,
    /// so that without any that it holds nothing is reported.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
    /// let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\nB,prefix,192.0.2.0/24\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let mut told = Vec::new();
    /// let mut sink = SinkFn(|hit: &Hit<'_>| {
    ///     told.push(hit.participant.to_owned());
    ///     true
    /// });
    /// let scanner = Scanner::new(&image).participants(["B", "nobody"]);
    /// let stats = scanner.scan(Source::slice("feed", b"192.0.2.7\n"), &mut sink)?;
    /// assert_eq!(told, ["B"]);
    /// # assert!(stats.is_complete());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn participants<'p>(mut self, ids: impl IntoIterator<Item = &'p str>) -> Self {
        let indexes = ids.into_iter().filter_map(|id| self.image.find_participant(id));
        let mut indexes: Vec<_> = indexes.collect();
        indexes.sort_unstable();
        self.options.participants = Some(indexes);
        self
    }

    /// Searches only these fields: columns by their names (`colN` where they have none), JSON pointers
    /// with all that lies under them.
    ///
    /// A feed that does not have one of them is not scanned ([`ScanError::Field`]). Which pointers a
    /// feed has is known at its end only, see [`ScanStats::unseen_fields`]. Where a record is too long
    /// to tell its fields, all of it is searched. Without any name nothing is searched.
    ///
    /// # Errors
    ///
    /// A name is that of a secret, which is not searched.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
    /// let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let feed = b"{\"src\":{\"ip\":\"192.0.2.7\"},\"dst\":\"192.0.2.8\"}\n";
    /// let mut told = Vec::new();
    /// let mut sink = SinkFn(|hit: &Hit<'_>| {
    ///     told.push(hit.field.map(str::to_owned));
    ///     true
    /// });
    /// let scanner = Scanner::new(&image).fields(["/src"])?;
    /// let stats = scanner.scan(Source::slice("feed", feed), &mut sink)?;
    /// assert_eq!(told, [Some("/src/ip".to_owned())]);
    /// # assert!(stats.is_complete());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fields<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Self, SecretField> {
        self.options.fields = Some(FieldNames::new(names)?);
        Ok(self)
    }

    /// Copies these fields of the record into each hit, named as for [`Scanner::fields`].
    ///
    /// Nothing is copied of records of 64 KiB and more. Members of JSON objects that are secrets are
    /// replaced by `[redacted]`.
    ///
    /// # Errors
    ///
    /// A name is that of a secret, which is not copied.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
    /// let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let feed = b"ip,port,asn\n192.0.2.7,443,64496\n";
    /// let mut told = Vec::new();
    /// let mut sink = SinkFn(|hit: &Hit<'_>| {
    ///     told.push(hit.data.to_vec());
    ///     true
    /// });
    /// let scanner = Scanner::new(&image).keep(["asn"])?;
    /// let stats = scanner.scan(Source::slice("feed", feed), &mut sink)?;
    /// assert_eq!(told, [vec![("asn".into(), "64496".to_owned())]]);
    /// # assert!(stats.is_complete());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn keep<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Self, SecretField> {
        self.options.keep = Some(FieldNames::new(names)?);
        Ok(self)
    }

    /// Copies the record into each hit, with `[redacted]` in place of its secrets.
    ///
    /// Of a record of 64 KiB and more, the 64 KiB around the evidence are copied, and nothing where
    /// they may hold secrets that only the whole record tells; the hit has the flag `long-record`.
    /// JSON with secrets is written anew, its members in the order of their names. Of what ought to be
    /// JSON and is not, nothing is copied that may hold a secret.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
    /// let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let feed = b"ip,password\n192.0.2.7,Winter2026!\n";
    /// let mut told = Vec::new();
    /// let mut sink = SinkFn(|hit: &Hit<'_>| {
    ///     told.push(hit.record.map(str::to_owned));
    ///     true
    /// });
    /// let scanner = Scanner::new(&image).with_record(true);
    /// let stats = scanner.scan(Source::slice("feed", feed), &mut sink)?;
    /// assert_eq!(told, [Some("192.0.2.7,[redacted]".to_owned())]);
    /// # assert!(stats.is_complete());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn with_record(mut self, is_wanted: bool) -> Self {
        self.options.with_record = is_wanted;
        self
    }

    /// Copies into each hit the URL that it is the host of, where that is all that a column or a
    /// member holds.
    ///
    /// Without what stands before an `@`, and with a scheme that programs follow: of
    /// `hxxp://jan:secret@www[.]hospital[.]example/x` it is `http://www.hospital.example/x`. In
    /// running text nobody knows where a URL ends and a password begins, so nothing is copied there.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
    /// let csv = "participant,kind,value\nA,domain,hospital.example\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let feed = b"id,url\n7,hxxp://jan:secret@www[.]hospital[.]example/x\n";
    /// let mut told = Vec::new();
    /// let mut sink = SinkFn(|hit: &Hit<'_>| {
    ///     told.push(hit.url.map(str::to_owned));
    ///     true
    /// });
    /// let scanner = Scanner::new(&image).with_url(true);
    /// let stats = scanner.scan(Source::slice("feed", feed), &mut sink)?;
    /// assert_eq!(told, [Some("http://www.hospital.example/x".to_owned())]);
    /// # assert!(stats.is_complete());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn with_url(mut self, is_wanted: bool) -> Self {
        self.options.with_url = is_wanted;
        self
    }

    /// Rejects prefixes and ranges of a feed that are shorter than these lengths (8 and 19).
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
    /// let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let feed = b"192.0.0.0/16\n";
    /// let mut none = SinkFn(|_: &Hit<'_>| true);
    /// let scanner = Scanner::new(&image).shortest_prefixes(17, 33);
    /// let stats = scanner.scan(Source::slice("feed", feed), &mut none)?;
    /// assert_eq!((stats.hits, stats.rejected["too-broad"].count), (0, 1));
    /// assert_eq!(Scanner::new(&image).scan(Source::slice("feed", feed), &mut none)?.hits, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn shortest_prefixes(mut self, v4: u8, v6: u8) -> Self {
        self.options.shortest4 = v4;
        self.options.shortest6 = v6;
        self
    }

    /// Reports only records that begin in these bytes of the feed.
    ///
    /// Lines, quotes and the header are those of the whole feed, which is read from its start for
    /// that and to the end of the last record that begins in the range, and a JSON document as a
    /// whole. So scans of ranges that
    /// follow each other have together the hits of the whole. Records that were read and begin
    /// elsewhere are counted as skipped, `out-of-range`. Feeds that are packed or in UTF-16 have no
    /// such bytes and are refused, as [`ScanStats::incomplete_why`] says.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::{compile, Image, Inventory, Limits, Scanner, SinkFn, Source};
    /// # let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let feed = b"192.0.2.7\n192.0.2.8\n192.0.2.9\n";
    /// let mut lines = Vec::new();
    /// let mut sink = SinkFn(|hit: &feedsieve::Hit<'_>| {
    ///     lines.push(hit.line);
    ///     true
    /// });
    /// Scanner::new(&image).range(5..20).scan(Source::slice("feed", feed), &mut sink)?;
    /// assert_eq!(lines, [2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn range(mut self, range: Range<u64>) -> Self {
        self.options.range = Some(range);
        self
    }

    /// Takes the SHA-256 of each feed's bytes as they lie on disk, before they are unpacked.
    ///
    /// Hashed while they are scanned, on a further thread with more than one, so that nothing is
    /// read twice; what the scan does not need is read for it. Of a member of an archive it is that
    /// of the bytes that the archive hands out.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::{compile, json, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
    /// let csv = "participant,kind,value\nA,domain,hospital.example\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let mut none = SinkFn(|_: &Hit<'_>| true);
    /// let stats = Scanner::new(&image).digests(true).scan(Source::slice("feed", b""), &mut none)?;
    /// let sha256 = stats.sha256.map(|digest| json::hex(&digest)).ok_or("not read to its end")?;
    /// assert!(sha256.starts_with("e3b0c44298fc1c149afbf4c8996fb92427ae41e4"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn digests(mut self, are_wanted: bool) -> Self {
        self.digests = are_wanted;
        self
    }

    /// Uses the vector instructions that this CPU has (the default), or none.
    ///
    /// Changes speed, never hits: what is there to compare the two.
    #[must_use]
    pub fn vectors(mut self, are_used: bool) -> Self {
        self.options.cpu = if are_used { Cpu::best() } else { Cpu::Plain };
        self
    }

    /// Scans with so many threads, at least one.
    ///
    /// Without the feature `parallel` there is one, whatever is asked for.
    ///
    /// They are started by the first scan that needs them and stay. A `fork` does not copy them: a
    /// child must make a scanner of its own, for a scan with one that had scanned before never ends.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Threads::new(threads);
        self
    }

    /// Cuts feeds into chunks of so many bytes (1 MiB), looking for a line end in so many more (64 KiB).
    ///
    /// Changes speed and memory, never hits.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
    /// let csv = "participant,kind,value\nA,domain,hospital.example\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// // Chunks of four bytes, and the same hits.
    /// let feed = b"www.hospital.example\nhospital.example\n";
    /// let mut told = Vec::new();
    /// let mut sink = SinkFn(|hit: &Hit<'_>| {
    ///     told.push(hit.offset);
    ///     true
    /// });
    /// let scanner = Scanner::new(&image).chunk_bytes(4, 0);
    /// let stats = scanner.scan(Source::slice("feed", feed), &mut sink)?;
    /// assert_eq!(told, [0, 21]);
    /// # assert!(stats.is_complete());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn chunk_bytes(mut self, chunk_bytes: usize, search_bytes: usize) -> Self {
        self.sizes = ChunkSizes { chunk_bytes: chunk_bytes.max(1), search_bytes };
        self
    }

    /// Scans one feed and hands its hits to `sink`, in the order of the feed.
    ///
    /// Memory does not depend on the feed's length. The same hits for any number
    /// of threads, any chunk size and any kind of source.
    ///
    /// A feed that cannot be read to its end is no error: everything before the
    /// failure is scanned, and [`ScanStats::incomplete_why`] says what failed. So it does of a
    /// file that was changed or cut short meanwhile.
    ///
    /// # Errors
    ///
    /// [`ScanError::Sink`] where the sink fails, [`ScanError::Feed`] where nothing
    /// of the feed can be read.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
    /// let csv = "participant,kind,value\nA,domain,hospital.example\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// struct Broken;
    ///
    /// impl std::io::Read for Broken {
    ///     fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
    ///         Err(std::io::Error::other("the line went dead"))
    ///     }
    /// }
    ///
    /// let feed = std::io::Read::chain(&b"hospital.example\n"[..], Broken);
    /// let mut none = SinkFn(|_: &Hit<'_>| true);
    /// let stats = Scanner::new(&image).scan(Source::reader("feed", feed), &mut none)?;
    /// assert_eq!((stats.hits, stats.is_complete()), (1, false));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn scan<S: Sink>(
        &self,
        source: Source<'_>,
        sink: &mut S,
    ) -> Result<ScanStats, ScanError<S::Error>> {
        let started = Instant::now();
        let (name, kind) = source.into_parts();
        let witness = kind.witness();
        let mut stats = match kind {
            SourceKind::Slice(bytes) if !is_rewritten(bytes) => {
                self.scan_memory(&name, bytes, None, sink)?
            }
            SourceKind::Map(map) if !is_rewritten(&map) => {
                self.scan_memory(&name, &map, Some(&map), sink)?
            }
            SourceKind::Reader(reader) => self.scan_read(&name, reader, false, sink)?,
            kind => self.scan_read(&name, kind.into_input(), true, sink)?,
        };
        if let Some(why) = witness.why_incomplete() {
            // Of which bytes it would be, nobody could say.
            stats.sha256 = None;
            // Whoever asked to stop knows that the rest is missing.
            if !stats.is_stopped {
                stats.incomplete_why.get_or_insert(why);
            }
        }
        stats.elapsed = started.elapsed();
        Ok(stats)
    }

    /// Scans bytes in memory, and hashes them where that is asked for.
    fn scan_memory<S: Sink>(
        &self,
        name: &str,
        bytes: &[u8],
        map: Option<&Map>,
        sink: &mut S,
    ) -> Result<ScanStats, ScanError<S::Error>> {
        if !self.digests {
            return self.scan_slice(name, bytes, map, &mut |_| {}, sink);
        }
        let is_on_thread = self.threads.count() > 1 && bytes.len() > self.sizes.chunk_bytes;
        let done = |done: Range<usize>| map.iter().for_each(|map| map.give_back(done.clone()));
        let (scanned, sha256) = beside(bytes, is_on_thread, done, |cut| {
            let scanned = self.scan_slice(name, bytes, map, cut, sink);
            let is_torn = map.is_some_and(Map::is_torn);
            let is_wanted = scanned.as_ref().is_ok_and(|stats| !stats.is_stopped) && !is_torn;
            (scanned, is_wanted)
        });
        Ok(ScanStats { sha256, ..scanned? })
    }

    /// Scans what is read in order, and hashes it where that is asked for.
    fn scan_read<S: Sink>(
        &self,
        name: &str,
        input: Input<'_>,
        is_regular: bool,
        sink: &mut S,
    ) -> Result<ScanStats, ScanError<S::Error>> {
        if !self.digests {
            return self.scan_input(name, input, is_regular, sink);
        }
        let mut hashed = Hashed::new(input);
        let stats = self.scan_input(name, Box::new(&mut hashed), is_regular, sink)?;
        // A feed that cannot be read to its end has no digest; that it cannot is known already.
        let sha256 = if stats.is_stopped { None } else { hashed.finish().ok() };
        Ok(ScanStats { sha256, ..stats })
    }

    fn scan_slice<S: Sink>(
        &self,
        name: &str,
        bytes: &[u8],
        map: Option<&Map>,
        cut: &mut dyn FnMut(usize),
        sink: &mut S,
    ) -> Result<ScanStats, ScanError<S::Error>> {
        // In a copy, which stays as it is.
        let head = bytes[..bytes.len().min(HEAD_BYTES)].to_vec();
        let dialect = match sniff(&head, self.format) {
            Ok(dialect) => dialect,
            Err(why) => return Ok(unreadable(self.format, why)),
        };
        let seen = self.seen_fields(&dialect, &head).map_err(ScanError::Field)?;
        let mut jobs = SliceJobs::new(bytes, &dialect, self.sizes, self.options.cpu);
        // What lies before the last joined chunk is only looked back at, and not far.
        let mut given = 0;
        let mut give = |offset: u64| {
            let behind = usize::try_from(offset).unwrap_or(0).saturating_sub(GIVE_BACK_BYTES);
            let end = behind / GIVE_BACK_BYTES * GIVE_BACK_BYTES;
            if let Some(map) = map
                && end > given
            {
                map.give_back(given..end);
                given = end;
            }
        };
        let is_one_chunk = bytes.len() <= self.sizes.chunk_bytes;
        let mut next = || {
            let job = cut_changing(map, || jobs.next())?;
            cut(jobs.cut_to());
            Ok(job)
        };
        let about = About { is_one_chunk, origin: None, seen, map };
        self.drive(name, &dialect, &about, &mut next, &mut give, sink)
    }

    /// Unpacks what is packed, on a thread of its own where that waits for nobody else.
    fn scan_input<S: Sink>(
        &self,
        name: &str,
        input: Input<'_>,
        is_regular: bool,
        sink: &mut S,
    ) -> Result<ScanStats, ScanError<S::Error>> {
        let (mut input, packings) = unpacked(input).map_err(ScanError::Feed)?;
        if !packings.is_empty() && self.options.range.is_some() {
            return Ok(unreadable(self.format, PACKED_RANGE));
        }
        let mut stats = match is_regular && !packings.is_empty() && self.threads.count() > 1 {
            true => thread::scope(|scope| {
                self.scan_reader(name, &mut Ahead::spawn(scope, input), sink)
            })?,
            false => self.scan_reader(name, &mut *input, sink)?,
        };
        if !packings.is_empty() {
            stats.format_why =
                format!("{}; unpacked from {}", stats.format_why, packings.join(", "));
        }
        Ok(stats)
    }

    fn scan_reader<S: Sink>(
        &self,
        name: &str,
        reader: &mut dyn Read,
        sink: &mut S,
    ) -> Result<ScanStats, ScanError<S::Error>> {
        let (head, end) = read_head(reader);
        match (head.is_empty(), end, utf16(&head)) {
            (true, Some(Err(error)), _) => Err(ScanError::Feed(error)),
            (_, _, Some(_)) if self.options.range.is_some() => {
                Ok(unreadable(self.format, UTF16_RANGE))
            }
            (_, end, Some(encoding)) => {
                let units = Cursor::new(&head[MARK_BYTES as usize..]);
                let mut text = Utf8::new(units.chain(Rest { end, reader }), encoding);
                let (head, end) = read_head(&mut text);
                self.scan_text(name, &mut text, (head, end), Some(encoding), sink)
            }
            (_, end, None) => self.scan_text(name, reader, (head, end), None, sink),
        }
    }

    /// Scans UTF-8, that was UTF-16 where an encoding is given, behind a beginning that was read.
    fn scan_text<S: Sink>(
        &self,
        name: &str,
        reader: &mut dyn Read,
        (head, end): (Vec<u8>, End),
        encoding: Option<&'static Encoding>,
        sink: &mut S,
    ) -> Result<ScanStats, ScanError<S::Error>> {
        let sample = &head[..head.len().min(HEAD_BYTES)];
        let dialect = match sniff(sample, self.format) {
            Ok(dialect) => dialect,
            Err(why) => return Ok(unreadable(self.format, why)),
        };
        let seen = self.seen_fields(&dialect, sample).map_err(ScanError::Field)?;
        let is_all = end.is_some();
        let mut error = end.and_then(Result::err);
        let is_one_chunk = is_all && head.len() <= self.sizes.chunk_bytes;
        let origin = encoding.map(|_| MARK_BYTES);
        let (sizes, cpu) = (self.sizes, self.options.cpu);
        let mut jobs = ReaderJobs::new(reader, (head, is_all), origin, &dialect, sizes, cpu);
        let mut next = || match (jobs.next(&mut error), error.take()) {
            (Some(job), failed) => {
                error = failed;
                Ok(Some(job))
            }
            (None, Some(failed)) => Err(failed),
            (None, None) => Ok(None),
        };
        let about = About { is_one_chunk, origin, seen, map: None };
        let mut stats = self.drive(name, &dialect, &about, &mut next, &mut |_| {}, sink)?;
        match encoding {
            Some(encoding) if encoding == encoding_rs::UTF_16LE => stats.encoding = "utf-16le",
            Some(_) => stats.encoding = "utf-16be",
            None => {}
        }
        Ok(stats)
    }

    pub(crate) fn image(&self) -> &Image {
        &self.image
    }

    pub(crate) const fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) const fn format_asked(&self) -> Format {
        self.format
    }

    /// The fields that were asked for, to be searched and to be kept, and occur in the beginning.
    fn seen_fields(&self, dialect: &Dialect, head: &[u8]) -> Result<[FieldSet; 2], UnknownField> {
        let mut seen = [FieldSet::MAX; 2];
        let asked = [&self.options.fields, &self.options.keep];
        for (seen, names) in seen.iter_mut().zip(asked) {
            let Some(names) = names else { continue };
            names.iter().try_for_each(|name| dialect.check_field(name))?;
            if dialect.finds_fields_late() {
                *seen = names.in_lines(head, dialect.eol);
            }
        }
        Ok(seen)
    }

    /// Jobs in, chunks joined in order, hits out.
    fn drive<'j, S: Sink>(
        &self,
        name: &str,
        dialect: &Dialect,
        about: &About<'_>,
        next: Next<'_, 'j>,
        done: &mut dyn FnMut(u64),
        sink: &mut S,
    ) -> Result<ScanStats, ScanError<S::Error>> {
        let stats = ScanStats {
            format: dialect.format,
            format_why: dialect.why.clone(),
            encoding: if dialect.bom > 0 { "utf-8 with a byte order mark" } else { "utf-8" },
            ..ScanStats::default()
        };
        let start = about.origin.unwrap_or(dialect.bom as u64);
        let mut joiner = Joiner::new(&self.image, &self.options, name, stats, start);
        joiner.saw(about.seen[0], about.seen[1]);
        let mut offset = start;
        let spare = Spare::default();
        let mut joined = |scanned: crate::scan::Scanned| {
            offset += scanned.bytes;
            let goes_on = joiner.join(&scanned, sink);
            spare.give(scanned.findings);
            done(offset);
            goes_on
        };
        let mut is_over = false;
        let mut in_range = || {
            let job = if is_over { None } else { next()? };
            is_over = match (&job, &self.options.range) {
                (Some(job), Some(range)) => is_last(job, dialect.eol, range),
                _ => is_over,
            };
            Ok(job)
        };
        let next: Next<'_, 'j> = &mut in_range;
        let scan = |job: &Job<'_>| scan(job, dialect, &self.image, &self.options, spare.take());
        let work = |job: &Job<'_>| scan_changing(job, about.map, scan);
        let end = self.threads.drive(about.is_one_chunk, next, work, &mut joined);
        let end = end.map_err(ScanError::Threads)?;
        let is_stopped = !end.goes_on.map_err(ScanError::Sink)?;
        let mut stats = joiner.finish(is_stopped, sink).map_err(ScanError::Sink)?;
        let failed = end.error.map(|error| format!("reading failed: {error}"));
        stats.incomplete_why = failed.or(stats.incomplete_why);
        Ok(stats)
    }
}

/// What is known of a feed before its first chunk.
struct About<'m> {
    is_one_chunk: bool,
    /// Where the text begins in a feed of UTF-16.
    origin: Option<u64>,
    /// Fields of the beginning that were asked for, to be searched and to be kept.
    seen: [FieldSet; 2],
    /// What the bytes are a part of, where others may change them.
    map: Option<&'m Map>,
}

const PACKED_RANGE: &str =
    "packed, and a range of bytes means those of a plain feed; unpack it first";

const UTF16_RANGE: &str =
    "UTF-16, and a range of bytes means those of a feed in UTF-8; convert it first";

/// The account of a feed of which no record can be read.
fn unreadable(format: Format, why: &str) -> ScanStats {
    ScanStats {
        format,
        format_why: "not decided".to_owned(),
        encoding: "unknown",
        incomplete_why: Some(why.to_owned()),
        ..ScanStats::default()
    }
}

/// That nothing comes any more, and whether that is an error.
type End = Option<Result<(), io::Error>>;

/// Reads the beginning of a feed, 64 KiB or more.
fn read_head(reader: &mut dyn Read) -> (Vec<u8>, End) {
    let mut head = Vec::new();
    let mut buffer = vec![0; HEAD_BYTES];
    while head.len() < HEAD_BYTES {
        match reader.read(&mut buffer) {
            Ok(0) => return (head, Some(Ok(()))),
            Ok(count) => head.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (head, Some(Err(error))),
        }
    }
    (head, None)
}

/// What comes behind a beginning.
struct Rest<'r> {
    end: End,
    reader: &'r mut dyn Read,
}

impl Read for Rest<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self.end.take() {
            None => self.reader.read(to),
            Some(end) => {
                self.end = Some(Ok(()));
                end.map(|()| 0)
            }
        }
    }
}
