//! Two programs timed in alternation, and the ratio of runs that follow each other.
//!
//! Machines drift, and others work beside us: a time means little, the ratio of two
//! neighbouring runs means more, and the range of such ratios says how much.

use std::time::Instant;

/// What a number of runs in alternation gave; seconds of one run.
#[derive(Clone, Copy, Debug)]
pub struct Alternation {
    /// The median of our runs.
    pub ours: f64,
    /// The median of the other's.
    pub theirs: f64,
    /// How many times as fast we were, as the median of neighbouring runs.
    pub ratio: f64,
    /// The lowest of those ratios.
    pub lowest: f64,
    /// The highest.
    pub highest: f64,
}

impl Alternation {
    /// Runs both so many times in turn, after one run each that is not counted.
    pub fn of(runs: usize, mut ours: impl FnMut(), mut theirs: impl FnMut()) -> Self {
        let (mut our_seconds, mut their_seconds) = (Vec::new(), Vec::new());
        let mut ratios = Vec::new();
        ours();
        theirs();
        for _ in 0..runs {
            our_seconds.push(seconds(&mut ours));
            their_seconds.push(seconds(&mut theirs));
            ratios
                .push(their_seconds[their_seconds.len() - 1] / our_seconds[our_seconds.len() - 1]);
        }
        Self {
            ours: median(&mut our_seconds),
            theirs: median(&mut their_seconds),
            ratio: median(&mut ratios),
            lowest: ratios[0],
            highest: ratios[ratios.len() - 1],
        }
    }
}

/// The seconds that one run takes.
pub fn seconds(run: &mut impl FnMut()) -> f64 {
    let started = Instant::now();
    run();
    started.elapsed().as_secs_f64()
}

/// The middle value; leaves the values in order.
///
/// # Panics
///
/// Where there is none.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A number that the environment sets, or the default.
#[must_use]
pub fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}
