//! Taints of nodes, and which of them a suite tolerates. It must not know how a pod is let onto a node.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::selector::{is_label_key, is_label_value};

/// What keeps pods off a node that do not tolerate it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Taint {
    /// Its key: that of a label.
    pub key: String,
    /// Its value: that of a label; may be empty.
    pub value: String,
    /// What it does.
    pub effect: TaintEffect,
}

/// What a taint does with pods that do not tolerate it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaintEffect {
    /// No new ones come.
    NoSchedule,
    /// None stay.
    NoExecute,
    /// They go elsewhere, if they can: it keeps nobody out.
    PreferNoSchedule,
}

/// Which taints a suite tolerates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum Tolerations {
    /// All of them.
    #[default]
    All,
    /// Those that one of these fits.
    Those(Arc<[Toleration]>),
}

/// Some taints that are tolerated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Toleration {
    /// Those of that key.
    key: String,
    /// Those of that value alone.
    value: Option<String>,
    /// Those of that effect alone.
    effect: Option<TaintEffect>,
}

/// What keys of taints begin with that controllers set, and that say in which state a node is: those of Kubernetes, of the makers of
/// its machines, and of a network that is not there.
const STATES: [&str; 3] = ["node.kubernetes.io/", "node.cloudprovider.kubernetes.io/", "node.cilium.io/"];

/// What those end with that drivers take away once they are there, as `ebs.csi.aws.com/agent-not-ready`.
const NOT_READY: &str = "/agent-not-ready";

/// Whether whoever set it tells in which state a node is, and wants nothing of anybody.
fn is_of_state(key: &str) -> bool {
    STATES.iter().any(|domain| key.starts_with(domain)) || key.ends_with(NOT_READY)
}

impl TaintEffect {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::NoSchedule, Self::NoExecute, Self::PreferNoSchedule];

    /// As Kubernetes spells it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoSchedule => "NoSchedule",
            Self::NoExecute => "NoExecute",
            Self::PreferNoSchedule => "PreferNoSchedule",
        }
    }

    /// That of a word, if it is one.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|effect| effect.word() == word)
    }
}

impl Taint {
    /// The most of a node: more than anybody sets by hand.
    pub const MOST: usize = 256;

    /// What one looks like.
    pub const EXPECTED: &'static str =
        "a taint as kubectl writes it: KEY:EFFECT or KEY=VALUE:EFFECT, with the effect NoSchedule, NoExecute or PreferNoSchedule";

    /// Of its parts.
    ///
    /// # Errors
    /// Key or value can be none.
    pub fn new(key: &str, value: &str, effect: TaintEffect) -> Result<Self, String> {
        let (key, value) = (self::key(key)?, self::value(value)?);
        Ok(Self { key, value, effect })
    }

    /// As kubectl writes it: `gpu=yes:NoSchedule`, `gpu:NoSchedule`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some((named, effect)) = text.split_once(':') else {
            return Err(format!("a taint has an effect: {text}:NoSchedule"));
        };
        let found = TaintEffect::of(effect);
        let effect =
            found.ok_or_else(|| format!("{effect:?} is no effect of a taint: {}", TaintEffect::ALL.map(TaintEffect::word).join(", ")))?;
        let (key, value) = named.split_once('=').unwrap_or((named, ""));
        Self::new(key, value, effect)
    }

    /// Why it keeps a suite off its node, as the reason of a rule.
    #[must_use]
    pub fn untolerated(&self) -> String {
        format!("taint {self}, which the suite does not tolerate")
    }

    /// Whether it keeps anybody out, and by somebody's will: what the cluster says of a node's state is no wish of anybody's, and
    /// a node under pressure is not to drop out unseen.
    fn keeps_out(&self) -> bool {
        self.effect != TaintEffect::PreferNoSchedule && !is_of_state(&self.key)
    }
}

impl Toleration {
    /// The most of a suite.
    pub const MOST: usize = 64;

    /// What a toleration looks like.
    pub const EXPECTED: &'static str =
        "a taint as kubectl writes it: KEY, KEY=VALUE, KEY:EFFECT or KEY=VALUE:EFFECT, with the effect NoSchedule or NoExecute";

    /// Of taints, as kubectl writes them; what is left out may be anything.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let "all" | "none" = text {
            return Err(format!(
                "the word for {text} taints stands by itself: `tolerations: {text}`; of a key of that name write an effect, too"
            ));
        }
        let (named, effect) = text.split_once(':').map_or((text, None), |(named, effect)| (named, Some(effect)));
        let (key, value) = named.split_once('=').map_or((named, None), |(key, value)| (key, Some(value)));
        let (key, value) = (self::key(key)?, value.map(self::value).transpose()?);
        if is_of_state(&key) {
            let why = "it is the cluster's own word on a node's state, which leaves out no node, whatever a suite tolerates";
            return Err(format!("leave {key} out: {why}"));
        }
        let effect = match effect.map(|word| (word, TaintEffect::of(word))) {
            None => None,
            Some((_, Some(effect @ (TaintEffect::NoSchedule | TaintEffect::NoExecute)))) => Some(effect),
            Some((_, Some(TaintEffect::PreferNoSchedule))) => {
                return Err("PreferNoSchedule keeps nobody out: there is nothing to tolerate".to_owned());
            }
            Some((word, None)) => return Err(format!("{word:?} is neither NoSchedule nor NoExecute")),
        };
        Ok(Self { key, value, effect })
    }

    fn fits(&self, taint: &Taint) -> bool {
        self.key == taint.key
            && self.value.as_ref().is_none_or(|value| *value == taint.value)
            && self.effect.is_none_or(|effect| effect == taint.effect)
    }
}

impl Tolerations {
    /// Of these, in whatever order they are written.
    #[must_use]
    pub fn those(all: impl IntoIterator<Item = Toleration>) -> Self {
        let all: BTreeSet<Toleration> = all.into_iter().collect();
        Self::Those(all.into_iter().collect())
    }

    /// The first of a node's taints that keeps a suite with these off it.
    #[must_use]
    pub fn unmet<'n>(&self, taints: &'n [Taint]) -> Option<&'n Taint> {
        match self {
            Self::All => None,
            Self::Those(those) => {
                taints.iter().filter(|taint| taint.keeps_out()).find(|taint| !those.iter().any(|toleration| toleration.fits(taint)))
            }
        }
    }
}

fn key(text: &str) -> Result<String, String> {
    if is_label_key(text) { Ok(text.to_owned()) } else { Err(format!("{text:?} is no key of a taint, such as `gpu` or `example.com/gpu`")) }
}

fn value(text: &str) -> Result<String, String> {
    let expected = "letters, digits, `-`, `_` and `.`, at most 63";
    if is_label_value(text) { Ok(text.to_owned()) } else { Err(format!("{text:?} is no value of a taint: {expected}")) }
}

impl fmt::Display for Taint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let equals = if self.value.is_empty() { "" } else { "=" };
        write!(out, "{}{equals}{}:{}", self.key, self.value, self.effect.word())
    }
}

impl fmt::Display for Toleration {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value.as_ref().map(|value| format!("={value}")).unwrap_or_default();
        let effect = self.effect.map(|effect| format!(":{}", effect.word())).unwrap_or_default();
        write!(out, "{}{value}{effect}", self.key)
    }
}

impl fmt::Display for Tolerations {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => out.write_str("all"),
            Self::Those(those) if those.is_empty() => out.write_str("none"),
            Self::Those(those) => out.write_str(&those.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taints(texts: &[&str]) -> Vec<Taint> {
        texts.iter().map(|text| Taint::parse(text).unwrap()).collect()
    }

    #[track_caller]
    fn check(texts: &[&str], tolerations: &[&str], unmet: Option<&str>) {
        let those = Tolerations::Those(tolerations.iter().map(|text| Toleration::parse(text).unwrap()).collect());
        assert_eq!(those.unmet(&taints(texts)).map(ToString::to_string).as_deref(), unmet, "{texts:?} {those}");
        assert_eq!(Tolerations::All.unmet(&taints(texts)), None);
    }

    #[test]
    fn what_is_not_tolerated_keeps_out() {
        check(&[], &[], None);
        check(&["gpu=yes:NoSchedule"], &[], Some("gpu=yes:NoSchedule"));
        check(&["gpu:NoExecute"], &[], Some("gpu:NoExecute"));
        check(&["gpu=yes:PreferNoSchedule"], &[], None);
        for fitting in ["gpu", "gpu=yes", "gpu:NoSchedule", "gpu=yes:NoSchedule"] {
            check(&["gpu=yes:NoSchedule"], &[fitting], None);
            check(&["gpu=yes:NoSchedule", "gpu=no:NoExecute"], &["gpu=no", fitting], None);
        }
        for other in ["gpus", "gpu=no", "gpu=", "gpu:NoExecute", "example.com/gpu", "gpu=yes:NoExecute"] {
            check(&["gpu=yes:NoSchedule"], &[other], Some("gpu=yes:NoSchedule"));
        }
        check(&["gpu:NoSchedule"], &["gpu="], None);
        check(&["a:NoSchedule", "b:NoSchedule"], &["a"], Some("b:NoSchedule"));
        check(&["node.kubernetes.io/disk-pressure:NoSchedule", "node.kubernetes.io/unschedulable:NoSchedule"], &[], None);
        check(&["node.cloudprovider.kubernetes.io/shutdown:NoSchedule", "node.cilium.io/agent-not-ready:NoExecute"], &[], None);
        check(&["ebs.csi.aws.com/agent-not-ready:NoExecute"], &[], None);
        check(&["node-role.kubernetes.io/control-plane:NoSchedule"], &[], Some("node-role.kubernetes.io/control-plane:NoSchedule"));
    }

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["gpu", "gpu=yes", "gpu=", "gpu:NoSchedule", "example.com/gpu=yes:NoExecute", "all:NoSchedule"] {
            assert_eq!(Toleration::parse(text).map(|toleration| toleration.to_string()).as_deref(), Ok(text));
        }
        for text in ["gpu:NoSchedule", "example.com/gpu=yes:NoExecute", "gpu:PreferNoSchedule"] {
            assert_eq!(Taint::parse(text).map(|taint| taint.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_can_be_no_taint_is_refused() {
        for text in ["", "=yes", ":NoSchedule", "a b", "a=b=c", "a:NoSchedule-", "a:noschedule", "a:b:NoSchedule", "a:", "a=ä", "*"] {
            assert!(Toleration::parse(text).is_err() && Taint::parse(text).is_err(), "{text}");
        }
        for text in ["all", "none", "a:PreferNoSchedule", "node.kubernetes.io/disk-pressure", "node.cilium.io/agent-not-ready"] {
            assert!(Toleration::parse(text).is_err(), "{text}");
        }
        assert_eq!(Taint::parse("gpu").err().as_deref(), Some("a taint has an effect: gpu:NoSchedule"));
    }
}
