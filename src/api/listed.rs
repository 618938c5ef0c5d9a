//! The runs of one task in the activity monitor and the activity log together, with who started them, how, and when.

use jiff::Timestamp;

use crate::api::client::Client;
use crate::api::error::Error;
use crate::api::listing::{Listing, SeenRows, UnknownRun, run_of};
use crate::api::retry::RetryPolicy;
use crate::api::transport::Operation;
use crate::api::wire::activity::{List, Row};
use crate::api::{log, monitor};
use crate::job::{JobRun, StartInfo};

/// Rows in one page of the log. The service sends as many by default.
const PAGE: usize = 200;
/// Pages of the log that are read at most: ten thousand runs of one task.
const PAGES: usize = 50;

#[derive(Debug, Clone)]
pub struct ListedRun {
    pub run: JobRun,
    pub task_name: Option<String>,
    pub start_info: StartInfo,
}

/// One page of the log.
#[derive(Default)]
struct Page {
    runs: Listing<ListedRun>,
    rows: Vec<u64>,
    /// Whether it goes back to before the time that is asked for.
    is_last: bool,
}

/// The runs of a task in either list, each once: all active ones, and those that have ended since `since`. An error when it is
/// unclear of a row whether it is one of them.
pub async fn runs(client: &Client<'_>, task_id: &str, since: Timestamp) -> Result<Vec<ListedRun>, Error> {
    let add = |listing: &mut Listing<ListedRun>, element: &[u8]| {
        if let Some(row) = listing.read(element, List::Monitor) {
            add_run(listing, &row, task_id);
        }
    };
    let mut runs = client.call_rows(monitor::request(false, RetryPolicy::Never), add, Listing::complete).await?;
    let mut seen = SeenRows::default();
    for page in 0..PAGES {
        let add = |page: &mut Page, element: &[u8]| {
            page.rows.push(SeenRows::key(element));
            let Some(row) = page.runs.read(element, List::Log) else { return };
            if !log::is_older(&row, Some(since)) {
                add_run(&mut page.runs, &row, task_id);
            }
            // The list has the newest end first.
            page.is_last |= row.result().and_then(|result| result.ended_at).is_some_and(|ended| ended < since);
        };
        let done = |page: Page| Ok((page.is_last || page.rows.len() < PAGE, page.rows, page.runs.complete()?));
        let filter = format!("&offset={}&rowLimit={PAGE}", page * PAGE);
        let request = log::request(task_id, &filter, RetryPolicy::Never);
        let (is_last, rows, ended) = client.call_rows(request, add, done).await?;
        // A run may be in both lists, and one that ends between two pages moves the others down.
        for run in ended {
            if !runs.iter().any(|other| other.run == run.run) {
                runs.push(run);
            }
        }
        if is_last {
            return Ok(runs);
        }
        seen.add(rows).map_err(|what| Error::unreadable(Operation::Log, what))?;
    }
    Err(Error::unreadable(Operation::Log, format!("more than {PAGES} pages of runs since then")))
}

/// Adds the run of the task that a row of either list is about.
fn add_run(listing: &mut Listing<ListedRun>, row: &Row, task_id: &str) {
    match run_of(row, task_id) {
        Ok(Some(run)) if listing.rows.iter().all(|other| other.run != run) => {
            listing.rows.push(ListedRun { run, task_name: row.name(), start_info: row.start_info() });
        }
        Ok(_) => {}
        Err(UnknownRun) => listing.unreadable += 1,
    }
}

#[cfg(test)]
mod tests;
