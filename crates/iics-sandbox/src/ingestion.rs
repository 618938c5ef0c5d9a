//! File ingestion: start, status, logs, task lists and history. Their runs are numbered across tasks, because the status
//! is asked by the run alone.

use jiff::Timestamp;
use serde_json::Value;

use super::catalog::Task;
use super::files::file;
use super::record::Deed;
use super::scenario::{End, Kind};
use super::wire::{Reply, Row, text};
use super::{Asked, Sandbox, errors, times, zip};

/// Rows of the history unless it is told otherwise, and at most (documented).
const ROWS: usize = 25;
const MOST_ROWS: usize = 100;
/// The number of the first run.
const FIRST: usize = 1001;

/// One run of a file ingestion task.
#[derive(Debug)]
pub(super) struct Transfer {
    task: usize,
    began: Timestamp,
    ended: Timestamp,
    end: End,
    by: String,
}

impl Transfer {
    fn status(&self, now: Timestamp) -> &'static str {
        match self.end {
            _ if now < self.ended => "RUNNING",
            End::Success => "SUCCESS",
            End::Warning => "WARNING",
            End::Stopped => "STOPPED",
            End::Failure | End::NoAgent | End::OtherInstance | End::Suspended => "FAILED",
        }
    }
}

impl Sandbox {
    fn ingestion_tasks(&self) -> impl Iterator<Item = &Task> {
        self.catalog.tasks.iter().filter(|task| task.spec.kind == Kind::FileIngestion)
    }

    pub(super) fn start_ingestion(&mut self, asked: &Asked<'_>, deed: &mut Option<Deed>) -> Reply {
        let body = asked.request.json_object().unwrap_or_default();
        let Some(id) = text(&body, "taskId") else {
            return errors::v3(400, "MFT_400", "The field taskId is required.", asked.serial);
        };
        let is_it = |task: &Task| task.spec.kind == Kind::FileIngestion && task.federated_id == id;
        let Some(index) = self.catalog.tasks.iter().position(is_it) else { return unknown(id, asked.serial) };
        let task = &self.catalog.tasks[index];
        let turn = 1 + self.transfers.iter().filter(|transfer| transfer.task == index).count() as u64;
        self.transfers.push(Transfer {
            task: index,
            began: asked.now,
            ended: times::later(asked.now, task.spec.takes),
            end: task.spec.end_of(turn),
            by: asked.user.clone(),
        });
        let run_id = FIRST + self.transfers.len() - 1;
        *deed = Some(Deed::Started { task_id: id.to_owned(), task: task.path(), run_id: run_id as u64, ran: true });
        let key = &self.scenario.quirks.ingestion_run_id_key;
        Reply::json(200, &Row::default().put(key, self.ingestion_run_id(run_id)).into())
    }

    fn ingestion_run_id(&self, run_id: usize) -> Value {
        if self.scenario.quirks.ingestion_run_id_text { run_id.to_string().into() } else { run_id.into() }
    }

    fn transfer(&self, run_id: &str) -> Option<&Transfer> {
        self.transfers.get(run_id.parse::<usize>().ok()?.checked_sub(FIRST)?)
    }

    pub(super) fn ingestion_status(&self, asked: &Asked<'_>, run_id: &str) -> Reply {
        let Some(transfer) = self.transfer(run_id) else { return unknown(run_id, asked.serial) };
        let body = Row::default()
            .put("jobStatus", transfer.status(asked.now))
            .put_some("errorMessage", self.transfer_error(transfer, asked.now));
        Reply::json(200, &body.into())
    }

    fn transfer_error(&self, transfer: &Transfer, now: Timestamp) -> Option<&str> {
        let own = self.catalog.tasks[transfer.task].spec.error.as_deref();
        let failed = transfer.end == End::Failure && now >= transfer.ended;
        failed.then(|| own.unwrap_or("The source directory cannot be read."))
    }

    pub(super) fn ingestion_logs(&self, asked: &Asked<'_>, run_id: &str) -> Reply {
        let Some(transfer) = self.transfer(run_id) else { return unknown(run_id, asked.serial) };
        let line = format!("{} job {run_id}: {}\n", times::american(asked.now), transfer.status(asked.now));
        let name = format!("job_{run_id}.log");
        let archive = zip::of_one(&name, line.as_bytes());
        file(&format!("job_{run_id}.zip"), "application/zip;charset=UTF-8", archive)
    }

    pub(super) fn ingestion_task_list(&self) -> Reply {
        Reply::json(200, &self.ingestion_tasks().map(|task| Value::from(self.ingestion_task(task))).collect())
    }

    pub(super) fn ingestion_task_by_id(&self, asked: &Asked<'_>, id: &str) -> Reply {
        match self.ingestion_tasks().find(|task| task.federated_id == id) {
            Some(task) => Reply::json(200, &self.ingestion_task(task).into()),
            None => unknown(id, asked.serial),
        }
    }

    fn ingestion_task(&self, task: &Task) -> Row {
        let changed = times::utc_seconds(self.catalog.changed);
        Row::default()
            .put("id", task.federated_id.as_str())
            .put("name", task.spec.name.as_str())
            .put("description", "")
            .put("location", task.spec.folder.as_str())
            .put("createTime", changed.as_str())
            .put("updateTime", changed.as_str())
            .put("createdBy", "admin")
            .put("updatedBy", "admin")
    }

    /// The runs of a task, or one run: one of the two must be given (documented). Newest first.
    pub(super) fn ingestion_history(&self, asked: &Asked<'_>) -> Reply {
        let parameter = |name: &str| asked.request.parameter(name).filter(|text| !text.is_empty());
        let number = |name: &str| parameter(name).and_then(|text| text.parse::<usize>().ok());
        let (task_id, run_id) = (parameter("taskId"), parameter("runId"));
        if task_id.is_none() && run_id.is_none() {
            return errors::v3(400, "MFT_400", "The parameter taskId or runId is required.", asked.serial);
        }
        let fits = |(run, transfer): &(usize, &Transfer)| {
            task_id.as_ref().is_none_or(|id| self.catalog.tasks[transfer.task].federated_id == *id)
                && run_id.as_ref().is_none_or(|id| run.to_string() == *id)
        };
        let numbered = (FIRST..).zip(&self.transfers).collect::<Vec<_>>().into_iter().rev();
        let page = numbered.filter(fits).skip(number("offset").unwrap_or(0));
        let page = page.take(number("rowLimit").unwrap_or(ROWS).min(MOST_ROWS));
        Reply::json(200, &page.map(|(run, transfer)| self.history_row(run, transfer, asked.now)).collect())
    }

    fn history_row(&self, run_id: usize, transfer: &Transfer, now: Timestamp) -> Value {
        let task = &self.catalog.tasks[transfer.task];
        Row::default()
            .put("runId", self.ingestion_run_id(run_id))
            .put("taskId", task.federated_id.as_str())
            .put("taskName", task.spec.name.as_str())
            .put("jobStatus", transfer.status(now))
            .put("startTime", times::utc_seconds(transfer.began))
            .put_some("endTime", (now >= transfer.ended).then(|| times::utc_seconds(transfer.ended)))
            .put("startedBy", transfer.by.as_str())
            .put_some("errorMessage", self.transfer_error(transfer, now))
            .into()
    }
}

fn unknown(id: &str, serial: usize) -> Reply {
    errors::v3(404, "MFT_404", &format!("There is no object {id}."), serial)
}
