//! The taskflow resources: start by API name, status of one or of many, resume, terminate. Leaves what a taskflow does to
//! `flows`.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::flows::{Flow, Flows, Halt, Stage, Step};
use super::quirks::NoEnd;
use super::record::Deed;
use super::runs::{Origin, Run};
use super::scenario::{End, Kind, TaskSpec};
use super::wire::{Reply, Row, percent_decoded};
use super::{Asked, Sandbox, errors, ids, times};

/// Rows of the query form unless it is told otherwise, and at most (documented).
const ROWS: usize = 10;
const MOST_ROWS: usize = 50;
/// The query form looks back so far when it is given no times (documented).
const DAY: Duration = Duration::from_secs(86_400);
/// Runs that one request may terminate (documented).
const MOST_TERMINATED: usize = 200;
/// The header that names a run.
const RUN_NAME: &str = "TF-INSTANCE-NAME";

impl Sandbox {
    fn stage(&mut self) -> (&mut Flows, Stage<'_>) {
        (&mut self.flows, Stage { catalog: &self.catalog, runs: &mut self.runs })
    }

    /// Starts a published taskflow. Inputs come in the body, or in the query as a browser sends them.
    pub(super) fn start_taskflow(&mut self, asked: &Asked<'_>, api_name: &str, deed: &mut Option<Deed>) -> Reply {
        let is_it = |spec: &TaskSpec| spec.kind == Kind::Taskflow && spec.published && spec.api_name() == api_name;
        let Some(task) = self.catalog.tasks.iter().position(|task| is_it(&task.spec)) else {
            let message = format!("There is no taskflow of the API name {api_name}.");
            return errors::v3(404, "TASKFLOW_404", &message, asked.serial);
        };
        if !self.catalog.tasks[task].spec.allowed {
            let message = format!("The user {} may not run this taskflow.", asked.user);
            return errors::v3(403, "TASKFLOW_403", &message, asked.serial);
        }
        let body =
            if asked.request.body.trim_ascii().is_empty() { Some(Map::new()) } else { asked.request.json_object() };
        let Some(body) = body else {
            return errors::v3(400, "TASKFLOW_400", "The request body is not a JSON object.", asked.serial);
        };
        let query = asked.request.query.as_deref().unwrap_or_default();
        let in_query = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, _)| percent_decoded(name));
        let name = asked.request.header(RUN_NAME).map(percent_decoded).filter(|name| !name.is_empty());
        let context = self.scenario.quirks.api_context.clone();
        let origin = Origin { by: Some(asked.user.clone()), context, ..Origin::default() };
        let (flows, mut stage) = self.stage();
        let place = flows.start(&mut stage, task, asked.now, &origin, name.clone());
        let run_id = flows.all()[place].run_id.to_string();
        *deed = Some(Deed::TaskflowStarted {
            task: self.catalog.tasks[task].path(),
            run_id: run_id.clone(),
            run_name: name,
            inputs: body.keys().cloned().chain(in_query).collect(),
        });
        if self.scenario.quirks.taskflow_plain_start {
            return Reply::typed(200, "text/plain;charset=UTF-8", run_id.into_bytes());
        }
        Reply::json(200, &json!({"RunId": run_id}))
    }

    /// One taskflow as an object.
    pub(super) fn taskflow_status(&self, asked: &Asked<'_>, run_id: &str) -> Reply {
        match self.flows.find(run_id) {
            Some(place) => Reply::json(200, &self.flow_row(&self.flows.all()[place], asked.now)),
            None => self.no_taskflow_run(run_id, asked.serial),
        }
    }

    fn no_taskflow_run(&self, run_id: &str, serial: usize) -> Reply {
        let message = format!("There is no taskflow run {run_id} in organization {}.", self.scenario.org);
        errors::v3(404, "TASKFLOW_404", &message, serial)
    }

    /// Many taskflows as an array, newest first. Parameter names are case-sensitive (documented).
    pub(super) fn taskflow_list(&self, asked: &Asked<'_>) -> Reply {
        let parameter = |name: &str| asked.request.parameter(name).filter(|text| !text.is_empty());
        let number = |name: &str| parameter(name).and_then(|text| text.parse::<usize>().ok());
        let time = |name: &str| parameter(name).and_then(|text| text.parse::<Timestamp>().ok());
        let (run_id, status) = (parameter("runId"), parameter("runStatus"));
        let (from, to) = (time("startTime"), time("endTime"));
        let from = if from.is_none() && to.is_none() { Some(times::earlier(asked.now, DAY)) } else { from };
        let fits = |flow: &&Flow| {
            run_id.as_ref().is_none_or(|id| flow.run_id.to_string() == *id)
                && status.as_ref().is_none_or(|status| self.flow_status(flow, asked.now).eq_ignore_ascii_case(status))
                && from.is_none_or(|from| flow.began >= from)
                && to.is_none_or(|to| flow.began <= to)
                && flow.began <= asked.now
        };
        let mut found: Vec<&Flow> = self.flows.all().iter().filter(fits).collect();
        found.sort_by_key(|flow| std::cmp::Reverse((flow.began, flow.run_id)));
        let limit = number("rowLimit").unwrap_or(ROWS).min(MOST_ROWS);
        let page = found.into_iter().skip(number("offset").unwrap_or(0)).take(limit);
        Reply::json(200, &page.map(|flow| self.flow_row(flow, asked.now)).collect())
    }

    fn flow_status(&self, flow: &Flow, now: Timestamp) -> &str {
        match flow.halted(now) {
            None => "RUNNING",
            Some(Halt::Success) => "SUCCESS",
            Some(Halt::Warning) => "WARNING",
            Some(Halt::Failed) => "FAILED",
            Some(Halt::Suspended) => "SUSPENDED",
            Some(Halt::Terminated) => &self.scenario.quirks.taskflow_terminated,
        }
    }

    fn flow_row(&self, flow: &Flow, now: Timestamp) -> Value {
        let task = &self.catalog.tasks[flow.task];
        let halted = flow.halted(now);
        let ended = halted.filter(|how| *how != Halt::Suspended).map(|_| flow.halts);
        let steps: Vec<Value> = flow.steps.iter().filter_map(|step| self.step_row(*step, now)).collect();
        let quirks = &self.scenario.quirks;
        let run_id =
            if quirks.taskflow_run_id_text { flow.run_id.to_string().into() } else { Value::from(flow.run_id) };
        let name = flow.name.as_ref().map_or(task.spec.name.clone(), |name| format!("{}-{name}", task.spec.name));
        let error = match halted {
            Some(Halt::Failed | Halt::Suspended) => Some(self.flow_error(flow)),
            Some(Halt::Terminated) => Some("The taskflow was terminated.".to_owned()),
            _ => None,
        };
        let until = now.min(flow.halts);
        let place = Place { name: &name, kind: Kind::Taskflow, location: &task.spec.folder, began: flow.began, until };
        self.asset(&place, ended, error, run_id)
            .then(|row| Self::started(row, flow.began, &flow.origin))
            .put("status", self.flow_status(flow, now))
            .put("subtaskDetails", json!({"details": {"tasks": steps}}))
            .put("subtasks", steps.len())
            .put("updateTime", times::utc_seconds(if halted.is_some() { flow.halts } else { now }))
            .into()
    }

    fn flow_error(&self, flow: &Flow) -> String {
        let of_step = flow.steps.last().and_then(|step| match step {
            Step::Run(serial) => self.error(self.runs.numbered(*serial)?),
            Step::Flow(child) => Some(self.flow_error(&self.flows.all()[*child])),
        });
        let own = self.catalog.tasks[flow.task].spec.error.clone();
        own.or(of_step).unwrap_or_else(|| "A step of the taskflow failed.".to_owned())
    }

    /// A step that has begun.
    fn step_row(&self, step: Step, now: Timestamp) -> Option<Value> {
        match step {
            Step::Flow(child) => {
                let flow = &self.flows.all()[child];
                (flow.began <= now).then(|| self.flow_row(flow, now))
            }
            Step::Run(serial) => {
                let run = self.runs.numbered(serial).filter(|run| run.began <= now)?;
                Some(self.run_row(run, now))
            }
        }
    }

    fn run_row(&self, run: &Run, now: Timestamp) -> Value {
        let spec = &self.task_of(run).spec;
        let ended = (now >= run.ended()).then(|| run.ended());
        let status = match run.outcome() {
            _ if ended.is_none() => "RUNNING",
            End::Success => "SUCCESS",
            End::Warning => "WARNING",
            End::Stopped => "STOPPED",
            End::Failure | End::NoAgent | End::OtherInstance | End::Suspended => "FAILED",
        };
        let until = now.min(run.ended());
        let rows = self.rows(run, until);
        let place = Place { name: &spec.name, kind: spec.kind, location: &spec.folder, began: run.began, until };
        let error = ended.and_then(|_| self.error(run));
        self.asset(&place, ended, error, run.run_id.to_string().into())
            .put("erroredRows", rows.rejected)
            .put("rowsProcessed", rows.written)
            .then(|row| Self::started(row, run.began, &run.origin))
            .put("status", status)
            .put("subtasks", 0)
            .put("updateTime", times::utc_seconds(ended.unwrap_or(now)))
            .into()
    }

    /// What the row of a taskflow and that of a step begin with.
    fn asset(&self, place: &Place<'_>, ended: Option<Timestamp>, error: Option<String>, run_id: Value) -> Row {
        let seconds = times::elapsed(place.began, place.until).as_secs();
        let end = match (ended, self.scenario.quirks.taskflow_running_end) {
            (Some(ended), _) => Some(Value::from(times::utc_seconds(ended))),
            (None, NoEnd::TextNull) => Some("null".into()),
            (None, NoEnd::Empty) => Some("".into()),
            (None, NoEnd::Null) => Some(Value::Null),
            (None, NoEnd::Absent) => None,
        };
        Row::default()
            .put("assetName", place.name)
            .put("assetType", place.kind.code())
            .put("duration", seconds.to_string())
            .put_some("endTime", end)
            .put_some("errorMessage", error)
            .put("location", place.location)
            .put("runId", run_id)
            .put("runtimeEnv", ids::v2(&self.scenario.org, ids::ENVIRONMENT, 3))
            .put("runtimeEnvName", "sandbox-agent")
    }

    fn started(row: Row, began: Timestamp, origin: &Origin) -> Row {
        row.put("startTime", times::utc_seconds(began)).put("startedBy", origin.by.as_deref().unwrap_or("scheduler"))
    }

    /// Brings a suspended taskflow on. Any other cannot be.
    pub(super) fn resume_taskflow(
        &mut self,
        asked: &Asked<'_>,
        run_id: &str,
        skip: bool,
        deed: &mut Option<Deed>,
    ) -> Reply {
        let Some(place) = self.flows.find(run_id) else { return self.no_taskflow_run(run_id, asked.serial) };
        let (flows, mut stage) = self.stage();
        if !flows.resume(&mut stage, place, skip, asked.now) {
            return errors::v3(400, "TASKFLOW_409", "The taskflow is not suspended.", asked.serial);
        }
        *deed = Some(Deed::Resumed { run_id: run_id.to_owned(), skipped: skip });
        Reply::empty(204)
    }

    /// Terminates the runs of a list.
    pub(super) fn terminate_taskflows(&mut self, asked: &Asked<'_>, deed: &mut Option<Deed>) -> Reply {
        let body = asked.request.json_object();
        let wanted = body.as_ref().and_then(|body| body.get("runid")).and_then(Value::as_array);
        let ids: Option<Vec<&str>> = wanted.and_then(|ids| ids.iter().map(Value::as_str).collect());
        match ids {
            Some(ids) if (1..=MOST_TERMINATED).contains(&ids.len()) => self.terminate(asked, &ids, deed),
            _ => errors::v3(400, "TASKFLOW_400", "The body must be {\"runid\": [1 to 200 run IDs]}.", asked.serial),
        }
    }

    /// All of the runs, or none if one of them is unknown.
    pub(super) fn terminate(&mut self, asked: &Asked<'_>, ids: &[&str], deed: &mut Option<Deed>) -> Reply {
        let mut places = Vec::new();
        for id in ids {
            let Some(place) = self.flows.find(id) else { return self.no_taskflow_run(id, asked.serial) };
            places.push(place);
        }
        let (flows, mut stage) = self.stage();
        places.retain(|&place| flows.terminate(&mut stage, place, asked.now, &asked.user));
        let run_ids = places.iter().map(|&place| flows.all()[place].run_id.to_string()).collect();
        *deed = Some(Deed::Terminated { run_ids });
        Reply::json(200, &json!({"runid": ids, "message": "The taskflow runs were terminated."}))
    }
}

/// What a row says first.
struct Place<'p> {
    name: &'p str,
    kind: Kind,
    location: &'p str,
    began: Timestamp,
    /// Its end or halt, or the present.
    until: Timestamp,
}
