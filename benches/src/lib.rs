//! What the benchmarks share: feeds, and the programs that we compare ourselves with.

pub mod alternation;
pub mod baseline;
pub mod contest;
