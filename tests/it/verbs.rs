//! What each verb ends with, says and asks, against a served sandbox.

use crate::world::{ENDS, World, program, run};

/// Beside a task for each outcome, what some verbs need more of.
const QUICK: &str = "
[timing]
monitor_delay = '100ms'
log_gap = '100ms'
stop = '200ms'
clean_stop = '300ms'
[[task]]
name = 'chain'
type = 'WORKFLOW'
parts = ['good', 'fails']
[[task]]
name = 'load customers'
folder = 'Sales/Nightly'
takes = '300ms'
[[task]]
name = 'many'
takes = '2s'
count = 100
";

fn world() -> World {
    World::playing(&format!("{QUICK}{ENDS}"), &[])
}

#[test]
fn each_outcome_has_its_code_its_word_and_its_document() {
    let world = world();
    for (name, code, word) in [
        ("good", 0, "succeeded"),
        ("warns", 1, "warning"),
        ("fails", 3, "failed"),
        ("stopped", 5, "stopped"),
        ("no_agent", 7, "not_run"),
        ("busy", 8, "already_running"),
    ] {
        let text = world.run(&format!("start {name} --wait --poll-interval 100ms"));
        assert_eq!(text.code, code, "{text:?}");
        assert!(text.stdout.ends_with(&format!(" {word}\n")), "{text:?}");
        let json = world.run(&format!("start {name} --wait --poll-interval 100ms -o json"));
        assert_eq!(json.code, code, "{json:?}");
        let document = json.json();
        assert_eq!((&document["runs"][0]["outcome"], &document["sandbox"]), (&word.into(), &true.into()));
        assert_eq!(document["runs"][0]["outcome_code"], code);
    }
    let tolerant = world.run("start warns --wait --poll-interval 100ms --warnings-ok -q");
    assert_eq!((tolerant.code, tolerant.stdout.as_str(), tolerant.stderr.as_str()), (0, "", ""));
}

#[test]
fn what_never_starts_has_its_code_too() {
    let world = world();
    let late = world.run("start long -t MTT --wait --timeout 300ms --poll-interval 100ms");
    assert_eq!(late.code, 4, "{late:?}");
    assert!(late.stderr.contains("runajob wait MTT/"), "{late:?}");
    let unknown = world.run("start nothing -t MTT -o json");
    assert_eq!((unknown.code, &unknown.json()["error"]["code"]), (9, &9.into()));
    let elsewhere = world.run("start 'load customers' -t MTT");
    assert_eq!(elsewhere.code, 9);
    assert!(elsewhere.stderr.contains("runajob start 'Sales/Nightly/load customers' -t MTT"), "{elsewhere:?}");
    for (line, code) in
        [("start", 64), ("start x --timeout 5x -o json", 64), ("wait MTT/00SBX10Z000000000001/x -o json", 64)]
    {
        let refused = world.run(line);
        assert_eq!(refused.code, code, "{refused:?}");
        if line.contains("json") {
            assert_eq!(refused.json()["error"]["code"], code);
        }
    }
    assert!(!world.requests().iter().any(|request| request.contains("/api/v2/job") && request.contains("nothing")));
}

#[test]
fn no_account_a_wrong_one_and_a_dead_service_are_told_apart() {
    let world = World::new();
    let home = tempfile::TempDir::new().unwrap();
    let bare = run(program(home.path()).args(["start", "x", "-o", "json"]));
    assert_eq!((bare.code, &bare.json()["error"]["code"]), (78, &78.into()));
    for words in [&["start"][..], &["stop"], &["wait", "MTT/x"], &["start", "a/b", "--id", "x"], &["status", ""]] {
        let mistaken = run(program(home.path()).args(words).args(["-o", "json"]));
        assert_eq!((mistaken.code, &mistaken.json()["error"]["code"]), (64, &64.into()), "{words:?}");
    }
    let account = |url: &str, password: &str| {
        let mut command = program(home.path());
        command.env("RUNAJOB_LOGIN_URL", url).env("RUNAJOB_USERNAME", "sandbox").env("RUNAJOB_PASSWORD", password);
        run(command.args(["start", "x", "-t", "MTT", "-o", "json"]))
    };
    let wrong = account(world.login_url(), "wrong-password");
    assert_eq!((wrong.code, &wrong.json()["error"]["code"]), (77, &77.into()));
    assert!(!wrong.stderr.contains("wrong-password") && !wrong.stdout.contains("wrong-password"));
    assert_eq!(world.requests().len(), 1);
    let dead = account("http://127.0.0.1:9", "sandbox");
    assert_eq!((dead.code, &dead.json()["error"]["code"]), (69, &69.into()));
    let broken = home.path().join("broken.toml");
    std::fs::write(&broken, "[defaults\n").unwrap();
    let broken = run(program(home.path()).arg("--config").arg(broken).args(["status", "-o", "json"]));
    assert_eq!((broken.code, &broken.json()["error"]["code"]), (78, &78.into()));
}

#[test]
fn commands_in_hints_lead_to_the_account_that_was_given() {
    let world = World::new();
    let home = tempfile::TempDir::new().unwrap();
    let config = home.path().join("my jobs.toml");
    let profile = format!("login_url = '{}'\nusername = 'sandbox'\npassword = 'wrong'\n", world.login_url());
    std::fs::write(&config, format!("[profiles.prod]\n{profile}")).unwrap();
    std::fs::set_permissions(&config, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let refused = |flags: &[&str]| {
        let mut command = program(home.path());
        command.env("RUNAJOB_CONFIG", &config);
        run(command.args(flags).args(["status", "--id", "nothing", "-o", "json"]))
    };
    let config = config.to_str().unwrap();
    let flags = format!("--profile prod --config '{config}'");
    let end = refused(&["--profile", "prod", "--config", config]);
    let hint = end.fix();
    assert!(hint.contains(&format!(": runajob {flags} config show; ")), "{hint}");
    assert!(hint.ends_with(&format!(": runajob {flags} login")), "{hint}");
    assert!(end.stderr.contains(&hint), "{end:?}");
    // A variable leads there without flags.
    assert!(refused(&[]).fix().ends_with(": runajob login"));
}

#[test]
fn a_handle_is_enough_on_another_machine() {
    let world = world();
    let started = world.run("start long -t MTT");
    assert_eq!(started.code, 0);
    let handle = started.stdout.trim();
    assert_eq!(started.stdout.lines().count(), 1);
    let elsewhere = tempfile::TempDir::new().unwrap();
    let status = world.run_from(elsewhere.path(), &format!("status {handle}"));
    assert_eq!(status.code, 6, "{status:?}");
    let stop = world.run_from(elsewhere.path(), &format!("stop --clean --wait --poll-interval 100ms {handle}"));
    assert_eq!((stop.code, stop.stdout), (0, format!("{handle} stopped\n")));
    let wait = world.run_from(elsewhere.path(), &format!("wait {handle}"));
    assert_eq!((wait.code, wait.stdout), (5, format!("{handle} stopped\n")));
    let again = world.run(&format!("stop {handle}"));
    assert_eq!(again.code, 0, "{again:?}");
    let gone = world.run("wait --name long -t MTT");
    assert_eq!(gone.code, 9, "{gone:?}");
}

#[test]
fn a_warm_start_is_one_request_and_a_wait_one_a_round() {
    let world = world();
    assert_eq!(world.run("login").code, 0);
    let before = world.requests().len();
    assert_eq!(world.run("start good -t MTT").code, 0);
    assert_eq!(world.requests()[before..], ["POST /saas/api/v2/job"]);
    let before = world.requests().len();
    assert_eq!(world.run("start warns -t MTT --wait --poll-interval 100ms").code, 1);
    let requests = world.requests();
    let (first, rest) = requests[before..].split_first().unwrap();
    assert_eq!(first, "POST /saas/api/v2/job");
    assert!(
        rest.iter().all(|request| request.starts_with("GET /saas/api/v2/activity/activityLog?taskId=")),
        "{rest:?}"
    );
}

#[test]
fn a_hundred_runs_cost_about_one_request_a_round() {
    let world = world();
    let names: String = (1..=100).map(|number| format!("name:many_{number}\n")).collect();
    std::fs::write(world.home.path().join("names"), names).unwrap();
    let all = world.run("start --from-file names -t MTT --wait --poll-interval 500ms");
    assert_eq!(all.code, 0, "{all:?}");
    assert_eq!(all.stdout.lines().filter(|line| line.ends_with(" succeeded")).count(), 100);
    let requests = world.requests();
    let starts = requests.iter().filter(|request| request.as_str() == "POST /saas/api/v2/job").count();
    assert_eq!(starts, 100);
    let monitor = requests.iter().filter(|request| request.contains("activityMonitor")).count();
    assert!(monitor <= 8, "{monitor}");
}

#[test]
fn all_tasks_are_found_before_any_is_started() {
    let world = world();
    let outcome = world.run("start good nothing -t MTT");
    assert_eq!(outcome.code, 9, "{outcome:?}");
    assert!(!world.requests().iter().any(|request| request.ends_with("/api/v2/job")));
}

#[test]
fn a_lost_answer_is_found_again_and_a_start_without_a_trace_is_unknown() {
    let world = World::serving(&["--fault", "start:lost-answer*1", "--fault", "start:reset"]);
    let found = world.run("start m_succeeds -t MTT -o json");
    assert_eq!((found.code, &found.json()["runs"][0]["adopted"]), (0, &true.into()), "{found:?}");
    let lost = world.run("start m_warns -t MTT --reconcile-for 1s -o json");
    assert_eq!((lost.code, &lost.json()["error"]["code"]), (10, &10.into()));
    let starts = world.requests().iter().filter(|request| request.ends_with("/api/v2/job")).count();
    assert_eq!(starts, 2);
}

#[test]
fn an_expired_session_is_renewed_once() {
    let world = World::serving(&["--fault", "start:expire-session*1"]);
    assert_eq!(world.run("login").code, 0);
    assert_eq!(world.run("start m_succeeds -t MTT").code, 0);
    let logins = world.requests().iter().filter(|request| request.ends_with("/user/login")).count();
    assert_eq!(logins, 2);
}

#[test]
fn a_session_of_the_environment_is_tried_and_not_called_a_login() {
    let world = world();
    assert_eq!(world.run("login").code, 0);
    let mut files = std::fs::read_dir(world.home.path().join(".local/state/runajob/sessions")).unwrap();
    let file = files.find_map(|file| std::fs::read(file.unwrap().path()).ok().filter(|text| !text.is_empty())).unwrap();
    let kept: serde_json::Value = serde_json::from_slice(&file).unwrap();
    let elsewhere = tempfile::TempDir::new().unwrap();
    let with = |id: &str, line: &str| {
        let mut command = program(elsewhere.path());
        command.env("RUNAJOB_SESSION_ID", id).env("RUNAJOB_SERVER_URL", kept["server_url"].as_str().unwrap());
        run(command.args(line.split(' ')))
    };
    let id = kept["session"].as_str().unwrap();
    let before = world.requests().len();
    let tried = with(id, "login");
    let said = format!("the given session is valid at {}; there was nothing", kept["server_url"].as_str().unwrap());
    assert!(tried.code == 0 && tried.stdout.starts_with(&said), "{tried:?}");
    let sent = world.requests();
    assert!(matches!(&sent[before..], [one] if one.contains("activityMonitor")), "{sent:?}");
    assert_eq!(with(id, "config check").code, 0);
    let dead = with("nosuchsession", "login");
    assert!(dead.code == 77 && dead.stdout.is_empty(), "{dead:?}");
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[test]
fn a_pattern_finds_paths_that_start_takes() {
    let world = world();
    let found = world.run("find 'Sales/Nightly/*' -q");
    assert_eq!((found.code, found.stdout.as_str()), (0, "Sales/Nightly/load customers\n"));
    std::fs::write(world.home.path().join("found"), found.stdout).unwrap();
    let started = world.run("start --from-file found --wait --poll-interval 100ms -o json");
    assert_eq!(started.code, 0, "{started:?}");
    assert_eq!(started.json()["runs"][0]["task"]["path"], "Sales/Nightly/load customers");
    assert_eq!(world.run("find nosuchname").code, 9);
}

#[test]
fn the_parts_of_a_linear_taskflow_are_shown() {
    let world = world();
    let chain = world.run("start chain --wait --poll-interval 100ms -o json");
    assert_eq!(chain.code, 3);
    let parts = chain.json()["runs"][0]["subtasks"].clone();
    assert_eq!((&parts[0]["outcome"], &parts[1]["outcome"]), (&"succeeded".into(), &"failed".into()));
    assert_eq!(parts[1]["error"], "no such table");
}

#[test]
fn a_mistake_in_a_scenario_is_said_once_with_its_line() {
    let home = tempfile::TempDir::new().unwrap();
    let file = home.path().join("bad.toml");
    std::fs::write(&file, "[[task]]\nname = 'm_load'\ntakes = 5\n").unwrap();
    let outcome = run(program(home.path()).args(["sandbox", "--scenario"]).arg(&file).args(["--", "status"]));
    let said: Vec<&str> = outcome.stderr.lines().collect();
    let why = "  why: line 3, column 9: invalid type: integer `5`, expected a string";
    assert_eq!((outcome.code, said.get(1), said.len()), (78, Some(&why), 3), "{}", outcome.stderr);
}

#[test]
fn a_private_sandbox_runs_one_command_and_ends_with_its_code() {
    let home = tempfile::TempDir::new().unwrap();
    let outcome = run(program(home.path()).args(["sandbox", "--", "start", "m_no_agent", "--wait", "-o", "json"]));
    assert_eq!(outcome.code, 7, "{outcome:?}");
    assert_eq!(outcome.json()["runs"][0]["outcome"], "not_run");
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}
