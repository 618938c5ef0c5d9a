//! Past runs in the activity log: of one task, or of all that the job resource runs.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::api::client::Client;
use crate::api::error::Error;
use crate::api::listing::{Listing, SeenRows, UnknownRun, run_of};
use crate::api::log;
use crate::api::request::{ApiRequest, V2};
use crate::api::retry::RetryPolicy;
use crate::api::transport::Operation;
use crate::api::wire::activity::{List, Row};
use crate::job::{JobRun, RunResult};

/// Rows in one page of the log. The service sends as many by default.
const PAGE: usize = 200;
/// Pages of the log that are read at most: twenty thousand runs.
const PAGES: usize = 100;

/// One page of the log.
#[derive(Default)]
struct HistoryPage {
    ended: Listing<(JobRun, RunResult)>,
    rows: Vec<u64>,
    /// Whether it goes back to before the time that is asked for.
    is_last: bool,
}

/// The runs that have ended since a time, newest end first.
pub struct LoggedRuns {
    pub runs: Vec<(JobRun, RunResult)>,
    /// Rows that cannot be read, or do not say which run they are about.
    pub unreadable: usize,
    /// Whether there may be more runs since then than were read.
    pub is_cut: bool,
}

/// The runs of a task, or of all, that have ended since `since`: the newest `limit` of them. Runs of what cannot be started
/// by the job resource, such as the test of a mapping, are left out.
pub async fn runs(
    client: &Client<'_>,
    task_id: Option<&str>,
    since: Timestamp,
    limit: usize,
) -> Result<LoggedRuns, Error> {
    let mut history = LoggedRuns { runs: Vec::new(), unreadable: 0, is_cut: false };
    let (mut seen, mut known) = (SeenRows::default(), HashSet::new());
    let rows_per_page = limit.clamp(1, PAGE);
    for page in 0..PAGES {
        let add = |page: &mut HistoryPage, element: &[u8]| {
            page.rows.push(SeenRows::key(element));
            let Some(row) = page.ended.read(element, List::Log) else { return };
            // The list has the newest end first.
            page.is_last |= row.end().is_before(since);
            if !row.end().is_before(since) {
                add_ended(&mut page.ended, &row, task_id);
            }
        };
        let path = log::path(task_id, None, Some(page * rows_per_page), Some(rows_per_page));
        let request = ApiRequest::get(Operation::Log, V2, path, RetryPolicy::Idempotent);
        let HistoryPage { ended, rows, is_last } = client.call_rows(request, add, Ok).await?;
        history.unreadable += ended.unreadable;
        // A run that ends between two pages moves the others down.
        history.runs.extend(ended.rows.into_iter().filter(|(run, _)| known.insert(run.clone())));
        if history.runs.len() >= limit {
            history.is_cut = history.runs.len() > limit || !is_last && rows.len() >= rows_per_page;
            history.runs.truncate(limit);
            return Ok(history);
        }
        if is_last || rows.len() < rows_per_page {
            return Ok(history);
        }
        seen.add(rows).map_err(|what| Error::unreadable(Operation::Log, what))?;
    }
    history.is_cut = true;
    Ok(history)
}

/// Adds the run that a row is about, if it has ended.
fn add_ended(listing: &mut Listing<(JobRun, RunResult)>, row: &Row, task_id: Option<&str>) {
    match run_of(row, task_id.or(row.task_id.as_deref()).unwrap_or_default()) {
        Ok(Some(run)) => listing.rows.extend(row.result().map(|result| (run, result))),
        Ok(None) => {}
        Err(UnknownRun) => listing.unreadable += 1,
    }
}
