//! The API name that starts a taskflow. No resource of the service has it. What is known: publishing gives a taskflow its own name as API
//! name if that is free, else the name with `-1`, `-2` and so on behind it.

use crate::api;
use crate::job::path::name_of;
use crate::job::{TaskSelector, TaskType};
use crate::ops::ctx::Ctx;
use crate::ops::resolve::target::Target;
use crate::support::exit::Exit;
use crate::support::failure::Failure;

/// What to do where the API name of a taskflow is needed.
pub(crate) const API_NAME: &str = "use its API name, the last part of the service URL under Properties Detail; a taskflow has one once it is \
     published with allowed users or groups: runajob start --name API_NAME -t TASKFLOW";

/// Gives a taskflow that was found by its path or name the API name that starts it, if it is certain that no other taskflow
/// has it.
pub(crate) async fn with_api_name(ctx: &Ctx<'_>, target: Target) -> Result<Target, Failure> {
    if target.kind != TaskType::Taskflow || matches!(target.selector, TaskSelector::Name(_)) {
        return Ok(target);
    }
    let uncertain = |why: String| {
        Failure::of(Exit::NotFound, why)
            .context(format!("the API name of {} is not certain", target.task.label()))
            .hint(API_NAME)
    };
    let Some(name) = target.task.path.as_deref().map(name_of) else {
        return Err(uncertain("the lookup API gives no path for it".to_owned()));
    };
    let objects = api::lookup::objects_of(ctx.client, TaskType::Taskflow).await?;
    let can_have_it = |other: &str| {
        other.eq_ignore_ascii_case(name) || first_of(name).is_some_and(|first| other.eq_ignore_ascii_case(first))
    };
    let same = objects.iter().filter(|object| object.path.as_deref().is_some_and(|path| can_have_it(name_of(path))));
    let (ours, others): (Vec<_>, Vec<_>) = same.partition(|object| object.id == target.task.federated_id);
    let others: Vec<&str> = others.iter().filter_map(|object| object.path.as_deref()).collect();
    match ours[..] {
        _ if !others.is_empty() => Err(uncertain(format!("{} can have the same", others.join(", ")))),
        [ours] if ours.is_published != Some(true) => Err(uncertain("it is not published".to_owned())),
        [_] if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) => {
            Err(uncertain("its name has characters that an API name cannot have".to_owned()))
        }
        [_] => Ok(Target { selector: TaskSelector::Name(name.to_owned()), ..target }),
        _ => Err(uncertain("it is not in the list of taskflows".to_owned())),
    }
}

/// The name that publishing can have made this one of, because it was not free: `load` of `load-1`.
fn first_of(name: &str) -> Option<&str> {
    let (first, number) = name.rsplit_once('-')?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(first)
}
