//! `netcheck image export`: the agents' image, made of this very program, without any container tool.
//!
//! The archive is an OCI image layout (<https://github.com/opencontainers/image-spec>) with the `manifest.json` of
//! `docker save` beside it, so that containerd, kind, podman, skopeo and Docker all take it. Equal programs give equal archives.

mod archive;
mod binary;

use std::path::Path;

use crate::model::exit::Exit;

use super::arguments::ExportArguments;
use super::{Outcome, Refusal, say};

use archive::Archive;
use binary::Binary;

/// The name that agents' pods ask for by default.
pub(super) fn default_name() -> String {
    format!("localhost/netcheck:{}", env!("CARGO_PKG_VERSION"))
}

/// Writes the archive.
pub(super) fn execute(arguments: &ExportArguments) -> Outcome {
    let own = std::env::current_exe().map_err(|error| Refusal::usage(format!("finding this very program: {error}")))?;
    let mut binaries: Vec<Binary> = Vec::new();
    for path in std::iter::once(&own).chain(&arguments.add) {
        let binary = Binary::read(path)?;
        if binaries.iter().any(|other| other.architecture == binary.architecture) {
            return Err(Refusal::usage(format!("two programs for {}: {} is one too many", binary.architecture, path.display())));
        }
        binaries.push(binary);
    }
    let name = arguments.name.clone().unwrap_or_else(default_name);
    check_name(&name)?;
    let bytes = Archive::of(&name, &binaries).map_err(|error| Refusal::usage(format!("making the archive: {error}")))?;
    write(&arguments.output, &bytes)?;
    let architectures: Vec<_> = binaries.iter().map(|binary| binary.architecture).collect();
    let (file, size) = (arguments.output.display(), bytes.len() / 1024);
    say(&format!("wrote {name} ({}) to {file}, {size} KiB", architectures.join(", ")));
    Ok(Exit::Passed)
}

/// What is certainly no image name is refused here; the loaders know the rest.
fn check_name(name: &str) -> Result<(), Refusal> {
    let (path, tag) = name.rsplit_once(':').unwrap_or((name, ""));
    let fits =
        |text: &str, more: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || more.contains(c));
    let tag_fits = !tag.is_empty() && tag.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    if fits(path, "./_-:") && tag_fits && path.contains('/') {
        return Ok(());
    }
    Err(Refusal::usage(format!("expected an image name such as registry.example/team/netcheck:1.0, found {name:?}")))
}

/// Beside the target first, so that no loader ever finds half an archive.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Refusal> {
    let refuse = |error: std::io::Error| Refusal::usage(format!("cannot write {}: {error}", path.display()));
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    std::fs::write(&partial, bytes).map_err(refuse)?;
    std::fs::rename(&partial, path).map_err(refuse)
}
