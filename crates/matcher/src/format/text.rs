//! Lines of running text: the record is the field, and it has no name.

use super::{Place, Surroundings};

pub(super) fn place(around: &Surroundings<'_>) -> Place {
    Place::unnamed(around.record.clone())
}
