//! The pages of lists, and lists whose pages have no end.

use serde_json::Value;

use crate::wire::Request;

/// The parameters that say where a page begins.
const OFFSETS: [&str; 2] = ["offset", "skip"];
/// The parameters that say how long it is.
const LIMITS: [&str; 2] = ["rowLimit", "limit"];

/// The rows that a request asks for, by the parameters with these names. `by_default` and `most` are sizes of a page.
pub(crate) fn page<T>(
    rows: impl Iterator<Item = T>,
    request: &Request,
    [offset, limit]: [&str; 2],
    by_default: usize,
    most: usize,
) -> impl Iterator<Item = T> {
    rows.skip(request.number(offset).unwrap_or(0)).take(request.number(limit).unwrap_or(by_default).min(most))
}

/// The request for the first page in place of that for a later one.
pub(crate) fn first(request: &Request) -> Request {
    let query = request.query.as_ref().map(|_| {
        let kept = request.parameters().filter(|(name, _)| !OFFSETS.contains(&name.as_ref()));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish()
    });
    Request { query, ..request.clone() }
}

/// The rows of a list once more and once more, up to the length that the request asks for.
pub(crate) fn filled(body: Value, request: &Request) -> Value {
    let limit = LIMITS.iter().find_map(|name| request.number(name)).unwrap_or(0);
    match body {
        Value::Array(rows) => repeated(&rows, limit).into(),
        Value::Object(mut members) => {
            let Some(Value::Array(rows)) = members.get_mut("objects") else { return members.into() };
            *rows = repeated(rows, limit);
            let count = rows.len();
            members.insert("count".to_owned(), count.into());
            members.into()
        }
        other => other,
    }
}

fn repeated(rows: &[Value], limit: usize) -> Vec<Value> {
    let length = if rows.is_empty() { 0 } else { limit.max(rows.len()) };
    rows.iter().cycle().take(length).cloned().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asking(query: &str) -> Request {
        Request { query: Some(query.to_owned()), ..Request::default() }
    }

    #[test]
    fn the_beginning_of_a_page_is_forgotten_and_its_other_parameters_are_not() {
        let first = first(&asking("q=type%3D%3D%27MTT%27&skip=400&limit=200"));
        assert_eq!((first.parameter("q").unwrap(), first.parameter("skip")), ("type=='MTT'".to_owned(), None));
        assert_eq!(first.parameter("limit").unwrap(), "200");
        assert_eq!(super::first(&Request::default()).query, None);
    }

    #[test]
    fn rows_are_repeated_up_to_the_limit() {
        assert_eq!(filled(json!([1, 2]), &asking("rowLimit=5")), json!([1, 2, 1, 2, 1]));
        assert_eq!(filled(json!([]), &asking("rowLimit=5")), json!([]));
        assert_eq!(filled(json!([1, 2]), &asking("offset=5")), json!([1, 2]));
        let objects = json!({"count": 1, "objects": [{"id": "a"}]});
        assert_eq!(filled(objects, &asking("limit=2")), json!({"count": 2, "objects": [{"id": "a"}, {"id": "a"}]}));
    }
}
