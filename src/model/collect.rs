//! What is collected when a case fails, for whoever has to find out why. It decides nothing. It must not know who collects it,
//! nor how.

use super::case_id::CaseId;
use super::vantage::Vantage;

/// What can be collected of a place with an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Collect {
    /// What its agent wrote, the last lines of it.
    AgentLog,
    /// What the place says of the agent's pod and of its node.
    Events,
    /// Its interfaces, routes and name servers.
    Routes,
}

impl Collect {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 3] = [Self::AgentLog, Self::Events, Self::Routes];

    /// As the language and the reports call it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::AgentLog => "agentLog",
            Self::Events => "events",
            Self::Routes => "routes",
        }
    }

    /// For sentences: `log of the agent on node1`.
    #[must_use]
    pub fn of(self, vantage: &Vantage) -> String {
        match self {
            Self::AgentLog => format!("log of the agent on {vantage}"),
            Self::Events => format!("events about the agent on {vantage}"),
            Self::Routes => format!("interfaces and routes of {vantage}"),
        }
    }

    /// Which part of a text that is too long matters most.
    const fn kept(self) -> End {
        match self {
            Self::AgentLog | Self::Events => End::Last,
            Self::Routes => End::First,
        }
    }
}

/// One of the two ends of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    First,
    Last,
}

/// One thing of one place, collected or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected {
    /// Of whom.
    pub vantage: Vantage,
    /// What.
    pub what: Collect,
    /// The cases for which it was, in the order of the plan; at least one, at most [`Collected::CASES`].
    pub cases: Vec<CaseId>,
    /// What it says.
    pub found: Found,
}

/// What came of collecting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// This, lines of others, as they wrote them.
    Text(String),
    /// Nothing, because of this: one line, without a full stop.
    Nothing(String),
}

impl Collected {
    /// The most bytes that are kept of one thing of one place.
    pub const BYTES: usize = 64 << 10;
    /// The most cases that are named for it.
    pub const CASES: usize = 100;
}

impl Found {
    /// The text, with at most [`Collected::BYTES`] of its lines; where some are cut off, one more says so.
    #[must_use]
    pub fn of(what: Collect, text: &str) -> Self {
        let text = text.trim_end();
        if text.trim().is_empty() {
            return Self::Nothing("there is none: it is empty".to_owned());
        }
        let most = Collected::BYTES;
        if text.len() <= most {
            return Self::Text(text.to_owned());
        }
        Self::Text(match what.kept() {
            End::First => {
                let end = boundary(text, most);
                let end = text[..end].rfind('\n').unwrap_or(end);
                format!("{}\n(cut here: {} more bytes)", &text[..end], text.len() - end)
            }
            End::Last => {
                let begin = boundary(text, text.len() - most);
                let begin = text[begin..].find('\n').map_or(begin, |line| begin + line + 1);
                format!("({begin} bytes before this are cut off)\n{}", &text[begin..])
            }
        })
    }
}

/// The place of a character at which so many bytes end, or the one before it.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_within_its_bound_at_the_end_that_matters() {
        let line = |number: usize| format!("{number:05} ö line\n");
        let text: String = (0..10_000).map(line).collect();
        let last = line(9_999);
        for (what, begins, ends) in [
            (Collect::AgentLog, "(", last.trim_end()),
            (Collect::Events, "(", last.trim_end()),
            (Collect::Routes, "00000 ö line\n", " more bytes)"),
        ] {
            let Found::Text(kept) = Found::of(what, &text) else { panic!("{what:?}") };
            assert!(kept.starts_with(begins) && kept.ends_with(ends), "{what:?}");
            assert!(kept.len() > Collected::BYTES - 100 && kept.len() < Collected::BYTES + 100, "{what:?}: {}", kept.len());
            assert!(kept.lines().all(|line| line.starts_with('(') || line.len() == 13), "{what:?}");
            let without_lines = "ö".repeat(Collected::BYTES);
            let Found::Text(kept) = Found::of(what, &without_lines) else { panic!("{what:?}") };
            assert!(kept.len() < Collected::BYTES + 100 && kept.contains("cut"), "{what:?}");
        }
        assert_eq!(Found::of(Collect::Routes, "a\nb\n"), Found::Text("a\nb".to_owned()));
        assert_eq!(Found::of(Collect::AgentLog, " \n"), Found::Nothing("there is none: it is empty".to_owned()));
    }
}
