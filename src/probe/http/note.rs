//! What is worth reading of a body: which checks failed, or how it begins. One line, and not long. It must not know why.

use crate::model::response::HttpSight;

/// How an API server marks a check that failed: `[-]etcd failed: reason withheld`.
const FAILED: &str = "[-]";

/// The checks that failed; how it begins where it has none.
pub(crate) fn of(body: &str) -> String {
    let failed: Vec<&str> = body.lines().map(str::trim).filter(|line| line.starts_with(FAILED)).collect();
    let text = if failed.is_empty() { first(body).to_owned() } else { failed.join(", ") };
    let plain: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    cut(&plain)
}

/// The first line that says something.
pub(super) fn first_line(body: &[u8]) -> String {
    cut(first(&String::from_utf8_lossy(body)))
}

fn first(body: &str) -> &str {
    body.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(HttpSight::NOTE_LIMIT - 1) {
        Some((end, _)) if text.chars().count() > HttpSight::NOTE_LIMIT => format!("{}…", &text[..end]),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_checks_are_named_and_other_bodies_begin() {
        let ready = "[+]ping ok\n[-]etcd failed: reason withheld\n[+]log ok\n[-]shutdown failed: reason withheld\nreadyz check failed\n";
        for (body, expected) in [
            (ready, "[-]etcd failed: reason withheld, [-]shutdown failed: reason withheld"),
            ("\n\n  Not here\nmore", "Not here"),
            ("", ""),
            ("\u{1b}[31mred\tx", " [31mred x"),
        ] {
            assert_eq!(of(body), expected);
        }
        let long = of(&"ä".repeat(1_000));
        assert_eq!((long.chars().count(), long.ends_with('…')), (HttpSight::NOTE_LIMIT, true));
        assert_eq!(of(&"ä".repeat(HttpSight::NOTE_LIMIT)).chars().last(), Some('ä'));
    }
}
