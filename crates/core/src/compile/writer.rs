//! Puts sections together: header, table, checksums, padding, digest.

use zerocopy::little_endian::{U32, U64};
use zerocopy::{Immutable, IntoBytes};

use crate::image::digest;
use crate::image::format::{
    Header, MAGIC, SECTION_ALIGN, Section, SectionHeader, TextRef, VERSION,
};

/// Sections in any order of arrival; missing ones are empty.
#[derive(Default)]
pub(super) struct Writer {
    /// Kept in their own types, so that their bytes are copied once, into the image.
    sections: [Option<Box<dyn Content>>; Section::ALL.len()],
}

/// The records of a section.
trait Content {
    fn bytes(&self) -> &[u8];
}

impl<T: IntoBytes + Immutable> Content for Vec<T> {
    fn bytes(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl Writer {
    pub(super) fn section<T: IntoBytes + Immutable + 'static>(
        &mut self,
        section: Section,
        content: Vec<T>,
    ) {
        self.sections[section as usize] = Some(Box::new(content));
    }

    pub(super) fn finish(self) -> Vec<u8> {
        let table_bytes = Section::ALL.len() * size_of::<SectionHeader>();
        let content_start = size_of::<Header>() + table_bytes;
        let padded = |content: &Option<Box<dyn Content>>| {
            bytes_of(content).len().next_multiple_of(SECTION_ALIGN)
        };
        let mut image =
            Vec::with_capacity(content_start + self.sections.iter().map(padded).sum::<usize>());
        image.resize(content_start, 0);
        let mut table = Vec::with_capacity(table_bytes);
        for (section, content) in Section::ALL.into_iter().zip(&self.sections) {
            let content = bytes_of(content);
            let entry = SectionHeader {
                kind: U32::new(section as u32),
                crc: U32::new(crc32fast::hash(content)),
                offset: U64::new(image.len() as u64),
                bytes: U64::new(content.len() as u64),
            };
            table.extend_from_slice(entry.as_bytes());
            image.extend_from_slice(content);
            image.resize(image.len().next_multiple_of(SECTION_ALIGN), 0);
        }
        image[size_of::<Header>()..content_start].copy_from_slice(&table);

        let mut header = Header {
            magic: MAGIC,
            version: U32::new(VERSION),
            section_count: U32::new(Section::ALL.len() as u32),
            image_bytes: U64::new(image.len() as u64),
            digest: [0; 32],
            reserved: U32::ZERO,
            crc: U32::ZERO,
        };
        image[..size_of::<Header>()].copy_from_slice(header.as_bytes());
        header.digest = digest(&image);
        let mut crc = crc32fast::Hasher::new();
        crc.update(header.as_bytes());
        crc.update(&table);
        header.crc = U32::new(crc.finalize());
        image[..size_of::<Header>()].copy_from_slice(header.as_bytes());
        image
    }
}

fn bytes_of(content: &Option<Box<dyn Content>>) -> &[u8] {
    content.as_ref().map_or(&[], |content| content.bytes())
}

/// Adds a text and returns where it stands.
///
/// The caller checks the total against the format's 32 bits once all is added.
pub(super) fn push_text(text: &mut Vec<u8>, part: &str) -> TextRef {
    let offset = U32::new(text.len() as u32);
    text.extend_from_slice(part.as_bytes());
    TextRef { offset, bytes: U32::new(part.len() as u32) }
}
