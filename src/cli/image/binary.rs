//! A program as an image can hold it: static, and of a known architecture.

use std::path::Path;

use object::elf::{self, FileHeader64};
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Architecture, Endianness, Object};

use crate::cli::Refusal;

/// A static program.
#[derive(Debug)]
pub(super) struct Binary {
    /// As OCI calls it (the names of Go): `amd64`, `arm64`.
    pub(super) architecture: &'static str,
    pub(super) bytes: Vec<u8>,
}

impl Binary {
    /// Reads a program.
    pub(super) fn read(path: &Path) -> Result<Self, Refusal> {
        let bytes = std::fs::read(path).map_err(|error| Refusal::usage(format!("cannot read {}: {error}", path.display())))?;
        let file =
            object::File::parse(&*bytes).map_err(|error| Refusal::usage(format!("{} is no Linux program: {error}", path.display())))?;
        let architecture = match file.architecture() {
            Architecture::X86_64 => "amd64",
            Architecture::Aarch64 => "arm64",
            other => return Err(Refusal::usage(format!("{} is for {other:?}; agents run on amd64 and arm64", path.display()))),
        };
        if is_dynamic(&bytes) {
            return Err(dynamic(path));
        }
        Ok(Self { architecture, bytes })
    }
}

/// A program that names an interpreter (`PT_INTERP`, elf(5)) needs the libraries of its machine; an image of ours has none.
fn is_dynamic(bytes: &[u8]) -> bool {
    let headers = || -> object::Result<bool> {
        let header = FileHeader64::<Endianness>::parse(bytes)?;
        let endian = header.endian()?;
        Ok(header.program_headers(endian, bytes)?.iter().any(|segment| segment.p_type(endian) == elf::PT_INTERP))
    };
    // What cannot be told is not taken for static.
    headers().unwrap_or(true)
}

fn dynamic(path: &Path) -> Refusal {
    Refusal::usage(format!("{} is not static: it needs libraries that the image does not hold", path.display()))
        .help("build it with: rustup target add x86_64-unknown-linux-musl && cargo build --profile dist --target x86_64-unknown-linux-musl")
        .help("then run: target/x86_64-unknown-linux-musl/dist/netcheck image export -o netcheck.tar")
}
