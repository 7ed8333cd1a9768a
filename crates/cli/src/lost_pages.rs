//! SIGBUS: zeros in place of those pages of a feed that are gone, so that the scan ends in order.
//!
//! Another process may shorten a file that is mapped, and a disk may fail. The kernel answers the
//! next look at a lost page with SIGBUS, which ends the process in the middle of a row. Here the
//! feeds that are mapped are written down, a handler puts a page of zeros where one of theirs is
//! gone, and the scanner, which asks the guard after each chunk, says that the feed is incomplete.
//! A fault at any other address goes to the handler that was there before.

use std::ops::Range;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use feedsieve::MapGuard;
use libc::{c_int, c_void, sigaction, siginfo_t};
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};

/// A place to write down one mapped feed. A handler of signals may neither allocate nor wait.
struct Slot {
    is_taken: AtomicBool,
    start: AtomicUsize,
    /// Zero where nothing is written down yet.
    end: AtomicUsize,
    is_torn: AtomicBool,
}

/// Feeds that may be mapped at once: one for each thread that `-j` allows, and one more.
const MOST_MAPS: usize = 1025;

static SLOTS: [Slot; MOST_MAPS] = [const {
    Slot {
        is_taken: AtomicBool::new(false),
        start: AtomicUsize::new(0),
        end: AtomicUsize::new(0),
        is_torn: AtomicBool::new(false),
    }
}; MOST_MAPS];

/// What was to be done with the signal before, and the size of a page.
static BEFORE: OnceLock<(sigaction, usize)> = OnceLock::new();

/// Stands by while one feed is mapped.
pub(crate) struct LostPages(&'static Slot);

impl LostPages {
    /// Begins to stand by; none where too many feeds are mapped, or signals cannot be handled.
    pub(crate) fn stand_by() -> Option<Self> {
        install()?;
        let free = |slot: &&Slot| !slot.is_taken.swap(true, Ordering::AcqRel);
        SLOTS.iter().find(free).map(Self)
    }

    /// Guards these bytes, which are those of a map.
    pub(crate) fn over(self, bytes: &[u8]) -> Box<dyn MapGuard> {
        let Range { start, end } = bytes.as_ptr_range();
        self.0.is_torn.store(false, Ordering::Release);
        self.0.start.store(start.addr(), Ordering::Release);
        self.0.end.store(end.addr(), Ordering::Release);
        Box::new(self)
    }
}

impl MapGuard for LostPages {
    fn is_torn(&self) -> bool {
        self.0.is_torn.load(Ordering::Acquire)
    }
}

impl Drop for LostPages {
    fn drop(&mut self) {
        self.0.end.store(0, Ordering::Release);
        self.0.is_taken.store(false, Ordering::Release);
    }
}

/// Installs the handler once.
#[expect(unsafe_code, reason = "std has no handlers of signals")]
fn install() -> Option<()> {
    static IS_INSTALLED: OnceLock<bool> = OnceLock::new();
    let is_installed = IS_INSTALLED.get_or_init(|| {
        // SAFETY: zeros are a `sigaction`: the default action, with no flags and no signals blocked.
        let mut before: sigaction = unsafe { std::mem::zeroed() };
        let mut ours = before;
        ours.sa_sigaction = on_lost_page as extern "C" fn(_, _, _) as usize;
        // On the stack that std gives to threads for signals: ours may be the one that is full.
        ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        // SAFETY: asks only, and writes one `sigaction` to where there is one.
        let asked = unsafe { libc::sigaction(libc::SIGBUS, ptr::null(), &raw mut before) };
        let _ = BEFORE.set((before, rustix::param::page_size()));
        // SAFETY: the handler does nothing but read atomics and map a page, and what it needs is set.
        let set = unsafe { libc::sigaction(libc::SIGBUS, &raw const ours, ptr::null_mut()) };
        (asked, set) == (0, 0)
    });
    is_installed.then_some(())
}

/// The handler. It may be called between any two instructions of a thread.
#[expect(unsafe_code, reason = "what a handler of signals is given are pointers")]
extern "C" fn on_lost_page(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: with SA_SIGINFO the kernel passes a `siginfo_t` that outlives the handler.
    let info_of_fault = unsafe { &*info };
    // What a process sends by `kill` has no address.
    if info_of_fault.si_code > 0 {
        // SAFETY: a SIGBUS of the kernel has an address.
        let addr = unsafe { info_of_fault.si_addr() }.addr();
        if let Some(slot) = slot_of(addr)
            && put_zeros(addr)
        {
            slot.is_torn.store(true, Ordering::Release);
            return;
        }
    }
    pass_on(signal, info, context);
}

/// Whose bytes these are.
fn slot_of(addr: usize) -> Option<&'static Slot> {
    let holds = |slot: &&Slot| {
        addr < slot.end.load(Ordering::Acquire) && slot.start.load(Ordering::Acquire) <= addr
    };
    SLOTS.iter().find(holds)
}

/// Maps zeros over the page of an address that is in a map of ours.
#[expect(unsafe_code, reason = "a page is mapped over another")]
fn put_zeros(addr: usize) -> bool {
    let Some((_, page_bytes)) = BEFORE.get() else { return false };
    let page = addr / page_bytes * page_bytes;
    let flags = MapFlags::PRIVATE | MapFlags::FIXED;
    // SAFETY: the page is one of a map that somebody is reading, so it is mapped, and by a feed
    // only: maps begin with a page, and what lies behind their end in the last one is theirs.
    let mapped = unsafe {
        mmap_anonymous(ptr::without_provenance_mut(page), *page_bytes, ProtFlags::READ, flags)
    };
    mapped.is_ok()
}

/// Does what was to be done before there was a handler of ours.
#[expect(unsafe_code, reason = "calls the handler that was there before")]
fn pass_on(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let Some((before, _)) = BEFORE.get() else { return };
    match before.sa_sigaction {
        libc::SIG_DFL | libc::SIG_IGN => {
            // SAFETY: puts back what the process began with.
            unsafe { libc::sigaction(signal, before, ptr::null_mut()) };
            // SAFETY: the signal is blocked until this handler is left, and comes then.
            unsafe { libc::raise(signal) };
        }
        handler if before.sa_flags & libc::SA_SIGINFO != 0 => {
            type Handler = extern "C" fn(c_int, *mut siginfo_t, *mut c_void);
            // SAFETY: whoever installed it with SA_SIGINFO said that it takes these.
            let handler = unsafe { std::mem::transmute::<usize, Handler>(handler) };
            handler(signal, info, context);
        }
        handler => {
            // SAFETY: whoever installed it without SA_SIGINFO said that it takes the signal alone.
            let handler = unsafe { std::mem::transmute::<usize, extern "C" fn(c_int)>(handler) };
            handler(signal);
        }
    }
}
