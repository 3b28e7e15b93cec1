//! Amounts as Kubernetes writes them: `20m`, `24Mi`, `1.5G`, `2e3`. Pure.

/// An amount in billionths, so that no fraction is lost. The grammar is that of
/// <https://pkg.go.dev/k8s.io/apimachinery/pkg/api/resource#Quantity>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Amount(i128);

const BILLIONTHS: i128 = 1_000_000_000;

impl Amount {
    /// What is written there; none if it is no amount.
    pub(super) fn read(text: &str) -> Option<Self> {
        let digits = text.find(|c: char| !(c.is_ascii_digit() || ".+-".contains(c))).unwrap_or(text.len());
        let (number, suffix) = text.split_at(digits);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if fraction.len() > 9 || fraction.contains(['+', '-']) || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        let negative = whole.starts_with('-');
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let fraction: i128 = format!("{fraction:0<9}").parse().ok()?;
        let value = whole.checked_mul(BILLIONTHS)? + if negative { -fraction } else { fraction };
        let (times, parts) = scale(suffix)?;
        Some(Self(value.checked_mul(times)? / parts))
    }

    /// So many of it.
    pub(super) fn times(self, count: usize) -> Self {
        Self(self.0.saturating_mul(i128::try_from(count).unwrap_or(i128::MAX)))
    }

    /// That many things.
    pub(super) fn count(things: usize) -> Self {
        Self(BILLIONTHS).times(things)
    }

    /// How often `unit` is in it, rounded up; 0 if `unit` is no amount.
    pub(super) fn in_parts_of(self, unit: &str) -> i128 {
        let unit = Self::read(unit).map_or(0, |unit| unit.0);
        if unit == 0 { 0 } else { self.0.div_euclid(unit) + i128::from(self.0.rem_euclid(unit) > 0) }
    }

    /// Both together.
    pub(super) const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// What the suffix multiplies and divides by.
fn scale(suffix: &str) -> Option<(i128, i128)> {
    let thousand = |power: u32| 1_000_i128.pow(power);
    Some(match suffix {
        "n" => (1, thousand(3)),
        "u" => (1, thousand(2)),
        "m" => (1, thousand(1)),
        "" => (1, 1),
        "k" => (thousand(1), 1),
        "M" => (thousand(2), 1),
        "G" => (thousand(3), 1),
        "T" => (thousand(4), 1),
        "P" => (thousand(5), 1),
        "E" => (thousand(6), 1),
        "Ki" => (1 << 10, 1),
        "Mi" => (1 << 20, 1),
        "Gi" => (1 << 30, 1),
        "Ti" => (1 << 40, 1),
        "Pi" => (1 << 50, 1),
        "Ei" => (1 << 60, 1),
        _ => {
            let power: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            let factor = 10_i128.checked_pow(power.unsigned_abs()).filter(|_| power.abs() <= 18)?;
            if power < 0 { (1, factor) } else { (factor, 1) }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<i128>) {
        assert_eq!(Amount::read(text), expected.map(Amount), "{text:?}");
    }

    #[test]
    fn amounts_are_read_as_kubernetes_writes_them() {
        check("0", Some(0));
        check("2", Some(2 * BILLIONTHS));
        check("20m", Some(20_000_000));
        check("0.02", Some(20_000_000));
        check(".5", Some(500_000_000));
        check("1.", Some(BILLIONTHS));
        check("24Mi", Some(24 * (1 << 20) * BILLIONTHS));
        check("1.5Gi", Some(3 * (1 << 29) * BILLIONTHS));
        check("24683068Ki", Some(24_683_068 * 1_024 * BILLIONTHS));
        check("1G", Some(1_000_000_000 * BILLIONTHS));
        check("2e3", Some(2_000 * BILLIONTHS));
        check("2E3", Some(2_000 * BILLIONTHS));
        check("5e-1", Some(500_000_000));
        check("1E", Some(1_000_000_000_000_000_000 * BILLIONTHS));
        check("100n", Some(100));
        check("7u", Some(7_000));
        check("-0.5", Some(-500_000_000));
        check("+3", Some(3 * BILLIONTHS));
        for text in ["", ".", "-", "Mi", "1x", "1e99", "1..2", "0.-5", "1Kib", "99999999999999999999999999999999999999"] {
            check(text, None);
        }
    }

    #[test]
    fn amounts_are_told_in_units() {
        for (text, unit, expected) in [("1.5", "1m", 1_500), ("24Mi", "1Mi", 24), ("25000Ki", "1Mi", 25), ("0", "1", 0), ("1", "x", 0)] {
            assert_eq!(Amount::read(text).unwrap().in_parts_of(unit), expected, "{text} in {unit}");
        }
    }

    #[test]
    fn fifty_times_20m_are_one() {
        assert_eq!(Amount::read("20m").unwrap().times(50), Amount::count(1));
        assert_eq!(Amount::read("980m").unwrap().plus(Amount::read("20m").unwrap()), Amount::count(1));
    }
}
