//! A measured value held against a limit. It must not know what is measured.

use std::fmt;

use super::units::Ppm;

/// An operator and a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison<T> {
    /// How the measured value (on the left) is compared.
    pub operator: Operator,
    /// The value on the right.
    pub limit: T,
}

impl<T: fmt::Display> fmt::Display for Comparison<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operator, self.limit)
    }
}

impl Comparison<Ppm> {
    /// Whether it allows some loss, but of so many packets not one, so that it acts as zero: how many it would take for one to be lost
    /// within it. None where there are enough, where no loss is allowed, and where the limit is not the most there may be.
    #[must_use]
    pub fn unresolved_by(&self, packets: u64) -> Option<u64> {
        let (limit, whole) = (u64::from(self.limit.0), u64::from(Ppm::WHOLE.0));
        let enough = match self.operator {
            Operator::AtMost => whole.checked_div(limit).map(|_| whole.div_ceil(limit)),
            // That not all is lost takes no more than one.
            Operator::Below if self.limit < Ppm::WHOLE => whole.checked_div(limit).map(|packets| packets + 1),
            Operator::Below | Operator::Equal | Operator::AtLeast | Operator::Above => None,
        };
        enough.filter(|enough| packets < *enough)
    }
}

/// The least that something has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtLeast<T>(pub T);

/// A comparison of the measured value with the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `<=`
    AtMost,
    /// `<`
    Below,
    /// `==`
    Equal,
    /// `>=`
    AtLeast,
    /// `>`
    Above,
}

impl Operator {
    /// All, longest spelling first, as a reader of text wants them.
    pub const ALL: [Self; 5] = [Self::AtMost, Self::Equal, Self::AtLeast, Self::Below, Self::Above];

    /// Its spelling.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::AtMost => "<=",
            Self::Below => "<",
            Self::Equal => "==",
            Self::AtLeast => ">=",
            Self::Above => ">",
        }
    }

    /// Whether `measured OPERATOR limit` holds.
    #[must_use]
    pub fn holds<T: PartialOrd>(self, measured: &T, limit: &T) -> bool {
        match self {
            Self::AtMost => measured <= limit,
            Self::Below => measured < limit,
            Self::Equal => measured == limit,
            Self::AtLeast => measured >= limit,
            Self::Above => measured > limit,
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_packets_resolve_a_limit() {
        let check = |operator, limit, expected: Option<u64>| {
            let comparison = Comparison { operator, limit: Ppm(limit) };
            assert_eq!(comparison.unresolved_by(0), expected, "{comparison}");
            let holds = |packets: u64| operator.holds(&Ppm::of(1, packets), &comparison.limit);
            if let Some(enough) = expected {
                assert!(holds(enough) && comparison.unresolved_by(enough).is_none(), "{comparison}");
                assert!(!holds(enough - 1) && comparison.unresolved_by(enough - 1) == expected, "{comparison}");
            }
        };
        check(Operator::AtMost, 0, None);
        check(Operator::AtMost, 10_000, Some(100));
        check(Operator::AtMost, 30_000, Some(34));
        check(Operator::Below, 0, None);
        check(Operator::Below, 100_000, Some(11));
        check(Operator::Below, 1_000_000, None);
        check(Operator::AtLeast, 10_000, None);
    }
}
