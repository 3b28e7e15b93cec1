//! Compares a tree with the description of the language. It must not know any key by name.

use super::codes;
use super::data;
use super::expression::{has_expression, literally};
use super::language::{
    Expressions, Key, Kind, Language, Leaf, NamePattern, Need, PART, SUITE, Shape, Standing, describes, kind_of, owners, quoted,
};
use super::remarks::{Remark, Remarks, any_of, did_you_mean, nearest};
use super::source::Place;
use super::tree::{Entry, Literal, Node, Scalar, What};

/// Remarks on everything in the tree that the language does not have, or not there, or not yet. A key that is mistyped is told of,
/// and is from then on the one that was meant: what stands behind it is heard, and nobody misses it.
pub(crate) fn check(root: &mut Node, language: &'static Language, remarks: &mut Remarks) {
    Checker { language, remarks }.keys(root, language.keys, &format!("the {}", language.file));
}

struct Checker<'r> {
    language: &'static Language,
    remarks: &'r mut Remarks,
}

impl Checker<'_> {
    /// `place` is where to point if there is nothing to point at: the key.
    fn shape(&mut self, node: &mut Node, place: Place, shape: &'static Shape, name: &str) {
        if matches!(node.what, What::Broken) {
            return;
        }
        let kind = kind_of(node);
        let fitting = shape.alternatives().iter().find(|alternative| kind.is_some() && alternative.kind() == kind);
        let Some(fitting) = fitting else {
            let place = if kind.is_none() { place } else { node.at };
            let remark = Remark::error(codes::WRONG_VALUE, place, format!("wrong value for {}", quoted(name)));
            return self.remarks.add(remark.label(format!("expected {}, {}", shape.expected(), node.found())).help(as_list(node, shape)));
        };
        match fitting {
            Shape::Constant(leaf) if self.language.expressions == Expressions::Unknown => self.literal(node, leaf, shape, name),
            Shape::Scalar(leaf) => self.scalar(node, leaf, shape, name),
            Shape::Constant(leaf) => self.constant(node, leaf, name),
            Shape::Condition => self.condition(node, fitting, name),
            Shape::List(item, of) => self.list(node, of, name, item),
            Shape::Keys(keys) => self.keys(node, keys, &quoted(name)),
            Shape::KeysOrData(keys) if describes(node, keys) => self.described(node, keys, name),
            Shape::KeysOrData(_) | Shape::Data(_) => data::check(node, name, self.remarks),
            Shape::Named { what, names, of, keys, .. } => {
                for entry in node.entries_mut() {
                    if keys.iter().any(|key| *key.name == *entry.key.name) {
                        self.key(entry, keys, name);
                    } else {
                        self.named(entry, what, names, of);
                    }
                }
            }
            Shape::Either(_) => {}
        }
    }

    fn scalar(&mut self, node: &Node, leaf: &Leaf, shape: &'static Shape, name: &str) {
        match node.scalar() {
            // What it becomes is checked when it has its value.
            Some(scalar) if has_expression(&scalar.text) => {}
            Some(scalar) => {
                if let Err(why) = leaf.check(scalar) {
                    let more = if why.help.is_none() { with_value(shape) } else { None };
                    self.remarks.add(why.remark(name, node, scalar).help(more));
                }
            }
            None => {}
        }
    }

    fn constant(&mut self, node: &Node, leaf: &Leaf, name: &str) {
        let Some(scalar) = node.scalar() else { return };
        // What variables hold may have braces in it, if they are written so that they are no expression.
        let is_literal = matches!(leaf, Leaf::Variable) && literally(&scalar.text).is_some();
        if has_expression(&scalar.text) && !is_literal {
            let remark = Remark::error(codes::NOT_CONSTANT, node.at, format!("{} cannot be an expression", quoted(name)));
            let remark = remark.label(format!("expected {}", leaf.expected()));
            return self.remarks.add(remark.help(["ids, labels and defaults are fixed, so that a case keeps its name from run to run"]));
        }
        self.leaf(node, scalar, leaf, name);
    }

    /// What is a word, or a map for what has a value of its own.
    fn literal(&mut self, node: &Node, leaf: &Leaf, shape: &'static Shape, name: &str) {
        let Some((scalar, why)) = node.scalar().and_then(|scalar| Some((scalar, leaf.check(scalar).err()?))) else { return };
        let remark = why.remark(name, node, scalar);
        self.remarks.add(remark.help(with_value(shape)));
    }

    /// What it says is compiled later, where the names are known that it may use.
    fn condition(&mut self, node: &Node, shape: &Shape, name: &str) {
        let Some(scalar) = node.scalar() else { return };
        if has_expression(&scalar.text) {
            let inner = scalar.text.trim().strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")).map(str::trim);
            let help = inner.filter(|inner| !has_expression(inner)).map(|inner| format!("write `{name}: {inner}`"));
            let remark = Remark::error(codes::BAD_EXPRESSION, node.at, format!("{} is an expression already", quoted(name)));
            self.remarks.add(remark.label("expected it without `${{` and `}}`").help(help));
        } else if !matches!(scalar.literal, Literal::Text | Literal::Bool(_)) {
            let remark = Remark::error(codes::WRONG_VALUE, node.at, format!("wrong value for {}", quoted(name)));
            self.remarks.add(remark.label(format!("expected {}, {}", shape.expected(), node.found())));
        }
    }

    fn leaf(&mut self, node: &Node, scalar: &Scalar, leaf: &Leaf, name: &str) {
        if let Err(why) = leaf.check(scalar) {
            self.remarks.error(|| why.remark(name, node, scalar));
        }
    }

    fn list(&mut self, node: &mut Node, of: &'static Shape, name: &str, item_name: &str) {
        if node.items().is_empty() {
            let remark = Remark::error(codes::WRONG_VALUE, node.at, format!("`{name}` is empty"));
            self.remarks.add(remark.label("expected at least one item"));
        }
        for item in node.items_mut() {
            self.shape(item, item.at, of, item_name);
        }
    }

    /// A map that only resembles what its keys describe may be meant for data.
    fn described(&mut self, node: &mut Node, keys: &'static [Key], name: &str) {
        let known = |entry: &&Entry| keys.iter().any(|key| *key.name == *entry.key.name);
        if let (None, Some(first)) = (node.entries().iter().find(known), node.entries().first()) {
            let known: Vec<_> = keys.iter().map(|key| key.name).collect();
            let near = node.entries().iter().find_map(|entry| Some((entry, did_you_mean(&entry.key.name, known.iter().copied())?)));
            let (entry, near) = near.map_or((first, None), |(entry, near)| (entry, Some(near)));
            let remark = Remark::error(codes::UNKNOWN_KEY, entry.key.at, format!("unknown key `{}` in {}", entry.key.name, quoted(name)));
            let remark = remark.label(format!("expected one of {}", known.join(", "))).help(near);
            return self.remarks.add(remark.help(["if the map itself is meant, write it behind `default:`"]));
        }
        self.keys(node, keys, &quoted(name));
    }

    fn keys(&mut self, node: &mut Node, keys: &'static [Key], owner: &str) {
        self.mistyped(node, keys, owner);
        let missing = keys.iter().filter(|key| key.need == Need::Required && node.entry(key.name).is_none());
        let (names, help): (Vec<_>, Vec<_>) =
            missing.map(|key| (format!("`{}`", key.name), format!("`{}`: {}", key.name, key.help))).unzip();
        if !names.is_empty() {
            let message = format!("{owner} has no {}", names.join(" and no "));
            self.remarks.add(Remark::error(codes::MISSING_KEY, node.at, message).help(help));
        }
        for entry in node.entries_mut() {
            self.key(entry, keys, owner);
        }
        self.one_of(node, keys, owner);
    }

    /// Of two that may mean the same, the first does.
    fn mistyped(&mut self, node: &mut Node, keys: &'static [Key], owner: &str) {
        // Asked once: a map may have tens of thousands of entries.
        let mut absent: Vec<_> = known(keys).filter(|name| node.entry(name).is_none()).collect();
        for entry in node.entries_mut() {
            let meant = self.meant(&entry.key.name, keys, owner);
            let Some(at) = meant.and_then(|meant| absent.iter().position(|name| *name == meant)) else { continue };
            self.remarks.error(|| unknown(entry, keys, owner, self.language));
            entry.key.name = absent.swap_remove(at).into();
        }
    }

    /// The key that was meant by one that is none of any place.
    fn meant(&self, name: &str, keys: &'static [Key], owner: &str) -> Option<&'static str> {
        let is_there = keys.iter().any(|key| key.name == name) || elsewhere(name, owner, self.language).is_some();
        if is_there { None } else { nearest(name, alike(name, keys)) }
    }

    fn key(&mut self, entry: &mut Entry, keys: &'static [Key], owner: &str) {
        match keys.iter().find(|key| *key.name == *entry.key.name) {
            Some(Key { standing: Standing::Now(shape), .. }) => {
                let Entry { key, value } = entry;
                self.shape(value, key.at, shape, &key.name);
            }
            Some(Key { standing: Standing::Later, help, .. }) => self.later(entry, help),
            Some(Key { standing: Standing::Instead(write), .. }) => {
                let remark = Remark::error(codes::UNKNOWN_KEY, entry.key.at, format!("unknown key `{}` in {owner}", entry.key.name));
                self.remarks.add(remark.help([format!("write `{write}`")]));
            }
            None => self.remarks.error(|| unknown(entry, keys, owner, self.language)),
        }
    }

    /// Of keys that exclude each other, one has to be there.
    fn one_of(&mut self, node: &Node, keys: &'static [Key], owner: &str) {
        let choices = keys.iter().filter(|key| key.need.choice().is_some());
        let Some(what) = choices.clone().find_map(|key| key.need.choice()) else { return };
        let of_choice = |key: &Key| key.need.choice().is_some() && !key.need.beside().iter().any(|other| node.entry(other).is_some());
        let mut given = node.entries().iter().filter(|entry| keys.iter().any(|key| *key.name == *entry.key.name && of_choice(key)));
        let expected = any_of(choices.map(|key| key.name));
        let Some(first) = given.next() else {
            let known = |name: &str| keys.iter().any(|key| key.name == name && matches!(key.standing, Standing::Now(_)));
            let unknown = node.entries().iter().any(|entry| !known(&entry.key.name));
            // A key that nobody knows is told of already, and may be the one.
            if !unknown {
                let remark = Remark::error(codes::MISSING_KEY, node.at, format!("{owner} has no {what}"));
                self.remarks.add(remark.label(format!("expected one of {expected}")));
            }
            return;
        };
        for second in given {
            let message = format!("`{}` and `{}` exclude each other", first.key.name, second.key.name);
            let remark = Remark::error(codes::EXCLUSIVE, second.key.at, message);
            self.remarks.add(remark.label(format!("expected one {what} alone")).related(first.key.at, "the first"));
        }
    }

    fn named(&mut self, entry: &mut Entry, what: &str, names: &NamePattern, of: &'static Shape) {
        let Entry { key, value } = entry;
        let name = &*key.name;
        if !(names.fits)(name) {
            let remark = Remark::error(codes::BAD_NAME, key.at, format!("`{name}` cannot be the name of {what}"));
            self.remarks.add(remark.label(format!("expected {}", names.words)));
        }
        self.shape(value, key.at, of, name);
    }

    fn later(&mut self, entry: &Entry, help: &str) {
        let remark = Remark::error(codes::NOT_YET, entry.key.at, format!("`{}` is not supported yet", entry.key.name));
        self.remarks.add(remark.help([help]));
    }
}

/// What may be written as a word, and as a map too, of which one key says what, or as a list.
fn with_value(shape: &'static Shape) -> Option<String> {
    let maps = shape.alternatives().iter().filter_map(|other| if let Shape::Keys(keys) = other { Some(*keys) } else { None });
    let choices: Vec<_> = maps.flatten().filter(|key| key.need.choice().is_some()).map(|key| key.name).collect();
    let map = choices.first().map(|first| format!("or with a value, such as {{ {first}: … }}: {}", any_of(choices.iter().copied())));
    map.or_else(|| shape.item().map(|item| format!("or a list, of which each is {}", item.expected())))
}

/// How a single value is written where a list of such values belongs.
fn as_list(node: &Node, shape: &'static Shape) -> Option<String> {
    let text = &node.scalar()?.text;
    let takes_words = shape.item()?.alternatives().iter().any(|item| item.kind() == Some(Kind::Scalar));
    let is_word = !text.is_empty() && text.chars().all(|character| character.is_alphanumeric() || "-_./".contains(character));
    (takes_words && is_word).then(|| format!("write `[{text}]`"))
}

/// The keys that may be meant by a name. Another number is no slip of the finger: nobody means `p50` by `p90`.
fn alike(found: &str, keys: &'static [Key]) -> impl Iterator<Item = &'static str> {
    let number = |name: &str| name.chars().filter(char::is_ascii_digit).collect::<String>();
    known(keys).filter(move |name| number(name) == number(found))
}

fn known(keys: &'static [Key]) -> impl Iterator<Item = &'static str> + Clone {
    keys.iter().filter(|key| matches!(key.standing, Standing::Now(_))).map(|key| key.name)
}

fn unknown(entry: &Entry, keys: &'static [Key], owner: &str, language: &'static Language) -> Remark {
    let name = &*entry.key.name;
    let near = || did_you_mean(name, alike(name, keys));
    let remark = Remark::error(codes::UNKNOWN_KEY, entry.key.at, format!("unknown key `{name}` in {owner}"));
    let expected = known(keys).collect::<Vec<_>>().join(", ");
    remark.label(format!("expected one of {expected}")).help(elsewhere(name, owner, language).or_else(near))
}

/// Where a key of that name belongs, which has been written in another place.
fn elsewhere(name: &str, owner: &str, language: &'static Language) -> Option<String> {
    if language.keys.iter().any(|key| key.name == name) {
        return Some(format!("`{name}` is a key of the {} itself", language.file));
    }
    // Of a part at its outermost, what only suites say is more likely meant than what its tests say.
    if language.file == PART.file && owner == "the part" && SUITE.keys.iter().any(|key| key.name == name) {
        return Some(format!("`{name}` is a key of suites: write it in those that include this part"));
    }
    let owners = owners(name, language.keys);
    (!owners.is_empty()).then(|| format!("`{name}` is a key of `{}`", owners.join("` and of `")))
}
