//! What this machine's resolv.conf says. It must not know what is asked.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::model::resolv_conf::ResolvConf;
use crate::wire::Resolver;

/// Where applications look for it.
pub(super) const RESOLV_CONF: &str = "/etc/resolv.conf";

/// What stands there; a file that is too large is none of ours.
pub(super) fn resolver(path: &Path) -> Resolver {
    let mut text = Vec::new();
    let read = File::open(path).and_then(|file| file.take(ResolvConf::SIZE_LIMIT + 1).read_to_end(&mut text));
    match read {
        Err(error) => Resolver::Unreadable(format!("reading {}: {error}", path.display())),
        Ok(length) if length as u64 > ResolvConf::SIZE_LIMIT => {
            Resolver::Unreadable(format!("{} has more than {} bytes", path.display(), ResolvConf::SIZE_LIMIT))
        }
        Ok(_) => Resolver::Conf(ResolvConf::parse(&String::from_utf8_lossy(&text))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content: Option<Vec<u8>>, expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("resolv.conf");
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let said = match resolver(&path) {
            Resolver::Conf(conf) => format!("{} servers", conf.nameservers.len()),
            Resolver::Unreadable(why) => why.replace(&*folder.path().to_string_lossy(), "…"),
        };
        assert_eq!(said, expected);
    }

    #[test]
    fn a_file_that_is_missing_or_too_large_is_no_resolv_conf() {
        check(Some(b"nameserver 10.0.0.1\n".to_vec()), "1 servers");
        check(Some(vec![0xff; 65_536]), "0 servers");
        check(Some(vec![b' '; 65_537]), "…/resolv.conf has more than 65536 bytes");
        check(None, "reading …/resolv.conf: No such file or directory (os error 2)");
    }
}
