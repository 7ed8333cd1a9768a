//! Where hits go.

use crate::Hit;

/// Receives the hits of a scan, in the order of the feed.
///
/// Called from the thread that called `scan`, never from two at once.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, Sink, Source};
/// let csv = "participant,kind,value\nA,domain,hospital.example\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// struct First(Option<u64>);
///
/// impl Sink for First {
///     type Error = std::convert::Infallible;
///
///     fn hit(&mut self, hit: &Hit<'_>) -> Result<bool, Self::Error> {
///         self.0 = Some(hit.line);
///         Ok(false)
///     }
/// }
///
/// let mut first = First(None);
/// let feed = Source::slice("feed", b"x\nhospital.example\nhospital.example\n");
/// let stats = Scanner::new(&image).scan(feed, &mut first)?;
/// assert_eq!((first.0, stats.hits, stats.is_complete()), (Some(2), 1, false));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Sink {
    /// Why a sink fails.
    type Error;

    /// Takes a hit; `false` ends the scan.
    ///
    /// # Errors
    ///
    /// The sink's own; it ends the scan.
    fn hit(&mut self, hit: &Hit<'_>) -> Result<bool, Self::Error>;

    /// Told now and then how many bytes of the feed are done; `false` ends the scan.
    ///
    /// # Errors
    ///
    /// The sink's own; it ends the scan.
    fn progress(&mut self, bytes_done: u64) -> Result<bool, Self::Error> {
        let _ = bytes_done;
        Ok(true)
    }
}

impl<S: Sink> Sink for &mut S {
    type Error = S::Error;

    fn hit(&mut self, hit: &Hit<'_>) -> Result<bool, S::Error> {
        (**self).hit(hit)
    }

    fn progress(&mut self, bytes_done: u64) -> Result<bool, S::Error> {
        (**self).progress(bytes_done)
    }
}

/// A sink made of a function that cannot fail.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Format, Image, Inventory, Limits, Scanner, SinkFn, Source};
/// let csv = "participant,kind,value\nA,domain,hospital.example\n";
/// let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let mut lines = Vec::new();
/// let mut sink = SinkFn(|hit: &feedsieve::Hit<'_>| {
///     lines.push(hit.line);
///     true
/// });
/// let feed = Source::slice("feed", b"other.example\nwww.hospital.example\n");
/// Scanner::new(&image).format(Format::List).scan(feed, &mut sink)?;
/// assert_eq!(lines, [2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SinkFn<F>(pub F);

impl<F> std::fmt::Debug for SinkFn<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SinkFn")
    }
}

impl<F: FnMut(&Hit<'_>) -> bool> Sink for SinkFn<F> {
    type Error = std::convert::Infallible;

    fn hit(&mut self, hit: &Hit<'_>) -> Result<bool, Self::Error> {
        Ok((self.0)(hit))
    }
}
