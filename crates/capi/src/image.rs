//! Images: opened, told of, written, and closed.

use std::io::Write as _;

use feedsieve::Publication;
use feedsieve::json::{hex, write};
use serde::Serialize;

use crate::borrow::{Bytes, Str, Text};
use crate::error::{Code, Error, Named};
use crate::fence;
use std::mem::MaybeUninit;

/// What all participants own, compiled and ready for lookups and scans.
///
/// Nothing changes it, so that any number of threads may use one handle at once.
pub struct Image {
    pub(crate) image: feedsieve::Image,
    pub(crate) facts: Facts,
    json: String,
}

/// What the account of a scan says of an image.
#[derive(Clone, Serialize)]
pub(crate) struct Facts {
    digest: String,
    bytes: u64,
    participants: u64,
    assets: u64,
}

impl Image {
    pub(crate) fn new(image: feedsieve::Image) -> Self {
        let facts = Facts {
            digest: hex(&image.digest()),
            bytes: image.as_bytes().len() as u64,
            participants: image.participant_count() as u64,
            assets: image.asset_count() as u64,
        };
        let mut json = Vec::new();
        write(&mut json, &facts);
        Self { image, facts, json: String::from_utf8(json).unwrap_or_default() }
    }
}

/// Reads an image file into memory and checks it. NULL where it cannot be read or is no image.
///
/// Whatever the file holds, it opens or is refused. Whoever replaces the file meanwhile changes
/// nothing in what was opened.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_image_open(
    path: Text,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Option<Box<Image>> {
    fence::handle(error, || {
        let path = path.to_path("path")?;
        let opened = feedsieve::Image::open_path(path);
        opened.map(Image::new).map_err(|error| Named::from(error).about(path.display()))
    })
}

/// Maps an image file into memory and checks it, so that processes that map one file share its pages.
///
/// Nobody may write to the file or shorten it as long as this handle, or a scanner or a further handle
/// of it, is open. To rename another file over it is no such change, and that is what
/// `feedsieve_image_write` and `feedsieve compile` do. Where somebody does it all the same, answers
/// may be wrong, and the system may end the process with SIGBUS.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "mapping a file is a promise that C gives")]
pub extern "C" fn feedsieve_image_map(
    path: Text,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Option<Box<Image>> {
    fence::handle(error, || {
        let path = path.to_path("path")?;
        // SAFETY: the header asks of C that nobody changes the file while it is mapped.
        let mapped = unsafe { feedsieve::Image::map(path) };
        mapped.map(Image::new).map_err(|error| Named::from(error).about(path.display()))
    })
}

/// Opens bytes in memory, which are copied, as `feedsieve_image_open` does a file.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "bytes and their length are two arguments")]
pub extern "C" fn feedsieve_image_open_bytes(
    bytes: Bytes,
    len: usize,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Option<Box<Image>> {
    fence::handle(error, || {
        // SAFETY: `len` stands beside these bytes.
        let bytes = unsafe { bytes.with_len(len, "bytes") }?;
        let opened = feedsieve::Image::open(bytes.to_vec());
        opened.map(Image::new).map_err(|error| Named::from(error).about("bytes"))
    })
}

/// Writes an image to a file: beside it first, then to the disk, then renamed over it, so that a
/// reader finds the old file or the new one and never half of one. The file has mode 0600.
///
/// Refuses a path that is a symbolic link or anything but a regular file.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_image_write(
    image: Option<&Image>,
    path: Text,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        let image = image.ok_or_else(|| Error::null("image"))?;
        let path = path.to_path("path")?;
        let mut file = Publication::begin(path, &[])?;
        let written = file.write_all(image.image.as_bytes());
        written.map_err(|error| Named::from(error).about(path.display()))?;
        Ok(file.publish()?)
    })
}

/// A further handle of the same image, which shares its bytes, for a part of a program that closes what
/// it has at another time. NULL of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_image_share(image: Option<&Image>) -> Option<Box<Image>> {
    fence::handle(None, || {
        let Image { image, facts, json } = image.ok_or_else(|| Error::null("image"))?;
        Ok(Image { image: image.clone(), facts: facts.clone(), json: json.clone() })
    })
}

/// Different assets in an image; 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_image_asset_count(image: Option<&Image>) -> usize {
    fence::value(0, || image.map_or(0, |image| image.image.asset_count()))
}

/// Participants in an image; 0 of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_image_participant_count(image: Option<&Image>) -> usize {
    fence::value(0, || image.map_or(0, |image| image.image.participant_count()))
}

/// The facts of an image as an object of JSON with `digest`, `bytes`, `participants` and `assets`,
/// valid until the image is closed. Two images are the same where their digests
/// are.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_image_json(image: Option<&Image>) -> Str {
    fence::value(Str::NONE, || image.map_or(Str::NONE, |image| Str::of(&image.json)))
}

/// Closes an image and sets the handle to NULL; scanners of it stay as they are.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_image_close(image: Option<&mut Option<Box<Image>>>) {
    fence::value((), || drop(image.and_then(Option::take)));
}
