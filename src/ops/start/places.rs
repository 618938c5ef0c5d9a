//! Checks whether the service started the taskflow that was named by its path.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::select;

use crate::api;
use crate::api::retry::RetryPolicy;
use crate::job::Run;
use crate::job::path::folder_of;
use crate::ops::ctx::Ctx;
use crate::ops::resolve::taskflows::same_folder;
use crate::ops::watch::WatchedRun;
use crate::support::signals::Signal;

/// The check may take this long, and makes at most this many requests at once.
const CHECK: Duration = Duration::from_secs(5);
const CHECKS_AT_ONCE: usize = 8;

/// Warns of started runs that do not belong to the taskflow at the path that was named: a person can give any API name to a
/// taskflow. Returns the signal that ended the check.
pub(crate) async fn check_places(ctx: &Ctx<'_>, started: &[WatchedRun]) -> Option<Signal> {
    let checks = started.iter().map(async |watched| check_place(ctx, watched).await);
    select! {
        biased;
        () = stream::iter(checks).buffer_unordered(CHECKS_AT_ONCE).collect() => None,
        signal = ctx.signals.next() => Some(signal),
        () = ctx.clock.sleep(CHECK) => None,
    }
}

async fn check_place(ctx: &Ctx<'_>, WatchedRun { run, task, .. }: &WatchedRun) {
    let (Run::Taskflow { run_id }, Some(path)) = (run, &task.path) else { return };
    // The run is active, so not knowing its place is no failure.
    let Ok(Some(run)) = api::taskflow::run(ctx.client, run_id, RetryPolicy::Never).await else { return };
    let Some(location) = run.location.filter(|location| !same_folder(location, folder_of(path))) else { return };
    ctx.console.warn(&format!("the service started '{}' in {location} instead of '{path}': {}", run.name, run.run));
}
