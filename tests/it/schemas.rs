//! Generated schemas equal the committed ones, and everything that is shipped is valid by them.

use std::path::Path;

use netcheck::{plan, report, suite};
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn check(file: &str, generated: &Value) {
    let path = root().join("schemas").join(file);
    let text = format!("{generated:#}\n");
    if std::env::var_os("NETCHECK_UPDATE").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "{} is not what is generated: NETCHECK_UPDATE=1 cargo test schemas writes it anew", path.display());
}

#[test]
fn committed_schemas_are_the_generated_ones() {
    check("suite.schema.json", &suite::schema());
    check("collection.schema.json", &suite::collection_schema());
    check("part.schema.json", &suite::part_schema());
    check("world.schema.json", &suite::world_schema());
    check("inventory.schema.json", &plan::inventory::schema());
    check("results.schema.json", &report::results_schema());
    check("lint.schema.json", &report::lint::schema());
    check("list.schema.json", &report::list::schema());
    check("plan.schema.json", &report::plan::schema());
    check("vars.schema.json", &report::vars::schema());
}

#[test]
fn shipped_suites_are_valid_by_schema_and_by_netcheck() {
    let suites = jsonschema::validator_for(&suite::schema()).unwrap();
    let collections = jsonschema::validator_for(&suite::collection_schema()).unwrap();
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("suites")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let (file, schema, diagnostics) = match suite::read_collection(&path.to_string_lossy(), text.as_bytes()) {
            Some(reading) => ("collection", &collections, reading.diagnostics),
            None => ("suite", &suites, suite::read(&path.to_string_lossy(), text.as_bytes(), &[], &crate::no_parts).diagnostics),
        };
        assert_eq!(diagnostics, Vec::new(), "{}", path.display());
        let editors = format!("# yaml-language-server: $schema=../schemas/{file}.schema.json");
        assert_eq!(text.lines().next(), Some(&*editors), "{}", path.display());
        let value: Value = serde_saphyr::from_str(&text).unwrap();
        let errors: Vec<String> = schema.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(errors, Vec::<String>::new(), "{}", path.display());
        count += 1;
    }
    assert!(count > 0, "suites are shipped");
}

#[test]
fn the_schema_refuses_what_netcheck_refuses() {
    let schema = jsonschema::validator_for(&suite::schema()).unwrap();
    for text in ["netcheck: v2", "netcheck: v1\nsuite: a\ntest: []", "netcheck: v1\nsuite: a\ntests: [{id: a, probe: {type: upd}}]"] {
        assert!(suite::read("a.yaml", text.as_bytes(), &[], &crate::no_parts).suite.is_none(), "{text}");
        assert!(!schema.is_valid(&serde_saphyr::from_str::<Value>(text).unwrap()), "{text}");
    }
}

#[test]
fn what_is_printed_for_programs_is_valid_by_its_schema() {
    let check = |schema: Value, folders: &[&str]| {
        let schema = jsonschema::validator_for(&schema).unwrap();
        for folder in folders {
            let folder = root().join("tests/golden").join(folder);
            let arguments = std::fs::read_to_string(folder.join("args")).unwrap();
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_netcheck"));
            let output = command.args(arguments.split_whitespace()).current_dir(&folder).output().unwrap();
            let (value, folder): (Value, _) = (serde_json::from_slice(&output.stdout).unwrap(), folder.display());
            let errors: Vec<String> = schema.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert_eq!(errors, Vec::<String>::new(), "{folder}");
            assert!(!schema.is_valid(&serde_json::json!({ "schema": value["schema"] })), "{folder}: the schema asks for nothing");
        }
    };
    check(report::lint::schema(), &["lint-json", "lint-deny-json", "lint-clash-json"]);
    check(report::list::schema(), &["list-json", "shard-list", "list-json-terms"]);
    check(report::plan::schema(), &["plan-json", "plan-json-inventory", "plan-json-shard", "plan-json-terms"]);
    check(report::vars::schema(), &["vars-shown-json"]);
}
