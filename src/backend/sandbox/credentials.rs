//! What agents of the sandbox have of their cluster, as pods have it: files in a folder, projected by Kubernetes there and written here.
//! It must not know who reads them.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::api_server::Cluster;
use crate::backend::BackendError;
use crate::model::probe::Credential;

/// The folders. Dropping it removes them.
#[derive(Debug)]
pub(super) struct Folders {
    all: PathBuf,
}

/// How their names begin; the number of the process that keeps them follows.
const NAME: &str = "netcheck-credentials-";

impl Folders {
    /// Writes both kinds below that directory, and removes what a process left there that was killed.
    pub(super) fn make(directory: &Path, cluster: &Cluster) -> Result<Self, BackendError> {
        Self::make_in(directory, cluster).map_err(|error| {
            let message = format!("writing below {} what agents need of their cluster: {error}", directory.display());
            BackendError { code: "temporary", message, details: Vec::new(), help: vec!["TMPDIR chooses another place".to_owned()] }
        })
    }

    fn make_in(directory: &Path, cluster: &Cluster) -> io::Result<Self> {
        sweep(directory)?;
        let made = Self { all: directory.join(format!("{NAME}{}", std::process::id())) };
        for credential in [Credential::Authority, Credential::Token] {
            let folder = made.of(credential);
            DirBuilder::new().mode(0o700).recursive(true).create(&folder)?;
            write(&folder.join("ca.crt"), &cluster.authority())?;
            if credential == Credential::Token {
                write(&folder.join("token"), cluster.token())?;
            }
        }
        Ok(made)
    }

    /// Where that is.
    pub(super) fn of(&self, credential: Credential) -> PathBuf {
        self.all.join(match credential {
            Credential::Authority => "authority",
            Credential::Token => "token",
        })
    }
}

impl Drop for Folders {
    fn drop(&mut self) {
        // The next of this user's sandboxes tries again.
        let _ = fs::remove_dir_all(&self.all);
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(text.as_bytes())
}

fn sweep(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(NAME)?.parse::<u32>().ok());
        if owner.is_some_and(|owner| owner == std::process::id() || !Path::new(&format!("/proc/{owner}")).exists()) {
            // It may be another user's, or be removed by another sandbox this moment.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_token_is_there_only_for_those_who_need_one_and_nothing_is_left() {
        let (place, cluster) = (tempfile::tempdir().unwrap(), Cluster::new().unwrap());
        // Left by a process that is no more, by one that is, and by somebody else.
        for left in ["netcheck-credentials-4294967295", "netcheck-credentials-1", "netcheck-credentials-x"] {
            fs::create_dir(place.path().join(left)).unwrap();
        }
        let folders = Folders::make(place.path(), &cluster).unwrap();
        assert_eq!(names(&folders.of(Credential::Authority)), ["ca.crt"]);
        assert_eq!(names(&folders.of(Credential::Token)), ["ca.crt", "token"]);
        drop(folders);
        assert_eq!(names(place.path()), ["netcheck-credentials-1", "netcheck-credentials-x"]);
    }
}
