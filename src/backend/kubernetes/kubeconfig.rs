//! Kubeconfig files: read, and merged as kubectl does. It must not know which there are, nor what is made of them.
//!
//! kube reads them as well, by code that is made anew for each of its types and format: through JSON's values, as kubectl itself does
//! it, the agent is a fortieth smaller.

use std::io;
use std::path::{Path, PathBuf};

use kube::config::{AuthInfo, Cluster, Kubeconfig};

use crate::backend::content::at_most;

/// The most bytes of one, and of a file that it names: API servers would not keep an object a tenth as large.
const LIMIT: usize = 16 << 20;

/// Why there is none.
#[derive(Debug)]
pub(super) enum Unread {
    /// No place is known where one could be.
    Nowhere,
    /// The file cannot be read.
    File(io::Error, PathBuf),
    /// It is no kubeconfig.
    Content(String, PathBuf),
}

impl std::fmt::Display for Unread {
    /// What cannot be read, and why.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nowhere => f.write_str("~/.kube/config: HOME is not set"),
            Self::File(error, path) => write!(f, "{}: {error}", path.display()),
            Self::Content(why, path) => write!(f, "{}: {why}", path.display()),
        }
    }
}

/// Of several files.
pub(super) fn of_files(paths: &[PathBuf]) -> Result<Kubeconfig, Unread> {
    if paths.is_empty() {
        return Err(Unread::Nowhere);
    }
    paths
        .iter()
        .try_fold(Kubeconfig::default(), |all, path| merged(all, from_file(path)?).map_err(|why| Unread::Content(why, path.clone())))
}

/// Of one file, whose own paths are relative to it.
pub(super) fn from_file(path: &Path) -> Result<Kubeconfig, Unread> {
    let bytes = whole(path).map_err(|error| Unread::File(error, path.to_owned()))?;
    let mut all = from_bytes(&bytes).map_err(|why| Unread::Content(why, path.to_owned()))?;
    if let Some(folder) = path.parent() {
        all.clusters.iter_mut().filter_map(|named| named.cluster.as_mut()).for_each(|cluster| of_cluster(folder, cluster));
        all.auth_infos.iter_mut().filter_map(|named| named.auth_info.as_mut()).for_each(|user| of_user(folder, user));
    }
    Ok(all)
}

/// What a file has in it, be it a kubeconfig or what one names.
pub(super) fn whole(path: &Path) -> io::Result<Vec<u8>> {
    let bytes = at_most(path, LIMIT)?;
    if bytes.len() > LIMIT {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {} MiB", LIMIT >> 20)));
    }
    Ok(bytes)
}

/// What they say, in one document or several.
fn from_bytes(bytes: &[u8]) -> Result<Kubeconfig, String> {
    from_yaml(&text(bytes).ok_or("it is neither UTF-8 nor UTF-16")?)
}

/// What a text says, in one document or several.
pub(super) fn from_yaml(text: &str) -> Result<Kubeconfig, String> {
    let documents: Vec<serde_json::Value> = serde_saphyr::from_multiple(text).map_err(|error| error.to_string())?;
    let mut documents = documents.into_iter().filter(|document| !document.is_null());
    documents
        .try_fold(Kubeconfig::default(), |all, document| merged(all, serde_json::from_value(document).map_err(|error| error.to_string())?))
}

/// The first that says something counts.
fn merged(all: Kubeconfig, next: Kubeconfig) -> Result<Kubeconfig, String> {
    all.merge(next).map_err(|error| error.to_string())
}

/// As programs of other systems write it, too.
fn text(bytes: &[u8]) -> Option<String> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks(2).map(|pair| unit([pair[0], pair.get(1).copied().unwrap_or(0)])).collect();
        String::from_utf16(&units).ok()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => String::from_utf8(rest.to_vec()).ok(),
    }
}

fn of_cluster(folder: &Path, cluster: &mut Cluster) {
    resolve(folder, &mut cluster.certificate_authority);
}

/// A plugin's command without a `/` in it is searched for in `PATH`.
fn of_user(folder: &Path, user: &mut AuthInfo) {
    for path in [&mut user.client_certificate, &mut user.client_key, &mut user.token_file] {
        resolve(folder, path);
    }
    if let Some(exec) = user.exec.as_mut().filter(|exec| exec.command.as_ref().is_some_and(|command| command.contains('/'))) {
        resolve(folder, &mut exec.command);
    }
}

fn resolve(folder: &Path, path: &mut Option<String>) {
    let absolute =
        path.as_ref().filter(|path| Path::new(path).is_relative()).and_then(|path| folder.join(path).to_str().map(str::to_owned));
    if absolute.is_some() {
        *path = absolute;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const FIRST: &str = "clusters: [{ name: a, cluster: { server: 'https://10.0.0.1', certificate-authority: pki/ca.crt } }]
users:
- name: me
  user: { client-certificate: me.crt, client-key: /keys/me.key, tokenFile: token, exec: { command: bin/login } }
- { name: other, user: { exec: { command: login } } }
current-context: a
";
    const SECOND: &str =
        "clusters: [{ name: a, cluster: { server: 'https://10.0.0.2' } }, { name: b, cluster: null }]\nusers: null\ncurrent-context: b\n";

    #[test]
    fn files_are_merged_and_their_paths_are_relative_to_them() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = ["first", "second"].map(|name| folder.path().join(name));
        fs::write(&first, FIRST).unwrap();
        fs::write(&second, SECOND).unwrap();
        let all = of_files(&[first, second]).unwrap();
        let within = |path: &str| folder.path().join(path).to_str().map(str::to_owned);
        assert_eq!(all.clusters.iter().map(|cluster| cluster.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(all.clusters[0].cluster.as_ref().unwrap().certificate_authority, within("pki/ca.crt"));
        assert_eq!(all.current_context.as_deref(), Some("a"));
        let user = all.auth_infos[0].auth_info.as_ref().unwrap();
        assert_eq!((&user.client_certificate, &user.token_file), (&within("me.crt"), &within("token")));
        assert_eq!(user.client_key.as_deref(), Some("/keys/me.key"));
        assert_eq!(user.exec.as_ref().unwrap().command, within("bin/login"));
        assert_eq!(all.auth_infos[1].auth_info.as_ref().unwrap().exec.as_ref().unwrap().command.as_deref(), Some("login"));
    }

    #[test]
    fn documents_of_a_file_are_merged_and_none_is_an_empty_one() {
        let both = from_yaml(&format!("{FIRST}---\n{SECOND}")).unwrap();
        assert_eq!((both.clusters.len(), both.current_context.as_deref()), (2, Some("a")));
        for text in ["", "---\n", "# nothing\n"] {
            let all = from_yaml(text).unwrap();
            assert!(all.clusters.is_empty() && all.current_context.is_none(), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_kubeconfig_says_why() {
        for (text, why) in [("clusters: 7", "invalid type: integer `7`"), ("clusters: [", ""), ("- a", "invalid type")] {
            let Err(said) = from_yaml(text) else { panic!("{text}") };
            assert!(said.contains(why), "{said}");
        }
        assert!(matches!(from_file(Path::new("/nowhere/at/all")), Err(Unread::File(error, _)) if error.kind() == io::ErrorKind::NotFound));
        let folder = tempfile::tempdir().unwrap();
        let large = folder.path().join("large");
        fs::write(&large, vec![b'#'; 16 << 20]).unwrap();
        assert_eq!(from_file(&large).unwrap().clusters.len(), 0);
        fs::write(&large, vec![b'#'; (16 << 20) + 1]).unwrap();
        assert_eq!(from_file(&large).unwrap_err().to_string(), format!("{}: it has more than 16 MiB", large.display()));
        let (good, bad) = (folder.path().join("good"), folder.path().join("bad"));
        fs::write(&good, FIRST).unwrap();
        fs::write(&bad, "- a").unwrap();
        let said = of_files(&[good, bad.clone()]).unwrap_err().to_string();
        assert!(said.starts_with(&format!("{}: invalid type", bad.display())), "{said}");
    }

    /// As a shell gives one that a program writes: `--kubeconfig <(vault …)`.
    #[test]
    fn a_pipe_is_read_whoever_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        let to = path.clone();
        let writer = std::thread::spawn(move || fs::write(to, FIRST).unwrap());
        assert_eq!(from_file(&path).unwrap().current_context.as_deref(), Some("a"));
        writer.join().unwrap();
    }

    #[test]
    fn files_of_other_systems_are_read() {
        let wide: Vec<u8> = [0xfeff_u16].into_iter().chain("kind: Config".encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(text(&wide).as_deref(), Some("kind: Config"));
        let wide: Vec<u8> = [0xfeff_u16].into_iter().chain("kind: Config".encode_utf16()).flat_map(u16::to_be_bytes).collect();
        assert_eq!(text(&wide).as_deref(), Some("kind: Config"));
        assert_eq!(text(b"\xef\xbb\xbfkind: Config").as_deref(), Some("kind: Config"));
        assert_eq!(text(b"kind: \xff"), None);
    }
}
