//! Numbers with a unit, so that a microsecond never meets a port or a percentage by mistake.

use std::fmt;
use std::num::NonZeroU16;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A length of time in microseconds (0 to 2^64-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Micros(pub u64);

impl Micros {
    /// As the standard library's duration.
    #[must_use]
    pub const fn duration(self) -> Duration {
        Duration::from_micros(self.0)
    }

    /// Reads `250us`, `10ms`, `1.5s`, `1m30s`; a number without a unit is refused.
    ///
    /// # Errors
    /// In words, what was expected and what was found.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || format!("expected a duration with its unit, such as 250us, 10ms or 1.5s, found {text:?}");
        let duration: jiff::SignedDuration = text.trim().parse().map_err(|_| expected())?;
        u64::try_from(duration.as_micros()).map(Self).map_err(|_| expected())
    }

    /// From the standard library's duration; what does not fit in 64 bits becomes the largest value.
    #[must_use]
    pub fn of(duration: Duration) -> Self {
        Self(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
    }

    /// With all its decimals, in the unit that reads best: `1.001s`, as a limit is to be shown.
    #[must_use]
    pub fn exact(self) -> String {
        let (divisor, unit) = self.unit();
        let decimals = format!("{:0digits$}", self.0 % divisor, digits = divisor.ilog10() as usize);
        let decimals = decimals.trim_end_matches('0');
        let point = if decimals.is_empty() { "" } else { "." };
        format!("{}{point}{decimals}{unit}", self.0 / divisor)
    }

    /// The unit that reads best, and how many microseconds it has.
    const fn unit(self) -> (u64, &'static str) {
        match self.0 {
            0..1_000 => (1, "µs"),
            1_000..1_000_000 => (1_000, "ms"),
            _ => (1_000_000, "s"),
        }
    }
}

impl fmt::Display for Micros {
    /// Three significant digits at most, with the unit that reads best: `250µs`, `1.8ms`, `41.3s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (divisor, unit) = self.unit();
        write!(f, "{}{unit}", fraction(self.0, divisor))
    }
}

/// A number of bytes (0 to 2^64-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(pub u64);

impl Bytes {
    /// The units of sizes with their bytes: powers of 1000 and, with an `i`, of 1024 (IEC 80000-13).
    const UNITS: [(&'static str, u64); 9] = [
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("TiB", 1 << 40),
        ("KB", 1_000),
        ("kB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("TB", 1_000_000_000_000),
    ];

    /// Reads `1500`, `1500B`, `9KiB`, `1MB`, `1.5GiB`: what is no whole number of bytes is refused.
    ///
    /// # Errors
    /// In words, what was expected and what was found.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || format!("expected a size in bytes, such as 1500, 9KiB or 1MB, found {text:?}");
        let trimmed = text.trim();
        let with_unit = Self::UNITS.into_iter().find_map(|(unit, bytes)| Some((trimmed.strip_suffix(unit)?, bytes)));
        let (number, unit) = with_unit.unwrap_or_else(|| (trimmed.strip_suffix('B').unwrap_or(trimmed), 1));
        let number = number.trim_end();
        let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |part: &str| (1..=15).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(decimals) {
            return Err(expected());
        }
        let scale = 10_u128.pow(u32::try_from(decimals.len()).map_err(|_| expected())?);
        let number: u128 = format!("{whole}{decimals}").parse().map_err(|_| expected())?;
        let bytes = number * u128::from(unit);
        if bytes.is_multiple_of(scale) { u64::try_from(bytes / scale).map(Self).map_err(|_| expected()) } else { Err(expected()) }
    }
}

/// A TCP or UDP port (1 to 65535).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Port(pub NonZeroU16);

impl Port {
    /// Where servers of DNS are asked.
    pub const DNS: Self = Self(NonZeroU16::MIN.saturating_add(52));
    /// Where servers of HTTPS are asked.
    pub const HTTPS: Self = Self(NonZeroU16::MIN.saturating_add(442));

    /// A port, unless the number is 0.
    #[must_use]
    pub const fn new(number: u16) -> Option<Self> {
        match NonZeroU16::new(number) {
            Some(port) => Some(Self(port)),
            None => None,
        }
    }

    /// A port, unless the number is none of 1 to 65,535.
    #[must_use]
    pub fn of(number: impl TryInto<u16>) -> Option<Self> {
        number.try_into().ok().and_then(Self::new)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0.get()
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Ports from the first to the last, both of them included. Written `30000-30100`; one alone is a range, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortRange {
    first: Port,
    last: Port,
}

impl PortRange {
    /// Only that port.
    #[must_use]
    pub const fn one(port: Port) -> Self {
        Self { first: port, last: port }
    }

    /// Reads `30000-30100` or `30000`; 0 and an end before the beginning are refused.
    ///
    /// # Errors
    /// In words, what was expected and what was found.
    pub fn parse(text: &str) -> Result<Self, String> {
        let port = |text: &str| text.trim().parse().ok().and_then(Port::new);
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (port(first), port(last)) {
            (Some(first), Some(last)) if first.0 <= last.0 => Ok(Self { first, last }),
            _ => Err(format!("expected a port or a range of ports from 1 to 65535, such as 30000-30100, found {text:?}")),
        }
    }

    /// Each of them, in order.
    pub fn iter(self) -> impl Iterator<Item = Port> {
        (self.first.get()..=self.last.get()).filter_map(Port::new)
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first, self.last) {
            (first, last) if first == last => first.fmt(f),
            (first, last) => write!(f, "{first}-{last}"),
        }
    }
}

/// A share of a whole in parts per million (0 to 1,000,000): exact to compare, where floating point is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Ppm(pub u32);

impl Ppm {
    /// The whole: 100 %.
    pub const WHOLE: Self = Self(1_000_000);

    /// Reads `0%`, `0.5%`, `100%`; a number without the sign is refused, and so is more than 100 % or more than four decimals.
    ///
    /// # Errors
    /// In words, what was expected and what was found.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || format!("expected a percentage from 0% to 100% with at most four decimals, such as 0.5%, found {text:?}");
        let number = text.trim().strip_suffix('%').ok_or_else(expected)?.trim_end();
        let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || whole.len() > 3 || decimals.len() > 4 {
            return Err(expected());
        }
        let ppm: u32 = format!("{whole}{decimals:0<4}").parse().map_err(|_| expected())?;
        if ppm > Self::WHOLE.0 { Err(expected()) } else { Ok(Self(ppm)) }
    }

    /// `part` of `whole`, rounded up, so that one lost packet in ten million is never shown as none. 0 of 0 is 0.
    #[must_use]
    pub fn of(part: u64, whole: u64) -> Self {
        if whole == 0 {
            return Self(0);
        }
        let ppm = (u128::from(part) * 1_000_000).div_ceil(u128::from(whole));
        Self(u32::try_from(ppm).unwrap_or(u32::MAX).min(1_000_000))
    }
}

impl Ppm {
    /// `part` of `whole`, rounded down: a share that ought to be large is never shown as more than it is. 0 of 0 is 0.
    #[must_use]
    pub fn at_least(part: u64, whole: u64) -> Self {
        let ppm = u128::from(part) * 1_000_000 / u128::from(whole.max(1));
        Self(u32::try_from(ppm).unwrap_or(u32::MAX).min(1_000_000))
    }

    /// With all its decimals, as [`Ppm::parse`] reads it: `99.95%`.
    #[must_use]
    pub fn exact(self) -> String {
        let decimals = format!("{:04}", self.0 % 10_000);
        let decimals = decimals.trim_end_matches('0');
        let point = if decimals.is_empty() { "" } else { "." };
        format!("{}{point}{decimals}%", self.0 / 10_000)
    }
}

impl fmt::Display for Ppm {
    /// As a percentage: `0%`, `8.3%`, `0.04%`, `100%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("0%"),
            1..1_000 => write!(f, "{}%", trimmed(f64::from(self.0) / 10_000.0, 4)),
            1_000..100_000 => write!(f, "{}%", trimmed(f64::from(self.0) / 10_000.0, 2)),
            _ => write!(f, "{}%", trimmed(f64::from(self.0) / 10_000.0, 1)),
        }
    }
}

/// `value / divisor` with at most three significant digits.
#[allow(clippy::cast_precision_loss)]
fn fraction(value: u64, divisor: u64) -> String {
    let quotient = value as f64 / divisor as f64;
    let digits = match value / divisor {
        0..10 if divisor > 1 => 2,
        10..100 if divisor > 1 => 1,
        _ => 0,
    };
    trimmed(quotient, digits)
}

/// Fixed digits, without the zeros at the end.
fn trimmed(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A count with its noun: `1 pair`, `2,640 pairs`.
#[must_use]
pub fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    format!("{} {noun}{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// A count with commas between thousands: `2,640`.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        for (micros, text) in
            [(0, "0µs"), (250, "250µs"), (1_800, "1.8ms"), (41_300_000, "41.3s"), (999_999, "1000ms"), (120_000_000, "120s")]
        {
            assert_eq!(Micros(micros).to_string(), text);
        }
    }

    #[test]
    fn limits_are_shown_as_they_were_written() {
        for text in ["0µs", "1µs", "250µs", "1.8ms", "1.234ms", "999.999ms", "1s", "1.001s", "41.3s", "120.000001s"] {
            assert_eq!(Micros::parse(&text.replace('µ', "u")).unwrap().exact(), text);
        }
    }

    #[test]
    fn shares_read_well_and_round_up() {
        for (part, whole, text) in
            [(0, 10, "0%"), (220, 2640, "8.33%"), (1, 10_000_000, "0.0001%"), (1, 1, "100%"), (1, 3, "33.3%"), (0, 0, "0%")]
        {
            assert_eq!(Ppm::of(part, whole).to_string(), text);
        }
    }

    #[test]
    fn ranges_of_ports_are_read_as_they_are_written() {
        for (text, written, count) in [("30000-30100", "30000-30100", 101), ("7411", "7411", 1), ("1-65535", "1-65535", 65_535)] {
            let range = PortRange::parse(text).unwrap();
            assert_eq!((range.to_string().as_str(), range.iter().count()), (written, count));
        }
        for text in ["", "0", "0-10", "10-9", "1-65536", "a-b", "1-2-3", "-5", "5-"] {
            assert!(PortRange::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn percentages_are_read_exactly() {
        for (text, ppm) in [("0%", 0), ("1%", 10_000), ("0.5%", 5_000), ("0.0001%", 1), ("100%", 1_000_000), (" 8.25 %", 82_500)] {
            assert_eq!(Ppm::parse(text), Ok(Ppm(ppm)), "{text}");
        }
        for text in ["", "%", "1", "-1%", "101%", "1.%", ".5%", "0.00001%", "1e1%", "0.5 percent"] {
            assert!(Ppm::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations_are_read_with_their_unit() {
        for (text, micros) in [("250us", 250), ("10ms", 10_000), ("1.5s", 1_500_000), ("1m30s", 90_000_000), ("0s", 0)] {
            assert_eq!(Micros::parse(text), Ok(Micros(micros)), "{text}");
        }
        for text in ["", "10", "-1s", "ten seconds", "1 fortnight", "99999999999999999999s"] {
            assert!(Micros::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_whole_bytes() {
        for (text, bytes) in [
            ("0", 0),
            ("1500", 1_500),
            ("1500B", 1_500),
            ("9KiB", 9_216),
            ("9 KiB", 9_216),
            ("1MB", 1_000_000),
            ("1kB", 1_000),
            ("1.5GiB", 1_610_612_736),
            ("0.5KB", 500),
            ("2TiB", 2_199_023_255_552),
        ] {
            assert_eq!(Bytes::parse(text), Ok(Bytes(bytes)), "{text}");
        }
        for text in [
            "",
            "B",
            "-1",
            "1.5",
            "1.5B",
            "1.0001KiB",
            "1kib",
            "1 mb",
            "1Ki",
            "1e3",
            ".5KB",
            "1.KB",
            "9999999999999999TiB",
            "999999999999999TiB",
        ] {
            assert!(Bytes::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn counts_have_commas() {
        for (number, text) in [(0, "0"), (999, "999"), (2_640, "2,640"), (24_995_000, "24,995,000")] {
            assert_eq!(thousands(number), text);
        }
    }
}
