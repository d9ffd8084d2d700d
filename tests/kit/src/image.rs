//! The guest's kernel and root file system, and the note in the cache that says where they are.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::archive::{self, Addition};
use crate::cache::Cache;

/// What a guest boots from. `cargo xtask guest` makes it and leaves a note in the cache.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Image {
    /// The kernel: an uncompressed arm64 `Image`.
    pub kernel: PathBuf,
    /// The root file system: a compressed cpio archive.
    pub initrd: PathBuf,
    /// A kernel module, the driver of devices that only use what SCMI gives: `tests/linux/consumer`.
    #[serde(default)]
    pub consumer: PathBuf,
    /// A kernel module, SCMI's transport over virtio, which is loaded at boot: the kernel has none of its own then.
    #[serde(default)]
    pub transport: Option<PathBuf>,
    /// What `uname -r` says in the guest.
    pub release: String,
}

/// Who carries SCMI's messages over virtio in a guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// The kernel's own driver, in C.
    Kernel,
    /// `linux/scmi-virtio`.
    Ours,
}

/// Where the guest's `/etc/rcS` looks for modules.
const BOOT_MODULES: &str = "/lib/modules/boot";

/// What our module's file is called.
const OURS: &str = "scmi_virtio.ko";

impl Image {
    /// The image that `cargo xtask guest` made last; `$SCMI_GUEST` names another note.
    ///
    /// # Errors
    /// When there is no note, or a file it names is gone: a test that needs the guest must fail
    /// without it.
    pub fn find() -> Result<Self> {
        let note = match env::var_os("SCMI_GUEST") {
            Some(path) => PathBuf::from(path),
            None => Self::note_in(&Cache::find()?),
        };
        let text = fs::read_to_string(&note).with_context(|| {
            format!("no guest: {} cannot be read; `cargo xtask guest` makes it", note.display())
        })?;
        let image: Self = serde_json::from_str(&text)
            .with_context(|| format!("{} is not a note about a guest", note.display()))?;
        for file in [&image.kernel, &image.initrd] {
            ensure!(
                file.is_file(),
                "no guest: {} is named in {} but not there; `cargo xtask guest` makes it",
                file.display(),
                note.display()
            );
        }
        Ok(image)
    }

    /// Who carries the messages.
    #[must_use]
    pub fn carrier(&self) -> Carrier {
        let name = self.transport.as_ref().and_then(|path| path.file_name());
        if name.is_some_and(|name| name == OURS) { Carrier::Ours } else { Carrier::Kernel }
    }

    /// The modules that the guest loads when it boots: where they are in it, and on the host.
    #[must_use]
    pub fn boot_modules(&self) -> Vec<(String, PathBuf)> {
        let place = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            (format!("{BOOT_MODULES}/{name}"), path.clone())
        };
        self.transport.iter().map(place).collect()
    }

    /// Writes the root file system with files of the host behind it, each at an absolute path in the guest, to `target`.
    ///
    /// # Errors
    /// When a file cannot be read, or `target` cannot be written.
    pub fn initrd_with(&self, files: &[(&str, PathBuf)], target: &Path) -> Result<()> {
        let addition =
            |(to, from): &(&str, PathBuf)| Addition { to: (*to).to_owned(), from: from.clone() };
        let files: Vec<Addition> = files.iter().map(addition).collect();
        archive::extend(&self.initrd, &files, target)
    }

    /// Leaves the note, so that [`Image::find`] returns this image from now on.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn publish(&self, cache: &Cache) -> Result<()> {
        self.note(&Self::note_in(cache))
    }

    /// Writes a note, which `$SCMI_GUEST` can name.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn note(&self, note: &Path) -> Result<()> {
        let draft = note.with_extension("draft");
        let text = serde_json::to_string_pretty(self)?;
        fs::write(&draft, text).with_context(|| format!("cannot write {}", draft.display()))?;
        fs::rename(&draft, note).with_context(|| format!("cannot replace {}", note.display()))
    }

    fn note_in(cache: &Cache) -> PathBuf {
        cache.root().join(Path::new("guest.json"))
    }
}
