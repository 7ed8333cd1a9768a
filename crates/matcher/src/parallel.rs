//! Threads, and nothing else: chunks are scanned on a pool and joined in order.
//!
//! Without the feature `parallel` there is one thread, that of the caller.

#[cfg(feature = "parallel")]
use std::collections::VecDeque;
use std::io;
#[cfg(feature = "parallel")]
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
#[cfg(feature = "parallel")]
use std::sync::{Arc, OnceLock, mpsc};

#[cfg(feature = "parallel")]
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::jobs::Job;
use crate::scan::Scanned;

/// Where jobs come from.
pub(crate) type Next<'n, 'j> = &'n mut dyn FnMut() -> io::Result<Option<Job<'j>>>;

/// How a scan ended.
pub(crate) struct End<E> {
    /// Whether the joiner was content, or how it failed.
    pub(crate) goes_on: Result<bool, E>,
    /// Why no more jobs came, where that was no end of the feed.
    pub(crate) error: Option<io::Error>,
}

/// The threads of a scanner, shared by its clones.
#[derive(Clone, Debug)]
pub(crate) struct Threads {
    count: usize,
    /// Started with the first feed that needs it.
    #[cfg(feature = "parallel")]
    pool: Arc<OnceLock<ThreadPool>>,
}

impl Threads {
    /// So many threads, at least one and, without the feature `parallel`, at most.
    pub(crate) fn new(count: usize) -> Self {
        Self {
            count: if cfg!(feature = "parallel") { count.max(1) } else { 1 },
            #[cfg(feature = "parallel")]
            pool: Arc::default(),
        }
    }

    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// Scans and joins, on the pool where there is one and more than one chunk.
    ///
    /// # Errors
    ///
    /// When the pool cannot be started.
    pub(crate) fn drive<'j, E>(
        &self,
        is_one_chunk: bool,
        next: Next<'_, 'j>,
        work: impl Fn(&Job<'j>) -> Scanned + Sync,
        join: &mut dyn FnMut(Scanned) -> Result<bool, E>,
    ) -> io::Result<End<E>> {
        #[cfg(feature = "parallel")]
        if self.count > 1 && !is_one_chunk {
            return Ok(in_parallel(self.pool()?, next, work, join));
        }
        let _ = is_one_chunk;
        Ok(one_by_one(next, work, join))
    }

    #[cfg(feature = "parallel")]
    fn pool(&self) -> io::Result<&ThreadPool> {
        if self.pool.get().is_none() {
            let pool = ThreadPoolBuilder::new()
                .num_threads(self.count)
                .thread_name(|index| format!("scan-{index}"))
                .build()
                .map_err(io::Error::other)?;
            // Where another thread was faster, its pool serves as well.
            let _ = self.pool.set(pool);
        }
        Ok(self.pool.get().expect("it was set"))
    }
}

/// Scans and joins on the calling thread.
fn one_by_one<'j, E>(
    next: Next<'_, 'j>,
    work: impl Fn(&Job<'j>) -> Scanned,
    join: &mut dyn FnMut(Scanned) -> Result<bool, E>,
) -> End<E> {
    loop {
        match next() {
            Ok(Some(job)) => match join(work(&job)) {
                Ok(true) => {}
                goes_on => return End { goes_on, error: None },
            },
            Ok(None) => return End { goes_on: Ok(true), error: None },
            Err(error) => return End { goes_on: Ok(true), error: Some(error) },
        }
    }
}

/// Chunks that may be scanned or wait for their turn, for each thread. Of a feed of nothing but
/// hits, what is found takes ten times the room of a chunk; there it is one for each, and one more.
#[cfg(feature = "parallel")]
const CHUNKS_A_THREAD: usize = 4;

/// Scans on a pool; cuts, reads and joins on the calling one.
#[cfg(feature = "parallel")]
fn in_parallel<'j, E>(
    pool: &ThreadPool,
    next: Next<'_, 'j>,
    work: impl Fn(&Job<'j>) -> Scanned + Sync,
    join: &mut dyn FnMut(Scanned) -> Result<bool, E>,
) -> End<E> {
    let work = &work;
    let threads = pool.current_num_threads();
    let mut most_waiting = threads + 1;
    pool.in_place_scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        // What was started and not joined yet, the oldest first.
        let mut waiting: VecDeque<Option<Scanned>> = VecDeque::new();
        let mut joined = 0_usize;
        let mut error = None;
        let mut has_more = true;
        loop {
            // A slow source is only asked again when all that it gave is out.
            let mut is_full = true;
            while has_more && is_full && waiting.len() < most_waiting {
                match next() {
                    Ok(Some(job)) => {
                        is_full = job.is_full;
                        let index = joined + waiting.len();
                        let sender = sender.clone();
                        waiting.push_back(None);
                        scope.spawn(move |_| {
                            // Whoever joins holds a sender too, and would wait for ever for a
                            // chunk that panicked and was not sent. Nothing of it is used then.
                            let scanned = catch_unwind(AssertUnwindSafe(|| work(&job)));
                            // The receiver is gone when the scan was stopped.
                            let _ = sender.send((index, scanned));
                        });
                    }
                    Ok(None) => has_more = false,
                    Err(failed) => {
                        error = Some(failed);
                        has_more = false;
                    }
                }
            }
            if waiting.is_empty() && !has_more {
                return End { goes_on: Ok(true), error };
            }
            while !waiting.is_empty() {
                let (index, scanned) = receiver.recv().expect("a sender is held here");
                waiting[index - joined] =
                    Some(scanned.unwrap_or_else(|panicked| resume_unwind(panicked)));
                while let Some(Some(_)) = waiting.front() {
                    let scanned = waiting.pop_front().flatten().expect("it is there");
                    joined += 1;
                    // Until what was found is known to be little, as in nearly every feed.
                    most_waiting = match scanned.findings.is_small() {
                        true => threads * CHUNKS_A_THREAD,
                        false => threads + 1,
                    };
                    match join(scanned) {
                        Ok(true) => {}
                        goes_on => return End { goes_on, error },
                    }
                }
                if is_full && has_more {
                    break;
                }
            }
        }
    })
}

#[cfg(all(test, feature = "parallel"))]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::Threads;
    use crate::jobs::{Job, JobBytes};

    const JOB: Job<'static> = Job {
        bytes: JobBytes::Borrowed(b""),
        base: 0,
        origin: None,
        chunk: 0..0,
        quoted: Vec::new(),
        unterminated: None,
        spans: None,
        is_torn: false,
        is_last: false,
        is_full: true,
    };

    #[test]
    fn a_panic_of_a_worker_is_one_of_the_caller() {
        for threads in [1, 2, 4] {
            let (sender, receiver) = mpsc::channel();
            // On a thread of its own, so that a scan that never ends fails the test.
            thread::spawn(move || {
                let mut jobs = 0..100;
                let drive = || {
                    Threads::new(threads).drive(
                        false,
                        &mut || Ok(jobs.next().map(|_| JOB)),
                        |_| panic!("of a worker"),
                        &mut |_| Ok::<_, ()>(true),
                    )
                };
                let panicked = catch_unwind(AssertUnwindSafe(drive)).err();
                let _ = sender.send(panicked.and_then(|why| why.downcast_ref().copied()));
            });
            let why: Option<&str> =
                receiver.recv_timeout(Duration::from_secs(30)).expect("the scan ends");
            assert_eq!(why, Some("of a worker"), "{threads} threads");
        }
    }
}
