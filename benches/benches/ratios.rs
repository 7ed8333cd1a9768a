//! Ours against the program that a good engineer writes first, in alternation.
//!
//! Machines drift; a ratio of two runs that follow each other does not. Prints a
//! table: MB/s of each (median), and the median of the ratios with the range they
//! lie in. The answers are compared before anything is timed.
//!
//! `cargo bench -p feedsieve-benches --bench ratios`; `RUNS` and `FEED_MIB` change how long it takes.

use std::time::Instant;

use feedsieve_benches::alternation::{median, setting};
use feedsieve_benches::contest::Contest;

fn main() {
    // `cargo test --benches` runs this too; there is nothing to test.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let (runs, mib) = (setting("RUNS", 7), setting("FEED_MIB", 64));
    println!("20,000 assets, {mib} MiB feeds in memory, 0.1 % hits, {runs} runs in alternation");
    println!(
        "{:<14}{:>10}{:>10}{:>8}  {:<13}{:>12}",
        "feed", "ours", "baseline", "ratio", "(range)", "2 threads"
    );
    for contest in Contest::all(20_000, mib << 20) {
        let (ours, theirs) = contest.answers();
        assert_eq!(ours, theirs, "{}: the answers differ, so the times mean nothing", contest.name);
        let rate = |run: &dyn Fn() -> u64| {
            let started = Instant::now();
            assert!(std::hint::black_box(run()) > 0);
            contest.feed.len() as f64 / started.elapsed().as_secs_f64() / 1e6
        };
        let (mut one, mut two, mut baseline) = (Vec::new(), Vec::new(), Vec::new());
        let (mut ratios, mut speedups) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            let ours = rate(&|| contest.run_ours(1));
            let theirs = rate(&|| contest.run_baseline());
            let parallel = rate(&|| contest.run_ours(2));
            one.push(ours);
            baseline.push(theirs);
            two.push(parallel);
            ratios.push(ours / theirs);
            speedups.push(parallel / ours);
        }
        let (ratio, low, high) = (median(&mut ratios), ratios[0], ratios[ratios.len() - 1]);
        println!(
            "{:<14}{:>5.0} MB/s{:>5.0} MB/s{:>8.2}  ({:.2} to {:.2}){:>9.2} x",
            contest.name,
            median(&mut one),
            median(&mut baseline),
            ratio,
            low,
            high,
            median(&mut speedups),
        );
    }
}
