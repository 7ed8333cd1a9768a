//! Allow lists: what an entry silences, and of whom it silences nothing.

use crate::assets::Asset;
use crate::reading::What;

/// Whether an entry silences an indicator that lies so to an asset.
pub(crate) fn silences(entry: &Asset, what: &What, relation: &str) -> bool {
    if relation == "covers" || relation == "overlaps" {
        return false;
    }
    entry.relation(what).is_some_and(is_within)
}

/// Whether an entry holds any asset of the participant who owns `asset`.
pub(crate) fn holds_asset_of(entry: &Asset, asset: &Asset, assets: &[Asset]) -> bool {
    let is_own = |other: &&Asset| other.participant == asset.participant;
    assets.iter().filter(is_own).any(|own| entry.holds(own).is_some_and(is_within))
}

fn is_within(relation: &str) -> bool {
    ["equal", "inside", "subdomain"].contains(&relation)
}
