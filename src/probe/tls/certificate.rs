//! What a certificate says: until when, and for whom. It must not know whether that is right.

use std::net::IpAddr;

use rustls::pki_types::{CertificateDer, UnixTime};
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;

use crate::model::certificate::Certificate;
use crate::probe::packet::printable;

const HOUR: i64 = 3_600;

/// None if it cannot be read, which the check has said already.
pub(super) fn read(der: &CertificateDer<'_>, now: UnixTime) -> Option<Certificate> {
    let (_, certificate) = parse_x509_certificate(der).ok()?;
    let not_after = certificate.validity().not_after.timestamp();
    let left = not_after.saturating_sub(i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.iter().flat_map(|names| &names.value.general_names).filter_map(name).take(Certificate::NAMES_LIMIT).collect();
    Some(Certificate { not_after, hours_left: left.div_euclid(HOUR), names })
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

    #[test]
    fn end_and_names_are_read() {
        for (left, hours) in [(0, 0), (3_599, 0), (3_600, 1), (-1, -1), (86_400 * 400, 9_600)] {
            let found = read(&certificate(&["a.example", "10.0.0.1", "fd00::1"], left).into(), now()).unwrap();
            assert_eq!((found.hours_left, found.not_after), (hours, NOW.checked_add_signed(left).unwrap().cast_signed()));
            assert_eq!(found.names, ["a.example", "10.0.0.1", "fd00::1"]);
        }
    }

    #[test]
    fn names_are_bounded() {
        let many: Vec<String> = (0..100).map(|number| format!("n{number}.example")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(read(&certificate(&many, 1).into(), now()).unwrap().names.len(), Certificate::NAMES_LIMIT);
    }

    proptest! {
        #[test]
        fn nothing_that_is_shown_breaks_it(at in 0_usize..400, byte: u8, end in 0_usize..400) {
            let mut der = certificate(&["a.example"], 1);
            let length = der.len();
            der[at % length] = byte;
            der.truncate(length - end % length);
            let _ = read(&der.into(), now());
        }
    }
}
