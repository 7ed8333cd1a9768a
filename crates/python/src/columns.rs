//! Hits as columns, for those who have tables.

use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, Int32Builder, Int64Builder, ListBuilder, MapBuilder, StringBuilder, StructBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, SchemaRef};
use feedsieve::{Hit, Side};

use crate::cells::Place;

/// Columns on their way to be a batch.
pub(crate) struct Columns {
    row: Int64Builder,
    numbers: [Int64Builder; NUMBERS.len()],
    texts: [StringBuilder; TEXTS.len()],
    port: Int32Builder,
    flags: ListBuilder<StringBuilder>,
    also: ListBuilder<StructBuilder>,
    also_count: Int64Builder,
    data: MapBuilder<StringBuilder, StringBuilder>,
    /// Bytes of all texts.
    bytes: usize,
}

/// So many bytes of texts make a batch full: offsets within a column have 31 bits, and what a batch
/// is copied to has to be found in one piece.
const FULL: usize = 1 << 26;

/// Spark knows no unsigned numbers, so there are none.
const NUMBERS: [&str; 4] = ["line", "offset", "length", "at"];

/// Texts, and whether one may be missing.
const TEXTS: [(&str, bool); 15] = [
    ("field", true),
    ("role", false),
    ("kind", false),
    ("indicator", false),
    ("relation", false),
    ("participant", false),
    ("asset", false),
    ("asset_kind", false),
    ("time", true),
    ("protocol", true),
    ("tag", true),
    ("side", true),
    ("raw", true),
    ("label", true),
    ("record", true),
];

impl Columns {
    pub(crate) fn new() -> Self {
        Self {
            row: Int64Builder::new(),
            numbers: Default::default(),
            texts: Default::default(),
            port: Int32Builder::new(),
            flags: ListBuilder::new(StringBuilder::new()).with_field(item()),
            also: ListBuilder::new(StructBuilder::from_fields(also(), 0)).with_field(Field::new(
                "item",
                DataType::Struct(also()),
                false,
            )),
            also_count: Int64Builder::new(),
            data: MapBuilder::new(None, StringBuilder::new(), StringBuilder::new()),
            bytes: 0,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.row.is_empty()
    }

    /// Whether further hits belong into a batch of their own.
    pub(crate) const fn is_full(&self) -> bool {
        self.bytes >= FULL
    }

    /// Adds a hit, with its places counted from the beginning of its cell.
    pub(crate) fn push(&mut self, row: u64, place: &Place, hit: &Hit<'_>) {
        let signed = u64::cast_signed;
        self.row.append_value(signed(row));
        let numbers =
            [place.line, hit.offset - place.start, hit.length, hit.at.saturating_sub(place.start)];
        for (column, number) in self.numbers.iter_mut().zip(numbers) {
            column.append_value(signed(number));
        }
        let texts = [
            hit.field,
            Some(hit.role.name()),
            Some(hit.kind.name()),
            Some(hit.indicator),
            Some(hit.relation.name()),
            Some(hit.participant),
            Some(hit.asset),
            Some(hit.asset_kind.name()),
            hit.time,
            hit.protocol,
            hit.tag,
            hit.side.map(Side::name),
            hit.raw,
            hit.label,
            hit.record,
        ];
        for (column, text) in self.texts.iter_mut().zip(texts) {
            column.append_option(text);
            self.bytes += text.map_or(0, str::len);
        }
        self.port.append_option(hit.port.map(i32::from));
        for flag in hit.flags.names() {
            self.flags.values().append_value(flag);
        }
        self.flags.append(true);
        for further in hit.also {
            let to = self.also.values();
            let at = signed(further.at.saturating_sub(place.start));
            self.bytes += further.field.map_or(0, str::len) + further.indicator.len();
            part::<Int64Builder>(to, 0).append_value(at);
            part::<StringBuilder>(to, 1).append_option(further.field);
            part::<StringBuilder>(to, 2).append_value(further.role.name());
            part::<StringBuilder>(to, 3).append_value(further.indicator);
            part::<StringBuilder>(to, 4).append_value(further.relation.name());
            to.append(true);
        }
        self.also.append(true);
        self.also_count.append_value(signed(hit.also_count));
        for (name, text) in hit.data {
            self.bytes += name.len() + text.len();
            self.data.keys().append_value(name);
            self.data.values().append_value(text);
        }
        self.data.append(true).expect("there are as many keys as values");
    }

    /// All that was added, as one batch.
    pub(crate) fn finish(mut self) -> Result<RecordBatch, ArrowError> {
        let mut columns: Vec<ArrayRef> = vec![Arc::new(self.row.finish())];
        columns.extend(self.numbers.iter_mut().map(ArrayBuilder::finish));
        columns.extend(self.texts.iter_mut().map(ArrayBuilder::finish));
        columns.push(Arc::new(self.port.finish()));
        columns.push(Arc::new(self.flags.finish()));
        columns.push(Arc::new(self.also.finish()));
        columns.push(Arc::new(self.also_count.finish()));
        columns.push(Arc::new(self.data.finish()));
        RecordBatch::try_new(schema(), columns)
    }
}

/// The columns, the same for every scan.
pub(crate) fn schema() -> SchemaRef {
    let mut fields = vec![Field::new("row", DataType::Int64, false)];
    fields.extend(NUMBERS.map(|name| Field::new(name, DataType::Int64, false)));
    fields.extend(TEXTS.map(|(name, may_miss)| Field::new(name, DataType::Utf8, may_miss)));
    fields.push(Field::new("port", DataType::Int32, true));
    fields.push(Field::new("flags", DataType::List(Arc::new(item())), false));
    let also = Field::new("item", DataType::Struct(also()), false);
    fields.push(Field::new("also", DataType::List(Arc::new(also)), false));
    fields.push(Field::new("also_count", DataType::Int64, false));
    // As the builder of maps names its parts.
    let entry = Fields::from(vec![
        Field::new("keys", DataType::Utf8, false),
        Field::new("values", DataType::Utf8, true),
    ]);
    let entries = Field::new("entries", DataType::Struct(entry), false);
    fields.push(Field::new("data", DataType::Map(Arc::new(entries), false), false));
    Arc::new(Schema::new(fields))
}

fn item() -> Field {
    Field::new("item", DataType::Utf8, false)
}

fn also() -> Fields {
    Fields::from(vec![
        Field::new("at", DataType::Int64, false),
        Field::new("field", DataType::Utf8, true),
        Field::new("role", DataType::Utf8, false),
        Field::new("indicator", DataType::Utf8, false),
        Field::new("relation", DataType::Utf8, false),
    ])
}

fn part<B: ArrayBuilder>(of: &mut StructBuilder, index: usize) -> &mut B {
    of.field_builder(index).expect("`also` names its parts in this order")
}
