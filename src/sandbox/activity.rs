//! The activity log: the list of finished runs, one run by its ID, and the logs as files.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::runs::Run;
use super::scenario::{End, Kind};
use super::wire::{Reply, Row};
use super::{Asked, Sandbox, errors, ids, times, zip};

/// Rows that a list has unless it is told otherwise, and at most; both seen.
const ROWS: usize = 200;
const MOST_ROWS: usize = 1000;

/// The four row counts.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub read: u64,
    pub written: u64,
    pub rejected: u64,
}

impl Counts {
    pub(super) fn put(self, row: Row) -> Row {
        row.put("failedSourceRows", 0)
            .put("successSourceRows", self.read)
            .put("failedTargetRows", self.rejected)
            .put("successTargetRows", self.written)
    }
}

impl Sandbox {
    /// The rows of a run so far. A linear taskflow counts those of its parts.
    pub(super) fn rows(&self, run: &Run, now: Timestamp) -> Counts {
        if !run.parts.is_empty() {
            let parts = run.parts.iter().filter(|part| part.began <= now).map(|part| self.rows(part, now));
            return parts.fold(Counts::default(), |sum, part| Counts {
                read: sum.read + part.read,
                written: sum.written + part.written,
                rejected: sum.rejected + part.rejected,
            });
        }
        let spec = &self.catalog.tasks[run.task].spec;
        if run.never_ran() || spec.kind == Kind::Workflow {
            return Counts::default();
        }
        let share = if run.end == End::Failure { run.share(now) / 2.0 } else { run.share(now) };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of a row count"
        )]
        let part = |rows: u64| (rows as f64 * share) as u64;
        let rejected = part(spec.rejected.min(spec.rows));
        Counts { read: part(spec.rows), written: part(spec.rows) - rejected, rejected }
    }

    pub(super) fn activity_log(&self, asked: &Asked<'_>) -> Reply {
        let parameter = |name: &str| asked.request.parameter(name).filter(|text| !text.is_empty());
        let number = |name: &str| parameter(name).and_then(|text| text.parse::<usize>().ok());
        let (task_id, run_id) = (parameter("taskId"), parameter("runId"));
        if run_id.is_some() && task_id.is_none() && !self.scenario.quirks.run_id_alone {
            return errors::wrong_value("taskId");
        }
        let fits = |run: &&Run| {
            task_id.as_ref().is_none_or(|id| self.catalog.tasks[run.task].id == *id)
                && run_id.as_ref().is_none_or(|id| run.run_id.to_string() == *id)
        };
        let timing = &self.scenario.timing;
        let finished = self.runs.all().iter().filter(|run| run.is_in_log(asked.now, timing));
        let mut found: Vec<&Run> = finished.filter(fits).collect();
        found.sort_by_key(|run| std::cmp::Reverse((run.ended(), run.serial)));
        let limit = number("rowLimit").unwrap_or(ROWS).min(MOST_ROWS);
        let page = found.into_iter().skip(number("offset").unwrap_or(0)).take(limit);
        Reply::json(200, &page.map(|run| self.log_row(run)).collect())
    }

    fn in_log(&self, id: &str, now: Timestamp) -> Option<&Run> {
        let serial = ids::counter(id, &self.scenario.org, ids::LOG_ENTRY)?;
        let timing = &self.scenario.timing;
        self.runs.all().iter().find(|run| run.serial == serial && run.is_in_log(now, timing))
    }

    fn state(run: &Run) -> u8 {
        match run.end {
            _ if run.stopped.is_some() => 3,
            End::Success => 1,
            End::Warning => 2,
            End::Failure | End::Stopped | End::NoAgent | End::OtherInstance => 3,
        }
    }

    /// The text of the top row: none of a success, one of every failure.
    fn error(&self, run: &Run) -> Option<String> {
        let task = &self.catalog.tasks[run.task];
        if let Some(stopped) = &run.stopped {
            return Some(stopped.text.clone());
        }
        let own = || task.spec.error.clone();
        let of_part = || run.parts.iter().find_map(|part| self.error(part));
        match run.end {
            End::Warning if task.spec.kind == Kind::Workflow => {
                Some("One or more tasks generated error rows or failed.".to_owned())
            }
            End::Success | End::Warning => None,
            End::Failure | End::Stopped => {
                own().or_else(of_part).or(Some("TE_7002 Transformation stopped due to a fatal error.".to_owned()))
            }
            End::NoAgent => Some(
                "There is no active Secure Agent in the Secure Agent group sandbox or the \"Data Integration Server\" \
                 service is user stopped or disabled. Start at least one Secure Agent belonging to the Secure Agent group \
                 or enable the \"Data Integration Server\" service."
                    .to_owned(),
            ),
            End::OtherInstance => Some(format!(
                "The {} failed to run. Another instance of the task is currently running.",
                task.spec.kind.words()
            )),
        }
    }

    /// The text of a child row, which successes have too.
    fn child_error(&self, run: &Run) -> String {
        self.error(run).unwrap_or_else(|| match run.end {
            End::Warning => "WRT_8229 Database errors occurred: a constraint was violated".to_owned(),
            _ => "No errors encountered.".to_owned(),
        })
    }

    fn times(row: Row, run: &Run) -> Row {
        row.put("startTime", times::eastern(run.began))
            .put("endTime", times::eastern(run.ended()))
            .put("startTimeUtc", times::utc(run.began))
            .put("endTimeUtc", times::utc(run.ended()))
    }

    fn tail(row: Row, run: &Run) -> Row {
        row.put("totalSuccessRows", 0)
            .put("totalFailedRows", 0)
            .put("stopOnError", false)
            .put("hasStopOnErrorRecord", run.end == End::Warning)
    }

    fn log_row(&self, run: &Run) -> Value {
        let task = &self.catalog.tasks[run.task];
        let entries: Vec<Value> = match task.spec.kind {
            Kind::Workflow => run.parts.iter().map(|part| self.part_row(part)).collect(),
            _ => vec![self.session_row(run)],
        };
        let row = Row::of_type("activityLogEntry")
            .put("id", ids::v2(&self.scenario.org, ids::LOG_ENTRY, run.serial))
            .put("type", task.spec.kind.code())
            .put("objectId", task.id.as_str())
            .put("objectName", task.spec.name.as_str())
            .put("runId", run.run_id);
        let row = Self::times(row, run).put("state", Self::state(run));
        let row = self.rows(run, run.ended()).put(row);
        let row = row
            .put_some("errorMsg", self.error(run))
            .put("startedBy", run.by.as_str())
            .put("runContextType", run.context)
            .put("entries", entries);
        let flag = self.scenario.quirks.is_stopped.then(|| run.stopped.is_some());
        Self::tail(row, run).put_some("isStopped", flag).into()
    }

    /// A task of a linear taskflow.
    fn part_row(&self, run: &Run) -> Value {
        let task = &self.catalog.tasks[run.task];
        let row = Row::of_type("activityLogEntry")
            .put("id", Self::child_id(run, 0))
            .put("type", task.spec.kind.code())
            .put("objectName", task.spec.name.as_str())
            .put("runId", run.run_id);
        let row = Self::times(row, run).put("state", Self::state(run));
        let row = self.rows(run, run.ended()).put(row);
        let row = row
            .put_some("errorMsg", self.error(run))
            .put("entries", vec![self.session_row(run)])
            .put("subTaskEntries", json!([]))
            .put("logEntryItemAttrs", self.attributes(run))
            .put("sessionVariables", json!({}));
        Self::tail(row, run).put("transformationEntries", json!([])).into()
    }

    /// The session of a mapping task.
    fn session_row(&self, run: &Run) -> Value {
        let task = &self.catalog.tasks[run.task];
        let org = &self.scenario.org;
        let row = Row::of_type("activityLogEntry")
            .put("id", Self::child_id(run, 1))
            .put("type", task.spec.kind.code())
            .put("objectName", "")
            .put("runId", run.run_id)
            .put_some("agentId", (!run.never_ran()).then(|| ids::v2(org, ids::AGENT, 10)))
            .put("runtimeEnvironmentId", ids::v2(org, ids::ENVIRONMENT, 3));
        let row = Self::times(row, run).put("state", Self::state(run));
        let row = self.rows(run, run.ended()).put(row);
        let row = row
            .put("errorMsg", self.child_error(run))
            .put("startedBy", run.by.as_str())
            .put("runContextType", run.context)
            .put("entries", json!([]))
            .put("subTaskEntries", json!([]))
            .put("logEntryItemAttrs", self.attributes(run))
            .put("sessionVariables", json!({}));
        Self::tail(row, run)
            .put("contextExternalId", task.id.as_str())
            .put("transformationEntries", self.transformations(run))
            .into()
    }

    fn child_id(run: &Run, level: usize) -> String {
        (2_758_000_000 + run.serial * 4 + level).to_string()
    }

    fn session_log_name(&self, run: &Run) -> String {
        format!("s_mtt_{}_{}.log", self.catalog.tasks[run.task].federated_id, run.run_id)
    }

    fn attributes(&self, run: &Run) -> Value {
        let error_code = match Self::state(run) {
            _ if run.never_ran() => None,
            1 => Some("0"),
            2 => Some("8229"),
            _ => Some("7002"),
        };
        let log = (run.end != End::OtherInstance).then(|| self.session_log_name(run));
        Row::default()
            .put("CONSUMED_COMPUTE_UNITS", "0.0")
            .put_some("ERROR_CODE", error_code)
            .put("IS_SERVER_LESS", "false")
            .put("REQUESTED_COMPUTE_UNITS", "0.0")
            .put_some("Session Log File Name", log)
            .into()
    }

    fn transformations(&self, run: &Run) -> Value {
        if run.never_ran() {
            return json!([]);
        }
        let rows = self.rows(run, run.ended());
        let entry = |offset: usize, name: &str, kind: &str, ok: u64, failed: u64| {
            json!({
                "@type": "transformationLogEntry", "id": (5_536_000_000 + run.serial * 8 + offset).to_string(),
                "txName": name, "txType": kind, "successRows": ok, "failedRows": failed,
            })
        };
        json!([entry(0, "Source", "SOURCE", rows.read, 0), entry(3, "Target", "TARGET", rows.written, rows.rejected),])
    }

    /// One run: an object with `items` in place of `entries`, which have neither UTC times nor row counts.
    pub(super) fn activity_by_id(&self, asked: &Asked<'_>, id: &str) -> Reply {
        let Some(run) = self.in_log(id, asked.now) else { return errors::unknown_id(id) };
        let task = &self.catalog.tasks[run.task];
        let rows = self.rows(run, run.ended());
        let items: Vec<Value> = match task.spec.kind {
            Kind::Workflow => run.parts.iter().map(|part| self.item(part, vec![self.item(part, vec![])])).collect(),
            _ => vec![self.item(run, vec![])],
        };
        let row = Row::of_type("activityLogEntry")
            .put("id", id)
            .put("type", task.spec.kind.code())
            .put("objectId", task.id.as_str())
            .put("objectName", task.spec.name.as_str())
            .put("runId", run.run_id);
        let row = rows.put(Self::times(row, run).put("state", Self::state(run)));
        let body = row
            .put_some("errorMsg", self.error(run))
            .put("startedBy", run.by.as_str())
            .put("runContextType", run.context)
            .put("orgId", self.scenario.org.as_str())
            .put("totalSuccessRows", rows.written)
            .put("totalFailedRows", rows.rejected)
            .put("stopOnError", false)
            .put("hasStopOnErrorRecord", run.end == End::Warning)
            .put_some("isStopped", self.scenario.quirks.is_stopped.then(|| run.stopped.is_some()))
            .put("items", items);
        Reply::json(200, &body.into())
    }

    fn item(&self, run: &Run, children: Vec<Value>) -> Value {
        let task = &self.catalog.tasks[run.task];
        let org = &self.scenario.org;
        let level = usize::from(children.is_empty());
        let name = if children.is_empty() { "" } else { task.spec.name.as_str() };
        Row::of_type("activityLogEntryItem")
            .put("id", Self::child_id(run, level))
            .put("type", task.spec.kind.code())
            .put("objectId", task.id.as_str())
            .put("objectName", name)
            .put("runId", run.run_id)
            .put_some("agentId", (!run.never_ran()).then(|| ids::v2(org, ids::AGENT, 10)))
            .put("runtimeEnvironmentId", ids::v2(org, ids::ENVIRONMENT, 3))
            .put("startTime", times::eastern(run.began))
            .put("endTime", times::eastern(run.ended()))
            .put("state", Self::state(run))
            .put("errorMsg", self.child_error(run))
            .put("logEntryItemAttrs", self.attributes(run))
            .put("startedBy", run.by.as_str())
            .put("runContextType", run.context)
            .put("children", children)
            .put("transformationEntries", self.transformations(run))
            .put("sequenceValues", json!([]))
            .put("inOutParameterValues", json!([]))
            .into()
    }

    /// Plain text of a single task and of a grandchild, an archive of a task of a linear taskflow.
    pub(super) fn session_log(&self, asked: &Asked<'_>, id: &str) -> Reply {
        let Some(run) = self.in_log(id, asked.now) else { return errors::unknown_id(id) };
        let item = asked.request.parameter("itemId");
        let deeper = asked.request.parameter("childItemId");
        let part = item.as_ref().map(|item| {
            run.parts.iter().find(|part| Self::child_id(part, 0) == *item || Self::child_id(part, 1) == *item)
        });
        match part {
            None => Reply::typed(200, "text/plain;charset=UTF-8", self.session_text(run).into_bytes()),
            Some(None) => errors::wrong_value("itemId"),
            Some(Some(part)) if deeper.is_some() => {
                Reply::typed(200, "text/plain;charset=UTF-8", self.session_text(part).into_bytes())
            }
            Some(Some(part)) => {
                let member = format!("MTT/{}", self.session_log_name(part));
                let archive = zip::of_one(&member, self.session_text(part).as_bytes());
                Reply::typed(200, "application/zip;charset=UTF-8", archive)
            }
        }
    }

    fn session_text(&self, run: &Run) -> String {
        let task = &self.catalog.tasks[run.task];
        let rows = self.rows(run, run.ended());
        let (began, ended) = (times::utc(run.began), times::utc(run.ended()));
        format!(
            "{began} INFO TM_6014 Initializing session [{name}] of run {id}.\n\
             {ended} INFO WRT_8036 Target rows written: {written}, rejected: {rejected}.\n\
             {ended} INFO TM_6020 Session [{name}] completed: {error}\n",
            name = task.spec.name,
            id = run.run_id,
            written = rows.written,
            rejected = rows.rejected,
            error = self.child_error(run),
        )
    }

    /// The rejected rows.
    pub(super) fn error_log(&self, asked: &Asked<'_>, id: &str) -> Reply {
        let Some(run) = self.in_log(id, asked.now) else { return errors::unknown_id(id) };
        let task = &self.catalog.tasks[run.task];
        let rejected = self.rows(run, run.ended()).rejected;
        let lines = (1..=rejected).map(|row| {
            format!("Target,N/A,Input,1,{row},1,{},8229,Error loading row to target table [Target].,2,\"\"{row}\"\",N/A,N/A,-1,-1,N/A\n", times::utc(run.ended()))
        });
        let name = format!("attachment; filename=s_mtt_{}_{}_error.csv", task.id, run.run_id);
        let text: String = lines.collect();
        Reply::typed(200, "text/csv;charset=UTF-8", text.into_bytes()).with_header("Content-Disposition", name)
    }
}
