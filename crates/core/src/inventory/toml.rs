//! TOML, a table `[[asset]]` a row.

use std::str;

use ::toml::de::{DeTable, DeValue};

use super::InventoryError;
use super::load::Loader;
use super::row::{Column, Refused, Row};
use super::shown::Shown;
use super::text::Text;

const EXPECTED_TABLES: &str = "tables [[asset]] with participant, kind and value";

pub(super) fn load(text: &Text, loader: &mut Loader) -> Result<(), InventoryError> {
    // TOML is UTF-8 by definition: one wrong byte makes the whole something else.
    let source = str::from_utf8(text.bytes()).map_err(|error| {
        text.syntax(error.valid_up_to(), "a byte that is not UTF-8", "the file saved as UTF-8")
    })?;
    let document = DeTable::parse(source).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start.min(source.len()));
        let found = format!("TOML that cannot be read: {}", Shown(error.message()));
        text.syntax(at, found, EXPECTED_TABLES)
    })?;
    let asset = document.get_ref().iter().find(|(key, _)| key.get_ref() == "asset");
    let Some((_, assets)) = asset else {
        return Err(text.syntax(0, "no table [[asset]]", EXPECTED_TABLES));
    };
    let DeValue::Array(tables) = assets.get_ref() else {
        return Err(text.syntax(
            assets.span().start,
            "asset that is no [[asset]]",
            EXPECTED_TABLES,
        ));
    };
    for table in tables.iter() {
        let start = table.span().start;
        match table.get_ref() {
            DeValue::Table(keys) => load_table(loader, keys, start),
            _ => {
                let refused =
                    Refused::new(Column::Value, "an asset that is no table", EXPECTED_TABLES);
                loader.reject(start, refused);
            }
        }
    }
    Ok(())
}

/// Loads the table that begins at `start` of the text.
fn load_table(loader: &mut Loader, keys: &DeTable<'_>, start: usize) {
    let mut row = Row::default();
    let mut places: Vec<(Column, usize)> = Vec::new();
    for (key, value) in keys {
        let Some(column) = Column::named(key.get_ref()) else { continue };
        let at = value.span().start;
        if places.iter().any(|&(other, _)| other == column) {
            let found = format!("the key {column} twice");
            return loader.reject(at, Refused::new(column, found, "every key once"));
        }
        match value.get_ref() {
            DeValue::String(text) => row.set(column, text),
            other => {
                let found = format!("{column} of the type {}", other.type_str());
                return loader.reject(at, Refused::new(column, found, "a string"));
            }
        }
        places.push((column, at));
    }
    loader.load(&row, |wanted| {
        places.iter().find(|&&(column, _)| column == wanted).map_or(start, |&(_, at)| at)
    });
}
