//! Signals to the program at each stage: its exit code, and what it says of the job.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use crate::world::{Outcome, World};

const SLOW: &str = "
[timing]
stop = '60s'
[[task]]
name = 'long'
takes = '10m'
[[task]]
name = 'one'
takes = '300ms'
";

const SIGNALS: [(&str, i32); 3] = [("INT", 130), ("TERM", 143), ("HUP", 143)];

/// A command of which it is known how far it is.
pub(crate) struct Running {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
    said: String,
}

impl Running {
    pub(crate) fn new(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stderr, said: String::new() }
    }

    /// Goes on until stderr has said this.
    fn until(&mut self, words: &str) {
        while !self.said.contains(words) {
            assert!(self.stderr.read_line(&mut self.said).unwrap() > 0, "{}", self.said);
        }
    }

    pub(crate) fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap().success());
    }

    pub(crate) fn end(mut self) -> Outcome {
        let mut stdout = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        self.stderr.read_to_string(&mut self.said).unwrap();
        Outcome { code: self.child.wait().unwrap().code().unwrap(), stdout, stderr: self.said }
    }
}

/// Waits until a request has reached the service: it is in the log before its answer.
fn until_asked(world: &World, part: &str) {
    while !world.requests().iter().any(|request| request.contains(part)) {
        #[expect(clippy::disallowed_methods, reason = "a thread of the test's own")]
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn before_the_start_nothing_was_started() {
    for (fault, stage, line) in [
        ("login:latency=60s", "/user/login", "start long -t MTT --wait -o json"),
        ("lookup:latency=60s", "/v3/lookup", "start --path Default/long -t MTT --wait -o json"),
    ] {
        for (signal, code) in SIGNALS {
            let world = World::playing(SLOW, &["--fault", fault]);
            let running = Running::new(&mut world.command(line));
            until_asked(&world, stage);
            running.signal(signal);
            let end = running.end();
            assert_eq!((end.code, world.started().len()), (code, 0), "{end:?}");
            assert_eq!(end.json()["error"]["what"], "interrupted; nothing was started");
        }
    }
}

#[test]
fn while_the_start_is_out_its_answer_is_waited_for() {
    for (signal, code) in SIGNALS {
        let world = World::playing(SLOW, &["--fault", "start:latency=1s"]);
        let mut running = Running::new(&mut world.command("start long -t MTT --wait"));
        until_asked(&world, "/api/v2/job");
        running.signal(signal);
        running.until("the start was sent; waiting 5s for its answer");
        let end = running.end();
        assert_eq!(end.code, code, "{end:?}");
        assert!(end.stdout.starts_with("MTT/") && end.stdout.ends_with(" running\n"), "{end:?}");
        assert!(end.stderr.contains("runajob wait MTT/"), "{end:?}");
    }
}

#[test]
fn a_second_signal_does_not_wait_for_the_answer() {
    let world = World::playing(SLOW, &["--fault", "start:latency=60s"]);
    let mut running = Running::new(&mut world.command("start long -t MTT --wait -o json"));
    until_asked(&world, "/api/v2/job");
    running.signal("TERM");
    running.until("waiting 5s for its answer");
    running.signal("TERM");
    let end = running.end();
    assert_eq!((end.code, &end.json()["error"]["code"]), (10, &10.into()), "{end:?}");
}

#[test]
fn while_waiting_the_job_is_left_running_and_the_way_back_is_said() {
    for (signal, code) in SIGNALS {
        for fault in ["log:latency=60s", "log:latency=1ms"] {
            let world = World::playing(SLOW, &["--fault", fault]);
            let mut running = Running::new(&mut world.command("start long -t MTT --wait -o json"));
            running.until("started MTT/");
            until_asked(&world, "activityLog");
            running.signal(signal);
            let end = running.end();
            assert_eq!((end.code, &end.json()["runs"][0]["outcome"]), (code, &"running".into()), "{end:?}");
            assert!(end.stderr.contains("left running") && end.stderr.contains("runajob wait MTT/"), "{end:?}");
        }
    }
}

#[test]
fn on_signal_stop_sends_the_stop_and_says_so() {
    let world = World::playing(SLOW, &[]);
    let mut running = Running::new(&mut world.command("start long -t MTT --wait --on-signal stop -o json"));
    running.until("started MTT/");
    until_asked(&world, "activityLog");
    running.signal("TERM");
    until_asked(&world, "/job/stop");
    // A scheduler that loses its patience.
    running.signal("TERM");
    let end = running.end();
    assert_eq!(end.code, 143, "{end:?}");
    assert!(end.stderr.contains("the stop was sent; its answer was not waited for"), "{end:?}");
}

#[test]
fn a_stop_that_is_interrupted_may_have_arrived() {
    let world = World::playing(SLOW, &[]);
    let handle = world.run("start long -t MTT").stdout.trim().to_owned();
    let running = Running::new(&mut world.command(&format!("stop {handle} -o json")));
    until_asked(&world, "/job/stop");
    running.signal("INT");
    let end = running.end();
    assert_eq!(end.code, 130, "{end:?}");
    assert_eq!(end.json()["error"]["what"], "interrupted; the stop may have arrived");
}

#[test]
fn a_signal_that_was_ignored_when_the_program_began_stays_ignored() {
    let world = World::playing(SLOW, &[]);
    let mut command = Command::new("sh");
    command.env_clear().env("HOME", world.home.path()).env("PATH", "/usr/bin:/bin");
    world.account(&mut command);
    let program = assert_cmd::cargo::cargo_bin!("runajob");
    command.args(["-c", "trap '' INT HUP; exec \"$0\" start one -t MTT --wait --poll-interval 300ms"]).arg(program);
    let mut running = Running::new(&mut command);
    running.until("started MTT/");
    running.signal("INT");
    running.signal("HUP");
    let end = running.end();
    assert_eq!(end.code, 0, "{end:?}");
}

#[test]
fn closed_streams_are_no_panic() {
    let world = World::playing(SLOW, &[]);
    for redirection in [">&-", "2>&-", ">&- 2>&-", "<&-", "| :", "2>/dev/full", "> /dev/full"] {
        let mut command = Command::new("sh");
        command.env_clear().env("HOME", world.home.path()).env("PATH", "/usr/bin:/bin");
        world.account(&mut command);
        let line = format!("\"$0\" start one -t MTT --wait --poll-interval 200ms {redirection}");
        let end =
            Outcome::of(command.args(["-c", &line]).arg(assert_cmd::cargo::cargo_bin!("runajob")).output().unwrap());
        assert_eq!(end.code, 0, "{redirection}: {end:?}");
    }
}

#[test]
fn a_pipe_that_nobody_writes_to_keeps_no_command_from_ending() {
    let world = World::playing(SLOW, &[]);
    let pipe = world.home.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let pipe = pipe.display();
    for line in [
        format!("status --config {pipe}"),
        format!("start --from-file {pipe}"),
        format!("start x -t TASKFLOW --inputs-file {pipe}"),
    ] {
        let mut running = world.command(&line).stderr(Stdio::null()).spawn().unwrap();
        #[expect(clippy::disallowed_methods, reason = "a thread of the test's own")]
        std::thread::sleep(std::time::Duration::from_millis(300));
        let pid = running.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(!running.wait().unwrap().success(), "{line}");
    }
    assert_eq!(world.started().len(), 0);
}
