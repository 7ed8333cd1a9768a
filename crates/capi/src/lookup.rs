//! One indicator: which assets does it concern?

use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;

use feedsieve::Indicator;

use crate::borrow::{Str, Text};
use crate::error::{Code, Error};
use crate::fence;
use crate::image::Image;

/// An asset that an indicator concerns, and one participant that owns it. Its words are those of
/// `feedsieve lookup -o ndjson`.
#[repr(C)]
pub struct Answer {
    /// What was looked up, in canonical form.
    pub indicator: Str,
    /// What that is: "ipv4", "ipv6", "prefix", "range", "domain" or "email".
    pub kind: Str,
    /// How it lies to the asset: "equal", "inside", "covers", "overlaps" or "subdomain".
    pub relation: Str,
    /// The participant's id.
    pub participant: Str,
    /// Through whom the participant is reached, if that is known.
    pub group: Str,
    /// The asset in canonical form.
    pub asset: Str,
    /// What the asset is: "prefix", "range", "domain", "domain_exact", "email_domain" or "email".
    pub asset_kind: Str,
    /// What the participant calls the asset, if it has a name for it.
    pub label: Str,
}

/// Is told of an answer, whose texts are valid during the call. `false` asks for no more.
pub type AnswerFn = Option<extern "C" fn(user: *mut c_void, answer: &Answer) -> bool>;

/// Is told of an answer as an object of JSON, valid during the call and not ended by a NUL. `false`
/// asks for no more.
pub type JsonFn = Option<extern "C" fn(user: *mut c_void, json: *const c_char, len: usize) -> bool>;

/// Looks up an address, a prefix, a range, a name, `*.name` or a mail address.
///
/// Every asset concerned is told with every participant that owns it, the most specific first. No
/// answer is no error; a text that is no indicator is FEEDSIEVE_INDICATOR.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "a text and its length are two arguments")]
pub extern "C" fn feedsieve_lookup(
    image: Option<&Image>,
    text: Text,
    len: usize,
    on_answer: AnswerFn,
    user: *mut c_void,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        let image = image.ok_or_else(|| Error::null("image"))?;
        let on_answer = on_answer.ok_or_else(|| Error::null("on_answer"))?;
        // SAFETY: `len` stands beside this text.
        let text = unsafe { text.with_len(len, "text") }?;
        let indicator = Indicator::parse(text)?;
        for found in image.image.lookup(&indicator) {
            let asset = found.asset().value().to_string();
            let answer = Answer {
                indicator: Str::of(indicator.text()),
                kind: Str::of(indicator.kind().name()),
                relation: Str::of(found.relation().name()),
                participant: Str::of(found.participant()),
                group: Str::or_none(found.owner().group()),
                asset: Str::of(&asset),
                asset_kind: Str::of(found.asset().kind().name()),
                label: Str::or_none(found.owner().label()),
            };
            if !on_answer(user, &answer) {
                break;
            }
        }
        Ok(())
    })
}

/// The same with answers as JSON, each as `feedsieve lookup -o ndjson` writes it.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "a text and its length are two arguments")]
pub extern "C" fn feedsieve_lookup_json(
    image: Option<&Image>,
    text: Text,
    len: usize,
    on_answer: JsonFn,
    user: *mut c_void,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        let image = image.ok_or_else(|| Error::null("image"))?;
        let on_answer = on_answer.ok_or_else(|| Error::null("on_answer"))?;
        // SAFETY: `len` stands beside this text.
        let text = unsafe { text.with_len(len, "text") }?;
        let indicator = Indicator::parse(text)?;
        let mut json = Vec::new();
        for found in image.image.lookup(&indicator) {
            json.clear();
            found.write_json(&indicator, &mut json);
            if !on_answer(user, json.as_ptr().cast(), json.len()) {
                break;
            }
        }
        Ok(())
    })
}
