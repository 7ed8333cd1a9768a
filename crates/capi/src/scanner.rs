//! Scanners: what is a hit, how feeds are read, and what hits tell.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::num::NonZero;
use std::thread::available_parallelism;

use feedsieve::{AllowList, Format, Limits, Role, Roles, compile};

use serde::Serialize;

use crate::borrow::Text;
use crate::error::{Code, Error, Named};
use crate::fence;
use crate::image::{Facts, Image};
use crate::inventory::{ALLOW_LIST, BadRowFn, Rows};

/// How feeds are scanned. Once it is set, any number of threads may scan with it at once; to set it
/// is for one thread alone.
pub struct Scanner {
    pub(crate) scanner: feedsieve::Scanner<'static>,
    pub(crate) has_json: bool,
    pub(crate) facts: Facts,
    image: feedsieve::Image,
    participants: Vec<String>,
    fields: Vec<String>,
    kept: Vec<String>,
    allowed: feedsieve::Inventory,
    is_own_allowed: bool,
    pub(crate) allow_facts: Option<Allowed>,
}

/// What the account says of an allow list.
#[derive(Serialize)]
pub(crate) struct Allowed {
    entries: usize,
    /// Whether entries silence participants who have an asset in them.
    own_silenced: bool,
    /// Those who have one, by entry.
    own: BTreeMap<String, Vec<String>>,
}

impl Scanner {
    /// Changes the scanner inside, which its setters take and give back.
    fn set(
        &mut self,
        set: impl FnOnce(feedsieve::Scanner<'static>) -> feedsieve::Scanner<'static>,
    ) {
        // A clone shares everything, and where this panics the scanner is what it was.
        self.scanner = set(self.scanner.clone());
    }

    fn allow(&mut self, entries: feedsieve::Inventory) -> Result<(), Error> {
        let mut allowed = self.allowed.clone();
        allowed.extend(entries);
        let image = feedsieve::Image::open(compile(&allowed, &Limits::default())?)
            .map_err(|error| Named::from(error).about("allow list"))?;
        let entries = image.asset_count();
        let list = AllowList::new(image, &self.image);
        let list = if self.is_own_allowed { list.with_own() } else { list };
        let mut own: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (entry, participant) in list.own(&self.image) {
            own.entry(entry.to_string()).or_default().push(participant.to_owned());
        }
        self.set(|scanner| scanner.allow(list));
        self.allowed = allowed;
        self.allow_facts = Some(Allowed { entries, own_silenced: self.is_own_allowed, own });
        Ok(())
    }
}

// Threads share scanners and images without a lock.
const _: () = {
    const fn is_shared<T: Send + Sync>() {}
    is_shared::<Scanner>();
    is_shared::<Image>();
};

fn open(scanner: Option<&mut Scanner>) -> Result<&mut Scanner, Error> {
    scanner.ok_or_else(|| Error::null("scanner"))
}

/// A scanner of an image, with one thread, formats told by content, and the hits of
/// `feedsieve scan` without options. The image may be closed before it.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_scanner_new(
    image: Option<&Image>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Option<Box<Scanner>> {
    fence::handle(error, || {
        let Image { image, facts, .. } = image.ok_or_else(|| Error::null("image"))?;
        Ok(Scanner {
            scanner: feedsieve::Scanner::owning(image.clone()),
            has_json: false,
            facts: facts.clone(),
            image: image.clone(),
            participants: Vec::new(),
            fields: Vec::new(),
            kept: Vec::new(),
            allowed: feedsieve::Inventory::default(),
            is_own_allowed: false,
            allow_facts: None,
        })
    })
}

/// Reads feeds in this format: "auto", "text", "list", "csv", "tsv", "ndjson", "json", "hosts",
/// "adblock", "dnsmasq", "unbound", "bind", "rpz", "rbldnsd", "p2p", "zeek", "suricata", "stix", "misp"
/// or "credentials".
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_scanner_set_format(
    scanner: Option<&mut Scanner>,
    name: Text,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        let scanner = open(scanner)?;
        let name = name.to_str("format")?;
        let found = Format::ALL.into_iter().find(|format| format.name() == name);
        let format = found
            .ok_or_else(|| Error::argument("format", name, words(Format::ALL.map(Format::name))))?;
        scanner.set(|scanner| scanner.format(format));
        Ok(())
    })
}

/// Scans with so many threads; 0 stands for all that the machine has.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_scanner_set_threads(
    scanner: Option<&mut Scanner>,
    threads: usize,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        let scanner = open(scanner)?;
        let threads = match threads {
            0 => available_parallelism().map_or(1, NonZero::get),
            1..=MOST_THREADS => threads,
            more => {
                let expected = format_args!("at most {MOST_THREADS}");
                return Err(Error::argument("threads", more, expected));
            }
        };
        scanner.set(|scanner| scanner.threads(threads));
        Ok(())
    })
}

/// As the command allows; more is a mistake, and each costs memory.
const MOST_THREADS: usize = 1024;

/// Reports evidence in these roles only, their names parted by commas, or "all": "indicator",
/// "url-host", "email", "url-email", "rdns", "text" (these are on by default), "userinfo", "url-path",
/// "url-query", "comment", "version", "reference". Evidence in other roles is counted.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_scanner_set_roles(
    scanner: Option<&mut Scanner>,
    names: Text,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        let scanner = open(scanner)?;
        let roles = roles(names.to_str("roles")?)?;
        scanner.set(|scanner| scanner.roles(roles));
        Ok(())
    })
}

fn roles(names: &str) -> Result<Roles, Error> {
    if names == "all" {
        return Ok(Roles::ALL);
    }
    let named = |name: &str| {
        let found = Role::ALL.into_iter().find(|role| role.name() == name);
        found.ok_or_else(|| Error::argument("roles", name, words(Role::ALL.map(Role::name))))
    };
    Ok(Roles::of(names.split(',').map(named).collect::<Result<Vec<_>, _>>()?))
}

/// Words to choose from.
fn words<const COUNT: usize>(words: [&str; COUNT]) -> String {
    format!("one of {}", words.join(", "))
}

/// Reports hits on assets in private and other local space too, which are only counted otherwise.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_scanner_set_local_space(
    scanner: Option<&mut Scanner>,
    is_wanted: bool,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        open(scanner)?.set(|scanner| scanner.local_space(is_wanted));
        Ok(())
    })
}

/// Reports, for each indicator, only the most specific asset of each participant.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_scanner_set_most_specific(
    scanner: Option<&mut Scanner>,
    is_wanted: bool,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        open(scanner)?.set(|scanner| scanner.most_specific(is_wanted));
        Ok(())
    })
}

/// Searches for keywords too, which costs a second pass over feeds.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_scanner_set_keywords(
    scanner: Option<&mut Scanner>,
    are_wanted: bool,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        open(scanner)?.set(|scanner| scanner.keywords(are_wanted));
        Ok(())
    })
}

/// Rejects prefixes and ranges of feeds that are shorter than these lengths; 8 and 19 by default.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_scanner_set_shortest_prefixes(
    scanner: Option<&mut Scanner>,
    v4: u8,
    v6: u8,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        let scanner = open(scanner)?;
        for (what, len, most) in [("v4", v4, 32), ("v6", v6, 128)] {
            if len > most {
                return Err(Error::argument(what, len, format_args!("at most {most}")));
            }
        }
        scanner.set(|scanner| scanner.shortest_prefixes(v4, v6));
        Ok(())
    })
}

/// Copies the record into each hit, with `[redacted]` in place of its secrets.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_scanner_set_with_record(
    scanner: Option<&mut Scanner>,
    is_wanted: bool,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        open(scanner)?.set(|scanner| scanner.with_record(is_wanted));
        Ok(())
    })
}

/// Writes each hit as JSON too, into its `json`.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_scanner_set_json(
    scanner: Option<&mut Scanner>,
    is_wanted: bool,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        open(scanner)?.has_json = is_wanted;
        Ok(())
    })
}

/// Reports hits of this participant only, and of others that are added likewise.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_scanner_add_participant(
    scanner: Option<&mut Scanner>,
    id: Text,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        let scanner = open(scanner)?;
        let id = id.to_str("participant")?;
        if scanner.image.find_participant(id).is_none() {
            return Err(Error::argument("participant", id, "the id of one in the image"));
        }
        scanner.participants.push(id.to_owned());
        let ids = scanner.participants.clone();
        scanner.set(|scanner| scanner.participants(ids.iter().map(String::as_str)));
        Ok(())
    })
}

/// Searches this column of CSV or this JSON pointer only, and others that are added likewise. A feed
/// that does not have it is FEEDSIEVE_FIELD, as is a field of secrets here.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_scanner_add_field(
    scanner: Option<&mut Scanner>,
    name: Text,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        let scanner = open(scanner)?;
        let names = with(&scanner.fields, name.to_str("field")?);
        scanner.scanner = scanner.scanner.clone().fields(&names)?;
        scanner.fields = names;
        Ok(())
    })
}

/// Copies this field of the record into each hit, and others that are added likewise. A field of
/// secrets is FEEDSIEVE_FIELD.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_scanner_add_kept_field(
    scanner: Option<&mut Scanner>,
    name: Text,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        let scanner = open(scanner)?;
        let names = with(&scanner.kept, name.to_str("field")?);
        scanner.scanner = scanner.scanner.clone().keep(&names)?;
        scanner.kept = names;
        Ok(())
    })
}

fn with(names: &[String], name: &str) -> Vec<String> {
    names.iter().cloned().chain([name.to_owned()]).collect()
}

/// Never reports what this file allows, and others that are added likewise: an address, a prefix, a
/// range, a name or a mail address a line, or a warninglist of MISP. Such hits are counted.
///
/// An entry that holds an asset of a participant silences nothing of that participant, unless
/// `feedsieve_scanner_set_own_allowed` says so. Bad rows are told as those of inventories.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_scanner_add_allow_list(
    scanner: Option<&mut Scanner>,
    path: Text,
    on_bad_row: BadRowFn,
    user: *mut c_void,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        let scanner = open(scanner)?;
        let rows = Rows { read: ALLOW_LIST, on_bad_row, user };
        scanner.allow(rows.path(path)?)
    })
}

/// Lets entries of allow lists silence also participants who have an asset in them.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_scanner_set_own_allowed(
    scanner: Option<&mut Scanner>,
    is_allowed: bool,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        let scanner = open(scanner)?;
        scanner.is_own_allowed = is_allowed;
        match scanner.allowed.assets().is_empty() {
            true => Ok(()),
            false => scanner.allow(feedsieve::Inventory::default()),
        }
    })
}

/// Closes a scanner and sets the handle to NULL.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_scanner_close(scanner: Option<&mut Option<Box<Scanner>>>) {
    fence::value((), || drop(scanner.and_then(Option::take)));
}
