//! What a certificate says: for whom, and until when with those that vouch for it. It must not know whether that is right.

use std::net::IpAddr;

use rustls::pki_types::{CertificateDer, UnixTime};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;

use crate::model::certificate::Certificate;
use crate::probe::packet::printable;

const HOUR: i64 = 3_600;

/// What a server shows: its own certificate, and others.
pub(super) type Shown<'a> = (&'a CertificateDer<'a>, &'a [CertificateDer<'a>]);

/// None if it cannot be read, which the check has said already. `anchored` knows the names of the authorities that are trusted:
/// whoever one of them vouches for needs nobody else.
pub(super) fn read((own, others): Shown<'_>, anchored: impl Fn(&[u8]) -> bool, now: UnixTime) -> Option<Certificate> {
    let (_, own) = parse_x509_certificate(own).ok()?;
    let others: Vec<X509Certificate<'_>> = others.iter().filter_map(|der| Some(parse_x509_certificate(der).ok()?.1)).collect();
    let not_after = chain(&own, &others, anchored).map(end).fold(end(&own), i64::min);
    let left = not_after.saturating_sub(i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
    let names = own.subject_alternative_name().ok().flatten();
    let names = names.iter().flat_map(|names| &names.value.general_names).filter_map(name).take(Certificate::NAMES_LIMIT).collect();
    Some(Certificate { not_after, hours_left: left.div_euclid(HOUR), names })
}

fn end(certificate: &X509Certificate<'_>) -> i64 {
    certificate.validity().not_after.timestamp()
}

/// Those that vouch for one, each for the one before. Of several of one name, such as those that are signed by an old and a new
/// authority, the one that lasts: one way to an authority is enough. So what else a server shows does not count.
fn chain<'c>(
    own: &'c X509Certificate<'c>,
    others: &'c [X509Certificate<'c>],
    anchored: impl Fn(&[u8]) -> bool,
) -> impl Iterator<Item = &'c X509Certificate<'c>> {
    let above = move |below: &&'c X509Certificate<'c>| {
        let issuer = below.issuer().as_raw();
        let wanted = !anchored(issuer) && issuer != below.subject().as_raw();
        others.iter().filter(|other| wanted && other.subject().as_raw() == issuer).max_by_key(|other| end(other))
    };
    // No chain is longer than what is shown, though names may go round in a circle.
    std::iter::successors(above(&own), move |below| above(below)).take(others.len())
}

/// Whom a server can be called by; other kinds of names are for others.
fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(printable(name.as_bytes())),
        GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_string()),
        _ => None,
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from);
    v4.or_else(|| <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
    use std::time::Duration;

    const NOW: u64 = 1_700_000_000;

    fn now() -> UnixTime {
        UnixTime::since_unix_epoch(Duration::from_secs(NOW))
    }

    fn certificate(names: &[&str], left: i64) -> Vec<u8> {
        let mut params = rcgen::CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
        params.not_before = rcgen::date_time_ymd(1990, 1, 1);
        let moment = std::time::UNIX_EPOCH + Duration::from_secs(NOW.checked_add_signed(left).unwrap());
        params.not_after = moment.into();
        params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    fn alone(der: &[u8]) -> Option<Certificate> {
        read((&der.into(), &[]), |_| false, now())
    }

    /// One of that name for so many days, signed by that one; by itself where there is none.
    fn signed(name: &str, days: i64, by: Option<&CertifiedIssuer<'static, KeyPair>>) -> CertifiedIssuer<'static, KeyPair> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.not_before = rcgen::date_time_ymd(1990, 1, 1);
        params.not_after = (std::time::UNIX_EPOCH + Duration::from_secs(NOW.checked_add_signed(days * 86_400).unwrap())).into();
        let key = KeyPair::generate().unwrap();
        match by {
            None => CertifiedIssuer::self_signed(params, key).unwrap(),
            Some(by) => CertifiedIssuer::signed_by(params, key, by).unwrap(),
        }
    }

    #[test]
    fn a_chain_ends_with_the_first_of_it_that_does() {
        let root = signed("root", 1, None);
        let middle = signed("middle", 2, Some(&root));
        let lasting = signed("middle", 20, Some(&root));
        let lower = signed("lower", 10, Some(&middle));
        let leaf = signed("leaf", 30, Some(&lower));
        let (circle, stranger) = (signed("root", 40, Some(&lower)), signed("stranger", -5, None));
        for (others, anchor, days) in [
            (vec![], "root", 30),
            (vec![&lower, &middle], "root", 2),
            (vec![&middle, &lower], "root", 2),
            (vec![&lower, &middle], "middle", 10),
            (vec![&lower, &middle], "lower", 30),
            (vec![&lower, &middle, &root], "root", 2),
            (vec![&lower, &middle, &root], "another", 1),
            (vec![&lower, &middle, &lasting], "root", 10),
            (vec![&lower, &middle, &circle], "another", 2),
            (vec![&stranger], "root", 30),
            (vec![&lower, &middle, &stranger], "root", 2),
        ] {
            let shown: Vec<CertificateDer<'_>> = others.iter().map(|issuer| issuer.der().clone()).collect();
            let anchored = |name: &[u8]| name.ends_with(anchor.as_bytes());
            let found = read((leaf.der(), &shown), anchored, now()).unwrap();
            assert_eq!(found.hours_left / 24, days, "{} others, {anchor}", shown.len());
        }
    }

    #[test]
    fn end_and_names_are_read() {
        for (left, hours) in [(0, 0), (3_599, 0), (3_600, 1), (-1, -1), (86_400 * 400, 9_600)] {
            let found = alone(&certificate(&["a.example", "10.0.0.1", "fd00::1"], left)).unwrap();
            assert_eq!((found.hours_left, found.not_after), (hours, NOW.checked_add_signed(left).unwrap().cast_signed()));
            assert_eq!(found.names, ["a.example", "10.0.0.1", "fd00::1"]);
        }
    }

    #[test]
    fn names_are_bounded() {
        let many: Vec<String> = (0..100).map(|number| format!("n{number}.example")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(alone(&certificate(&many, 1)).unwrap().names.len(), Certificate::NAMES_LIMIT);
    }

    proptest! {
        #[test]
        fn nothing_that_is_shown_breaks_it(at in 0_usize..400, byte: u8, end in 0_usize..400) {
            let mut der = certificate(&["a.example"], 1);
            let length = der.len();
            der[at % length] = byte;
            der.truncate(length - end % length);
            let shown = [der.into()];
            let _ = read((&shown[0], &shown), |_| false, now());
        }
    }
}
