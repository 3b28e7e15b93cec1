//! The JSON Schema (2020-12) of a language's description, for editors. What is not supported yet is not in it.

use crate::model::probe::HttpProbe;
use serde_json::{Map, Value, json};

use super::count::AUTO;
use super::leaf::Leaf;
use super::pick::{PICKED, PICKS};
use super::shape::{Key, Kind, Language, Need, Shape, Standing};
use super::units::{ID, LABEL, PORT_NAME, Words};
use super::words::PROBE_COUNT;

/// The schema of a file in that language.
pub(crate) fn schema(language: &Language) -> Value {
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("netcheck {}", language.file),
        "description": language.help,
    });
    merge(&mut schema, keys(language.keys));
    schema
}

fn merge(schema: &mut Value, more: Value) {
    if let (Value::Object(schema), Value::Object(more)) = (schema, more) {
        schema.extend(more);
    }
}

fn shape(shape: &Shape) -> Option<Value> {
    match shape {
        Shape::Scalar(leaf) => Some(or_expression(constant(leaf))),
        Shape::Constant(leaf) => Some(constant(leaf)),
        Shape::Condition => Some(json!({ "anyOf": [{ "type": "string", "not": { "pattern": "\\{\\{" } }, { "type": "boolean" }] })),
        Shape::List(_, of) => Some(json!({ "type": "array", "minItems": 1, "items": self::shape(of)? })),
        Shape::Keys(of) => Some(keys(of)),
        Shape::Named { least, names, of, keys, .. } => {
            let mut object = json!({ "type": "object", "propertyNames": { "pattern": names.pattern } });
            if *least > 0 {
                merge(&mut object, json!({ "minProperties": least }));
            }
            if !keys.is_empty() {
                merge(&mut object, json!({ "properties": properties(keys) }));
            }
            merge(&mut object, json!({ "additionalProperties": self::shape(of)? }));
            Some(object)
        }
        Shape::Data(Kind::Map) => Some(json!({ "type": "object" })),
        Shape::Data(Kind::List | Kind::Scalar) => Some(json!({ "type": "array" })),
        Shape::KeysOrData(of) => Some(keys_or_data(of)),
        Shape::Either(shapes) => {
            let mut shapes: Vec<_> = shapes.iter().filter_map(self::shape).collect();
            if shapes.len() == 1 { shapes.pop() } else { Some(json!({ "anyOf": shapes })) }
        }
    }
}

fn properties(keys: &[Key]) -> Map<String, Value> {
    let mut properties = Map::new();
    for key in keys {
        let Standing::Now(of) = &key.standing else { continue };
        let Some(mut property) = shape(of) else { continue };
        merge(&mut property, json!({ "description": key.help }));
        properties.insert(key.name.to_owned(), property);
    }
    properties
}

fn keys(keys: &[Key]) -> Value {
    let required: Vec<_> = keys.iter().filter(|key| key.need == Need::Required).map(|key| key.name).collect();
    let mut object = json!({ "type": "object", "properties": properties(keys), "additionalProperties": false });
    if !required.is_empty() {
        merge(&mut object, json!({ "required": required }));
    }
    let one_of: Vec<_> = keys.iter().filter(|key| key.need.choice().is_some()).map(alone).collect();
    if !one_of.is_empty() {
        merge(&mut object, json!({ "oneOf": one_of }));
    }
    object
}

/// That key of those that exclude each other.
fn alone(key: &Key) -> Value {
    let mut alone = json!({ "required": [key.name] });
    let others: Vec<_> = key.need.beside().iter().map(|other| json!({ "required": [other] })).collect();
    if !others.is_empty() {
        merge(&mut alone, json!({ "not": { "anyOf": others } }));
    }
    alone
}

/// A map with these keys, or one without any of them.
fn keys_or_data(of: &[Key]) -> Value {
    let any: Vec<_> = of.iter().map(|key| json!({ "required": [key.name] })).collect();
    json!({ "anyOf": [keys(of), { "type": "object", "not": { "anyOf": any } }] })
}

fn or_expression(of: Value) -> Value {
    let any_text = of.get("type") == Some(&json!("string")) && of.get("pattern").is_none();
    let expression = json!({ "type": "string", "pattern": "\\$\\{\\{", "description": "An expression: ${{ vars.NAME }}." });
    if any_text { of } else { json!({ "anyOf": [of, expression] }) }
}

/// What taints look like that are tolerated; the details are said by `lint`.
const TOLERATION: &str = "^[A-Za-z0-9./_-]+(=[A-Za-z0-9._-]*)?(:(NoSchedule|NoExecute))?$";

/// What a taint looks like.
const TAINT: &str = "^[A-Za-z0-9./_-]+(=[A-Za-z0-9._-]*)?:(NoSchedule|NoExecute|PreferNoSchedule)$";

fn constant(leaf: &Leaf) -> Value {
    match leaf {
        Leaf::Word(words) => one_of(words),
        Leaf::Id => json!({ "type": "string", "pattern": ID.pattern }),
        Leaf::Name(pattern) => json!({ "type": "string", "pattern": pattern.pattern, "description": leaf.expected() }),
        Leaf::Host => json!({ "type": "string", "pattern": "^([0-9A-Fa-f:.]+|[0-9A-Za-z_.-]+)$", "description": leaf.expected() }),
        Leaf::Address => json!({ "type": "string", "pattern": "^[0-9A-Fa-f:.]+$", "description": leaf.expected() }),
        Leaf::Selector => json!({ "type": "string", "minLength": 1, "description": leaf.expected() }),
        Leaf::Toleration => json!({ "type": "string", "pattern": TOLERATION, "description": leaf.expected() }),
        Leaf::Taint => json!({ "type": "string", "pattern": TAINT, "description": leaf.expected() }),
        Leaf::Port => json!({
            "oneOf": [{ "type": "integer", "minimum": 1, "maximum": 65_535 }, { "type": "string", "pattern": PORT_NAME.pattern }],
            "description": leaf.expected(),
        }),
        Leaf::Share => json!({ "type": "string", "pattern": "^\\s*[0-9]{1,3}(\\.[0-9]{1,4})?\\s*%\\s*$", "description": leaf.expected() }),
        Leaf::Path => json!({ "type": "string", "pattern": "^[^/]", "description": leaf.expected() }),
        Leaf::UrlPath => json!({ "type": "string", "pattern": "^/", "maxLength": HttpProbe::PATH_LIMIT, "description": leaf.expected() }),
        Leaf::ServerName => json!({ "type": "string", "pattern": "^[A-Za-z0-9.:-]+$", "description": leaf.expected() }),
        Leaf::Secretive => json!({ "type": "string", "minLength": 1, "maxLength": 4_096, "description": leaf.expected() }),
        Leaf::Flag => json!({ "type": "boolean" }),
        Leaf::Line => json!({ "type": "string", "minLength": 1, "maxLength": 200, "description": leaf.expected() }),
        Leaf::Runbook => json!({ "type": "string", "minLength": 1, "maxLength": 500, "description": leaf.expected() }),
        Leaf::Title => json!({ "type": "string", "maxLength": 200 }),
        Leaf::Whole(range) => json!({ "type": "integer", "minimum": range.least, "maximum": range.most }),
        Leaf::Count => json!({
            "oneOf": [{ "type": "integer", "minimum": PROBE_COUNT.least, "maximum": PROBE_COUNT.most }, { "const": AUTO }],
            "description": leaf.expected(),
        }),
        Leaf::Pick => json!({
            "oneOf": [
                { "enum": PICKS.map(|(word, _)| word) },
                { "type": "integer", "minimum": PICKED.least, "maximum": PICKED.most },
            ],
            "description": leaf.expected(),
        }),
        Leaf::Duration(_) => json!({ "type": "string", "pattern": "^\\s*[0-9]", "description": leaf.expected() }),
        Leaf::Bound(metric) => {
            let bound = json!({ "type": metric.types(), "description": leaf.expected() });
            match metric.pattern() {
                "" => bound,
                pattern => {
                    let mut bound = bound;
                    merge(&mut bound, json!({ "pattern": pattern }));
                    bound
                }
            }
        }
        Leaf::Variable => json!({ "type": ["string", "integer", "boolean"], "description": leaf.expected() }),
        Leaf::Label => json!({ "type": ["string", "number", "boolean"], "pattern": LABEL.pattern, "description": leaf.expected() }),
        Leaf::Value => json!({ "type": ["string", "number", "boolean"], "description": leaf.expected() }),
    }
}

fn one_of(words: &Words) -> Value {
    let each: Vec<_> = words.now.iter().map(|(word, help)| json!({ "const": word, "description": help })).collect();
    json!({ "oneOf": each })
}
