//! The bytes of the archive. It must not know where they go.

use std::io;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::binary::Binary;

/// An archive being made.
pub(super) struct Archive {
    tar: tar::Builder<Vec<u8>>,
}

/// Content by its digest.
struct Blob {
    media_type: &'static str,
    digest: String,
    size: usize,
}

impl Blob {
    fn descriptor(&self) -> Value {
        json!({ "mediaType": self.media_type, "digest": format!("sha256:{}", self.digest), "size": self.size })
    }

    fn path(&self) -> String {
        format!("blobs/sha256/{}", self.digest)
    }
}

/// The parts of an image for one architecture.
struct Image {
    manifest: Blob,
    config: Blob,
    layer: Blob,
    architecture: &'static str,
}

/// The user in the image; pods give none, so that platforms that assign their own may.
const USER: &str = "65532:65532";

impl Archive {
    /// The whole archive of an image.
    pub(super) fn of(name: &str, binaries: &[Binary]) -> io::Result<Vec<u8>> {
        let mut archive = Self { tar: tar::Builder::new(Vec::new()) };
        archive.file("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#)?;
        let images = binaries.iter().map(|binary| archive.image(binary)).collect::<io::Result<Vec<_>>>()?;
        let index = archive.index(name, &images)?;
        archive.file("index.json", index.to_string().as_bytes())?;
        archive.file("manifest.json", docker(name, &images).to_string().as_bytes())?;
        archive.tar.into_inner()
    }

    fn image(&mut self, binary: &Binary) -> io::Result<Image> {
        let layer = self.blob("application/vnd.oci.image.layer.v1.tar", &layer(&binary.bytes)?)?;
        let config = json!({
            "architecture": binary.architecture,
            "os": "linux",
            "config": {
                "User": USER,
                "Entrypoint": ["/netcheck"],
                "Labels": { "org.opencontainers.image.title": "netcheck", "org.opencontainers.image.version": env!("CARGO_PKG_VERSION") },
            },
            "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{}", layer.digest)] },
        });
        let config = self.blob("application/vnd.oci.image.config.v1+json", config.to_string().as_bytes())?;
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": config.descriptor(),
            "layers": [layer.descriptor()],
        });
        let manifest = self.blob("application/vnd.oci.image.manifest.v1+json", manifest.to_string().as_bytes())?;
        Ok(Image { manifest, config, layer, architecture: binary.architecture })
    }

    /// One manifest stands in the index itself; several stand in an index of their own, as loaders expect it.
    fn index(&mut self, name: &str, images: &[Image]) -> io::Result<Value> {
        let mut manifests: Vec<Value> = images
            .iter()
            .map(|image| {
                let mut entry = image.manifest.descriptor();
                entry["platform"] = json!({ "architecture": image.architecture, "os": "linux" });
                entry
            })
            .collect();
        if manifests.len() > 1 {
            let media_type = "application/vnd.oci.image.index.v1+json";
            let nested = json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": manifests });
            manifests = vec![self.blob(media_type, nested.to_string().as_bytes())?.descriptor()];
        }
        for entry in &mut manifests {
            let tag = name.rsplit(':').next().unwrap_or(name);
            entry["annotations"] = json!({ "io.containerd.image.name": name, "org.opencontainers.image.ref.name": tag });
        }
        Ok(json!({ "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": manifests }))
    }

    fn blob(&mut self, media_type: &'static str, bytes: &[u8]) -> io::Result<Blob> {
        let blob = Blob { media_type, digest: digest(bytes), size: bytes.len() };
        self.file(&blob.path(), bytes)?;
        Ok(blob)
    }

    fn file(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        append(&mut self.tar, path, bytes, 0o644)
    }
}

/// What `docker load` reads. It knows one architecture only: the first.
fn docker(name: &str, images: &[Image]) -> Value {
    let entries: Vec<Value> = images
        .iter()
        .take(1)
        .map(|image| json!({ "Config": image.config.path(), "RepoTags": [name], "Layers": [image.layer.path()] }))
        .collect();
    Value::Array(entries)
}

/// The one file of the image.
fn layer(program: &[u8]) -> io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    append(&mut tar, "netcheck", program, 0o755)?;
    tar.into_inner()
}

/// Always the same owner and the same time, so that equal content gives equal bytes.
fn append(tar: &mut tar::Builder<Vec<u8>>, path: &str, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes.len() as u64);
    header.set_mode(mode);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    tar.append_data(&mut header, path, bytes)
}

fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Read;

    use super::*;

    fn binaries(architectures: &[&'static str]) -> Vec<Binary> {
        architectures
            .iter()
            .map(|architecture| Binary { architecture, bytes: format!("program for {architecture}").into_bytes() })
            .collect()
    }

    fn files(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        for entry in tar::Archive::new(archive).entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            found.insert(entry.path().unwrap().to_string_lossy().into_owned(), bytes);
        }
        found
    }

    /// Every descriptor leads to a blob with that digest and size; returns the manifests' platforms.
    fn follow(files: &BTreeMap<String, Vec<u8>>, index: &Value) -> Vec<String> {
        let mut platforms = Vec::new();
        for entry in index["manifests"].as_array().unwrap() {
            let blob = blob(files, entry);
            match entry["platform"]["architecture"].as_str() {
                None => platforms.extend(follow(files, &blob)),
                Some(platform) => {
                    let config = self::blob(files, &blob["config"]);
                    assert_eq!(config["architecture"], platform);
                    assert_eq!(config["config"]["User"], USER);
                    let layer = files[&path(&blob["layers"][0])].clone();
                    assert_eq!(config["rootfs"]["diff_ids"][0], format!("sha256:{}", digest(&layer)));
                    assert_eq!(self::files(&layer)["netcheck"], format!("program for {platform}").into_bytes());
                    platforms.push(platform.to_owned());
                }
            }
        }
        platforms
    }

    fn path(descriptor: &Value) -> String {
        descriptor["digest"].as_str().unwrap().replace("sha256:", "blobs/sha256/")
    }

    fn blob(files: &BTreeMap<String, Vec<u8>>, descriptor: &Value) -> Value {
        let bytes = &files[&path(descriptor)];
        assert_eq!(descriptor["size"], bytes.len());
        assert_eq!(descriptor["digest"], format!("sha256:{}", digest(bytes)));
        serde_json::from_slice(bytes).unwrap()
    }

    fn check(architectures: &[&'static str]) {
        let name = "registry.example/netcheck:1";
        let archive = Archive::of(name, &binaries(architectures)).unwrap();
        assert_eq!(archive, Archive::of(name, &binaries(architectures)).unwrap(), "equal programs, equal archives");
        let files = files(&archive);
        let index: Value = serde_json::from_slice(&files["index.json"]).unwrap();
        assert_eq!(index["manifests"].as_array().unwrap().len(), 1, "one name, one entry");
        assert_eq!(index["manifests"][0]["annotations"]["io.containerd.image.name"], name);
        assert_eq!(follow(&files, &index), architectures);
        let docker: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
        assert_eq!(docker[0]["RepoTags"][0], name);
        assert!(files.contains_key(docker[0]["Config"].as_str().unwrap()) && files.contains_key(docker[0]["Layers"][0].as_str().unwrap()));
    }

    #[test]
    fn every_loader_finds_its_way_through_the_archive() {
        check(&["amd64"]);
        check(&["amd64", "arm64"]);
    }
}
