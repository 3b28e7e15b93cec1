//! What lookups found, as a tally tells it: each kind of thing apart, and no more different ones than a tally may have. It must not
//! know what is wanted.

use std::collections::BTreeMap;

use super::lookup::{Finding, Found};
use crate::model::outcome::{Seen, Sight};

/// The most different answers; twice as many and what else is told are below `Tally::SIGHTS`.
const ANSWERS: usize = 24;

/// The most different codes, numbers of queries, lengths, and names that are none, of each.
const OTHERS: usize = 8;

/// What they found, with how often.
pub(crate) fn sights(found: &BTreeMap<Found, u32>) -> Vec<Seen> {
    let (mut codes, mut answers, mut queries, mut sizes, mut truncated) =
        (BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), 0);
    let mut skipped = BTreeMap::new();
    for (found, count) in found {
        truncated += found.truncated.saturating_mul(*count);
        *queries.entry(found.queries).or_insert(0) += count;
        for name in &found.skipped {
            *skipped.entry(name.clone()).or_insert(0) += count;
        }
        if let Some(finding) = &found.finding {
            *codes.entry(finding.rcode).or_insert(0) += count;
            *answers.entry((total(finding), records(finding))).or_insert(0) += count;
            *sizes.entry(finding.size).or_insert(0) += count;
        }
    }
    // Whatever the code should be, of several all but one are wrong: who has many loses nothing by leaving some out.
    let codes = codes.into_iter().take(OTHERS).map(|(code, count)| seen(Sight::Rcode { code }, count));
    let answers = told(answers).into_iter().map(|((count, records), times)| seen(Sight::Answers { count, records }, times));
    let queries = within(queries).into_iter().map(|(count, times)| seen(Sight::Queries { count }, times));
    let sizes = within(sizes).into_iter().map(|(bytes, times)| seen(Sight::Size { bytes }, times));
    let truncated = (truncated > 0).then(|| seen(Sight::Truncated, truncated));
    let skipped = skipped.into_iter().take(OTHERS).map(|(name, count)| seen(Sight::NoName { name }, count));
    codes.chain(answers).chain(queries).chain(sizes).chain(truncated).chain(skipped).collect()
}

const fn seen(what: Sight, count: u32) -> Seen {
    Seen { what, count }
}

fn total(finding: &Finding) -> u32 {
    u32::try_from(finding.answers.len()).unwrap_or(u32::MAX).saturating_add(finding.more)
}

fn records(finding: &Finding) -> String {
    let mut records = finding.answers.join(", ");
    if finding.more > 0 {
        records.push_str(", …");
    }
    if records.len() > Sight::TEXT_LIMIT {
        let end = records.char_indices().map(|(end, _)| end).take_while(|end| *end <= Sight::TEXT_LIMIT - '…'.len_utf8()).last();
        records.truncate(end.unwrap_or(0));
        records.push('…');
    }
    records
}

/// The commonest answers; of all others only how many records they had, as [`within`] has it.
fn told(answers: BTreeMap<(u32, String), u32>) -> BTreeMap<(u32, String), u32> {
    if answers.len() <= ANSWERS {
        return answers;
    }
    let mut all: Vec<_> = answers.into_iter().collect();
    all.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    let mut counts = BTreeMap::new();
    for ((count, _), times) in all.drain(ANSWERS..) {
        *counts.entry(count).or_insert(0) += times;
    }
    let others = within(counts).into_iter().map(|(count, times)| ((count, String::new()), times));
    all.into_iter().chain(others).collect()
}

/// At most so many different numbers: those between stand with the largest, so that no bound on either side is met by leaving out.
fn within(numbers: BTreeMap<u32, u32>) -> BTreeMap<u32, u32> {
    let Some((largest, _)) = numbers.last_key_value().filter(|_| numbers.len() > OTHERS) else { return numbers };
    let largest = *largest;
    let mut kept = BTreeMap::new();
    for (place, (number, times)) in numbers.into_iter().enumerate() {
        *kept.entry(if place < OTHERS - 1 { number } else { largest }).or_insert(0) += times;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::dns::Rcode;
    use crate::model::outcome::Tally;

    fn found(queries: u32, rcode: u16, answers: &[&str], size: u32) -> Found {
        let answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
        Found { queries, truncated: 0, skipped: Vec::new(), finding: Some(Finding { rcode: Rcode(rcode), answers, more: 0, size }) }
    }

    #[test]
    fn each_thing_is_told_apart_with_how_often() {
        let nothing = Found { queries: 3, truncated: 1, skipped: vec!["db.a..b.".to_owned()], finding: None };
        let all = BTreeMap::from([(found(1, 0, &["10.0.0.1"], 40), 3), (found(1, 3, &[], 30), 2), (nothing, 2)]);
        let words: Vec<String> = sights(&all).iter().map(|seen| format!("{} {}", seen.count, seen.what)).collect();
        let expected = [
            "3 NOERROR",
            "2 NXDOMAIN",
            "2 without records",
            "3 with 10.0.0.1",
            "5 by 1 query",
            "2 by 3 queries",
            "2 of 30 bytes",
            "3 of 40 bytes",
            "2 truncated",
            "2 past \"db.a..b.\", which is no name (see the search path)",
        ];
        assert_eq!(words, expected);
    }

    #[test]
    fn a_server_that_says_something_else_each_time_has_no_more_room_than_another() {
        let of = |number: u32| {
            let record = "x".repeat(2_000) + &number.to_string();
            (found(number % 60, u16::try_from(number % 16).unwrap(), &vec![&*record; (number % 40) as usize], number), 1)
        };
        let all: BTreeMap<Found, u32> = (0..1_000).map(of).collect();
        let seen = sights(&all);
        assert!(seen.len() <= Tally::SIGHTS, "{}", seen.len());
        assert!(seen.iter().all(|seen| seen.what.is_bounded()));
        let answers: u32 = seen.iter().filter(|seen| matches!(seen.what, Sight::Answers { .. })).map(|seen| seen.count).sum();
        assert_eq!(answers, 1_000);
        let most = seen.iter().filter_map(|seen| if let Sight::Queries { count } = seen.what { Some(count) } else { None }).max();
        assert_eq!(most, Some(59));
    }
}
