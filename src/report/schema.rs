//! Schemas of documents, as they are published. It must not know which documents there are.

/// The JSON Schema (2020-12) of a shape with that name, as it is written: what may be null is there all the same.
pub(super) fn of<T: schemars::JsonSchema>(name: &str) -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), name.into());
    schema.to_value()
}
