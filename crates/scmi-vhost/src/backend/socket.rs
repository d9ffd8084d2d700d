//! A socket that others connect to: whose it is when the daemon starts, and when it ends.

use core::time::Duration;
use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::thread;

use rustix::fs::{Mode, fchmod};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, connect, listen, socket_with,
};
use thiserror::Error;

/// Why a socket cannot be had.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BindError {
    /// A process listens on it.
    #[error("{} is in use by a living process", path.display())]
    InUse {
        /// The socket.
        path: PathBuf,
    },
    /// There is something else under this name, which is left alone.
    #[error("{} is there and no socket", path.display())]
    NotASocket {
        /// What is there.
        path: PathBuf,
    },
    /// The system refuses it.
    #[error("cannot listen on {}", path.display())]
    System {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A listener and the name under which it can be found. Dropping it removes the name, if it still leads here.
#[derive(Debug)]
pub struct Socket {
    pub(super) listener: UnixListener,
    path: PathBuf,
    /// Device and inode: another daemon may have taken the name in the meantime.
    identity: (u64, u64),
}

impl Socket {
    /// Connections that wait to be accepted.
    const BACKLOG: i32 = 128;

    /// Listens on `path`, for whom the umask lets in. A socket that nobody listens on is replaced.
    pub(super) fn bind(path: &Path) -> Result<Self, BindError> {
        Self::bind_by(path, &|| UnixListener::bind(path))
    }

    /// Listens on `path`, for the user of this process only: the mode of the name is 0600 from its first moment on,
    /// whatever the umask. A socket that nobody listens on is replaced, one that is in use is not, and nothing that is no
    /// socket ever is.
    ///
    /// # Errors
    /// [`BindError`]; its message names the path.
    pub fn bind_private(path: impl AsRef<Path>) -> Result<Self, BindError> {
        let path = path.as_ref();
        Self::bind_by(path, &|| {
            let flags = SocketFlags::CLOEXEC;
            let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
            // Linux gives the name the mode of the socket, less the umask.
            fchmod(&socket, Mode::RUSR | Mode::WUSR)?;
            bind(&socket, &SocketAddrUnix::new(path)?)?;
            listen(&socket, Self::BACKLOG)?;
            Ok(socket.into())
        })
    }

    fn bind_by(
        path: &Path,
        bind: &dyn Fn() -> io::Result<UnixListener>,
    ) -> Result<Self, BindError> {
        let system = |source| BindError::System { path: path.to_owned(), source };
        let _turn = Turn::take(path).map_err(system)?;
        let listener = match bind() {
            Err(taken) if taken.kind() == io::ErrorKind::AddrInUse => {
                remove_stale(path)?;
                bind()
            }
            other => other,
        };
        let listener = listener.map_err(system)?;
        listener.set_nonblocking(true).map_err(system)?;
        let identity = identity(path).map_err(system)?;
        Ok(Self { listener, path: path.to_owned(), identity })
    }

    /// The listener, which never blocks.
    pub fn listener(&self) -> &UnixListener {
        &self.listener
    }

    /// Where it listens.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let Ok(_turn) = Turn::take(&self.path) else { return };
        if identity(&self.path).is_ok_and(|identity| identity == self.identity) {
            // It can only fail if the directory changed under us, and then there is nothing to tidy.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = std::fs::symlink_metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

fn remove_stale(path: &Path) -> Result<(), BindError> {
    let system = |source| BindError::System { path: path.to_owned(), source };
    let kind = match std::fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(gone) if gone.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(system(error)),
    };
    if !kind.is_socket() {
        return Err(BindError::NotASocket { path: path.to_owned() });
    }
    if is_live(path).map_err(system)? {
        return Err(BindError::InUse { path: path.to_owned() });
    }
    std::fs::remove_file(path).map_err(system)
}

/// Whether somebody listens. Never blocks, not even on a listener that accepts nobody.
fn is_live(path: &Path) -> io::Result<bool> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    match connect(&socket, &SocketAddrUnix::new(path)?) {
        Ok(()) | Err(Errno::AGAIN | Errno::INPROGRESS) => Ok(true),
        Err(Errno::CONNREFUSED | Errno::NOENT) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

/// One daemon at a time looks at the sockets of a directory: between finding a socket stale and replacing it,
/// another one could have done the same. The lock is on the directory itself and leaves nothing behind.
struct Turn {
    _directory: Option<File>,
}

impl Turn {
    const ATTEMPTS: u32 = 500;
    const PAUSE: Duration = Duration::from_millis(10);

    fn take(path: &Path) -> io::Result<Self> {
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let directory = File::open(directory)?;
        for _ in 0..Self::ATTEMPTS {
            match directory.try_lock() {
                Ok(()) => return Ok(Self { _directory: Some(directory) }),
                Err(TryLockError::WouldBlock) => thread::sleep(Self::PAUSE),
                // A file system without locks: the window stays open, as it is for everybody there.
                Err(TryLockError::Error(_)) => return Ok(Self { _directory: None }),
            }
        }
        let waited = Self::PAUSE * Self::ATTEMPTS;
        Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("the directory has been locked by somebody else for {waited:?}"),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_socket_is_replaced_and_a_live_one_is_not() {
        let dir = tempfile::tempdir().expect("tempdir");
        let path = dir.path().join("a.sock");
        drop(UnixListener::bind(&path).expect("bind"));
        assert!(path.exists(), "std leaves the name behind, as a killed process does");
        let first = Socket::bind(&path).expect("stale, so replaced");
        let second = Socket::bind(&path);
        assert!(matches!(second, Err(BindError::InUse { .. })), "{second:?}");
        drop(first);
        assert!(!path.exists());
    }

    #[test]
    fn a_private_socket_is_its_users_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("tempdir");
        let path = dir.path().join("a.sock");
        drop(UnixListener::bind(&path).expect("bind"));
        let first = Socket::bind_private(&path).expect("stale, so replaced");
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let second = Socket::bind_private(&path);
        assert!(matches!(second, Err(BindError::InUse { .. })), "{second:?}");
        // Whoever looked whether it is in use did so by a connection.
        while first.listener().accept().is_ok() {}
        std::os::unix::net::UnixStream::connect(&path).expect("connects");
        first.listener().accept().expect("who has connected");
    }

    #[test]
    fn a_listener_whose_backlog_is_full_is_alive() {
        let dir = tempfile::tempdir().expect("tempdir");
        let path = dir.path().join("a.sock");
        let listener = UnixListener::bind(&path).expect("bind");
        listen(&listener, 0).expect("listen");
        let mut waiting = Vec::new();
        while waiting.len() < 3 {
            assert!(is_live(&path).expect("connect"));
            let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
            let socket =
                socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).expect("socket");
            let _full_or_not = connect(&socket, &SocketAddrUnix::new(&path).expect("path"));
            waiting.push(socket);
        }
    }

    #[test]
    fn what_is_no_socket_is_left_alone() {
        let dir = tempfile::tempdir().expect("tempdir");
        let path = dir.path().join("a.sock");
        std::fs::write(&path, "precious").expect("write");
        assert!(matches!(Socket::bind(&path), Err(BindError::NotASocket { .. })));
        assert_eq!(std::fs::read(&path).expect("read"), b"precious");
    }

    #[test]
    fn a_name_that_leads_elsewhere_by_now_is_not_removed() {
        let dir = tempfile::tempdir().expect("tempdir");
        let path = dir.path().join("a.sock");
        let first = Socket::bind(&path).expect("bind");
        std::fs::remove_file(&path).expect("remove");
        let second = Socket::bind(&path).expect("bind");
        drop(first);
        assert!(path.exists(), "it is the second one's");
        drop(second);
        assert!(!path.exists());
    }

    #[test]
    fn no_directory_is_an_error_that_names_the_socket() {
        let error = Socket::bind(Path::new("/nonexistent/a.sock")).expect_err("no directory");
        assert!(error.to_string().contains("/nonexistent/a.sock"));
    }
}
