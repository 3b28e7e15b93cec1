//! What a code means, at length: words, what is wrong, what is right, and why the rule exists. One source for `netcheck explain`
//! and for the index of errors. It must not know who shows it.
//!
//! The text is Markdown: what it means and what to do; fenced blocks of YAML whose first word after `yaml` is a [`Role`], perhaps
//! followed by `--set NAME=VALUE`, or in a part by the name of its file; why the rule exists.

/// A code with all that there is to say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explanation {
    /// Stable, of the form `NC1007`.
    pub code: &'static str,
    /// What it means, in a sentence.
    pub meaning: &'static str,
    /// The whole text.
    pub text: &'static str,
}

/// Codes, and `ALL` of them with their explanations: a code without `explanations/NCxxxx.md` beside the file does not compile, and one
/// that is not explained cannot be written.
macro_rules! explanations {
    ($visible:vis $($name:ident = $code:literal $words:literal)*) => {
        $(#[doc = $words] $visible const $name: &str = $code;)*
        /// Every one of them with its meaning, in order.
        pub const ALL: &[Explanation] =
            &[$(Explanation { code: $code, meaning: $words, text: include_str!(concat!("explanations/", $code, ".md")) }),*];
    };
}

pub(crate) use explanations;

/// What an example is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It gives the code.
    Wrong,
    /// It does not.
    Right,
    /// The suite that is run on the other two, which are worlds.
    Suite,
    /// A file that the suites include.
    Part,
}

impl Role {
    /// The word in the text, and the role.
    const WORDS: [(&'static str, Self); 4] = [("wrong", Self::Wrong), ("right", Self::Right), ("suite", Self::Suite), ("part", Self::Part)];
}

/// A block of YAML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// What it is there for.
    pub role: Role,
    /// The flags, or the environment, that it is read with, as they are typed; may be empty. Of a part, the name of its file.
    pub flags: &'static str,
    /// A suite, a part or a world.
    pub yaml: &'static str,
}

impl Explanation {
    /// What it means at length, and what to do; without line breaks.
    #[must_use]
    pub fn what(&self) -> &'static str {
        self.text.split("```").next().unwrap_or_default().trim()
    }

    /// In the order of the text.
    #[must_use]
    pub fn examples(&self) -> Vec<Example> {
        self.text.split("```").skip(1).step_by(2).filter_map(example).collect()
    }

    /// Why the rule exists; without line breaks.
    #[must_use]
    pub fn why(&self) -> &'static str {
        self.text.rsplit("```").next().unwrap_or_default().trim()
    }
}

/// A block without its fences.
fn example(block: &'static str) -> Option<Example> {
    let (info, yaml) = block.split_once('\n')?;
    let info = info.strip_prefix("yaml ")?;
    let (word, flags) = info.split_once(' ').unwrap_or((info, ""));
    let (_, role) = Role::WORDS.into_iter().find(|(known, _)| *known == word)?;
    Some(Example { role, flags, yaml })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_apart() {
        let text = "What.\n\n```yaml wrong --set a=b\nx: 1\ny: 2\n```\n\n```yaml right\nx: 2\n```\n\nWhy.\n";
        let found = Explanation { code: "NC1", meaning: "", text };
        assert_eq!((found.what(), found.why()), ("What.", "Why."));
        let wrong = Example { role: Role::Wrong, flags: "--set a=b", yaml: "x: 1\ny: 2\n" };
        assert_eq!(found.examples(), [wrong, Example { role: Role::Right, flags: "", yaml: "x: 2\n" }]);
        assert_eq!(example("yaml odd\nx: 1\n"), None);
    }
}
