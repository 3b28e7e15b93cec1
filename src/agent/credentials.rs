//! The files of an agent's pod in which its token and the certificates of the cluster are. It must not know who wants them.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::model::probe::Credential;
use crate::probe::Keeper;

/// A token, or a bundle of certificates, is never larger.
const FILE_LIMIT: u64 = 1 << 20;

/// What is in that folder, as `token` and `ca.crt`.
#[must_use]
pub fn credentials(folder: PathBuf) -> Keeper {
    Keeper::new(move |what| match what {
        Credential::Authority => read("the cluster's CA", &folder.join("ca.crt")),
        Credential::Token => read("the service account's token", &folder.join("token")),
    })
}

fn read(what: &str, path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(FILE_LIMIT).read_to_end(&mut bytes));
    let text = read.and_then(|_| String::from_utf8(bytes).map_err(|_| ErrorKind::InvalidData.into()));
    let found = text
        .map(|text| text.trim().to_owned())
        .and_then(|text| if text.is_empty() { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(text) });
    found.map_err(|error: io::Error| format!("reading {what} from {}: {error}", path.display()))
}
