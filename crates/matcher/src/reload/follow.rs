//! The thread that looks at an image's file, and what it makes of what it sees.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use feedsieve_core::{Image, ImageError};

use super::ReloadOptions;
use super::signature::Signature;

/// What is followed, and the image that it gave last.
pub(super) struct Followed {
    pub(super) path: PathBuf,
    pub(super) current: ArcSwap<Image>,
    options: ReloadOptions,
    seen: Mutex<Seen>,
}

/// What was seen at the last look.
struct Seen {
    signature: Signature,
    since: Instant,
    /// Whether the file was opened again after it had been still for [`STILL`].
    is_settled: bool,
    /// Whether the host was told that the system did not let it be opened.
    is_refusal_told: bool,
}

/// How long a file has to be as it is before that is taken for its state.
///
/// Longer than a tick of the clock that files are stamped with (10 ms and less), so that a change
/// behind the first look cannot bear the time of the one before it; and longer than the gap that
/// deleting and writing anew leaves.
const STILL: Duration = Duration::from_millis(100);

/// What came of a look.
enum Look {
    Nothing,
    New(Arc<Image>),
    Bad(ImageError),
}

impl Followed {
    pub(super) fn new(path: PathBuf, options: ReloadOptions) -> Result<Self, ImageError> {
        // Before the file is opened: what replaces it meanwhile is another one at the next look.
        let signature = Signature::of(&path);
        let image = (options.open)(&path)?;
        let seen = Seen::first(signature);
        Ok(Self { path, current: ArcSwap::from_pointee(image), options, seen: Mutex::new(seen) })
    }

    pub(super) fn reload(&self) -> Result<bool, ImageError> {
        let opened = {
            let mut seen = self.seen();
            seen.see(Signature::of(&self.path));
            self.open()
        };
        match opened {
            Ok(new) => {
                new.iter().for_each(|image| self.tell(|options| (options.on_reload)(image)));
                Ok(new.is_some())
            }
            Err(error) => Err(error),
        }
    }

    /// Looks at the file and does what follows; returns when to look again at the latest.
    fn look(&self, interval: Duration) -> Duration {
        let (look, next) = self.look_at_file(interval);
        match look {
            Look::Nothing => {}
            Look::New(image) => self.tell(|options| (options.on_reload)(&image)),
            Look::Bad(error) => self.tell(|options| (options.on_error)(&error)),
        }
        next
    }

    fn look_at_file(&self, interval: Duration) -> (Look, Duration) {
        let mut seen = self.seen();
        let is_new = seen.see(Signature::of(&self.path));
        if seen.is_settled {
            return (Look::Nothing, interval);
        }
        let still = seen.since.elapsed();
        if !is_new && still < STILL {
            return (Look::Nothing, interval.min(STILL - still));
        }
        // Once when it is new, so that a good image answers at once, and once when it is still:
        // then a bad one is really bad, and not one that somebody is writing.
        seen.is_settled = !is_new;
        let next = if is_new { interval.min(STILL) } else { interval };
        let look = match self.open() {
            Ok(Some(image)) => Look::New(image),
            Ok(None) => Look::Nothing,
            Err(_) if is_new => Look::Nothing,
            // Such as for want of descriptors, or when a file server is away: that may pass while
            // the file stays as it is, so it is tried again at each look and told once.
            Err(error @ ImageError::Io(_)) => {
                seen.is_settled = false;
                match mem::replace(&mut seen.is_refusal_told, true) {
                    false => Look::Bad(error),
                    true => Look::Nothing,
                }
            }
            Err(error) => Look::Bad(error),
        };
        (look, next)
    }

    /// Opens the file, and takes what is in it unless that is there already.
    ///
    /// Called with `seen` locked, so that of two images the later one stays.
    fn open(&self) -> Result<Option<Arc<Image>>, ImageError> {
        let image = (self.options.open)(&self.path)?;
        if image.as_bytes() == self.current.load().as_bytes() {
            return Ok(None);
        }
        let image = Arc::new(image);
        self.current.store(image.clone());
        Ok(Some(image))
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        // Whoever panicked was the host's way to open an image, and left nothing half done.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls the host, whose panic must not be the end of the thread.
    fn tell(&self, call: impl FnOnce(&ReloadOptions)) {
        let _ = catch_unwind(AssertUnwindSafe(|| call(&self.options)));
    }
}

impl Seen {
    fn first(signature: Signature) -> Self {
        Self { signature, since: Instant::now(), is_settled: false, is_refusal_told: false }
    }

    /// Notes what is there, and says whether it is another file than before.
    fn see(&mut self, signature: Signature) -> bool {
        let is_new = signature != self.signature;
        if is_new {
            *self = Self::first(signature);
        }
        is_new
    }
}

/// Why the thread is woken.
pub(super) enum Wake {
    /// Something changed, perhaps.
    #[cfg_attr(not(feature = "watch"), expect(dead_code, reason = "said by the system only"))]
    Look,
    Stop,
}

/// The thread; stopped and waited for when this is dropped.
pub(super) struct Follower {
    wake: Sender<Wake>,
    thread: Option<JoinHandle<()>>,
}

impl Follower {
    pub(super) fn start(
        followed: Arc<Followed>,
        interval: Duration,
        is_notified: bool,
    ) -> Result<Self, ImageError> {
        let (wake, woken) = mpsc::channel();
        #[cfg(feature = "watch")]
        let mut notices = is_notified.then(|| super::notices::Notices::new(wake.clone()));
        #[cfg(not(feature = "watch"))]
        let _ = is_notified;
        let run = move || {
            loop {
                #[cfg(feature = "watch")]
                notices.iter_mut().for_each(|notices| notices.follow(&followed.path));
                // The host's way to open an image may panic, and the next file may be a better one.
                let look = catch_unwind(AssertUnwindSafe(|| followed.look(interval)));
                match woken.recv_timeout(look.unwrap_or(interval)) {
                    // Changes come in swarms, and one look is enough for all that are there.
                    Ok(Wake::Look) => {
                        if woken.try_iter().any(|wake| matches!(wake, Wake::Stop)) {
                            return;
                        }
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                }
            }
        };
        let thread = thread::Builder::new().name("feedsieve-reload".to_owned()).spawn(run)?;
        Ok(Self { wake, thread: Some(thread) })
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.wake.send(Wake::Stop);
        if let Some(thread) = self.thread.take()
            // A call of the host may drop the value on this very thread, which then ends by itself.
            && thread.thread().id() != thread::current().id()
        {
            let _ = thread.join();
        }
    }
}
