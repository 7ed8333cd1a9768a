//! What the benchmarks share: the programs that we compare ourselves with.

pub mod baseline;
