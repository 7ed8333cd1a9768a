//! Where the bytes of an image are: in memory of our own, or in a file that is mapped.

#[cfg(feature = "mmap")]
use std::io::Read as _;
use std::ops::Deref;

#[cfg(feature = "mmap")]
use super::{Image, ImageError};

/// The bytes of an image.
///
/// Both variants hold a pointer and a length, which the compiler lays at the same place: asking for
/// a section has no branch.
pub(super) enum Bytes {
    Memory(Vec<u8>),
    #[cfg(feature = "mmap")]
    Map(memmap2::Mmap),
}

impl Deref for Bytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Self::Memory(bytes) => bytes,
            #[cfg(feature = "mmap")]
            Self::Map(map) => map,
        }
    }
}

#[cfg(feature = "mmap")]
impl Image {
    /// Maps a file into memory and opens it: processes that map one image share its pages.
    ///
    /// Checks every byte once, as [`Image::open`] does, so the first process on a host reads the file
    /// from disk and those after it find it in memory.
    ///
    /// # Errors
    ///
    /// As [`Image::open_path`].
    ///
    /// # Safety
    ///
    /// Nobody may write to the file or shorten it while it is mapped, which is as long as this image
    /// or a clone of it is there. To rename another file over it, or to delete it, is no
    /// change: the image keeps the file that it opened. `feedsieve compile -o` publishes in that way,
    /// so who writes images by it alone keeps this promise. Where it is broken, answers may be wrong,
    /// lookups may panic, and pages that were cut off end the process with SIGBUS.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::{compile, Image, Inventory, Limits};
    /// # let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let path = std::env::temp_dir().join(format!("feedsieve-map-{}", std::process::id()));
    /// # std::fs::write(&path, compile(&inventory, &Limits::default())?)?;
    /// // SAFETY: images are replaced by rename here, and never written to.
    /// let image = unsafe { Image::map(&path)? };
    /// # std::fs::remove_file(&path)?;
    /// assert_eq!(image.lookup_addr("192.0.2.7".parse()?).count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[expect(unsafe_code, reason = "mapping a file is a promise about other processes")]
    pub unsafe fn map(path: impl AsRef<std::path::Path>) -> Result<Self, ImageError> {
        let mut file = std::fs::File::open(path)?;
        let bytes = match file.metadata()? {
            // What is empty cannot be mapped, and what is no regular file has another length.
            facts if facts.is_file() && facts.len() > 0 => {
                // SAFETY: the caller promises that nobody changes the file.
                Bytes::Map(unsafe { memmap2::Mmap::map(&file)? })
            }
            _ => {
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes)?;
                Bytes::Memory(bytes)
            }
        };
        Self::open_bytes(bytes)
    }
}
