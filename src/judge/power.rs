//! How small a loss a sample would find: the honesty of a green light. Plain arithmetic.

use crate::model::units::Ppm;

/// The probability with which a loss must be found to count as found.
const CERTAINTY: f64 = 0.999;

/// The smallest loss of each packet, independent of the others, with which more than `allowed` of `sent` packets are lost
/// with a probability of at least 99.9 %. 100 % where no loss would be found.
pub(super) fn finds(sent: u64, allowed: u64) -> Ppm {
    let (mut low, mut high) = (0_u32, Ppm::WHOLE.0);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if at_most(sent, allowed, f64::from(middle) / 1e6) <= 1.0 - CERTAINTY { high = middle } else { low = middle }
    }
    Ppm(high)
}

/// The probability that at most `allowed` of `sent` are lost when each is with probability `loss`.
#[allow(clippy::cast_precision_loss)]
fn at_most(sent: u64, allowed: u64, loss: f64) -> f64 {
    let (n, k) = (sent as f64, allowed as f64);
    if allowed > 10_000 {
        // The normal approximation, with continuity correction: beyond this many losses its error is far below a ppm.
        let deviation = (n * loss * (1.0 - loss)).sqrt();
        return if (n * loss - k - 0.5) / deviation >= 3.0902 { 0.0 } else { 1.0 };
    }
    let odds = (loss / (1.0 - loss)).ln();
    let mut term = n * (1.0 - loss).ln();
    let mut sum = term.exp();
    for lost in 1..=allowed.min(sent) {
        let lost = lost as f64;
        term += ((n - lost + 1.0) / lost).ln() + odds;
        sum += term.exp();
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_the_binomial_distribution() {
        // 1 - 0.001^(1/n) for nothing allowed; the others were computed with exact fractions.
        for (sent, allowed, expected) in [(20, 0, 292_054), (2_640, 0, 2_614), (1, 0, 999_000), (1_000_000, 0, 7), (0, 0, 1_000_000)] {
            let Ppm(found) = finds(sent, allowed);
            assert!(found.abs_diff(expected) <= 1, "{sent} {allowed}: {found}, not {expected}");
        }
    }

    #[test]
    fn allowing_more_finds_less_and_sending_more_finds_more() {
        assert!(finds(20, 2) > finds(20, 1));
        assert!(finds(200, 20) < finds(20, 2));
        assert_eq!(finds(20, 20), Ppm::WHOLE);
    }

    #[test]
    fn the_approximation_meets_the_sum_where_they_change_over() {
        let (sum, approximation) = (finds(1_000_000, 10_000), finds(1_000_000, 10_001));
        assert!(sum.0.abs_diff(approximation.0) < 20, "{sum} {approximation}");
    }
}
