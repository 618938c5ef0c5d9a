//! While `RUNAJOB_SANDBOX` is set nothing reaches another service, whatever settings, files and answers say.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::world::{Outcome, World, program, run};

/// A sandbox that may be asked, and a service that may not, with an account for the latter in files.
struct Night {
    sandbox: World,
    production: World,
}

impl Night {
    fn new() -> Self {
        let night = Self { sandbox: World::new(), production: World::new() };
        let url = night.production.login_url();
        let account = format!("login_url = '{url}'\nusername = 'sandbox'\npassword = 'sandbox'\n");
        night.write("prod.toml", &format!("default_profile = 'prod'\n[profiles.prod]\n{account}"));
        night.write("restenv.properties", &format!("baseUrl={url}/ma\nusername=sandbox\npassword=sandbox\n"));
        night.write("cli.sh", "");
        night
    }

    fn path(&self, name: &str) -> PathBuf {
        self.sandbox.home.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
        std::fs::set_permissions(self.path(name), std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// The program with what `sandbox` exports, and `start` of a task that both services have.
    fn command(&self) -> Command {
        self.sandbox.command("")
    }

    fn start(&self, more: &[&str]) -> Outcome {
        run(self.command().args(["start", "m_succeeds", "-t", "MTT", "-o", "json"]).args(more))
    }

    fn refused(&self, outcome: &Outcome, code: i32) {
        assert_eq!((outcome.code, self.production_requests()), (code, 0), "{outcome:?}");
        assert!(outcome.stderr.contains("RUNAJOB_SANDBOX"), "{outcome:?}");
        assert!(outcome.stderr.contains("nothing was sent; "), "{outcome:?}");
    }

    fn production_requests(&self) -> usize {
        self.production.requests().len()
    }
}

#[test]
fn no_settings_lead_from_the_sandbox_to_another_service() {
    let night = Night::new();
    assert_eq!(night.start(&[]).code, 0);
    let config = night.path("prod.toml");
    night.refused(&night.start(&["--config", config.to_str().unwrap(), "--profile", "prod"]), 78);
    let url = night.production.login_url();
    let start = ["start", "m_succeeds", "-t", "MTT"];
    night.refused(&run(night.command().env("RUNAJOB_LOGIN_URL", url).args(start)), 78);
    night.refused(&run(night.command().env("RUNAJOB_LOGIN_URL", "https://dm-us.informaticacloud.com").args(start)), 78);
    let alone = |command: &mut Command| {
        let names = ["RUNAJOB_LOGIN_URL", "RUNAJOB_USERNAME", "RUNAJOB_PASSWORD"];
        for name in names {
            command.env_remove(name);
        }
    };
    let mut session = night.command();
    alone(&mut session);
    session.env("RUNAJOB_SESSION_ID", "s3ss10n").env("RUNAJOB_SERVER_URL", format!("{url}/saas"));
    night.refused(&run(session.args(start)), 78);
    for words in [&["status"][..], &["login"], &["find"], &["stop", "MTT/00SBX10Z000000000001/1"], &["config", "check"]]
    {
        let mut command = night.command();
        alone(&mut command);
        night.refused(&run(command.env("RUNAJOB_CONFIG", &config).args(words)), 78);
    }
}

#[test]
fn no_option_or_file_of_runajob_leads_there_either() {
    let night = Night::new();
    let url = night.production.login_url();
    let job = ["-t", "MTT", "-n", "m_succeeds", "-w", "nowait"];
    let options = ["-bu", &format!("{url}/ma"), "-u", "sandbox", "-p", "sandbox"];
    night.refused(&run(night.command().arg("runAJobCli").args(job).args(options)), 5);
    let script = night.path("cli.sh");
    night.refused(&run(night.command().args(["compat", "run"]).arg(script).arg("runAJobCli").args(job)), 5);
}

#[test]
fn the_command_of_a_private_sandbox_and_its_exports_are_fenced() {
    let night = Night::new();
    let config = night.path("prod.toml");
    let words = ["sandbox", "--", "start", "m_succeeds", "-t", "MTT", "--profile", "prod", "--config"];
    night.refused(&run(program(night.sandbox.home.path()).args(words).arg(&config)), 78);
    let script = night.path("cli.sh");
    let compat = ["runAJobCli", "-t", "MTT", "-n", "m_succeeds", "-w", "nowait"];
    let words =
        program(night.sandbox.home.path()).args(["sandbox", "--", "compat", "run"]).arg(script).args(compat).output();
    night.refused(&Outcome::of(words.unwrap()), 5);
    let mut server = program(night.sandbox.home.path());
    let mut server = server.args(["sandbox", "--addr", "127.0.0.1:0", "-q"]).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(server.stdout.take().unwrap()).lines().take(4).map(Result::unwrap);
    let exports: Vec<String> = lines.map(|line| line.strip_prefix("export ").unwrap().to_owned()).collect();
    server.kill().unwrap();
    server.wait().unwrap();
    let url = exports[0].strip_prefix("RUNAJOB_LOGIN_URL=").unwrap();
    assert_eq!(exports[3], format!("RUNAJOB_SANDBOX={url}"));
}

/// A login host whose answer leads to another server.
fn leading_to(server_url: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut bytes = [0; 4096];
            let _ = stream.read(&mut bytes);
            let body = format!(r#"{{"serverUrl": "{server_url}", "icSessionId": "s3ss10n", "orgId": "00SBX1"}}"#);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length:";
            let _ = write!(stream, "{head} {}\r\n\r\n{body}", body.len());
        }
    });
    url
}

#[test]
fn a_login_and_a_kept_session_that_lead_elsewhere_are_not_followed() {
    let night = Night::new();
    let url = leading_to(format!("{}/saas", night.production.login_url()));
    let start = |fenced: bool| {
        let mut command = night.command();
        command.env("RUNAJOB_LOGIN_URL", &url).env_remove("RUNAJOB_SANDBOX");
        if fenced {
            command.env("RUNAJOB_SANDBOX", &url);
        }
        run(command.args(["start", "m_succeeds", "-t", "MTT", "-o", "json"]))
    };
    for _ in 0..2 {
        let refused = start(true);
        night.refused(&refused, 78);
        assert_eq!(refused.json()["error"]["code"], 78);
    }
    // Without the fence it goes where it is led, so that the requests above could have arrived.
    start(false);
    assert!(night.production_requests() > 0);
}

#[test]
fn the_fence_itself_is_a_url_on_this_machine() {
    let night = Night::new();
    for url in ["https://dm-us.informaticacloud.com", "1", "127.0.0.1:8085", "http://127.0.0.1.example.com"] {
        let refused = run(night.command().env("RUNAJOB_SANDBOX", url).args(["status", "-o", "json"]));
        assert_eq!((refused.code, &refused.json()["error"]["code"]), (78, &78.into()), "{url}: {refused:?}");
        assert!(refused.stderr.contains("RUNAJOB_SANDBOX cannot be used"), "{refused:?}");
    }
}
