//! The v3 calls that find objects: lookup, list with filters, references.

use serde_json::{Value, json};

use crate::catalog::Object;
use crate::context::Context;
use crate::quirks::Missing;
use crate::state::State;
use crate::wire::{Reply, Row, text};
use crate::{errors, pages, times};

/// The largest page of objects, and the default (documented).
const MOST_OBJECTS: usize = 200;
/// The largest page of references, and the default.
const MOST_REFERENCES: usize = 50;

fn object_row(state: &State, object: &Object) -> Row {
    Row::default()
        .put("id", object.id.as_str())
        .put("path", object.path.as_str())
        .put("type", object.kind)
        .put("description", object.description())
        .put("updatedBy", "admin")
        .put("updateTime", times::utc_seconds(state.catalog.changed))
}

pub(crate) fn lookup(state: &State, context: &Context<'_>) -> Reply {
    let Some(body) = context.request.json_object() else { return errors::malformed() };
    let wanted = body.get("objects").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut found: Vec<Value> = Vec::new();
    for object in wanted.iter().filter_map(Value::as_object) {
        let (id, path, kind) = (text(object, "id"), text(object, "path"), text(object, "type"));
        let hit = state.catalog.objects.iter().find(|object| match (id, path, kind) {
            (Some(id), ..) => object.id == id,
            (None, Some(path), Some(kind)) => object.path == path && object.kind.eq_ignore_ascii_case(kind),
            _ => false,
        });
        if let Some(hit) = hit {
            found.push(object_row(state, hit).into());
            continue;
        }
        let status = match state.scenario.quirks.lookup_missing {
            Missing::Omit => continue,
            Missing::Error => 400,
            Missing::Forbidden => 403,
            Missing::NotFound => 404,
        };
        let message = format!("Unable to find the object {}.", path.or(id).unwrap_or_default());
        return errors::v3(status, "LookupServiceV3APIError_01", &message, context.serial);
    }
    Reply::json(200, &json!({"objects": found}))
}

pub(crate) fn list(state: &State, context: &Context<'_>) -> Reply {
    let query = context.request.parameter("q").unwrap_or_default();
    let refused = |message: String| errors::v3(400, "V3API_ObjectsListError_03", &message, context.serial);
    let Some(terms) = terms(&query) else { return refused(format!("Invalid query parameter: {query}")) };
    let is_place = |object: &&Object| matches!(object.kind, "PROJECT" | "FOLDER");
    let places = || state.catalog.objects.iter().filter(is_place);
    let nowhere = |term: &&Term| term.field == "location" && !places().any(|place| place.path == term.value);
    if let Some(term) = terms.iter().find(nowhere) {
        let message = format!("Invalid query parameter: Unable to find location : {} specified.", term.value);
        return refused(message);
    }
    let changed = times::utc_seconds(state.catalog.changed);
    let fits = |object: &&Object| terms.iter().all(|term| term.holds(object, &changed));
    let found = state.catalog.objects.iter().filter(fits);
    let page = pages::page(found, context.request, ["skip", "limit"], MOST_OBJECTS, MOST_OBJECTS);
    let row = |object: &Object| {
        let row = object_row(state, object).put("tags", json!([])).put("sourceControl", Value::Null);
        let state = |published: bool| if published { "published" } else { "unpublished" };
        let attributes = object.published.map(|published| json!({"publicationStatus": state(published)}));
        row.put("customAttributes", attributes).into()
    };
    let page: Vec<Value> = page.map(row).collect();
    Reply::json(200, &json!({"count": page.len(), "objects": page}))
}

pub(crate) fn references(state: &State, context: &Context<'_>, id: &str) -> Reply {
    let used_by = context.request.parameter("refType").is_some_and(|kind| kind.eq_ignore_ascii_case("usedBy"));
    let Some(object) = state.catalog.objects.iter().find(|object| object.id == id) else {
        let message = format!("Unable to find the object {id}.");
        return errors::v3(404, "V3API_ObjectsReferenceError_01", &message, context.serial);
    };
    let is_related = |other: &&Object| {
        if used_by { other.uses.contains(&object.id) } else { object.uses.contains(&other.id) }
    };
    let row = |other: &Object| {
        json!({
            "id": other.id, "appContextId": other.context_id, "path": other.path, "documentType": other.document_type,
            "description": other.description(), "lastUpdatedTime": times::utc_seconds(state.catalog.changed),
        })
    };
    let related = state.catalog.objects.iter().filter(is_related);
    let page = pages::page(related, context.request, ["skip", "limit"], MOST_REFERENCES, MOST_REFERENCES);
    let references: Vec<Value> = page.map(row).collect();
    Reply::json(200, &json!({"count": references.len(), "@id": id, "references": references}))
}

/// A term of a filter.
#[derive(Debug, PartialEq, Eq)]
struct Term {
    field: String,
    operator: &'static str,
    value: String,
}

const OPERATORS: [&str; 6] = ["==", "!=", "<=", ">=", "<", ">"];

impl Term {
    fn holds(&self, object: &Object, changed: &str) -> bool {
        let value = self.value.as_str();
        let equal = match self.field.as_str() {
            "type" => object.kind.eq_ignore_ascii_case(value),
            "location" => object.location() == value,
            "updatedBy" => value == "admin",
            "updateTime" => changed == value,
            _ => false,
        };
        match self.operator {
            "!=" => !equal,
            "<" => changed < value,
            ">" => changed > value,
            "<=" => changed <= value,
            ">=" => changed >= value,
            _ => equal,
        }
    }
}

/// The terms of a filter, joined with `and`. Values may be in single or double quotes, or bare.
fn terms(query: &str) -> Option<Vec<Term>> {
    let mut found = Vec::new();
    let mut rest = query.trim();
    while !rest.is_empty() {
        let (field, tail) = rest.split_at(rest.find(|letter: char| "=!<>".contains(letter))?);
        let operator = OPERATORS.into_iter().find(|operator| tail.starts_with(operator))?;
        let tail = tail[operator.len()..].trim_start();
        let quote = tail.chars().next().filter(|letter| matches!(letter, '\'' | '"'));
        let (value, tail) = match quote {
            Some(quote) => tail[1..].split_once(quote)?,
            None => tail.split_at(tail.to_ascii_lowercase().find(" and ").unwrap_or(tail.len())),
        };
        found.push(Term { field: field.trim().to_owned(), operator, value: value.trim().to_owned() });
        rest = tail.trim();
        if !rest.is_empty() {
            rest = rest.strip_prefix("and ").or_else(|| rest.strip_prefix("AND "))?.trim_start();
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_in_every_quoting() {
        let term = |field: &str, value: &str| Term { field: field.to_owned(), operator: "==", value: value.to_owned() };
        for query in [
            "type=='MTT' and location=='Sales/Nightly'",
            "type==\"MTT\" and location==\"Sales/Nightly\"",
            "type==MTT and location==Sales/Nightly",
        ] {
            assert_eq!(terms(query), Some(vec![term("type", "MTT"), term("location", "Sales/Nightly")]), "{query}");
        }
        assert_eq!(terms(""), Some(vec![]));
        for query in ["type", "type='MTT'", "type=='MTT", "type=='MTT' or x"] {
            assert_eq!(terms(query), None, "{query}");
        }
    }
}
