//! Ours against the floors of any scan and against the program that a good engineer writes first,
//! in alternation.
//!
//! Machines drift; a ratio of two runs that follow each other does not. Prints the median MB/s of
//! ours and the medians of the ratios: to visiting every newline with `memchr_iter`, to counting
//! the newlines, to the other program, and of two threads to one. The answers are compared before
//! anything is timed.
//!
//! `cargo bench -p feedsieve-benches --bench ratios`; `RUNS`, `FEED_MIB` and `ASSETS` change what
//! is run, `FEEDS` names some kinds of feeds.

use std::time::Instant;

use feedsieve_benches::alternation::{median, setting};
use feedsieve_benches::contest::Contest;

fn main() {
    // `cargo test --benches` runs this too; there is nothing to test.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let (runs, mib, assets) =
        (setting("RUNS", 7), setting("FEED_MIB", 64), setting("ASSETS", 20_000));
    let kinds = std::env::var("FEEDS").ok();
    println!("{assets} assets, {mib} MiB feeds in memory, 0.1 % hits, {runs} runs in alternation");
    println!(
        "{:<14}{:>10}{:>11}{:>8}{:>11}{:>19}{:>12}",
        "feed", "ours", "/ visiting", "MB/s", "/ counting", "/ other (range)", "2 threads"
    );
    for contest in Contest::all(assets, mib << 20) {
        if kinds.as_ref().is_some_and(|kinds| !kinds.split(',').any(|kind| kind == contest.name)) {
            continue;
        }
        let (ours, theirs) = contest.answers();
        assert_eq!(ours, theirs, "{}: the answers differ, so the times mean nothing", contest.name);
        let rate = |run: &dyn Fn() -> u64| {
            let started = Instant::now();
            assert!(std::hint::black_box(run()) > 0);
            contest.feed.len() as f64 / started.elapsed().as_secs_f64() / 1e6
        };
        let (mut one, mut visited) = (Vec::new(), Vec::new());
        let (mut ratios, mut speedups) = (Vec::new(), Vec::new());
        let (mut to_visit, mut to_count) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            let ours = rate(&|| contest.run_ours(1));
            let visiting = rate(&|| contest.visit_newlines());
            let counting = rate(&|| contest.count_newlines());
            let theirs = rate(&|| contest.run_baseline());
            let parallel = rate(&|| contest.run_ours(2));
            one.push(ours);
            visited.push(visiting);
            to_visit.push(ours / visiting);
            to_count.push(ours / counting);
            ratios.push(ours / theirs);
            speedups.push(parallel / ours);
        }
        let (ratio, low, high) = (median(&mut ratios), ratios[0], ratios[ratios.len() - 1]);
        println!(
            "{:<14}{:>5.0} MB/s{:>11.2}{:>8.0}{:>11.3}{:>7.2} ({:.2}-{:.2}){:>10.2} x",
            contest.name,
            median(&mut one),
            median(&mut to_visit),
            median(&mut visited),
            median(&mut to_count),
            ratio,
            low,
            high,
            median(&mut speedups),
        );
    }
}
