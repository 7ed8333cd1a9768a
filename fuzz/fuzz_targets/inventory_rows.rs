//! Whatever the bytes are: an inventory is read without a panic, and what loads is what is looked up.
//!
//! What loads compiles and opens; each asset is found again by its own value; written out in
//! canonical form it loads to the same assets, with nothing left to reject.

#![no_main]

use feedsieve::{Asset, AssetKind, AssetValue, Image, Inventory, Limits, Relation, compile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((&notation, bytes)) = input.split_first() else { return };
    feedsieve_fuzz::count(bytes);
    let read = match notation % 8 {
        0 => Inventory::read(bytes),
        1 => Inventory::from_csv(bytes),
        2 => Inventory::from_json(bytes),
        3 => Inventory::from_ndjson(bytes),
        4 => Inventory::from_toml(bytes),
        // With the header given, the fuzzer works on rows.
        5 => Inventory::from_csv(
            &[b"participant,value,kind,accept,label,group\n", bytes].concat()[..],
        ),
        6 => Inventory::from_csv(&[b"participant,value\nA,", bytes].concat()[..]),
        _ => Inventory::from_csv(&[b"participant,accept,value\nA,x,", bytes].concat()[..]),
    };
    let (inventory, rejected) = match read {
        Ok(read) => read,
        Err(error) => return assert_is_printable(&error.to_string()),
    };
    let lines = bytes.len() as u64 + 2;
    for row in &rejected {
        assert_is_printable(&row.to_string());
        assert!((1..=lines).contains(&row.line) && row.column > 0, "{row}");
    }
    for note in inventory.notes() {
        assert_is_printable(&note.to_string());
    }
    let image = compile(&inventory, &Limits::default()).expect("within the limits");
    let image = Image::open(image).expect("what was compiled opens");
    for asset in inventory.assets() {
        assert_is_found(&image, asset);
    }

    let (again, rejected) =
        Inventory::from_csv(csv_of(inventory.assets()).as_bytes()).expect("a header is there");
    assert!(rejected.is_empty(), "{rejected:?} of {:?}", inventory.assets());
    assert_eq!(again.assets(), inventory.assets());
});

/// Messages go to terminals, and must not steer them.
fn assert_is_printable(message: &str) {
    assert!(!message.contains(char::is_control), "{message:?}");
}

/// Looks the asset up by its own value.
fn assert_is_found(image: &Image, asset: &Asset) {
    let any_at;
    let found = match &asset.value {
        AssetValue::Addrs(range) => image.lookup_range(*range),
        AssetValue::Name(name) if asset.kind == AssetKind::EmailDomain => {
            any_at = format!("x@{name}");
            image.lookup_mail(&any_at)
        }
        AssetValue::Name(name) => image.lookup_name(name),
        AssetValue::Mail(mail) => image.lookup_mail(mail),
        // Keywords are found in texts only.
        AssetValue::Keyword(_) => return,
    };
    let value = value_of(asset);
    let is_it = |found: &feedsieve::Found<'_>| {
        found.participant() == asset.participant
            && found.asset().kind() == asset.kind
            && found.asset().value().to_string() == value
            && found.owner().label() == asset.label.as_deref()
    };
    let relations: Vec<_> = found.filter(is_it).map(|found| found.relation()).collect();
    assert_eq!(relations, [Relation::Equal], "{asset:?}");
}

/// A range is one, even where it is a prefix too.
fn value_of(asset: &Asset) -> String {
    match &asset.value {
        AssetValue::Addrs(range) if asset.kind == AssetKind::Range => range.ends().to_string(),
        value => value.to_string(),
    }
}

/// The assets as an inventory, each field in quotes, and a reason for all that need one.
fn csv_of(assets: &[Asset]) -> String {
    let mut csv = String::from("participant,kind,value,label,group,accept\n");
    for asset in assets {
        let words = |words: &Option<String>| words.clone().unwrap_or_default();
        let kind = asset.kind.name().to_owned();
        let (label, group) = (words(&asset.label), words(&asset.group));
        let fields = [asset.participant.clone(), kind, value_of(asset), label, group, "x".into()];
        let quoted = fields.map(|field| format!("\"{}\"", field.replace('"', "\"\"")));
        csv.push_str(&quoted.join(","));
        csv.push('\n');
    }
    csv
}
