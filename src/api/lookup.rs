//! Finding tasks: the v3 look-up and objects resources, the v2 task lists. Leaves what to do with what is found to commands.

use serde_json::{Value, json};

use crate::api::client::{ApiRequest, V2, V3};
use crate::api::jobs::Found;
use crate::api::retry::RetryPolicy;
use crate::api::wire::{ListedTask, Object};
use crate::api::{Call, Client, Error};
use crate::job::{Task, TaskType};

/// Objects in one page; the documented maximum.
const PAGE: usize = 200;
/// Pages that a search reads at most; more objects than that are a reason to search in a folder.
const PAGES: usize = 250;

/// What the objects resource says of a location that it does not know, seen in recorded answers.
const NO_LOCATION: &str = "V3API_ObjectsListError_03";

impl Object {
    /// The object as a task; none when it is of a type that nothing here runs.
    pub fn task(self) -> Option<Task> {
        let kind = TaskType::of_object(&self.kind?)?;
        let name = self.path.as_deref().and_then(|path| path.rsplit('/').next()).map(str::to_owned);
        // The ingestion service knows a task by its federated ID and has no other.
        let id = self.id.clone().filter(|_| kind == TaskType::FileIngestion);
        Some(Task { id, federated_id: self.id, name, path: self.path, kind: Some(kind) })
    }
}

impl Client<'_> {
    /// The task at a path, if there is one of that type.
    pub async fn task_at(&self, path: &str, kind: TaskType) -> Result<Option<Task>, Error> {
        let found = self.look_up(&json!({"path": path, "type": kind.object_type()})).await?;
        Ok(found.into_iter().filter_map(Object::task).find(|task| {
            task.kind == Some(kind) && task.path.as_deref().is_some_and(|found| found.eq_ignore_ascii_case(path))
        }))
    }

    /// The task of a federated ID.
    pub async fn task_of_federated_id(&self, id: &str) -> Result<Option<Task>, Error> {
        let found = self.look_up(&json!({"id": id})).await?;
        Ok(found.into_iter().filter(|object| object.id.as_deref() == Some(id)).find_map(Object::task))
    }

    /// What is found of one object. An unknown one may be left out of the answer, or be an error: documents do not say.
    async fn look_up(&self, object: &Value) -> Result<Vec<Object>, Error> {
        let body = json!({"objects": [object]});
        let path = "/public/core/v3/lookup".to_owned();
        let request = ApiRequest::post(Call::Lookup, V3, path, &body, RetryPolicy::Idempotent);
        match self.call_json(request).await {
            Ok(answer) => objects(&answer),
            Err(Error::Refused { status: 400 | 403 | 404, .. } | Error::Unreadable { status: 404, .. }) => {
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    /// The tasks in a folder, not those in folders below it. A folder that does not exist has none.
    pub async fn tasks_in(&self, folder: &str) -> Result<Vec<Task>, Error> {
        match self.objects_where(&format!("location=='{folder}'")).await {
            Ok(objects) => Ok(objects.into_iter().filter_map(Object::task).collect()),
            Err(Error::Refused { code: Some(code), .. }) if code == NO_LOCATION => Ok(Vec::new()),
            Err(Error::Refused { status: 404, .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// All tasks of a type, with the time of their last change.
    pub async fn tasks_of(&self, kind: TaskType) -> Result<Vec<(Task, Option<String>)>, Error> {
        let objects = self.objects_of(kind).await?.into_iter();
        Ok(objects.filter_map(|object| Some((object.clone().task()?, object.update_time))).collect())
    }

    /// All objects that are tasks of a type.
    pub async fn objects_of(&self, kind: TaskType) -> Result<Vec<Object>, Error> {
        let mut objects = self.objects_where(&format!("type=='{}'", kind.object_type())).await?;
        objects.retain(|object| object.kind.as_deref().and_then(TaskType::of_object) == Some(kind));
        Ok(objects)
    }

    async fn objects_where(&self, filter: &str) -> Result<Vec<Object>, Error> {
        let mut found = Vec::new();
        for page in 0..PAGES {
            let path = format!("/public/core/v3/objects?q={}&limit={PAGE}&skip={}", encode(filter), page * PAGE);
            let request = ApiRequest::get(Call::Lookup, V3, path, RetryPolicy::Idempotent);
            let objects = objects(&self.call_json(request).await?)?;
            let last = objects.len() < PAGE;
            found.extend(objects);
            if last {
                break;
            }
        }
        Ok(found)
    }

    /// The tasks of a type that the v2 list shows and that pass `keep`: their v2 IDs and names, without their folders.
    pub async fn listed(&self, kind: TaskType, keep: impl Fn(&Task) -> bool) -> Result<Vec<Task>, Error> {
        let path = match kind {
            TaskType::Workflow => "/api/v2/workflow".to_owned(),
            _ => format!("/api/v2/task?type={kind}"),
        };
        let request = ApiRequest::get(Call::Lookup, V2, path, RetryPolicy::Idempotent);
        let add = |found: &mut Found<Task>, element: &[u8]| match ListedTask::read(element) {
            Some(listed) => {
                let task = Task { id: listed.id, name: listed.name, kind: Some(kind), ..Task::default() };
                found.rows.extend(Some(task).filter(&keep));
            }
            None => found.odd += 1,
        };
        self.call_rows(request, add, Found::whole).await
    }

    /// The v2 ID and name of the mapping task of a federated ID.
    pub async fn mapping_task(&self, federated_id: &str) -> Result<Option<Task>, Error> {
        let path = format!("/api/v2/mttask/frs/{}", encode(federated_id));
        let request = ApiRequest::get(Call::Lookup, V2, path, RetryPolicy::Idempotent);
        match self.call_json(request).await {
            Ok(answer) => {
                let listed: ListedTask = serde_json::from_value(answer).unwrap_or_default();
                let id = Some(listed.id.ok_or_else(|| no_answer("with JSON that is no mapping task"))?);
                let federated_id = Some(federated_id.to_owned());
                Ok(Some(Task { id, federated_id, name: listed.name, kind: Some(TaskType::Mtt), ..Task::default() }))
            }
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The objects of an answer. One without a list of them says nothing, least of all that there are none.
fn objects(answer: &Value) -> Result<Vec<Object>, Error> {
    let Some(Value::Array(found)) = answer.get("objects") else {
        return Err(no_answer("with JSON that has no list of objects"));
    };
    Ok(found.iter().filter_map(|object| serde_json::from_value(object.clone()).ok()).collect())
}

fn no_answer(what: &str) -> Error {
    Error::Unreadable { call: Call::Lookup, status: 200, what: what.to_owned() }
}

/// A value inside a URL.
pub(crate) fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => encoded.push(byte.into()),
            _ => {
                encoded.push('%');
                encoded.extend(
                    [byte >> 4, byte & 15]
                        .map(|nibble| char::from_digit(nibble.into(), 16).unwrap_or('0').to_ascii_uppercase()),
                );
            }
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_encoded() {
        assert_eq!(encode("location=='Sales/Übung 1'"), "location%3D%3D%27Sales/%C3%9Cbung%201%27");
    }
}
