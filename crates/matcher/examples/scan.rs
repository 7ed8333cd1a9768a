//! Scans one feed for what concerns participants: `scan PARTICIPANTS FEED`.

use feedsieve::{Hit, Image, Inventory, Limits, Scanner, SinkFn, Source, compile};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(participants), Some(feed)) = (arguments.next(), arguments.next()) else {
        return Err("usage: scan PARTICIPANTS FEED".into());
    };
    let (inventory, rejected) = Inventory::read(std::fs::File::open(&participants)?)?;
    rejected.iter().for_each(|row| eprintln!("{participants}:{row}"));
    let image = Image::open(compile(&inventory, &Limits::default())?)?;

    let mut print = SinkFn(|hit: &Hit<'_>| {
        let Hit { line, indicator, participant, relation, asset, .. } = hit;
        println!("line {line}: {indicator} concerns {participant} ({relation} {asset})");
        true // false ends the scan
    });
    let stats = Scanner::new(&image).scan(Source::path(&feed)?, &mut print)?;
    println!("{} records in, {} hits", stats.records, stats.hits);
    // A feed that is cut short is no error: what stands before the cut was scanned.
    stats.incomplete_why.map_or(Ok(()), |why| Err(why.into()))
}
