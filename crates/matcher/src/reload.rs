//! An image that follows its file: what is published there answers from then on.
//!
//! Correctness is a matter of polling alone, in `reload/follow.rs`; what the system tells of changes
//! (`reload/notices.rs`, with the feature `watch`) only has it look sooner.

mod follow;
#[cfg(feature = "watch")]
mod notices;
mod signature;

use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::Guard;
use feedsieve_core::{Image, ImageError};

use follow::{Followed, Follower};

/// An image in a file, replaced by what is published there.
///
/// A thread looks at the file, once a second unless the options say otherwise. With the feature
/// `watch` the system wakes it at once, where it can. It stops when the value is dropped.
///
/// A new file that is no valid image, or none at all, changes nothing: the image that is there stays,
/// and [`ReloadOptions::on_error`] is called once the file has been still for a tenth of a second.
/// Files may be replaced in any way: renamed over, as `feedsieve compile -o` does, deleted and
/// written anew, or switched by a link above them, as Kubernetes does. Whoever writes into the file in
/// place has its unfinished state refused, at the cost of reading it.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Inventory, Limits, Reloading};
/// # let folder = std::env::temp_dir().join(format!("feedsieve-reloading-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("members.image");
/// let publish = |csv: &str| -> Result<(), Box<dyn std::error::Error>> {
///     let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
///     std::fs::write(folder.join("new"), compile(&inventory, &Limits::default())?)?;
///     Ok(std::fs::rename(folder.join("new"), &path)?)
/// };
/// publish("participant,kind,value\nA,domain,hospital.example\n")?;
/// let images = Reloading::watch(&path)?;
/// assert_eq!(images.load().lookup_name("www.hospital.example").count(), 1);
/// publish("participant,kind,value\nA,domain,library.example\n")?;
/// images.reload()?; // At once; the thread would see it within a second.
/// assert_eq!(images.load().lookup_name("www.hospital.example").count(), 0);
/// # drop(images);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Reloading {
    followed: Arc<Followed>,
    /// Dropped with the value, which ends the thread.
    _follower: Follower,
}

impl Reloading {
    /// Opens an image and follows its file, with the default options.
    ///
    /// # Errors
    ///
    /// As [`Image::open_path`]: there has to be a valid image to begin with.
    pub fn watch(path: impl AsRef<Path>) -> Result<Self, ImageError> {
        ReloadOptions::default().watch(path)
    }

    /// The image of now.
    ///
    /// Takes no lock and does not allocate. Hold what it returns for one piece of work, such as a
    /// record or a request, and all its lookups are answered by one image. For longer work, and for
    /// a [`Scanner`](crate::Scanner) that is kept, take [`Reloading::image`].
    #[must_use]
    pub fn load(&self) -> Loaded {
        Loaded(self.followed.current.load())
    }

    /// The image of now, to be kept: the bytes are shared, and freed when their last image is gone.
    #[must_use]
    pub fn image(&self) -> Image {
        Image::clone(&self.load())
    }

    /// Looks at the file now, and says whether there is another image.
    ///
    /// For hosts that are told when to reload, by a signal for instance. The thread goes on looking.
    ///
    /// # Errors
    ///
    /// As [`Image::open_path`]; the image that is there stays.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::{compile, Image, Inventory, Limits, Reloading};
    /// # let path = std::env::temp_dir().join(format!("feedsieve-reload-{}", std::process::id()));
    /// # let (inventory, _) = Inventory::from_csv(&b"participant,value\nA,hospital.example\n"[..])?;
    /// # std::fs::write(&path, compile(&inventory, &Limits::default())?)?;
    /// let images = Reloading::watch(&path)?;
    /// assert!(!images.reload()?); // It is as it was.
    /// std::fs::remove_file(&path)?;
    /// assert!(images.reload().is_err());
    /// assert_eq!(images.load().asset_count(), 1);
    /// # let _: Image = images.image();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reload(&self) -> Result<bool, ImageError> {
        self.followed.reload()
    }

    /// The file that is followed.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.followed.path
    }
}

impl fmt::Debug for Reloading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reloading")
            .field("path", &self.followed.path)
            .field("image", &*self.load())
            .finish_non_exhaustive()
    }
}

/// The image that was there when [`Reloading::load`] was called; it stays valid and the same.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Image, Inventory, Limits, Reloading};
/// # let path = std::env::temp_dir().join(format!("feedsieve-loaded-{}", std::process::id()));
/// # let publish = |csv: &str| -> Result<(), Box<dyn std::error::Error>> {
/// #     let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// #     let new = path.with_extension("new");
/// #     std::fs::write(&new, compile(&inventory, &Limits::default())?)?;
/// #     Ok(std::fs::rename(&new, &path)?)
/// # };
/// publish("participant,value\nA,hospital.example\n")?;
/// let images = Reloading::watch(&path)?;
/// let before = images.load();
/// publish("participant,value\nA,hospital.example\nB,192.0.2.0/24\n")?;
/// images.reload()?;
/// assert_eq!((before.asset_count(), images.load().asset_count()), (1, 2));
/// # drop(images);
/// # std::fs::remove_file(&path)?;
/// # let _: &Image = &before;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Loaded(Guard<Arc<Image>>);

impl Deref for Loaded {
    type Target = Image;

    fn deref(&self) -> &Image {
        &self.0
    }
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// What opens an image; see [`ReloadOptions::open_with`].
type Open = dyn Fn(&Path) -> Result<Image, ImageError> + Send + Sync;

/// How a file is followed.
///
/// # Example
///
/// ```
/// # use std::time::Duration;
/// # use feedsieve::{compile, Inventory, Limits, ReloadOptions};
/// # let path = std::env::temp_dir().join(format!("feedsieve-options-{}", std::process::id()));
/// # let (inventory, _) = Inventory::from_csv(&b"participant,kind,value\nA,domain,hospital.example\n"[..])?;
/// # std::fs::write(&path, compile(&inventory, &Limits::default())?)?;
/// let images = ReloadOptions::default()
///     .interval(Duration::from_secs(10))
///     .on_error(|error| eprintln!("the old image stays: {error}"))
///     .on_reload(|image| eprintln!("{} assets", image.asset_count()))
///     .watch(&path)?;
/// assert_eq!(images.load().asset_count(), 1);
/// # drop(images);
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub struct ReloadOptions {
    interval: Duration,
    is_notified: bool,
    open: Box<Open>,
    on_error: Box<dyn Fn(&ImageError) + Send + Sync>,
    on_reload: Box<dyn Fn(&Image) + Send + Sync>,
}

/// How often the file is looked at. A look is one system call, and a second late is early for a feed.
const INTERVAL: Duration = Duration::from_secs(1);

impl Default for ReloadOptions {
    fn default() -> Self {
        Self {
            interval: INTERVAL,
            is_notified: true,
            open: Box::new(|path| Image::open_path(path)),
            on_error: Box::new(|_| {}),
            on_reload: Box::new(|_| {}),
        }
    }
}

impl ReloadOptions {
    /// Looks at the file this often (a second), and at once where the system tells of a change.
    pub const fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Whether to ask the system to tell of changes (the default), with the feature `watch`.
    ///
    /// Without it nothing is asked. Where the system does not tell, as over a network, and where it
    /// has no more watches to give, the file is looked at as often as without.
    pub const fn notified(mut self, is_wanted: bool) -> Self {
        self.is_notified = is_wanted;
        self
    }

    /// Opens images with this, in place of [`Image::open_path`].
    ///
    /// For hosts that map their images, which is unsafe and so theirs to call: `Image::map`.
    pub fn open_with(
        mut self,
        open: impl Fn(&Path) -> Result<Image, ImageError> + Send + Sync + 'static,
    ) -> Self {
        self.open = Box::new(open);
        self
    }

    /// Calls this, on the thread that follows the file, when a change of it left no valid image.
    ///
    /// Once for each change. Where the system did not let the file be opened
    /// ([`ImageError::Io`]), it is tried again at each interval, for that may pass while the file
    /// stays as it is; this is told once. A call that panics is the end of that call, and of nothing else.
    pub fn on_error(mut self, call: impl Fn(&ImageError) + Send + Sync + 'static) -> Self {
        self.on_error = Box::new(call);
        self
    }

    /// Calls this with every new image, when it answers already; on the thread that follows the file,
    /// or on that of [`Reloading::reload`].
    ///
    /// Where both come upon new images at once, calls may overlap or come in another order than the
    /// images did: the argument may be older than what [`Reloading::load`] gives.
    pub fn on_reload(mut self, call: impl Fn(&Image) + Send + Sync + 'static) -> Self {
        self.on_reload = Box::new(call);
        self
    }

    /// Opens an image and follows its file.
    ///
    /// # Errors
    ///
    /// As [`Reloading::watch`], and [`ImageError::Io`] where no thread can be started.
    pub fn watch(self, path: impl AsRef<Path>) -> Result<Reloading, ImageError> {
        let (interval, is_notified) = (self.interval, self.is_notified);
        let followed = Arc::new(Followed::new(PathBuf::from(path.as_ref()), self)?);
        let follower = Follower::start(followed.clone(), interval, is_notified)?;
        Ok(Reloading { followed, _follower: follower })
    }
}

impl fmt::Debug for ReloadOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReloadOptions")
            .field("interval", &self.interval)
            .field("notified", &self.is_notified)
            .finish_non_exhaustive()
    }
}
