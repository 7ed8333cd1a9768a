//! The SHA-256 of a feed's bytes as they lie on disk, taken while they are scanned.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use sha2::{Digest as _, Sha256};

use super::unpack::Input;

/// A SHA-256, as bytes.
pub(crate) type Digest = [u8; 32];

/// Chunks that the hash may lie behind the scan: what both need is still in memory then.
const CHUNKS_BEHIND: usize = 4;

/// Bytes that are hashed and given back at a time, where nobody scans them.
const PIECE_BYTES: usize = 8 << 20;

/// Hashes bytes in memory beside what `scan` does with them, on a thread where that is asked for.
///
/// `scan` is handed a function to call with the offset up to which it has cut them. It returns
/// whether the hash is wanted; then also what it left out is hashed, and `done` with.
pub(crate) fn beside<R>(
    bytes: &[u8],
    is_on_thread: bool,
    done: impl Fn(Range<usize>) + Sync,
    scan: impl FnOnce(&mut dyn FnMut(usize)) -> (R, bool),
) -> (R, Option<Digest>) {
    let mut hash = Hash { bytes, at: 0, state: Sha256::new() };
    if !is_on_thread {
        let (scanned, is_wanted) = scan(&mut |cut| hash.up_to(cut));
        return (scanned, is_wanted.then(|| hash.finish(done)));
    }
    thread::scope(|scope| {
        let (sender, ends) = sync_channel(CHUNKS_BEHIND);
        let follow = move |ends: Receiver<usize>| {
            ends.into_iter().for_each(|end| hash.up_to(end));
            hash
        };
        let follower = scope.spawn(move || follow(ends));
        // The follower ends only when it is told that nothing comes any more.
        let (scanned, is_wanted) = scan(&mut |cut| sender.send(cut).unwrap_or_default());
        drop(sender);
        let hash = follower.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (scanned, is_wanted.then(|| hash.finish(done)))
    })
}

struct Hash<'b> {
    bytes: &'b [u8],
    at: usize,
    state: Sha256,
}

impl Hash<'_> {
    fn up_to(&mut self, end: usize) {
        self.state.update(&self.bytes[self.at..end]);
        self.at = end;
    }

    fn finish(mut self, done: impl Fn(Range<usize>)) -> Digest {
        while self.at < self.bytes.len() {
            let start = self.at / PIECE_BYTES * PIECE_BYTES;
            self.up_to(self.bytes.len().min(start + PIECE_BYTES));
            done(start..self.at);
        }
        self.state.finalize().into()
    }
}

/// Hashes what is read, before it is unpacked.
pub(crate) struct Hashed<'a> {
    inner: Input<'a>,
    state: Sha256,
}

impl<'a> Hashed<'a> {
    pub(crate) fn new(inner: Input<'a>) -> Self {
        Self { inner, state: Sha256::new() }
    }

    /// Reads what the scan had no use for, as behind damage, and returns the hash of all.
    pub(crate) fn finish(mut self) -> io::Result<Digest> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(self.state.finalize().into())
    }
}

impl Read for Hashed<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(to)?;
        self.state.update(&to[..count]);
        Ok(count)
    }
}
