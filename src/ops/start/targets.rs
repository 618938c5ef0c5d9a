//! Finding every task of a command before any of them is started.

use crate::cli::{IfRunning, Start};
use crate::job::TaskQuery;
use crate::ops::ctx::Ctx;
use crate::ops::resolve;
use crate::ops::resolve::api_names::with_api_name;
use crate::ops::resolve::options::check_options;
use crate::ops::runs as kinds;
use crate::ops::start::duplicates;
use crate::ops::start::request::FoundTask;
use crate::support::failure::Failure;

/// Finds the tasks, each once. A task by itself is left to the service to resolve where it can; a key, or a check for active
/// runs, needs its ID.
pub(crate) async fn find_all(ctx: &Ctx<'_>, tasks: &[TaskQuery], start: &Start) -> Result<Vec<FoundTask>, Failure> {
    let verify = tasks.len() > 1 || start.dry_run;
    let checks_active_runs = ctx.settings.if_running != IfRunning::Start;
    let needs_id = start.once.is_some() || checks_active_runs;
    let mut found = Vec::new();
    for query in tasks {
        let mut target = with_api_name(ctx, resolve::target(ctx, query, verify).await?).await?;
        check_options(start, &target.selector, target.kind)?;
        if checks_active_runs {
            kinds::can_be_seen_running(&target)?;
        }
        if needs_id {
            target = kinds::with_id(ctx, target).await?;
        }
        found.push(FoundTask { query: query.clone(), target });
    }
    duplicates::add_missing_ids(ctx, &mut found).await;
    Ok(duplicates::once_each(found, |first, again| {
        ctx.console
            .note(&format!("the {} and the {} are the same task; it is started once", first.selector, again.selector));
    }))
}
