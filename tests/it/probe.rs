//! `config check --probe`: it tells each behaviour of the service from the others, starts what it says and no more, and names
//! nothing.

use std::time::Duration;

use runajob::support::signals::Signal;
use serde_json::{Value, json};

use crate::virtual_world::VirtualWorld;
use crate::world::Outcome;

const PROBE: &str = "config check --probe Default/m -t MTT --stop --yes -o json --callback-url https://probe.invalid/";

const TASK: &str = "\n[[task]]\nname = 'm'\ntakes = '30s'\npast_runs = 3\n";

fn probe(scenario: &str, faults: &[&str], line: &str) -> (VirtualWorld, Outcome) {
    let world = VirtualWorld::new(&format!("{scenario}{TASK}"), faults);
    let outcome = world.run(line);
    (world, outcome)
}

/// The points of a complete probe.
fn points(scenario: &str, faults: &[&str]) -> Value {
    let (_, outcome) = probe(scenario, faults, PROBE);
    assert_eq!(outcome.code, 0, "{scenario} {faults:?}: {outcome:?}");
    outcome.json()["probe"]["points"].clone()
}

/// What a probe sees of a quirk or a timing: the point, the fact or `verdict`, and what it is with the built-in value and
/// with this one.
const TOLD_APART: &[(&str, &str, &str, &str, &str, &str)] = &[
    ("quirks", "expired_session_status = 403", "session.refused_v2", "status", "401", "403"),
    ("quirks", "expired_session_body = 'html'", "session.refused_v2", "body", "a JSON object", "an HTML page"),
    ("quirks", "expired_session_body = 'empty'", "session.refused_v3", "body", "a JSON object", "empty"),
    ("quirks", "session = 'jwt'", "session.form", "jwt", "false", "true"),
    ("quirks", "session = 'jwt'", "session.form", "lifetime_s", "null", "1800"),
    ("quirks", "session_length = 500", "session.form", "length", "22", "500"),
    ("quirks", "refusal_status = 200", "start.refused", "status", "403", "200"),
    ("quirks", "refusal_status = 400", "start.refused", "verdict", "confirms", "refutes"),
    ("quirks", "refusal_status = 404", "start.refused", "status", "403", "404"),
    ("quirks", "unknown_path_status = 200", "path.unknown", "verdict", "confirms", "refutes"),
    ("quirks", "second_start_refused = true", "start.second", "run", "true", "false"),
    ("quirks", "second_start_refused = true", "start.second", "status", "200", "403"),
    ("quirks", "run_id_text = true", "start.answer", "run_id_type", "integer", "text"),
    ("quirks", "api_context = 'REST-API'", "run.context", "run_context_type", "REST_API_V2", "REST-API"),
    ("quirks", "stop_nothing_refused = true", "stop.nothing", "status", "200", "403"),
    ("quirks", "stop_waits = false", "stop.waits", "verdict", "confirms", "refutes"),
    ("quirks", "stop_waits = false", "stop.waits", "took_s", "3.0", "0.0"),
    ("quirks", "clean_stop_ends = 'success'", "stop.clean_row", "state", "3", "1"),
    ("quirks", "clean_stop_ends = 'warning'", "stop.clean_row", "state", "3", "2"),
    ("quirks", "is_stopped = false", "log.is_stopped", "is_stopped", r#""false""#, "null"),
    ("quirks", "is_stopped = false", "stop.row", "is_stopped", r#""true""#, "null"),
    ("quirks", "stopped_state = 2", "stop.row", "verdict", "confirms", "refutes"),
    ("quirks", "monitor_type = 'activityMonitorEntry'", "monitor.type", "verdict", "confirms", "refutes"),
    ("quirks", "monitor_utc = false", "monitor.utc", "has", "true", "false"),
    ("quirks", "monitor_filters = true", "monitor.filter", "heeded", "false", "true"),
    ("quirks", "run_id_alone = false", "log.run_id_alone", "taken", "true", "false"),
    ("quirks", "federated_id_in_log = true", "log.federated_id", "finds_the_run", "false", "true"),
    ("quirks", "unfinished_state = 0", "log.unfinished", "state", "null", "0"),
    ("quirks", "unfinished_state = 4", "log.unfinished", "state", "null", "4"),
    ("quirks", "lookup_missing = 'error'", "lookup.missing", "status", "200", "400"),
    ("quirks", "lookup_missing = 'forbidden'", "lookup.mixed", "status", "200", "403"),
    ("quirks", "lookup_missing = 'not_found'", "lookup.mixed", "objects", "1", "null"),
    ("quirks", "workflow_in_task_list = false", "tasks.workflow", "listed", "true", "false"),
    ("timing", "monitor_delay = '7s'", "lag.start_to_monitor", "at_most_s", "1.0", "7.0"),
    ("timing", "monitor_delay = 'never'", "lag.start_to_monitor", "shown", "true", "false"),
    ("timing", "log_gap = '25s'", "lag.monitor_to_log", "after_end_at_most_s", "1", "25"),
    ("timing", "log_gap = '25s'", "lag.monitor_to_log", "at_most_s", "2.0", "26.0"),
    ("timing", "linger = '5s'", "lists.both", "seen", "false", "true"),
    ("timing", "linger = '5s'", "monitor.over", "seen", "false", "true"),
    ("timing", "log_gap = '0s'", "lists.neither", "seen", "true", "false"),
    ("timing", "queued = '5s'", "monitor.states", "states", r#"["RUNNING"]"#, r#"["QUEUED","RUNNING"]"#),
    ("timing", "initialized = '5s'", "monitor.states", "states", r#"["RUNNING"]"#, r#"["INITIALIZED","RUNNING"]"#),
    ("timing", "stop = '9s'", "stop.waits", "took_s", "3.0", "9.0"),
    ("timing", "clean_stop = '12s'", "stop.clean_answer", "took_s", "6.0", "12.0"),
];

/// What a probe cannot see of the service, with why. Every other quirk is in the table above.
const NOT_TOLD_APART: &[(&str, &str)] = &[
    ("login_refused_status", "refused logins lock an account"),
    ("server_url", "it is a host, and nothing in the report names one"),
    ("name_anywhere", "a start that is refused ends the probe"),
    ("id_anywhere", "a start that is refused ends the probe"),
    ("taskflow_run_id_digits", "taskflows are not probed"),
    ("taskflow_run_id_text", "taskflows are not probed"),
    ("taskflow_plain_start", "taskflows are not probed"),
    ("taskflow_running_end", "taskflows are not probed"),
    ("taskflow_terminated", "taskflows are not probed"),
    ("ingestion_run_id_key", "a test of its own, with a file ingestion task"),
    ("ingestion_run_id_text", "a test of its own, with a file ingestion task"),
    ("session_life", "the session is shared with other commands"),
    ("session_total_life", "the session is shared with other commands"),
    ("jwt_life", "beside session = 'jwt'"),
    ("clock_skew_s", "the report has no wall-clock times"),
];

fn fact(points: &Value, point: &str, fact: &str) -> Value {
    let point = &points[point];
    assert!(point.is_object(), "no such point");
    if fact == "verdict" { point["verdict"].clone() } else { point["seen"][fact].clone() }
}

/// A value as the table writes it: JSON, or a text without its quotes.
fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!(text))
}

#[test]
fn each_quirk_is_told_from_the_built_in_behaviour() {
    let usual = points("", &[]);
    for (table, line, point, name, expected, other) in TOLD_APART {
        let unusual = points(&format!("[{table}]\n{line}\n"), &[]);
        let place = format!("{line}: {point} {name}: {:#}", unusual[point]);
        assert_eq!(fact(&usual, point, name), value(expected), "{place}");
        assert_eq!(fact(&unusual, point, name), value(other), "{place}");
    }
}

#[test]
fn every_quirk_and_timing_is_in_one_of_the_two_tables() {
    let scenario = iics_sandbox::DEFAULT_SCENARIO;
    let keys = scenario
        .lines()
        .skip_while(|line| !line.starts_with("[timing]"))
        .take_while(|line| !line.starts_with("# A task's own"))
        .filter_map(|line| line.trim_start_matches("# ").split_once(" = ").map(|(key, _)| key));
    for key in keys {
        let is_told = TOLD_APART.iter().any(|(_, line, ..)| line.starts_with(&format!("{key} = ")));
        let is_excused = NOT_TOLD_APART.iter().any(|(other, _)| *other == key);
        assert!(is_told != is_excused, "{key}");
    }
}

#[test]
fn pages_that_repeat_and_orders_are_seen() {
    for (fault, point, verdict) in [
        ("log:same-page", "log.offset", "refutes"),
        ("log:same-page", "log.past_the_end", "refutes"),
        ("log:429=5*2", "limits.rate", "answers"),
    ] {
        let points = points("", &[fault]);
        assert_eq!(points[point]["verdict"], verdict, "{fault}: {:#}", points[point]);
    }
    let busy = points("", &["log:429=5*2"]);
    let seen = &busy["limits.rate"]["seen"];
    assert_eq!((&seen["status_429"], &seen["longest_retry_after_s"]), (&json!(2), &json!(5.0)));
}

#[test]
fn file_ingestion_shows_its_key_and_its_type() {
    const TASK: &str = "\n[[task]]\nname = 'files'\ntype = 'FILE_INGESTION'\ntakes = '20s'\n";
    for (quirks, key, kind) in [
        ("", "runId", "integer"),
        ("ingestion_run_id_key = 'RunId'", "RunId", "integer"),
        ("ingestion_run_id_text = true", "runId", "text"),
    ] {
        let world = VirtualWorld::new(&format!("[quirks]\n{quirks}{TASK}"), &[]);
        let outcome = world.run("config check --probe name:files -t FILE_INGESTION --yes -o json");
        assert_eq!((outcome.code, world.start_requests()), (0, 1), "{outcome:?}");
        let points = &outcome.json()["probe"]["points"];
        assert_eq!(points["ingestion.start"]["seen"]["fields"][key], kind, "{points:#}");
        assert_eq!(points["ingestion.status"]["seen"]["job_status"], json!(["RUNNING", "SUCCESS"]), "{points:#}");
        assert_eq!(points["lag.start_to_monitor"]["verdict"], "not_observed");
    }
}

#[test]
fn it_starts_what_it_says_and_nothing_without_consent() {
    let (world, outcome) = probe("", &[], "config check --probe Default/m -t MTT --yes");
    assert_eq!((outcome.code, world.started().len(), world.count("job/stop")), (0, 1, 0), "{outcome:?}");
    assert!(outcome.stderr.contains("the probe starts Default/m (MTT) once"), "{outcome:?}");
    let (world, outcome) = probe("", &[], PROBE);
    assert_eq!((outcome.code, world.started().len(), world.count("job/stop")), (0, 4, 3), "{outcome:?}");
    assert!(outcome.stderr.contains("the probe starts Default/m (MTT) 4 times"), "{outcome:?}");
    // One more start is of a task that does not exist.
    assert_eq!(world.start_requests() - world.count("job/stop"), 5, "{outcome:?}");

    let (world, outcome) = probe("", &[], "config check --probe Default/m -t MTT");
    assert_eq!((outcome.code, world.start_requests()), (64, 0), "{outcome:?}");
    assert!(outcome.stderr.contains("to agree, add --yes"), "{outcome:?}");
}

#[test]
fn what_cannot_be_probed_is_refused_before_anything_starts() {
    let scenario = "[[task]]\nname = 'busy'\nbusy = true\n[[task]]\nname = 'flow'\ntype = 'TASKFLOW'\n\
        [[task]]\nname = 'files'\ntype = 'FILE_INGESTION'\n";
    for (line, code, said) in [
        ("--probe busy -t MTT", 8, "wait until it has ended: runajob wait MTT/"),
        ("--probe flow -t TASKFLOW", 64, "name a task of another type"),
        ("--probe Default/flow", 64, "name a task of another type"),
        ("--probe name:files -t FILE_INGESTION --stop", 64, "omit --stop"),
        ("--probe Default/none -t MTT", 9, "the lookup API knows no MTT task at this path"),
        ("--probe MTT/01ABCD0Z00000000001S/18", 64, "--probe takes a task"),
        ("--probe busy -t MTT --callback-url ftp://ops:hunter2@x", 64, "is not an http or https URL"),
        ("--probe busy -t MTT --probe-report /", 78, "choose another --probe-report"),
    ] {
        let (world, outcome) = probe(scenario, &[], &format!("config check {line} --yes"));
        assert_eq!((outcome.code, world.start_requests()), (code, 0), "{line}: {outcome:?}");
        assert!(outcome.stderr.contains(said) && !outcome.stderr.contains("hunter2"), "{line}: {outcome:?}");
    }
}

#[test]
fn ctrl_c_ends_it_with_what_was_seen_and_the_run_that_is_left() {
    let world = VirtualWorld::new(TASK, &[]).signal(Duration::from_secs(10), Signal::Interrupt);
    let outcome = world.run("config check --probe Default/m -t MTT --yes -o json");
    let document = outcome.json();
    assert_eq!((outcome.code, world.started().len()), (130, 1), "{outcome:?}");
    assert_eq!((&document["probe"]["complete"], &document["error"]["code"]), (&json!(false), &json!(130)));
    let points = &document["probe"]["points"];
    assert_eq!(points["lag.start_to_monitor"]["verdict"], "answers", "{points:#}");
    assert_eq!(points["log.order"]["why"], "the probe ended before");
    let handle = "MTT/00SBX10Z000000000001/4";
    assert!(outcome.stderr.contains(&format!("{handle} was left running")), "{outcome:?}");
    assert!(outcome.stderr.contains(&format!("runajob wait {handle}")), "{outcome:?}");
    assert!(!outcome.stdout.contains("00SBX1"), "{outcome:?}");
}

#[test]
fn a_signal_while_a_start_has_no_answer_waits_for_the_answer() {
    let world = VirtualWorld::new(TASK, &["start:latency=3s"]).signal(Duration::from_millis(4500), Signal::Terminate);
    let outcome = world.run("config check --probe Default/m -t MTT --yes");
    assert_eq!((outcome.code, world.started().len()), (143, 1), "{outcome:?}");
    assert!(outcome.stderr.contains("MTT/00SBX10Z000000000001/4 was left running"), "{outcome:?}");
}

#[test]
fn what_keeps_it_from_going_on_has_its_usual_code_and_a_report() {
    for (faults, code) in
        [(&["start:lost-answer+1", "log:hang"][..], 10), (&["start:refused+1"], 7), (&["login:refused"], 77)]
    {
        let (world, outcome) =
            probe("", faults, "config check --probe Default/m -t MTT --yes -o json --request-timeout 2s");
        assert_eq!(outcome.code, code, "{faults:?}: {outcome:?}");
        assert!(world.started().len() <= 1, "{faults:?}");
        let is_reported = outcome.json()["probe"]["points"].is_object();
        assert_eq!(is_reported, code < 64, "{faults:?}: {outcome:?}");
    }
}

#[test]
fn outages_while_it_watches_are_waited_out() {
    let world = VirtualWorld::new(TASK, &["monitor:503*3+2", "log:reset*2"])
        .outage(Duration::from_secs(8), Duration::from_secs(15));
    let outcome = world.run("config check --probe Default/m -t MTT --yes -o json");
    assert_eq!((outcome.code, world.started().len()), (0, 1), "{outcome:?}");
    assert_eq!(outcome.json()["probe"]["points"]["limits.rate"]["seen"]["status_503"], 3);
}

#[test]
fn the_report_can_be_written_to_a_file() {
    let world = VirtualWorld::new(TASK, &[]);
    let path = world.home.path().join("report");
    for (output, begins) in [("text", "runajob probe: version="), ("json", "{\n  \"version\": ")] {
        let line = format!("config check --probe Default/m -t MTT --yes -o {output} --probe-report {}", path.display());
        let outcome = world.run(&line);
        let written = std::fs::read_to_string(&path).unwrap();
        assert!(written.starts_with(begins), "{written}");
        assert_eq!((outcome.code, outcome.stdout.is_empty()), (0, output == "text"), "{outcome:?}");
        world.clock.advance(Duration::from_secs(60));
    }
}

/// Names, IDs and texts that must not be in a report.
const SECRETS: [&str; 11] = [
    "Acme Payroll",
    "hunter2",
    "s3cret",
    "ops@acme.example",
    "fid_SECRETTOKEN",
    "PAYROLL1",
    "ORA-00942",
    "TBL_SALARIES",
    "acme-callback",
    "user sandbox",
    "\u{1b}",
];

#[test]
fn nothing_in_the_report_names_anything() {
    let scenario = "org = 'PAYROLL1'\n[timing]\nlinger = '3s'\n[[task]]\nname = 'Acme Payroll hunter2 \\u001b[31m'\n\
        folder = 'Acme Payroll/ops@acme.example'\ntakes = '30s'\nends = ['failure']\n\
        error = 'ORA-00942: table TBL_SALARIES of ops@acme.example does not exist, password hunter2'\npast_runs = 2\n";
    let scenario = scenario.replace("'Acme Payroll hunter2 \\u001b[31m'", "\"Acme Payroll hunter2 \\u001b[31m\"");
    let callback = "https://ops:s3cret@acme-callback.invalid/?token=hunter2";
    let line = format!("config check --probe fid:FEDERATED -t MTT --stop --yes --callback-url '{callback}'");
    for faults in [
        &[][..],
        &["any:hostile-text"],
        &["any:hostile-states"],
        &["start:added-error", "monitor:added-error*3+1"],
        &["log:odd-rows", "monitor:odd-rows"],
        &["monitor:wrapped*3+1", "log:strings"],
        &["start:refused+2"],
    ] {
        let world = VirtualWorld::new(&scenario, faults);
        let found = VirtualWorld::new(&scenario, &[]).run("find -o json").json();
        let federated = found["tasks"][0]["federated_id"].as_str().unwrap().to_owned();
        let line = line.replace("FEDERATED", &federated);
        let report = world.home.path().join("report");
        let text = world.run(&format!("{line} --probe-report {}", report.display()));
        world.clock.advance(Duration::from_secs(3600));
        let json = world.run(&format!("{line} -o json"));
        let written = std::fs::read_to_string(&report).unwrap_or_else(|error| panic!("{faults:?}: {error}: {text:?}"));
        assert!(written.contains("start.answer"), "{faults:?}: {text:?}");
        for (what, report) in [("file", &written), ("document", &json.stdout)] {
            for secret in SECRETS.iter().chain(&[&*federated]) {
                assert!(!report.contains(secret), "{faults:?}: {secret} is in the {what}:\n{report}");
            }
            let line = report.lines().find(|line| line.chars().any(|letter| letter.is_control() || !letter.is_ascii()));
            assert_eq!(line, None, "{faults:?}: {what}");
        }
    }
}
