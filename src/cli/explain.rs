//! `netcheck explain`: what a code means, at length. It must not know any code by itself.

use std::cmp::Reverse;

use crate::model::codes;
use crate::model::exit::Exit;
use crate::model::explanation::{Explanation, Role};
use crate::suite;

use super::arguments::ExplainArguments;
use super::{Outcome, Refusal, print};

/// The widest line of a paragraph, in characters.
const WIDTH: usize = 100;

/// Prints one explanation, or a line for each code there is.
pub(super) fn execute(arguments: &ExplainArguments) -> Outcome {
    let text = match &arguments.code {
        Some(code) => page(find(code)?),
        None => all().flat_map(|known| [known.code, "  ", known.meaning, "\n"]).collect(),
    };
    print(&text)?;
    Ok(Exit::Passed)
}

/// Every code, in order.
fn all() -> impl Iterator<Item = &'static Explanation> {
    suite::codes::ALL.iter().chain(codes::ALL)
}

/// The code as it stands in a message, or as somebody types it: `NC1005`, `nc1005`, `1005`, `error[NC1005]`.
fn find(asked: &str) -> Result<&'static Explanation, Refusal> {
    let bare = asked.rsplit('[').next().unwrap_or_default().trim_matches([']', ':', ' ']).to_uppercase();
    let code = if bare.starts_with(|c: char| c.is_ascii_digit()) { format!("NC{bare}") } else { bare };
    if let Some(known) = all().find(|known| known.code == code) {
        return Ok(known);
    }
    let refusal = Refusal::usage(format!("there is no code {asked}"));
    // Whoever mistypes is most often one digit off, and that late in the code; whoever reads too fast swaps two.
    let found: String = code.chars().take(32).collect();
    let shared = |known: &str| known.chars().zip(found.chars()).take_while(|(one, other)| one == other).count();
    let nearest = all().min_by_key(|known| (strsim::osa_distance(known.code, &found), Reverse(shared(known.code))));
    let near = nearest.map(|known| format!("the nearest is {}: {}", known.code, known.meaning));
    let refusal = near.into_iter().fold(refusal, Refusal::help);
    Err(refusal.help("`netcheck explain` lists them all"))
}

fn page(known: &Explanation) -> String {
    let mut text = format!("{}  {}\n\n{}", known.code, known.meaning, wrapped(known.what()));
    for example in known.examples() {
        let with = match (example.role, example.flags) {
            (_, "") => String::new(),
            (Role::Part, file) => format!(" {file}"),
            (_, flags) => format!(", with {flags}"),
        };
        let worlds = known.examples().iter().any(|other| other.role == Role::Suite);
        let title = match example.role {
            Role::Suite => "The suite",
            Role::Part => "The part",
            Role::Wrong if worlds => "Fails in this world",
            Role::Right if worlds => "Passes in this one",
            Role::Wrong => "Wrong",
            Role::Right => "Right",
        };
        text.extend(["\n", title, &with, ":\n\n"]);
        text.extend(example.yaml.lines().flat_map(|line| ["    ", line, "\n"]));
    }
    format!("{text}\n{}", wrapped(&format!("Why: {}", known.why())))
}

/// A paragraph in lines that end between words.
fn wrapped(paragraph: &str) -> String {
    let (mut text, mut column) = (String::new(), 0);
    for word in paragraph.split_whitespace() {
        let length = word.chars().count();
        let breaks = column > 0 && column + 1 + length > WIDTH;
        text.push_str(if column == 0 {
            ""
        } else if breaks {
            "\n"
        } else {
            " "
        });
        column = if column == 0 || breaks { length } else { column + 1 + length };
        text.push_str(word);
    }
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_as_people_write_them() {
        for asked in ["NC1005", "nc1005", "1005", "error[NC1005]", "error[NC1005]:", "NC1005:", " NC1005 "] {
            assert_eq!(find(asked).unwrap().code, "NC1005", "{asked}");
        }
    }

    #[test]
    fn an_unknown_code_is_answered_with_the_nearest() {
        for (asked, nearest) in [("NC1098", "NC109"), ("NC2009", "NC2001"), ("NC12011", "NC1201"), ("", "NC"), ("ä]ß", "NC")] {
            let refusal = find(asked).unwrap_err();
            assert!(refusal.help[0].starts_with(&format!("the nearest is {nearest}")), "{asked}: {:?}", refusal.help);
        }
    }

    #[test]
    fn paragraphs_are_wrapped_between_words() {
        let text = wrapped(&"word ".repeat(50));
        assert!(text.lines().all(|line| line.len() <= WIDTH && !line.ends_with(' ')), "{text}");
        assert_eq!(text.split_whitespace().count(), 50);
    }
}
