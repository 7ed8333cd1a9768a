//! One feed, or an archive of feeds, through a scanner into a callback.

use std::convert::Infallible;
use std::ffi::{c_int, c_void};
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::BorrowedFd;

use feedsieve::{Contents, ScanError, Sink, Source};

use crate::account::{Account, Feeds};
use crate::borrow::{Bytes, Text};
use crate::error::{Code, Error, Named};
use crate::fence;
use crate::hit::{Hit, Room};
use crate::scanner::Scanner;

/// Is told of a hit, which is valid during the call with all that it points to. `false` ends the scan.
///
/// Called by the thread that scans and in the order of the feed. It must return: neither exceptions of
/// C++ nor longjmp may leave it.
pub type HitFn = Option<extern "C" fn(user: *mut c_void, hit: &Hit) -> bool>;

/// Hands hits to C.
struct Callback {
    on_hit: HitFn,
    user: *mut c_void,
    has_json: bool,
    room: Room,
}

impl Sink for Callback {
    type Error = Infallible;

    fn hit(&mut self, hit: &feedsieve::Hit<'_>) -> Result<bool, Infallible> {
        #[cfg(debug_assertions)]
        fence::hook::pass();
        let Some(on_hit) = self.on_hit else { return Ok(true) };
        Ok(on_hit(self.user, &self.room.fill(hit, self.has_json)))
    }
}

/// A scan on its way.
struct Scan<'s> {
    scanner: &'s Scanner,
    callback: Callback,
    feeds: Feeds<'s>,
}

impl<'s> Scan<'s> {
    fn new(scanner: Option<&'s Scanner>, on_hit: HitFn, user: *mut c_void) -> Result<Self, Error> {
        let scanner = scanner.ok_or_else(|| Error::null("scanner"))?;
        let has_json = scanner.has_json;
        Ok(Self {
            scanner,
            callback: Callback { on_hit, user, has_json, room: Room::default() },
            feeds: Feeds::new(&scanner.facts, scanner.allow_facts.as_ref()),
        })
    }

    /// Scans a feed, or the members of an archive in their order.
    fn run(mut self, source: Source<'_>, account: AccountSlot<'_>) -> Result<(), Error> {
        let name = source.name().to_owned();
        match source.contents().map_err(|error| Named::from(error).about(&name))? {
            Contents::Feed(source) => {
                let stats = self.scan(source).map_err(|error| error.about(&name))?;
                self.feeds.add(name, stats);
            }
            Contents::Archive(archive) => {
                let Ok(()) =
                    archive.each(|name, member| Ok::<_, Infallible>(self.add(name, member)));
            }
            _ => {
                let why = "of a kind that this library does not read";
                return Err(Error::new(Code::FEEDSIEVE_IO, format_args!("{name}: {why}")));
            }
        }
        let (made, outcome) = self.feeds.finish();
        if let Some(account) = account {
            account.write(Some(Box::new(made)));
        }
        outcome
    }

    /// Scans a member of an archive, or puts down why not; tells whether to go on.
    fn add(&mut self, name: String, member: io::Result<Source<'_>>) -> bool {
        match member.map_err(Named::from).and_then(|member| self.scan(member)) {
            Ok(stats) => {
                let is_stopped = stats.is_stopped;
                self.feeds.add(name, stats);
                !is_stopped
            }
            Err(error) => {
                self.feeds.add_unread(name, error.message);
                true
            }
        }
    }

    fn scan(&mut self, source: Source<'_>) -> Result<feedsieve::ScanStats, Named> {
        self.scanner.scanner.scan(source, &mut self.callback).map_err(|error| match error {
            ScanError::Feed(error) => error.into(),
            ScanError::Sink(never) => match never {},
            ScanError::Field(field) => {
                Named { code: Code::FEEDSIEVE_FIELD, message: field.to_string() }
            }
            error => Named { code: Code::FEEDSIEVE_IO, message: error.to_string() },
        })
    }
}

/// Scans a file, read in order; each member of a zip archive is a feed. gzip, zstd, bzip2 and xz are
/// taken off.
///
/// `on_hit` may be NULL where the account is all that is wanted. `account`, unless it is NULL, is set
/// to the account of the scan, also where that is FEEDSIEVE_INCOMPLETE, and to NULL where nothing was
/// scanned. A path that is a pipe is waited for.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_scan_path(
    scanner: Option<&Scanner>,
    path: Text,
    on_hit: HitFn,
    user: *mut c_void,
    account: Option<&mut MaybeUninit<Option<Box<Account>>>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        let account = emptied(account);
        let scan = Scan::new(scanner, on_hit, user)?;
        let path = path.to_path("path")?;
        let source =
            Source::path(path).map_err(|error| Named::from(error).about(path.display()))?;
        scan.run(source, account)
    })
}

/// Scans bytes in memory, which hits call `name`. They may be packed, or an archive.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "bytes and their length are two arguments")]
pub extern "C" fn feedsieve_scan_bytes(
    scanner: Option<&Scanner>,
    name: Text,
    bytes: Bytes,
    len: usize,
    on_hit: HitFn,
    user: *mut c_void,
    account: Option<&mut MaybeUninit<Option<Box<Account>>>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        let account = emptied(account);
        let scan = Scan::new(scanner, on_hit, user)?;
        let name = name.to_str("name")?;
        // SAFETY: `len` stands beside these bytes.
        let bytes = unsafe { bytes.with_len(len, "bytes") }?;
        scan.run(Source::slice(name, bytes), account)
    })
}

/// Scans what an open file, pipe or socket gives until it ends, which hits call `name`. The descriptor
/// stays open; where it can seek, it stands behind what was read.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "C passes the number of a descriptor")]
pub extern "C" fn feedsieve_scan_fd(
    scanner: Option<&Scanner>,
    name: Text,
    fd: c_int,
    on_hit: HitFn,
    user: *mut c_void,
    account: Option<&mut MaybeUninit<Option<Box<Account>>>>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        let account = emptied(account);
        let scan = Scan::new(scanner, on_hit, user)?;
        let name = name.to_str("name")?;
        if fd < 0 {
            return Err(Error::argument("fd", fd, "an open descriptor"));
        }
        // SAFETY: the header asks for a descriptor that stays open during the call; one that is not
        // open is refused by the system, which is asked for a copy at once.
        let fd = unsafe { BorrowedFd::borrow_raw(fd) };
        let file = fd.try_clone_to_owned().map_err(|error| Named::from(error).about(name))?;
        scan.run(Source::reader(name, File::from(file)), account)
    })
}

/// Where C wants the account to be put.
type AccountSlot<'c> = Option<&'c mut MaybeUninit<Option<Box<Account>>>>;

/// No account yet, whatever becomes of the scan.
fn emptied(mut account: AccountSlot<'_>) -> AccountSlot<'_> {
    if let Some(account) = &mut account {
        account.write(None);
    }
    account
}
