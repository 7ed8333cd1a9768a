//! The rate of a scan for each kind of feed, one thread.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use feedsieve_benches::contest::Contest;

fn scan(c: &mut Criterion) {
    let mut group = c.benchmark_group("scan");
    for contest in Contest::all(20_000, 8 << 20) {
        let (ours, theirs) = contest.answers();
        assert_eq!(ours, theirs, "{}", contest.name);
        group.throughput(Throughput::Bytes(contest.feed.len() as u64));
        group.bench_function(contest.name, |b| b.iter(|| contest.run_ours(1)));
    }
    group.finish();
}

criterion_group!(benches, scan);
criterion_main!(benches);
