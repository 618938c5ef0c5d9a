//! Files that commands on one machine share: for their owner only, replaced in one step, locked without blocking.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

use crate::support::clock::Clock;

/// How often a lock that another process holds is tried again.
const LOCK_RETRY: Duration = Duration::from_millis(50);

/// A file name for something that is known by these words: short, the same every time, and from which they cannot be read back.
pub fn name_of(words: &[&str]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, words.join("\n").as_bytes());
    hex(&digest.as_ref()[..16])
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(digit).collect()
}

/// Makes a folder, and those above it that are missing, for the owner only.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The state folder, when files can be written in it; otherwise the reason why not, as a sentence goes on after "because".
pub fn writable(folder: Option<&Path>) -> Result<&Path, String> {
    let folder = folder.ok_or("neither RUNAJOB_STATE_DIR nor HOME is set")?;
    // Permissions do not suffice: the disk may be full, or mounted for reading only.
    let tried = private_folder(folder).and_then(|()| NamedTempFile::new_in(folder)?.write_all(b" "));
    tried.map(|()| folder).map_err(|error| format!("{} cannot be written: {error}", folder.display()))
}

/// The mode of a folder in which others than its owner can put files, and take ours away.
#[cfg(unix)]
pub fn mode_open_to_others(folder: &Path) -> Option<u32> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&folder.metadata().ok()?.permissions()) & 0o7777;
    (mode & 0o022 != 0).then_some(mode)
}

#[cfg(not(unix))]
pub fn mode_open_to_others(_: &Path) -> Option<u32> {
    None
}

/// Replaces a file in one step, for the owner only: a reader sees the old one or the new one. Makes its folder.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    private_folder(folder_of(path))?;
    let mut draft = NamedTempFile::new_in(folder_of(path))?;
    draft.write_all(bytes)?;
    draft.persist(path)?;
    Ok(())
}

/// Reads a file of ours, or one in its place: a pipe is not waited for, a device is not read without end. An error of the
/// kind `InvalidData` says that it is no plain file, or too long.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    const LIMIT: u64 = 4 << 20;
    let mut bytes = Vec::new();
    if open(path, OpenOptions::new().read(true))?.take(LIMIT + 1).read_to_end(&mut bytes)? as u64 > LIMIT {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is too long"));
    }
    Ok(bytes)
}

/// Opens a plain file, with the same errors.
pub fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    // Else the opening of a pipe waits for its other end.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    let file = options.open(path)?;
    match file.metadata()?.file_type() {
        kind if kind.is_file() => Ok(file),
        kind if kind.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "it is not a plain file")),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Room on the disk for a file that is to be written later, when a full disk must not stand in the way any more.
#[derive(Debug)]
pub struct Reserved {
    draft: NamedTempFile,
    path: PathBuf,
}

impl Reserved {
    /// Reserves this many bytes next to `path`, in a file for the owner only, and leaves `path` as it is. Makes its folder.
    pub fn new(path: &Path, length: usize) -> io::Result<Self> {
        private_folder(folder_of(path))?;
        Self::set_aside(path, length, NamedTempFile::new_in(folder_of(path))?)
    }

    /// The same for a file that others may read, as far as the process's mask lets them, in a folder that is there.
    pub fn for_others(path: &Path, length: usize) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        Self::set_aside(path, length, builder.tempfile_in(folder_of(path))?)
    }

    fn set_aside(path: &Path, length: usize, mut draft: NamedTempFile) -> io::Result<Self> {
        draft.write_all(&vec![b' '; length])?;
        // Only now a disk that is filled lazily says that it is full.
        draft.as_file().sync_data()?;
        Ok(Self { draft, path: path.to_owned() })
    }

    /// Puts the bytes in place in one step: after this they survive the loss of power. After an error they may be in place.
    pub fn fill(self, bytes: &[u8]) -> io::Result<()> {
        self.fill_and(bytes, sync_folder_of)
    }

    /// The same with another way to make the folder keep it.
    pub fn fill_and(mut self, bytes: &[u8], sync: impl Fn(&Path) -> io::Result<()>) -> io::Result<()> {
        use std::io::{Seek, SeekFrom};
        self.draft.seek(SeekFrom::Start(0))?;
        self.draft.write_all(bytes)?;
        self.draft.as_file().set_len(bytes.len() as u64)?;
        self.draft.as_file().sync_all()?;
        self.draft.persist(&self.path)?;
        sync(&self.path)
    }
}

/// Makes a rename or a removal in the folder of `path` survive the loss of power, where the platform can.
pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder_of(path))?.sync_all() } else { Ok(()) }
}

/// Takes the lock that the file at `path` stands for, trying for as long as `patience`. None means that another process
/// kept it all that time; an error that there can be no lock there.
pub async fn lock(path: &Path, clock: &dyn Clock, patience: Duration) -> io::Result<Option<Lock>> {
    private_folder(folder_of(path))?;
    let end = clock.now().saturating_add(patience);
    loop {
        if let Some(file) = try_lock(path)? {
            return Ok(Some(file));
        }
        if clock.now() >= end {
            return Ok(None);
        }
        clock.sleep(LOCK_RETRY).await;
    }
}

/// A lock in our hands, given back when it is dropped.
#[derive(Debug)]
pub struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file is not enough: a child that is just being made may hold it open for a moment longer.
        let _ = self.0.unlock();
    }
}

/// Takes the lock if it is free.
pub fn try_lock(path: &Path) -> io::Result<Option<Lock>> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = open(path, &mut options)?;
    match file.try_lock() {
        // Between opening and locking the file may have been removed, and another be locked under its name.
        Ok(()) => Ok(Some(Lock(file)).filter(|lock| is_at(&lock.0, path))),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |facts: std::fs::Metadata| (facts.dev(), facts.ino());
    let (locked, named) = (file.metadata().map(place), path.metadata().map(place));
    locked.is_ok_and(|locked| named.is_ok_and(|named| locked == named))
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::clock::ManualClock;

    fn clock() -> ManualClock {
        ManualClock::new("2026-03-01T00:00:00Z".parse().unwrap())
    }

    #[test]
    fn what_is_written_is_whole_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/file");
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        }
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn whether_a_folder_can_be_written_is_found_out_by_writing() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("state/runajob");
        assert_eq!(writable(Some(&deep)), Ok(deep.as_path()));
        assert_eq!(std::fs::read_dir(&deep).unwrap().count(), 0);
        std::fs::write(folder.path().join("file"), "").unwrap();
        let in_file = folder.path().join("file/runajob");
        assert!(writable(Some(&in_file)).unwrap_err().starts_with(&format!("{} cannot be", in_file.display())));
        assert_eq!(writable(None), Err("neither RUNAJOB_STATE_DIR nor HOME is set".to_owned()));
    }

    #[test]
    fn reserved_room_leaves_the_old_file_until_it_is_filled() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write(&path, b"old").unwrap();
        let reserved = Reserved::new(&path, 100).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        reserved.fill(b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        drop(Reserved::new(&path, 100).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn what_stands_in_the_place_of_a_file_is_neither_waited_for_nor_read() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let link = |to: &str| {
            let path = folder.path().join(format!("link{}", to.replace('/', "_")));
            std::os::unix::fs::symlink(to, &path).unwrap();
            path
        };
        for path in [pipe.clone(), link("/dev/zero"), link("pipe")] {
            assert_eq!(read(&path).unwrap_err().kind(), io::ErrorKind::InvalidData, "{}", path.display());
            assert!(try_lock(&path).is_err(), "{}", path.display());
        }
        assert!(read(&link("nowhere")).is_err());
        // What is written takes its place.
        write(&pipe, b"new").unwrap();
        assert_eq!(read(&pipe).unwrap(), b"new");
        std::fs::write(&pipe, vec![b' '; (4 << 20) + 1]).unwrap();
        assert_eq!(read(&pipe).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_lock_is_waited_for_as_long_as_patience_lasts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let clock = clock();
        let held = clock.run(lock(&path, &clock, Duration::ZERO)).unwrap();
        assert!(held.is_some());
        assert!(clock.run(lock(&path, &clock, Duration::from_secs(10))).unwrap().is_none());
        assert_eq!(clock.now(), Duration::from_secs(10));
        drop(held);
        assert!(clock.run(lock(&path, &clock, Duration::ZERO)).unwrap().is_some());
        assert!(clock.run(lock(folder.path(), &clock, Duration::ZERO)).is_err());
    }

    #[test]
    fn a_lock_on_a_removed_file_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let old = try_lock(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(try_lock(&path).unwrap().is_some());
        drop(old);
    }
}
