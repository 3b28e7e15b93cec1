//! The taints of nodes in the file. It must not know which of them keep anybody out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::taint::{Taint, TaintEffect};

/// A taint.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TaintDocument {
    /// Its key.
    key: String,
    /// Its value; left out if it is empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    value: String,
    /// What it does with pods that do not tolerate it.
    effect: EffectDocument,
}

/// What a taint does.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
enum EffectDocument {
    /// No new ones come.
    NoSchedule,
    /// None stay.
    NoExecute,
    /// They go elsewhere, if they can.
    PreferNoSchedule,
}

impl TaintDocument {
    pub(super) fn of(taint: &Taint) -> Self {
        let effect = match taint.effect {
            TaintEffect::NoSchedule => EffectDocument::NoSchedule,
            TaintEffect::NoExecute => EffectDocument::NoExecute,
            TaintEffect::PreferNoSchedule => EffectDocument::PreferNoSchedule,
        };
        Self { key: taint.key.clone(), value: taint.value.clone(), effect }
    }

    fn taint(&self) -> Result<Taint, String> {
        let effect = match self.effect {
            EffectDocument::NoSchedule => TaintEffect::NoSchedule,
            EffectDocument::NoExecute => TaintEffect::NoExecute,
            EffectDocument::PreferNoSchedule => TaintEffect::PreferNoSchedule,
        };
        Taint::new(&self.key, &self.value, effect)
    }
}

/// Those of a node.
///
/// # Errors
/// One of them can be none, or they are too many.
pub(super) fn all(documents: &[TaintDocument]) -> Result<Vec<Taint>, String> {
    if documents.len() > Taint::MOST {
        return Err(format!("expected at most {} taints, found {}", Taint::MOST, documents.len()));
    }
    let one =
        |(index, document): (usize, &TaintDocument)| document.taint().map_err(|why| format!("number {} of its `taints`: {why}", index + 1));
    documents.iter().enumerate().map(one).collect()
}
