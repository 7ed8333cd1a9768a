//! What a host calls: what is a hit, how feeds are read, and what hits tell.

mod feed;

use std::borrow::Cow;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use feedsieve_core::Image;

use crate::allow::AllowList;
use crate::chunk::ChunkSizes;
use crate::fields::{FieldNames, SecretField, UnknownField};
use crate::find::Cpu;
use crate::format::Format;
use crate::hit::Roles;
use crate::keywords::Keywords;
use crate::parallel::Threads;
use crate::scan::Options;

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
    /// feed has is known at its end only, see [`ScanStats::unseen_fields`](crate::ScanStats::unseen_fields). Where a record is too long
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
    /// such bytes and are refused, as [`ScanStats::incomplete_why`](crate::ScanStats::incomplete_why) says.
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

    pub(crate) fn image(&self) -> &Image {
        &self.image
    }

    pub(crate) const fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) const fn format_asked(&self) -> Format {
        self.format
    }
}
