//! A sink of one's own: counts hits per participant, and ends the scan at a limit.
//!
//! `sink PARTICIPANTS FEED LIMIT`

use std::collections::BTreeMap;
use std::fmt;

use feedsieve::{Hit, Image, Inventory, Limits, ScanError, Scanner, Sink, Source, compile};

/// Hits of each participant, and how many of them anybody may have.
struct Counts {
    hits: BTreeMap<String, u64>,
    limit: u64,
}

/// A participant has more hits than a report is worth.
#[derive(Debug)]
struct TooMany {
    participant: String,
    line: u64,
}

impl Sink for Counts {
    type Error = TooMany;

    fn hit(&mut self, hit: &Hit<'_>) -> Result<bool, TooMany> {
        // Nothing is allocated but for a participant that is new.
        let count = match self.hits.get_mut(hit.participant) {
            Some(count) => count,
            None => self.hits.entry(hit.participant.to_owned()).or_default(),
        };
        *count += 1;
        match *count > self.limit {
            true => Err(TooMany { participant: hit.participant.to_owned(), line: hit.line }),
            // `Ok(false)` would end the scan too, as one that was asked to stop.
            false => Ok(true),
        }
    }

    fn progress(&mut self, bytes_done: u64) -> Result<bool, TooMany> {
        eprintln!("{bytes_done} bytes done");
        Ok(true)
    }
}

impl fmt::Display for TooMany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has too many hits, the last in line {}", self.participant, self.line)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [participants, feed, limit] = arguments.as_slice() else {
        return Err("usage: sink PARTICIPANTS FEED LIMIT".into());
    };
    let (inventory, _) = Inventory::read(std::fs::File::open(participants)?)?;
    let image = Image::open(compile(&inventory, &Limits::default())?)?;
    let mut counts = Counts { hits: BTreeMap::new(), limit: limit.parse()? };
    let scanned = Scanner::new(&image).threads(4).scan(Source::path(feed)?, &mut counts);
    // What was counted before the sink failed is kept: the sink is ours.
    for (participant, hits) in &counts.hits {
        println!("{participant} {hits}");
    }
    match scanned {
        Ok(_) => Ok(()),
        Err(ScanError::Sink(too_many)) => Err(too_many.to_string().into()),
        Err(error) => Err(error.to_string().into()),
    }
}
