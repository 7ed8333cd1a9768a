//! A place in a feed, what is known around it, and the field that a format says it is in.

use std::ops::Range;
use std::sync::Arc;

use super::meaning::Meaning;
use crate::hit::Role;
use crate::reading::Escapes;

/// The field around a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its bytes, without quotes.
    pub(crate) field: Range<usize>,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) escapes: Escapes,
    /// The text that is read in its place, where the notation writes it in an order or in
    /// numbers of its own.
    pub(crate) stands_for: Option<Box<[u8]>>,
    /// The role of all that stands in it, where the format knows.
    pub(crate) role: Option<Role>,
    /// Whether it holds a secret, which is not searched.
    pub(crate) is_secret: bool,
    /// Whether a wildcard in it is no subtree notation, as in a certificate's names.
    pub(crate) is_certificate: bool,
    /// Whether a name in it stands for all under it, though no wildcard says so.
    pub(crate) is_subtree: bool,
    /// Whether the feed allows what stands in it.
    pub(crate) is_exception: bool,
    /// Whether it lists nothing: where blocked names are sent to, options, headings.
    pub(crate) is_no_data: bool,
    /// Whether the record is too long to tell the field.
    pub(crate) is_too_long: bool,
}

impl Place {
    /// A field without a name.
    pub(crate) fn unnamed(field: Range<usize>) -> Self {
        Self {
            field,
            name: None,
            escapes: Escapes::None,
            stands_for: None,
            role: None,
            is_secret: false,
            is_certificate: false,
            is_subtree: false,
            is_exception: false,
            is_no_data: false,
            is_too_long: false,
        }
    }

    pub(super) fn comment(field: Range<usize>) -> Self {
        Self { role: Some(Role::Comment), ..Self::unnamed(field) }
    }

    pub(super) fn secret(field: Range<usize>) -> Self {
        Self { is_secret: true, ..Self::unnamed(field) }
    }

    pub(super) fn no_data(field: Range<usize>) -> Self {
        Self { is_no_data: true, ..Self::unnamed(field) }
    }

    /// A field whose names, the outermost first, say what stands in it.
    pub(super) fn named(field: Range<usize>, name: Arc<str>, words: &[&str]) -> Self {
        Self::meant(field, name, Meaning::of(words))
    }

    /// The same within what keys above it say.
    pub(crate) fn within(self, about: Meaning) -> Self {
        let Self { role, is_secret, is_certificate, .. } = self;
        let Meaning { role, is_secret, is_certificate } =
            about.with(Meaning { role, is_secret, is_certificate });
        Self { role, is_secret, is_certificate, ..self }
    }

    /// A field of which it is known what stands in it.
    pub(super) fn meant(field: Range<usize>, name: Arc<str>, meaning: Meaning) -> Self {
        let Meaning { role, is_secret, is_certificate } = meaning;
        Self { name: Some(name), role, is_secret, is_certificate, ..Self::unnamed(field) }
    }
}

/// Where a place stands.
pub(crate) struct Surroundings<'h> {
    pub(crate) haystack: &'h [u8],
    /// The record, as far as 64 KiB to either side of the place.
    pub(crate) record: Range<usize>,
    /// Whether the record begins where `record` does.
    pub(crate) begins: bool,
    /// Whether it ends there.
    pub(crate) ends: bool,
    /// What it is within, in a document.
    pub(crate) within: Option<Within>,
    pub(crate) at: usize,
}

/// What a record of a JSON document is within.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Within {
    /// The byte that ends lines, and strings that nobody closed.
    pub(crate) eol: u8,
    /// Whether the record begins within an object, and so with a key.
    pub(crate) is_member: bool,
    /// What the keys above it say.
    pub(crate) about: Meaning,
}
