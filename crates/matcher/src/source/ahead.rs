//! Reads ahead on a thread of its own, so that unpacking and scanning overlap.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Scope;

use super::unpack::Input;

/// Bytes that are read at a time.
const PIECE_BYTES: usize = 256 << 10;

/// Pieces that may wait.
const WAITING_PIECES: usize = 4;

/// What another thread reads.
pub(crate) struct Ahead {
    pieces: Receiver<io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    /// Bytes of the piece that were handed out.
    given: usize,
}

impl Ahead {
    /// Begins to read; the thread ends with the input, or after this reader.
    pub(crate) fn spawn<'s, 'e>(scope: &'s Scope<'s, 'e>, input: Input<'s>) -> Self {
        let (sender, pieces) = sync_channel(WAITING_PIECES);
        scope.spawn(move || read(input, &sender));
        Self { pieces, piece: Vec::new(), given: 0 }
    }
}

fn read(mut input: Input<'_>, to: &SyncSender<io::Result<Vec<u8>>>) {
    loop {
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        let read = input.by_ref().take(PIECE_BYTES as u64).read_to_end(&mut piece);
        let is_end = piece.is_empty() || read.is_err();
        // Nobody receives where the scan was stopped.
        let is_stopped = !piece.is_empty() && to.send(Ok(piece)).is_err();
        if let Err(error) = read {
            let _ = to.send(Err(error));
        }
        if is_end || is_stopped {
            return;
        }
    }
}

impl Read for Ahead {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.given == self.piece.len() {
            // The thread is gone at the end.
            let Ok(piece) = self.pieces.recv() else { return Ok(0) };
            (self.piece, self.given) = (piece?, 0);
        }
        let rest = &self.piece[self.given..];
        let count = rest.len().min(to.len());
        to[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}
