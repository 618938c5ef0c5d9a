//! Finds tasks: in the v3 lookup and objects resources, and in the v2 task lists.

use serde_json::{Value, json};

use crate::api::client::Client;
use crate::api::error::Error;
use crate::api::listing::{Listing, SeenRows};
use crate::api::request::{ApiRequest, V2, V3};
use crate::api::retry::RetryPolicy;
use crate::api::transport::Operation;
use crate::api::url::{query_value, segment};
use crate::api::wire::bodies::{ListedTask, Object};
use crate::job::path::name_of;
use crate::job::{Task, TaskType};

/// Objects in one page; the documented maximum.
const PAGE: usize = 200;
/// Pages that a search reads at most: two hundred thousand objects.
const PAGES: usize = 1000;
/// The code with which the objects resource answers for an unknown location. It is not documented.
const NO_LOCATION: &str = "V3API_ObjectsListError_03";

/// An object as a task; none when it is of a type that nothing here runs.
fn task(object: Object) -> Option<Task> {
    let kind = TaskType::of_object(&object.kind?)?;
    let name = object.path.as_deref().map(|path| name_of(path).to_owned());
    // The ingestion service knows a task by its federated ID and has no other.
    let id = object.id.clone().filter(|_| kind == TaskType::FileIngestion);
    Some(Task { id, federated_id: object.id, name, path: object.path, kind: Some(kind) })
}

/// The task at a path, if there is one of that type.
pub async fn task_at(client: &Client<'_>, path: &str, kind: TaskType) -> Result<Option<Task>, Error> {
    let objects = look_up(client, &json!({"path": path, "type": kind.object_type()})).await?;
    Ok(objects.into_iter().filter_map(task).find(|task| {
        task.kind == Some(kind) && task.path.as_deref().is_some_and(|other| other.eq_ignore_ascii_case(path))
    }))
}

pub async fn task_of_federated_id(client: &Client<'_>, id: &str) -> Result<Option<Task>, Error> {
    let objects = look_up(client, &json!({"id": id})).await?;
    Ok(objects.into_iter().filter(|object| object.id.as_deref() == Some(id)).find_map(task))
}

/// One object. An unknown one may be left out of the answer, or be an error: the documentation does not say.
async fn look_up(client: &Client<'_>, object: &Value) -> Result<Vec<Object>, Error> {
    let body = json!({"objects": [object]});
    match client.call_json(ApiRequest::lookup(V3, "/public/core/v3/lookup".to_owned(), &body)).await {
        Ok(answer) => objects(&answer),
        Err(Error::Refused { status: 400 | 403 | 404, .. } | Error::Unreadable { status: 404, .. }) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The tasks in a folder, not those in folders below it. A folder that does not exist has none.
pub async fn tasks_in(client: &Client<'_>, folder: &str) -> Result<Vec<Task>, Error> {
    match objects_where(client, &format!("location=='{folder}'")).await {
        Ok(objects) => Ok(objects.into_iter().filter_map(task).collect()),
        Err(Error::Refused { code: Some(code), .. }) if code == NO_LOCATION => Ok(Vec::new()),
        Err(Error::Refused { status: 404, .. }) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// All tasks of a type, with the time of their last change.
pub async fn tasks_of(client: &Client<'_>, kind: TaskType) -> Result<Vec<(Task, Option<String>)>, Error> {
    let objects = objects_of(client, kind).await?.into_iter();
    Ok(objects.filter_map(|object| Some((task(object.clone())?, object.update_time))).collect())
}

pub async fn objects_of(client: &Client<'_>, kind: TaskType) -> Result<Vec<Object>, Error> {
    let mut objects = objects_where(client, &format!("type=='{}'", kind.object_type())).await?;
    objects.retain(|object| object.kind.as_deref().and_then(TaskType::of_object) == Some(kind));
    Ok(objects)
}

async fn objects_where(client: &Client<'_>, filter: &str) -> Result<Vec<Object>, Error> {
    let mut all = Vec::new();
    let mut seen = SeenRows::default();
    for page in 0..PAGES {
        let path = format!("/public/core/v3/objects?q={}&limit={PAGE}&skip={}", query_value(filter), page * PAGE);
        let request = ApiRequest::get(Operation::Lookup, V3, path, RetryPolicy::Idempotent);
        let answer = client.call_json(request).await?;
        let rows = rows(&answer)?;
        all.extend(objects(&answer)?);
        if rows.len() < PAGE {
            return Ok(all);
        }
        seen.add(rows.iter().map(|row| SeenRows::key(row.to_string().as_bytes())))
            .map_err(|what| Error::unreadable(Operation::Lookup, what))?;
    }
    Err(Error::unreadable(Operation::Lookup, format!("more than {PAGES} pages of objects")))
}

/// The tasks of a type that the v2 list shows and that pass `filter`: their v2 IDs and names, without their folders.
pub async fn listed_tasks(
    client: &Client<'_>,
    kind: TaskType,
    filter: impl Fn(&Task) -> bool,
) -> Result<Vec<Task>, Error> {
    let path = match kind {
        TaskType::Workflow => "/api/v2/workflow".to_owned(),
        _ => format!("/api/v2/task?type={kind}"),
    };
    let request = ApiRequest::get(Operation::Lookup, V2, path, RetryPolicy::Idempotent);
    let add = |listing: &mut Listing<Task>, element: &[u8]| match ListedTask::read(element) {
        Some(listed) => {
            let task = Task { id: listed.id, name: listed.name, kind: Some(kind), ..Task::default() };
            listing.rows.extend(Some(task).filter(&filter));
        }
        None => listing.unreadable += 1,
    };
    client.call_rows(request, add, Listing::complete).await
}

/// The v2 ID and name of the mapping task of a federated ID.
pub async fn mapping_task(client: &Client<'_>, federated_id: &str) -> Result<Option<Task>, Error> {
    let path = format!("/api/v2/mttask/frs/{}", segment(federated_id));
    let request = ApiRequest::get(Operation::Lookup, V2, path, RetryPolicy::Idempotent);
    match client.call_json(request).await {
        Ok(answer) => {
            let listed: ListedTask = serde_json::from_value(answer).unwrap_or_default();
            let unreadable = || Error::unreadable(Operation::Lookup, "with JSON that is no mapping task");
            let id = Some(listed.id.ok_or_else(unreadable)?);
            let federated_id = Some(federated_id.to_owned());
            Ok(Some(Task { id, federated_id, name: listed.name, kind: Some(TaskType::Mtt), ..Task::default() }))
        }
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The objects of an answer. One without a list of them says nothing, least of all that there are none.
fn objects(answer: &Value) -> Result<Vec<Object>, Error> {
    Ok(rows(answer)?.iter().filter_map(|object| serde_json::from_value(object.clone()).ok()).collect())
}

fn rows(answer: &Value) -> Result<&[Value], Error> {
    match answer.get("objects") {
        Some(Value::Array(rows)) => Ok(rows),
        _ => Err(Error::unreadable(Operation::Lookup, "with JSON that has no list of objects")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::fake::FakeTransport;

    #[test]
    fn a_list_of_objects_without_an_end_is_an_error_and_one_that_repeats_is_so_at_once() {
        let requests = |moves: usize| {
            let answer = move |line: &str| {
                let skip: usize = line.split("skip=").nth(1).unwrap().parse().unwrap();
                let object = |number| json!({"id": skip * moves + number});
                (200, json!({"objects": (0..PAGE).map(object).collect::<Value>()}).to_string())
            };
            let (found, sent) = FakeTransport::serve(answer, async |client| tasks_of(client, TaskType::Mtt).await);
            let Err(Error::Unreadable { operation: Operation::Lookup, what, .. }) = found else { panic!("{found:?}") };
            (what, sent.len())
        };
        assert_eq!(requests(0), ("the pages of the list repeat".to_owned(), 2));
        assert_eq!(requests(1), ("more than 1000 pages of objects".to_owned(), PAGES));
    }
}
