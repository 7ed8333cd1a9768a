//! Types for serde whose form is not that of their fields: the keys are those of the command.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::json::hex;
use crate::{Asset, AssetKind, AssetValue, ImageInfo, NoteKind};

/// As a row of an inventory in JSON, which [`Inventory::from_json`](crate::Inventory::from_json) reads
/// as the same asset.
///
/// # Example
///
/// ```
/// # use feedsieve_core::Inventory;
/// let csv = "participant,kind,value\nA,range,192.0.2.0 - 192.0.2.255\n";
/// let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// let rows = serde_json::to_string(inventory.assets())?;
/// assert_eq!(rows, r#"[{"participant":"A","kind":"range","value":"192.0.2.0-192.0.2.255"}]"#);
/// assert_eq!(Inventory::from_json(rows.as_bytes())?.0.assets(), inventory.assets());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Serialize for Asset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let known = usize::from(self.label.is_some()) + usize::from(self.group.is_some());
        let mut row = serializer.serialize_struct("Asset", 3 + known)?;
        row.serialize_field("participant", &self.participant)?;
        row.serialize_field("kind", &self.kind)?;
        match (&self.value, self.kind) {
            // A range stays one where a prefix has the same addresses.
            (AssetValue::Addrs(range), AssetKind::Range) => {
                row.serialize_field("value", &range.ends().to_string())?;
            }
            (value, _) => row.serialize_field("value", &value.to_string())?,
        }
        match &self.label {
            Some(label) => row.serialize_field("label", label)?,
            None => row.skip_field("label")?,
        }
        match &self.group {
            Some(group) => row.serialize_field("group", group)?,
            None => row.skip_field("group")?,
        }
        row.end()
    }
}

/// With the keys of `feedsieve inspect -o json`, the digest in hexadecimal digits.
impl Serialize for ImageInfo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Part {
            name: &'static str,
            offset: u64,
            bytes: u64,
        }
        let sections = self.sections.iter();
        let sections = sections.map(|&(name, offset, bytes)| Part { name, offset, bytes });
        let mut info = serializer.serialize_struct("ImageInfo", 9)?;
        info.serialize_field("format_version", &self.format_version)?;
        info.serialize_field("bytes", &self.image_bytes)?;
        info.serialize_field("participants", &self.participants)?;
        info.serialize_field("assets", &self.assets)?;
        info.serialize_field("prefixes", &self.prefixes)?;
        info.serialize_field("names", &self.names)?;
        info.serialize_field("keywords", &self.keywords)?;
        info.serialize_field("digest", &hex(&self.digest))?;
        info.serialize_field("digest_matches", &self.digest_matches)?;
        info.serialize_field("sections", &sections.collect::<Vec<_>>())?;
        info.end()
    }
}

/// By its name.
impl Serialize for NoteKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use crate::{Image, Inventory, Limits, compile};

    const CSV: &str = "\
participant,kind,value,label,group
A,prefix,192.0.2.7,\"a \"\"b\"\"\",g
A,range,2001:db8::-2001:db8::ff,,
B,domain,m\u{fc}nchen.example,,g
B,domain_exact,portal.example,,
B,email_domain,mail.example,l,
B,email,jan@shared.example,,
B,keyword,st. antonius,,
";

    #[test]
    fn assets_are_rows_of_an_inventory() {
        let (inventory, _) = Inventory::from_csv(CSV.as_bytes()).expect("a header");
        assert_eq!(inventory.assets().len(), 7);
        let rows = serde_json::to_vec(inventory.assets()).expect("rows");
        let (again, rejected) = Inventory::from_json(&rows[..]).expect("JSON");
        assert_eq!((again.assets(), rejected.len()), (inventory.assets(), 0));
    }

    #[test]
    fn notes_and_rejected_rows_have_their_fields() {
        let rows = "participant,kind,value\nA,domain,Hospital.example\nA,prefix,192.0.2.256\n";
        let (inventory, rejected) = Inventory::from_csv(rows.as_bytes()).expect("a header");
        let notes = serde_json::to_value(inventory.notes()).expect("notes");
        assert_eq!((&notes[0]["line"], &notes[0]["kind"]), (&2.into(), &"upper-case".into()));
        let rejected = serde_json::to_value(&rejected).expect("rows");
        assert_eq!((&rejected[0]["line"], &rejected[0]["column"]), (&3.into(), &10.into()));
    }

    #[test]
    fn an_image_tells_what_inspect_tells() {
        let (inventory, _) = Inventory::from_csv(CSV.as_bytes()).expect("a header");
        let image = compile(&inventory, &Limits::default()).expect("within the limits");
        let info = Image::open(image).expect("what was compiled opens").info();
        let told = serde_json::to_value(&info).expect("an object");
        assert_eq!(told["bytes"], info.image_bytes);
        assert_eq!(told["digest"].as_str().map(str::len), Some(64));
        assert_eq!(told["sections"][0]["offset"], info.sections[0].1);
    }

    #[test]
    fn limits_may_be_left_out_and_not_mistyped() {
        let limits: Limits = serde_json::from_str(r#"{"assets":5}"#).expect("limits");
        assert_eq!((limits.assets, limits.keywords), (5, Limits::default().keywords));
        let written = serde_json::to_string(&limits).expect("limits");
        assert_eq!(serde_json::from_str::<Limits>(&written).expect("limits"), limits);
        assert!(serde_json::from_str::<Limits>(r#"{"asset":5}"#).is_err());
    }
}
