//! Seeds as they are written: a number, or the word that stands for today's. It must not know what they decide.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Today as a number, so that every day has a seed of its own.
const DATE: &str = "date";

/// Read once, from the command line: a command that goes on past midnight keeps its seed.
pub(super) fn seed(text: &str) -> Result<u64, String> {
    at(text, Timestamp::now())
}

fn at(text: &str, now: Timestamp) -> Result<u64, String> {
    if text == DATE {
        return today(now).ok_or_else(|| format!("this machine's clock is in no year of our reckoning: {now}"));
    }
    text.parse().map_err(|_| {
        format!("expected a whole number from 0 to {}, or `{DATE}` for today's date in UTC as such a number, found {text:?}", u64::MAX)
    })
}

/// `20260131` for the 31st of January 2026, wherever the clock stands: jobs of one night agree on it.
fn today(now: Timestamp) -> Option<u64> {
    let date = now.to_zoned(TimeZone::UTC).date();
    let year = u64::try_from(date.year()).ok()?;
    Some(year * 10_000 + u64::from(date.month().unsigned_abs()) * 100 + u64::from(date.day().unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_number_or_todays_date_in_utc() {
        for (text, now, seed) in [
            ("0", "2026-01-31T12:00:00Z", 0),
            ("20260131", "2027-01-01T00:00:00Z", 20_260_131),
            ("18446744073709551615", "2026-01-31T12:00:00Z", u64::MAX),
            ("date", "2026-01-31T00:00:00Z", 20_260_131),
            ("date", "2026-01-31T23:59:59.999Z", 20_260_131),
            ("date", "2026-02-01T00:00:00Z", 20_260_201),
            ("date", "2026-02-01T01:00:00+02:00", 20_260_131),
            ("date", "0001-01-01T00:00:00Z", 10_101),
        ] {
            assert_eq!(at(text, now.parse().unwrap()), Ok(seed), "{text} at {now}");
        }
    }

    #[test]
    fn what_is_neither_is_told_both() {
        for text in ["", "Date", "today", "-1", "1.5", "18446744073709551616", "2026-01-31"] {
            let error = at(text, Timestamp::UNIX_EPOCH).unwrap_err();
            assert!(
                error.starts_with("expected a whole number from 0") && error.contains("`date`") && error.ends_with(&format!("{text:?}"))
            );
        }
    }
}
