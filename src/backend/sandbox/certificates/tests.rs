//! What is made is read by others: the parser of the probe and the verification of TLS.

use rustls::RootCertStore;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;

use super::*;

const NAMES: [&str; 3] = ["kubernetes.default.svc", "10.96.0.1", "fd00:10:96::1"];

fn says(hours_left: i64) -> Certificate {
    Certificate { not_after: 0, hours_left, names: NAMES.map(str::to_owned).to_vec() }
}

/// What comes of a certificate of `authority` where `trusted` is trusted, and `name` asked for.
fn check(authority: &Authority, trusted: &Authority, (hours_left, name): (i64, &'static str), expected: Result<(), &str>) {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(trusted.pem().as_bytes()).unwrap()).unwrap();
    let issued = authority.issue(&says(hours_left)).unwrap();
    let leaf = ParsedCertificate::try_from(&issued.cert[0]).unwrap();
    let algorithms = default_provider().signature_verification_algorithms.all;
    let found = verify_server_cert_signed_by_trust_anchor(&leaf, &roots, &[], UnixTime::now(), algorithms)
        .and_then(|()| verify_server_name(&leaf, &ServerName::try_from(name).unwrap()));
    match expected {
        Ok(()) => assert_eq!(found, Ok(()), "{name}"),
        Err(why) => assert!(format!("{found:?}").contains(why), "{name}: {found:?}"),
    }
}

#[test]
fn a_certificate_is_good_for_its_names_its_time_and_its_authority_alone() {
    let (own, other) = (Authority::new().unwrap(), Authority::new().unwrap());
    for name in NAMES {
        check(&own, &own, (1, name), Ok(()));
    }
    check(&own, &own, (1, "kubernetes"), Err("NotValidForName"));
    check(&own, &own, (1, "10.96.0.2"), Err("NotValidForName"));
    check(&own, &own, (-72, NAMES[0]), Err("Expired"));
    check(&other, &own, (1, NAMES[0]), Err("BadSignature"));
}

#[test]
fn other_readers_find_what_was_written() {
    let own = Authority::new().unwrap();
    let issued = own.issue(&says(72)).unwrap();
    let (rest, leaf) = x509_parser::parse_x509_certificate(&issued.cert[0]).unwrap();
    assert_eq!((rest, leaf.validity().is_valid(), leaf.is_ca()), (&[][..], true, false));
    assert_eq!((leaf.subject().to_string(), leaf.issuer().to_string()), ("CN=kube-apiserver".to_owned(), "CN=kubernetes".to_owned()));
    let left = leaf.validity().not_after.timestamp() - now();
    assert_eq!(left.div_euclid(HOUR), 72);
    assert_eq!(leaf.subject_alternative_name().unwrap().unwrap().value.general_names.len(), 3);
    let root = CertificateDer::from_pem_slice(own.pem().as_bytes()).unwrap();
    let (_, root) = x509_parser::parse_x509_certificate(&root).unwrap();
    assert!(root.is_ca() && root.key_usage().unwrap().unwrap().value.key_cert_sign());
}

/// Without this, a server would show a certificate of which it has no key.
#[test]
fn the_key_is_that_of_the_certificate() {
    Authority::new().unwrap().issue(&says(1)).unwrap().keys_match().unwrap();
}
