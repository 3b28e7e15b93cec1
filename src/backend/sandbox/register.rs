//! Which worlds are up on this machine, for whoever wants to enter them: a file each in a directory of the user's own. Its world
//! holds a lock on the file, which the system takes away when the process ends, however it does: a file without is stale.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;
use serde::{Deserialize, Serialize};

use crate::model::vantage::Vantage;

/// A world that is up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Entry {
    /// Its name.
    pub(super) world: String,
    /// The process that holds its namespaces.
    pub(super) process: u32,
    /// Its networks, in the order of the world.
    pub(super) networks: Vec<Place>,
}

/// One of its networks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Place {
    /// Which.
    pub vantage: Vantage,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// The descriptor by which the process holds the namespace.
    pub(super) descriptor: i32,
}

/// Our own entry. Dropping it removes it.
#[derive(Debug)]
pub(super) struct Registered {
    path: PathBuf,
    _locked: File,
}

/// Longer entries are not ours: 80 networks take a tenth of this.
const ENTRY_LIMIT: u64 = 1 << 20;

/// Enters it.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] if a world of that name is up.
pub(super) fn register(directory: &Path, entry: &Entry) -> io::Result<Registered> {
    DirBuilder::new().mode(0o700).recursive(true).create(directory)?;
    is_our_own(directory)?;
    // Stale ones go.
    all(directory)?;
    let draft = directory.join(format!(".{}", entry.process));
    let path = directory.join(format!("{}.json", file_name(&entry.world)));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let entered = (|| {
        file.try_lock()?;
        file.write_all(&serde_json::to_vec(entry)?)?;
        // Under its name it is whole and locked from the first moment, and takes nobody's place.
        fs::hard_link(&draft, &path)
    })();
    fs::remove_file(&draft)?;
    entered.map(|()| Registered { path, _locked: file })
}

/// All worlds that are up, by name. Stale entries are removed.
pub(super) fn all(directory: &Path) -> io::Result<Vec<Entry>> {
    let files = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        files => files?,
    };
    is_our_own(directory)?;
    let mut entries = Vec::new();
    for file in files {
        let path = file?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            entries.extend(live(&path)?);
        }
    }
    entries.sort_by(|one: &Entry, other| one.world.cmp(&other.world));
    Ok(entries)
}

fn live(path: &Path) -> io::Result<Option<Entry>> {
    let file = match File::open(path) {
        // Its world has ended meanwhile.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    match file.try_lock_shared() {
        Ok(()) => fs::remove_file(path).map(|()| None),
        Err(TryLockError::Error(error)) => Err(error),
        Err(TryLockError::WouldBlock) => {
            let mut bytes = Vec::new();
            file.take(ENTRY_LIMIT).read_to_end(&mut bytes)?;
            Ok(Some(serde_json::from_slice(&bytes)?))
        }
    }
}

/// Whoever could write there could lead us into namespaces of theirs.
fn is_our_own(directory: &Path) -> io::Result<()> {
    let found = fs::symlink_metadata(directory)?;
    if found.is_dir() && found.uid() == geteuid().as_raw() && found.mode() & 0o022 == 0 {
        Ok(())
    } else {
        Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is not a directory that this user alone can write to"))
    }
}

fn file_name(world: &str) -> String {
    world.chars().map(|letter| if letter.is_ascii_alphanumeric() || "-_.".contains(letter) { letter } else { '_' }).collect()
}

impl Drop for Registered {
    fn drop(&mut self) {
        // What remains after all is stale, and is removed by the next who looks.
        let _ = fs::remove_file(&self.path);
        let _ = self.path.parent().map(fs::remove_dir);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(world: &str, process: u32) -> Entry {
        let place = Place { vantage: Vantage::host("node1"), addresses: vec![[10, 0, 0, 1].into()], descriptor: 7 };
        Entry { world: world.to_owned(), process, networks: vec![place] }
    }

    #[test]
    fn a_world_is_found_as_long_as_it_is_up() {
        let home = tempfile::tempdir().unwrap();
        let directory = home.path().join("netcheck");
        assert_eq!(all(&directory).unwrap(), []);
        let (a, b) = (entry("a", 1), entry("b/c", 2));
        let (first, second) = (register(&directory, &b).unwrap(), register(&directory, &a).unwrap());
        assert_eq!(all(&directory).unwrap(), [a, b]);
        drop(first);
        assert_eq!(all(&directory).unwrap().len(), 1);
        drop(second);
        assert!(!directory.exists());
    }

    #[test]
    fn two_worlds_of_one_name_cannot_be_up() {
        let home = tempfile::tempdir().unwrap();
        let _first = register(home.path(), &entry("a", 1)).unwrap();
        assert_eq!(register(home.path(), &entry("a", 2)).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(all(home.path()).unwrap(), [entry("a", 1)]);
    }

    #[test]
    fn what_a_dead_process_left_is_stale_and_goes() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("a.json"), serde_json::to_vec(&entry("a", 1)).unwrap()).unwrap();
        assert_eq!(all(home.path()).unwrap(), []);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_directory_that_others_can_write_to_is_refused() {
        let home = tempfile::tempdir().unwrap();
        fs::set_permissions(home.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        assert_eq!(register(home.path(), &entry("a", 1)).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(all(home.path()).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }
}
