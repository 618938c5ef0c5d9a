//! The inputs that a taskflow is started with, from the command line and from a file.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::api::taskflow::FlowOptions;
use crate::cli::Start;
use crate::ops::resolve::words::usage;
use crate::support::exit::Exit;
use crate::support::failure::Failure;
use crate::support::reading;

/// Longer inputs are a mistake, in MiB.
const FILE_LIMIT: u64 = 1;

/// The inputs of a taskflow, and the name of its run.
pub(crate) fn flow_options(start: &Start) -> Result<FlowOptions, Failure> {
    let mut inputs = start.inputs_file.as_deref().map_or_else(|| Ok(Map::new()), from_file)?;
    for (index, (key, value)) in start.input.iter().enumerate() {
        if start.input[..index].iter().any(|(other, _)| other == key) {
            return Err(usage(format!("--input {key} is given twice")));
        }
        inputs.insert(key.clone(), Value::String(value.clone()));
    }
    Ok(FlowOptions { inputs, run_name: start.run_name.clone() })
}

fn from_file(file: &Path) -> Result<Map<String, Value>, Failure> {
    let unusable = |why: String| {
        Failure::of(Exit::Config, why)
            .context(format!("the inputs in {} cannot be used", file.display()))
            .hint(r#"--inputs-file takes a JSON object of input fields, such as {"region": "EMEA", "limit": 100}"#)
    };
    reading::file(file, FILE_LIMIT).and_then(|text| read(&text)).map_err(unusable)
}

/// Reads the text of a file of inputs.
pub(crate) fn read(text: &str) -> Result<Map<String, Value>, String> {
    let text = text.trim_start_matches('\u{feff}');
    let inputs: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let Value::Object(inputs) = inputs else { return Err("it is not a JSON object".to_owned()) };
    // The reader above keeps only one of two fields with the same name.
    serde_json::from_str::<UniqueFields>(text).map_err(|error| error.to_string())?;
    match inputs.iter().find(|(_, value)| loses_digits(value)) {
        Some((key, _)) => Err(format!("{key} is a number with too many digits; put it in quotes")),
        None => Ok(inputs),
    }
}

/// A JSON object in which each field is listed once.
struct UniqueFields;

impl<'de> Deserialize<'de> for UniqueFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = UniqueFields;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<UniqueFields, A::Error> {
                let mut seen = HashSet::new();
                while let Some((key, IgnoredAny)) = fields.next_entry::<String, _>()? {
                    if !seen.insert(key.clone()) {
                        return Err(A::Error::custom(format!("{key} is listed twice")));
                    }
                }
                Ok(UniqueFields)
            }
        }
        deserializer.deserialize_map(Keys)
    }
}

/// Whether the value has an integer that was too long to be read exactly.
fn loses_digits(value: &Value) -> bool {
    match value {
        Value::Number(number) => {
            number.is_f64() && number.as_f64().is_some_and(|number| number.abs() >= 2_f64.powi(63))
        }
        Value::Array(values) => values.iter().any(loses_digits),
        Value::Object(members) => members.values().any(loses_digits),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
