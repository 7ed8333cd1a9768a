//! What is left of many texts once addresses that concern nobody are gone, found on several threads.

use std::net::Ipv4Addr;
use std::panic;
use std::thread;

use feedsieve::{Probe, parse_quad};

/// A text that Rust can read without Python; none for items of other kinds.
pub(crate) type Text<'t> = Option<&'t [u8]>;

/// What is to be answered: which item, and its address if it is an IPv4 address that concerns somebody.
pub(crate) type Left = (usize, Option<Ipv4Addr>);

/// A thread is not worth its start for fewer texts.
const PIECE: usize = 1 << 14;

/// So many addresses are looked up together. Each waits for memory, and these wait at the same time.
const TOGETHER: usize = 256;

/// How many of `threads` so many texts keep busy.
pub(crate) fn worth(threads: usize, texts: usize) -> usize {
    (texts / PIECE).clamp(1, threads.max(1))
}

/// Sifts texts on so many threads, this one among them.
pub(crate) fn sift_together(probe: &Probe<'_>, texts: &[Text<'_>], threads: usize) -> Vec<Left> {
    let piece = texts.len().div_ceil(threads);
    thread::scope(|scope| {
        let mut pieces = texts.chunks(piece);
        let own = pieces.next().unwrap_or_default();
        let others: Vec<_> = pieces.map(|texts| scope.spawn(|| sift(probe, texts))).collect();
        let mut left = sift(probe, own);
        for (index, other) in (1..).zip(others) {
            let other = other.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked));
            left.extend(other.into_iter().map(|(item, addr)| (index * piece + item, addr)));
        }
        left
    })
}

/// Leaves out addresses that concern nobody; the others keep their order.
pub(crate) fn sift(probe: &Probe<'_>, texts: &[Text<'_>]) -> Vec<Left> {
    let mut left = Vec::new();
    let mut block: Vec<Left> = Vec::with_capacity(TOGETHER);
    for (index, texts) in texts.chunks(TOGETHER).enumerate() {
        let items = index * TOGETHER..;
        block.extend(items.zip(texts).map(|(item, text)| (item, text.and_then(parse_quad))));
        block.retain(|&(_, addr)| addr.is_none_or(|addr| probe.addr4_block(addr.into())));
        block.retain(|&(_, addr)| addr.is_none_or(|addr| probe.addr4(addr.into())));
        left.append(&mut block);
    }
    left
}
