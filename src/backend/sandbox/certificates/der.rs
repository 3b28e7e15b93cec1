//! DER (X.690), as far as certificates are written in it: each function writes one value. It must not know what values mean.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A moment, in seconds of the Unix epoch.
pub(super) struct Moment(pub(super) i64);

/// Letters of base64 in a line of PEM (RFC 7468 2).
const LINE: usize = 64;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let mut written = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => written.push(short),
        _ => {
            let significant: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
            written.push(0x80 | u8::try_from(significant.len()).unwrap_or(0));
            written.extend(significant);
        }
    }
    written.extend_from_slice(content);
    written
}

pub(super) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    value(0x30, &parts.concat())
}

pub(super) fn set(parts: &[Vec<u8>]) -> Vec<u8> {
    value(0x31, &parts.concat())
}

/// A number that is not negative, as its bytes: the first is less than 0x80, and not 0 before others.
pub(super) fn integer(bytes: &[u8]) -> Vec<u8> {
    value(2, bytes)
}

/// An object identifier, as its bytes.
pub(super) fn oid(bytes: &[u8]) -> Vec<u8> {
    value(6, bytes)
}

pub(super) fn yes() -> Vec<u8> {
    value(1, &[0xff])
}

pub(super) fn bytes(bytes: &[u8]) -> Vec<u8> {
    value(4, bytes)
}

/// Bits, of which so many of the last byte are unused.
pub(super) fn bits(unused: u8, bytes: &[u8]) -> Vec<u8> {
    value(3, &[&[unused], bytes].concat())
}

pub(super) fn text(text: &str) -> Vec<u8> {
    value(0x0c, text.as_bytes())
}

/// A value that its place tells: one around another, or one of its own.
pub(super) fn context(number: u8, around: bool, content: &[u8]) -> Vec<u8> {
    value(if around { 0xa0 | number } else { 0x80 | number }, content)
}

impl Moment {
    /// With two digits of the year until 2049, and with four from then on (RFC 5280 4.1.2.5).
    pub(super) fn written(&self) -> Vec<u8> {
        let time = Timestamp::from_second(self.0).unwrap_or_default().to_zoned(TimeZone::UTC);
        match time.year() {
            1950..2050 => value(0x17, time.strftime("%y%m%d%H%M%SZ").to_string().as_bytes()),
            _ => value(0x18, time.strftime("%Y%m%d%H%M%SZ").to_string().as_bytes()),
        }
    }
}

/// As files have it (RFC 7468).
pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let letters: Vec<char> = der.chunks(3).flat_map(base64).collect();
    let lines: Vec<String> = letters.chunks(LINE).map(|line| line.iter().collect()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// Four letters for up to three bytes (RFC 4648 4).
fn base64(bytes: &[u8]) -> [char; 4] {
    let at = |place: usize| bytes.get(place).copied().unwrap_or(0);
    let all = u32::from_be_bytes([0, at(0), at(1), at(2)]);
    let letter = |place: usize| {
        let bits = usize::try_from(all >> (18 - 6 * place) & 63).unwrap_or(0);
        if place > bytes.len() { '=' } else { char::from(BASE64.get(bits).copied().unwrap_or(b'=')) }
    };
    [letter(0), letter(1), letter(2), letter(3)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_as_many_bytes_as_they_need() {
        for (length, expected) in [(0, vec![4, 0]), (127, vec![4, 127]), (128, vec![4, 0x81, 128]), (300, vec![4, 0x82, 1, 44])] {
            assert_eq!(bytes(&vec![7; length])[..expected.len()], expected[..]);
        }
    }

    /// RFC 4648 10.
    #[test]
    fn base64_is_as_the_standard_has_it() {
        for (plain, coded) in [("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"), ("\u{ff}\u{ff}", "w7/Dvw==")] {
            assert_eq!(pem("X", plain.as_bytes()), format!("-----BEGIN X-----\n{coded}\n-----END X-----\n"));
        }
        assert!(pem("X", &[1; 100]).lines().all(|line| line.len() <= LINE));
    }

    #[test]
    fn years_have_four_digits_from_2050_on() {
        assert_eq!(Moment(2_524_607_999).written(), [&[0x17, 13], &b"491231235959Z"[..]].concat());
        assert_eq!(Moment(2_524_608_000).written(), [&[0x18, 15], &b"20500101000000Z"[..]].concat());
    }
}
