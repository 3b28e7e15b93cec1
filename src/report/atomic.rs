//! Writes a file so that a reader sees the old one or the whole new one, never a part: beside it first, then renamed.
//! It must not know what the file is about.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Names that are tried for the file beside: more than one only if a run before was killed while it wrote.
const NAMES: u32 = 16;

/// Writes the file; its directory is made if it is not there. What is no regular file (a device, a pipe) is written in place.
///
/// # Errors
/// With the path, and why.
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    if is_special(path) {
        let written = OpenOptions::new().write(true).open(path).and_then(|mut file| file.write_all(content));
        return written.map_err(|error| about(path, &error));
    }
    let target = destination(path);
    let (beside, file) = create_beside(&target).map_err(|error| about(path, &error))?;
    let written = fill(file, content).and_then(|()| fs::rename(&beside, &target));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    // The new name itself is safe once its directory is; not every file system can do that, and the content is there.
    let _ = File::open(directory(&target)).and_then(|directory| directory.sync_all());
    written.map_err(|error| about(path, &error))
}

/// Finds out whether [`write()`] can succeed, without touching what is at the path.
///
/// # Errors
/// With the path, and why.
pub fn check(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "with an empty path cannot be written: expected the name of a file"));
    }
    if path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return Err(about(path, &io::Error::new(ErrorKind::IsADirectory, "it is a directory, expected the name of a file")));
    }
    if is_special(path) {
        return OpenOptions::new().write(true).open(path).map(drop).map_err(|error| about(path, &error));
    }
    let (beside, _) = create_beside(&destination(path)).map_err(|error| about(path, &error))?;
    fs::remove_file(&beside).map_err(|error| about(path, &error))
}

fn fill(mut file: File, content: &[u8]) -> io::Result<()> {
    file.write_all(content)?;
    file.sync_all()
}

/// A new file in the directory of the target, which is made if it is not there.
fn create_beside(target: &Path) -> io::Result<(PathBuf, File)> {
    let directory = directory(target);
    fs::create_dir_all(directory)
        .map_err(|error| io::Error::new(error.kind(), format!("its directory {} cannot be made: {error}", directory.display())))?;
    if target.file_name().is_none() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "expected the name of a file"));
    }
    let mut found = io::Error::from(ErrorKind::AlreadyExists);
    for number in 0..NAMES {
        let beside = directory.join(format!(".netcheck-{}-{number}.part", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&beside) {
            Ok(file) => return Ok((beside, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => found = error,
            Err(error) => return Err(error),
        }
    }
    Err(found)
}

fn directory(target: &Path) -> &Path {
    target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Where a link leads, so that the link stays one.
fn destination(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

fn about(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{} cannot be written: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where in a directory with a file `taken`, a directory `folder` and a link `link` to `taken`; then part of the error, or none.
    fn check(name: &str, expected: Option<&str>) {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("taken"), "old").unwrap();
        fs::create_dir(home.path().join("folder")).unwrap();
        std::os::unix::fs::symlink(home.path().join("taken"), home.path().join("link")).unwrap();
        let path = home.path().join(name);
        match (super::check(&path).and_then(|()| write(&path, b"new")), expected) {
            (Ok(()), None) => assert_eq!(fs::read_to_string(&path).unwrap(), "new", "{name}"),
            (Err(error), Some(part)) => assert!(error.to_string().contains(part), "{error}"),
            (found, wanted) => panic!("{name}: {found:?}, not {wanted:?}"),
        }
        let left =
            fs::read_dir(home.path()).unwrap().filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains(".part"));
        assert_eq!(left.count(), 0, "{name}");
        assert!(home.path().join("link").is_symlink(), "{name}");
    }

    #[test]
    fn what_cannot_be_written_is_found_before() {
        check("folder", Some("it is a directory, expected the name of a file"));
        check("nothing/", Some("it is a directory, expected the name of a file"));
        check("taken/junit.xml", Some("cannot be made: "));
        check(&"n".repeat(300), Some("cannot be written: File name too long"));
        assert!(super::check(Path::new("")).unwrap_err().to_string().contains("an empty path"));
    }

    #[test]
    fn a_file_is_made_or_replaced_and_its_directories_too() {
        check("junit.xml", None);
        check("a/b/c/junit.xml", None);
        check("taken", None);
        check("link", None);
    }

    #[test]
    fn checking_leaves_what_is_there() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("taken");
        fs::write(&path, "old").unwrap();
        super::check(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }

    #[test]
    fn a_device_is_written_and_never_replaced() {
        super::check(Path::new("/dev/null")).and_then(|()| write(Path::new("/dev/null"), b"new")).unwrap();
        assert!(is_special(Path::new("/dev/null")));
    }

    #[test]
    fn what_a_killed_run_left_is_in_nobodys_way() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("junit.xml");
        let (left, _) = create_beside(&path).unwrap();
        write(&path, b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert!(left.exists());
    }
}
