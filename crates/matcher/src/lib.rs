//! Says which of thousands of participants a multi-gigabyte feed concerns, and in which record.
//!
//! An [`Inventory`] of what participants own is compiled into an [`Image`] once;
//! a [`Scanner`] streams feeds through it and hands each [`Hit`] to a [`Sink`].
//!
//! ```
//! use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
//!
//! let rows = "participant,kind,value\nA,domain,hospital.example\nB,prefix,192.0.2.0/24\n";
//! let (inventory, rejected) = Inventory::from_csv(rows.as_bytes())?;
//! assert!(rejected.is_empty());
//! let image = Image::open(compile(&inventory, &Limits::default())?)?;
//! let feed = Source::slice("feed", b"http://www.hospital.example/x\n192.0.2.7\n");
//! let mut sink = SinkFn(|hit: &Hit<'_>| {
//!     println!("{} is concerned in line {}", hit.participant, hit.line);
//!     true
//! });
//! let stats = Scanner::new(&image).scan(feed, &mut sink)?;
//! assert_eq!(stats.hits, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

mod allow;
mod bytes;
mod changing;
mod chunk;
mod document;
mod evidence;
mod explain;
mod facts;
mod fields;
mod find;
mod format;
mod hit;
mod jobs;
mod join;
mod keywords;
mod limits;
mod outside;
mod parallel;
mod publication;
mod reading;
mod reload;
mod scan;
mod scanner;
mod sink;
mod source;
mod specific;
mod stats;
mod tally;
mod watch;
mod written;

pub use feedsieve_core::*;

pub use allow::AllowList;
pub use explain::{Concern, ExplainError, Explanation, Miss, NearMiss, Outcome, Seen};
pub use fields::{SecretField, UnknownField};
pub use format::Format;
pub use hit::{Also, Flags, Hit, Role, Roles, Side};
pub use limits::{SCAN_LIMITS, ScanLimits};
pub use publication::{Publication, PublicationError};
pub use reload::{Loaded, ReloadOptions, Reloading};
pub use scanner::{ScanError, Scanner};
pub use sink::{Sink, SinkFn};
#[cfg(feature = "mmap")]
pub use source::MapGuard;
pub use source::{Archive, Contents, Source, has_ranges};
pub use stats::{Counted, MAX_SAMPLE_LINES, ScanStats};
pub use tally::Tally;
pub use watch::Verdict;
