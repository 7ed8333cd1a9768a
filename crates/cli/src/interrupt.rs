//! SIGINT and SIGTERM: a scan ends with whole rows and an account, anything else at once.
//!
//! A thread waits for the signals and raises a flag that scans look at after each chunk. Whoever
//! waits for a pipe waits for the signals as well, so that a feed that brings nothing and a reader
//! that takes nothing hold nobody up. What is not over a moment later is left as it is.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::process;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pipe::{PipeFlags, pipe_with};
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::publication;

/// The signal that came, or zero.
static SIGNAL: AtomicI32 = AtomicI32::new(0);

/// Whether somebody looks at the signal and will end by himself.
static IS_ORDERLY: AtomicBool = AtomicBool::new(false);

/// A pipe out of which a byte can be read once a signal came; nobody reads it.
static BELL: OnceLock<(OwnedFd, OwnedFd)> = OnceLock::new();

/// Why a feed was not read to its end.
pub(crate) const INTERRUPTED: &str = "interrupted";

/// What a scan has to end in, before it is ended.
const MOST_ORDERLY: Duration = Duration::from_millis(800);

/// Begins to wait for signals; those that are ignored stay so, as `nohup` and shells want it.
///
/// # Errors
///
/// When the system refuses a pipe, a handler or a thread.
pub(crate) fn watch() -> io::Result<()> {
    let bell = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
    BELL.get_or_init(|| bell);
    let ignored = ignored();
    let wanted = [SIGINT, SIGTERM].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
    // A pipe for each, as sockets are what nobody wants to see in this program.
    let mut ends = Vec::new();
    for signal in wanted {
        let (end, begin) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        signal_hook::low_level::pipe::register(signal, begin)?;
        ends.push((signal, File::from(end)));
    }
    let name = "signals".to_owned();
    thread::Builder::new().name(name).spawn(move || {
        loop {
            let mut polled: Vec<_> =
                ends.iter().map(|(_, end)| PollFd::new(end, PollFlags::IN)).collect();
            // An error is an interruption, by a signal of which the pipe tells.
            let _ = poll(&mut polled, None);
            for (signal, end) in &mut ends {
                if matches!(end.read(&mut [0; 16]), Ok(1..)) {
                    hear(*signal);
                }
            }
        }
    })?;
    Ok(())
}

/// Ends a scan in order and within a moment, and anything else at once.
fn hear(signal: i32) {
    let is_first = SIGNAL.swap(signal, Ordering::AcqRel) == 0;
    if !is_first || !IS_ORDERLY.load(Ordering::Acquire) {
        leave(128 + signal);
    }
    if let Some((_, bell)) = BELL.get() {
        let _ = rustix::io::write(bell, b"!");
    }
    thread::spawn(move || {
        thread::sleep(MOST_ORDERLY);
        leave(128 + signal);
    });
}

/// The signals that the process was started with as ignored, a bit each from the first on.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

/// Ends the process, without files that were only begun.
pub(crate) fn leave(code: i32) -> ! {
    publication::drop_all();
    process::exit(code)
}

/// From now on a signal is looked at, and nothing ends before it had its time.
pub(crate) fn be_orderly() {
    IS_ORDERLY.store(true, Ordering::Release);
}

/// The signal that came, if one did.
pub(crate) fn signal() -> Option<i32> {
    Some(SIGNAL.load(Ordering::Acquire)).filter(|&signal| signal != 0)
}

/// Waits until `file` can be read from or written to, or a signal comes; tells whether it is ready.
pub(crate) fn wait_for(
    file: impl AsFd,
    event: PollFlags,
    most: Option<Duration>,
) -> io::Result<bool> {
    let most = most.map(|most| Timespec {
        tv_sec: most.as_secs().cast_signed(),
        tv_nsec: most.subsec_nanos().into(),
    });
    let file = PollFd::from_borrowed_fd(file.as_fd(), event);
    // Once a signal came, the bell would never be silent again.
    let bell = BELL.get().filter(|_| signal().is_none());
    let mut both = vec![file];
    both.extend(bell.map(|(bell, _)| PollFd::new(bell, PollFlags::IN)));
    match poll(&mut both, most.as_ref()) {
        Ok(_) => Ok(!both[0].revents().is_empty()),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// A pipe, a terminal or the like, whose reader does not wait for more once a signal came.
pub(crate) struct Interruptible(File);

impl Interruptible {
    pub(crate) const fn new(file: File) -> Self {
        Self(file)
    }

    /// Standard input.
    pub(crate) fn stdin() -> io::Result<Self> {
        Ok(Self(io::stdin().as_fd().try_clone_to_owned()?.into()))
    }
}

impl Read for Interruptible {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        loop {
            if signal().is_some() {
                return Err(io::Error::other(INTERRUPTED));
            }
            if !wait_for(&self.0, PollFlags::IN, None)? {
                continue;
            }
            match self.0.read(to) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read,
            }
        }
    }
}
