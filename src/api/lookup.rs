//! Finds tasks: in the v3 lookup and objects resources, and in the v2 task lists.

use serde_json::{Value, json};

use crate::api::client::Client;
use crate::api::error::Error;
use crate::api::listing::{Listing, SeenRows};
use crate::api::request::{ApiRequest, V2, V3};
use crate::api::retry::RetryPolicy;
use crate::api::transport::Operation;
use crate::api::url::{query_value, segment};
use crate::api::wire::bodies::{ListedTask, Misread, Object};
use crate::api::wire::rows::{Frame, ListAt};
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
    let request = ApiRequest::lookup(V3, "/public/core/v3/lookup".to_owned(), &body);
    match page(client, request, |_| true).await {
        Ok(page) => page.objects.complete_of(Operation::Lookup),
        Err(Error::Refused { status: 400 | 403 | 404, .. } | Error::Unreadable { status: 404, .. }) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The tasks in a folder, not those in folders below it. A folder that does not exist has none.
pub async fn tasks_in(client: &Client<'_>, folder: &str) -> Result<Vec<Task>, Error> {
    // A filter has no escapes, but two kinds of quotes. No name can be written that has both.
    let quote = if folder.contains('\'') { '"' } else { '\'' };
    if folder.contains(quote) {
        return Ok(Vec::new());
    }
    match objects_where(client, &format!("location=={quote}{folder}{quote}"), |_| true).await {
        Ok(objects) => Ok(objects.complete_of(Operation::Lookup)?.into_iter().filter_map(task).collect()),
        Err(Error::Refused { code: Some(code), .. }) if code == NO_LOCATION => Ok(Vec::new()),
        Err(Error::Refused { status: 404, .. }) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The tasks of a type that `keep` takes, with the time of their last change.
pub async fn tasks_of(
    client: &Client<'_>,
    kind: TaskType,
    keep: impl Fn(&Object) -> bool,
) -> Result<Listing<(Task, Option<String>)>, Error> {
    let Listing { rows, unreadable } = listed_objects(client, kind, keep).await?;
    let task = |mut object: Object| {
        let changed = object.update_time.take();
        Some((task(object)?, changed))
    };
    Ok(Listing { rows: rows.into_iter().filter_map(task).collect(), unreadable })
}

/// All objects of a type. An error when one of the list cannot be read, because it may be the one that matters.
pub async fn objects_of(client: &Client<'_>, kind: TaskType) -> Result<Vec<Object>, Error> {
    listed_objects(client, kind, |_| true).await?.complete_of(Operation::Lookup)
}

async fn listed_objects(
    client: &Client<'_>,
    kind: TaskType,
    keep: impl Fn(&Object) -> bool,
) -> Result<Listing<Object>, Error> {
    let filter = format!("type=='{}'", kind.object_type());
    let is_wanted = |object: &Object| object.kind.as_deref().and_then(TaskType::of_object) == Some(kind);
    objects_where(client, &filter, |object| is_wanted(object) && keep(object)).await
}

/// The objects that the filter asks for and `keep` takes.
async fn objects_where(
    client: &Client<'_>,
    filter: &str,
    keep: impl Fn(&Object) -> bool,
) -> Result<Listing<Object>, Error> {
    let mut all = Listing::default();
    let mut seen = SeenRows::default();
    for number in 0..PAGES {
        let path = format!("/public/core/v3/objects?q={}&limit={PAGE}&skip={}", query_value(filter), number * PAGE);
        let request = ApiRequest::get(Operation::Lookup, V3, path, RetryPolicy::Idempotent);
        let ObjectPage { objects, rows } = page(client, request, &keep).await?;
        all.rows.extend(objects.rows);
        all.unreadable += objects.unreadable;
        if rows.len() < PAGE {
            return Ok(all);
        }
        seen.add(rows).map_err(|what| Error::unreadable(Operation::Lookup, what))?;
    }
    Err(Error::unreadable(Operation::Lookup, format!("more than {PAGES} pages of objects")))
}

/// Some objects, and what stands for each row of the answer.
#[derive(Default)]
struct ObjectPage {
    objects: Listing<Object>,
    rows: Vec<u64>,
}

/// The objects of an answer that `keep` takes. One without a list of them says nothing, least of all that there are none.
async fn page(
    client: &Client<'_>,
    request: ApiRequest<'_>,
    keep: impl Fn(&Object) -> bool,
) -> Result<ObjectPage, Error> {
    let add = |page: &mut ObjectPage, element: &[u8]| {
        page.rows.push(SeenRows::key(element));
        match Object::read(element) {
            // It may be of any type.
            Some(Object { kind: None, .. }) | None => page.objects.unreadable += 1,
            Some(object) if keep(&object) => page.objects.rows.push(object),
            Some(_) => {}
        }
    };
    let done = |page: ObjectPage, answer: &Frame| match answer.members().and_then(|members| members.array("objects")) {
        Some(_) => Ok(page),
        None => Err(Misread::nothing("with JSON that has no list of objects")),
    };
    client.call_list(request, ListAt::Key("objects"), add, done).await
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
    let read = |answer: &Frame| {
        let members = answer.members().unwrap_or_default();
        let no_id = || Misread::nothing("with JSON that is no mapping task");
        let id = Some(members.word("id").ok_or_else(no_id)?);
        let federated_id = Some(federated_id.to_owned());
        Ok(Task { id, federated_id, name: members.word("name"), kind: Some(TaskType::Mtt), ..Task::default() })
    };
    match client.call_json(request, read).await {
        Ok(task) => Ok(Some(task)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
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
                let object = |number| json!({"id": skip * moves + number, "type": "MTT"});
                (200, json!({"objects": (0..PAGE).map(object).collect::<Value>()}).to_string())
            };
            let (found, sent) =
                FakeTransport::serve(answer, async |client| tasks_of(client, TaskType::Mtt, |_| true).await);
            let Err(Error::Unreadable { operation: Operation::Lookup, what, .. }) = found else { panic!("{found:?}") };
            (what, sent.len())
        };
        assert_eq!(requests(0), ("the pages of the list repeat".to_owned(), 2));
        assert_eq!(requests(1), ("more than 1000 pages of objects".to_owned(), PAGES));
    }
}
