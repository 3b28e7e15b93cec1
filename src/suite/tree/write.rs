//! A tree as YAML text, which is read again as the same tree. It must not know the suite language.

use std::fmt::Write as _;

use super::node::{Entry, Literal, Node, Scalar, What};

/// What else YAML readers take for something other than text, in lower case.
const NOT_TEXT: [&str; 12] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity"];

/// Units behind a number that make it text.
const UNITS: [&str; 6] = ["%", "us", "ms", "s", "m", "h"];

/// A map as YAML, in block style.
pub(crate) fn written(node: &Node) -> String {
    let mut out = String::new();
    map(node.entries(), 0, &mut out);
    out
}

fn map(entries: &[Entry], indent: usize, out: &mut String) {
    for entry in entries {
        let key = text(&entry.key.name);
        out.push_str(&" ".repeat(indent));
        out.push_str(&key);
        out.push(':');
        value(&entry.value, indent, out);
    }
}

/// What stands behind a key, with the end of its line.
fn value(node: &Node, indent: usize, out: &mut String) {
    match &node.what {
        What::Map(entries) if !entries.is_empty() => {
            out.push('\n');
            map(entries, indent + 2, out);
        }
        What::List(items) if inline(node).is_none() => {
            out.push('\n');
            list(items, indent + 2, out);
        }
        What::Nothing | What::Scalar(_) | What::Template(_) | What::Unset(_) | What::List(_) | What::Map(_) | What::Broken => {
            out.push(' ');
            out.push_str(&inline(node).unwrap_or_default());
            out.push('\n');
        }
    }
}

fn list(items: &[Node], indent: usize, out: &mut String) {
    for item in items {
        let mut inner = String::new();
        match (&item.what, inline(item)) {
            (_, Some(line)) => inner = format!("{}{line}\n", " ".repeat(indent + 2)),
            (What::Map(entries), None) => map(entries, indent + 2, &mut inner),
            (_, None) => list(item.items(), indent + 2, &mut inner),
        }
        // The item stands behind its dash, in the place of its own indentation.
        out.push_str(&" ".repeat(indent));
        out.push_str("- ");
        out.push_str(inner.get(indent + 2..).unwrap_or_default());
    }
}

/// What has a place within a line: all but maps and lists of more than single values.
fn inline(node: &Node) -> Option<String> {
    match &node.what {
        What::Nothing | What::Unset(_) | What::Broken => Some("null".to_owned()),
        What::Scalar(scalar) => Some(single(scalar)),
        What::Template(template) => Some(text(&template.text)),
        What::Map(entries) => entries.is_empty().then(|| "{}".to_owned()),
        What::List(items) => {
            let single = |item: &Node| item.scalar().map(single);
            let items: Option<Vec<_>> = items.iter().map(single).collect();
            items.map(|items| format!("[{}]", items.join(", ")))
        }
    }
}

fn single(scalar: &Scalar) -> String {
    match scalar.literal {
        Literal::Text => text(&scalar.text),
        Literal::Bool(_) | Literal::Whole(_) | Literal::Decimal => scalar.text.to_string(),
    }
}

/// A text, in quotes wherever a reader could take it for something else.
fn text(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

fn is_plain(text: &str) -> bool {
    let harmless = |character: char| character.is_ascii_alphanumeric() || " _./%-=<".contains(character);
    let begins = |wanted: fn(char) -> bool| text.starts_with(wanted);
    let number = text.trim_end_matches(|character: char| character.is_ascii_alphabetic() || character == '%');
    let with_unit =
        UNITS.contains(&text.get(number.len()..).unwrap_or_default()) && number.chars().all(|digit| digit.is_ascii_digit() || digit == '.');
    text.chars().all(harmless)
        && !text.ends_with(' ')
        && !text.contains("<<")
        && (begins(|first| first.is_ascii_alphabetic()) || text.starts_with("<= ") || begins(|first| first.is_ascii_digit()) && with_unit)
        && !NOT_TEXT.contains(&text.to_ascii_lowercase().as_str())
}

/// As JSON writes it, which is YAML too, but for characters that YAML has other ideas of.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    for character in serde_json::Value::from(text).to_string().chars() {
        match character {
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            character => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::remarks::Remarks;
    use crate::suite::source::{Place, Source};
    use crate::suite::tree::{Key, Value, parse};

    fn tree(text: &str) -> Node {
        let source = Source::new("a.yaml", text.to_owned());
        let mut remarks = Remarks::default();
        let node = parse(source.main(), &mut remarks);
        assert!(!remarks.failed(), "{text}");
        node.unwrap()
    }

    #[test]
    fn it_is_laid_out_for_people() {
        let text = "a: 1\nb: [x, 2, 30%]\nc:\n  - id: t\n    each:\n      loss: <= 1%\n  - [1]\n  - - k: v\nl:\n  - [a, b]\n  - [c]\nk:\n  - [a]\nd: \">= 5ms\"\n\"on\": \"true\"\ne: {}\nf: []\ng: null\n";
        assert_eq!(written(&tree(text)), text);
    }

    /// Texts that YAML takes for something else when they stand without quotes.
    const NASTY: [&str; 68] = [
        "",
        " ",
        "a ",
        " a",
        "true",
        "No",
        "~",
        "null",
        "1",
        "1.5",
        "1e3",
        "0x1f",
        "1_0",
        "1m",
        "10ms",
        "30%",
        "5..s",
        "- a",
        "-",
        "a: b",
        "a #b",
        "#",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        ">= 1",
        "<= 1",
        "<<",
        "%",
        "@",
        "`",
        "'",
        "\"",
        "\\",
        "{",
        "}",
        "[",
        "]",
        ",",
        "a,b",
        "?",
        ": ",
        "a:",
        "\t",
        "a\nb",
        "a\r\nb",
        "\u{7f}",
        "\u{85}",
        "\u{2028}",
        "\u{feff}a",
        "\u{1}",
        "ä😀",
        "---",
        "...",
        "=",
        "<",
        "1:30",
        "2001-01-01",
        ".inf",
        "nan",
        "${{ a }}",
        "12e1s",
        "s",
        "m",
        "0b1",
        "1h",
    ];

    #[test]
    fn every_text_is_read_again_as_it_was() {
        let node = |text: &str| Node { at: Place { start: 0, end: 0 }, what: What::Scalar(Scalar::new(Literal::Text, text)) };
        for text in NASTY {
            let key = Key { name: "k".into(), at: Place { start: 0, end: 0 } };
            let list = Node { at: key.at, what: What::List(vec![node(text), node("x")]) };
            let named = Entry { key: Key { name: format!("x{text}").into(), at: key.at }, value: node("v") };
            let entries = vec![
                Entry { key: key.clone(), value: node(text) },
                Entry { key: Key { name: "l".into(), at: key.at }, value: list },
                named,
            ];
            let whole = Node { at: key.at, what: What::Map(entries) };
            let out = written(&whole);
            assert_eq!(Value::of(&tree(&out)), Value::of(&whole), "{out}");
        }
    }
}
