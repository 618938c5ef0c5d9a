//! Certificates, proxies and connections: what cannot be trusted is a matter of the settings, what was not sent is said to be
//! so, and a start leaves once. The servers are on loopback, and behind a proxy they have a name that no one resolves.

mod connections;
mod proxies;
mod service;

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::networks::service::{Authority, OTHER_TASK, Service, TASK, Tls};
use crate::world::{Outcome, program, run};

/// A machine, with the certificates that it trusts.
struct Machine {
    home: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Machine {
    /// Its platform trusts nobody.
    fn new() -> Self {
        let home = TempDir::new().unwrap();
        let variables = [
            ("SSL_CERT_FILE", "/dev/null"),
            ("SSL_CERT_DIR", "/nonexistent"),
            ("RUNAJOB_USERNAME", "ada"),
            ("RUNAJOB_PASSWORD", "secret"),
        ];
        Self { home, variables: variables.map(|(name, value)| (name, value.to_owned())).to_vec() }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.retain(|(other, _)| *other != name);
        self.variables.push((name, value.into()));
        self
    }

    /// A file of this machine that only its owner can read.
    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        set_mode(&path, 0o600);
        path
    }

    /// With a setting that names a file of this content.
    fn with_file(self, variable: &'static str, text: &str) -> Self {
        let path = self.file(variable, text);
        self.with(variable, path.display().to_string())
    }

    /// With a client certificate and its key.
    fn with_client(self, (certificate, key): &(String, String)) -> Self {
        self.with_file("RUNAJOB_CLIENT_CERT", certificate).with_file("RUNAJOB_CLIENT_KEY", key)
    }

    fn command(&self, line: &str) -> Command {
        let mut command = program(self.home.path());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.args(shell_words::split(line).unwrap());
        command
    }

    fn run(&self, line: &str) -> Outcome {
        run(&mut self.command(line))
    }

    /// Starts the service's task.
    fn start(&self, more: &str) -> Outcome {
        self.run(&format!("start --id {TASK} -t MTT -o json {more}"))
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

type Change<'c> = &'c dyn Fn(Machine) -> Machine;

/// A service on loopback behind this TLS, and a machine that logs in there.
fn behind(tls: Tls) -> (Service, Machine) {
    let service = Service::new("https://localhost", move |_, _| tls.door());
    let machine = Machine::new().with("RUNAJOB_LOGIN_URL", format!("https://localhost:{}", service.address.port()));
    (service, machine)
}

/// Nothing was started, because of this setting.
fn assert_refused(end: &Outcome, service: &Service, setting: &str, why: &str) {
    assert_eq!((end.code, service.starts()), (78, 0), "{end:?}");
    let error = &end.json()["error"];
    let text = format!("{} {} {}", error["what"], error["why"], error["fix"]);
    assert!(text.contains(setting) && text.contains(why), "{end:?}");
}

#[test]
fn the_platform_and_ca_file_are_trusted_together() {
    let (ours, other) = (Authority::new("ours"), Authority::new("other"));
    for (platform, added) in [(&ours, &other), (&other, &ours)] {
        let (service, machine) = behind(ours.server("localhost"));
        let machine = machine.with_file("SSL_CERT_FILE", &platform.pem()).with_file("RUNAJOB_CA_FILE", &added.pem());
        let end = machine.start("");
        assert_eq!((end.code, service.starts()), (0, 1), "{end:?}");
    }
    // Where the platform has nothing, the file is enough.
    let (service, machine) = behind(ours.server("localhost"));
    let end = machine.with_file("RUNAJOB_CA_FILE", &ours.pem()).start("");
    assert_eq!((end.code, service.starts()), (0, 1), "{end:?}");
}

#[test]
fn a_certificate_that_cannot_be_trusted_names_the_setting() {
    let ours = Authority::new("ours");
    for (tls, why) in [
        (Authority::new("other").server("localhost"), "not trusted here"),
        // Another one of the same name.
        (Authority::new("ours").server("localhost"), "not signed by the issuer"),
        (ours.server("pod.example.com"), "not for localhost"),
        (Tls::new(ours.issue("localhost", true)), "expired at 2021-02-03"),
    ] {
        let (service, machine) = behind(tls);
        let end = machine.with_file("RUNAJOB_CA_FILE", &ours.pem()).start("");
        assert_refused(&end, &service, "ca_file", why);
        assert_eq!(service.connections(), 1, "it was tried again: {end:?}");
    }
    let (service, machine) = behind(ours.server("localhost"));
    assert_refused(&machine.start(""), &service, "ca_file", "SSL_CERT_FILE");
}

#[test]
fn files_that_cannot_be_used_name_their_setting() {
    let ours = Authority::new("ours");
    let (right, other) = (ours.issue("client", false), ours.issue("other", false));
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let locked = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let cases: [(&str, &str, Change<'_>); 10] = [
        ("ca_file", "No such file", &|machine| machine.with("RUNAJOB_CA_FILE", "/nonexistent/ca")),
        ("ca_file", "it is a folder", &|machine| machine.with("RUNAJOB_CA_FILE", "/")),
        ("ca_file", "no certificates", &|machine| machine.with_file("RUNAJOB_CA_FILE", "")),
        ("ca_file", "invalid peer certificate", &|machine| machine.with_file("RUNAJOB_CA_FILE", broken)),
        ("client_cert", "no certificates", &|machine| machine.with_client(&(String::new(), right.1.clone()))),
        ("client_key", "no key", &|machine| machine.with_client(&(right.0.clone(), String::new()))),
        ("client_key", "passphrase", &|machine| machine.with_client(&(right.0.clone(), locked.to_owned()))),
        ("client_key", "keys may not be consistent", &|machine| {
            machine.with_client(&(right.0.clone(), other.1.clone()))
        }),
        ("client_key is missing", "CLIENT_CERT", &|machine| machine.with_file("RUNAJOB_CLIENT_CERT", &right.0)),
        ("client_cert is missing", "CLIENT_KEY", &|machine| machine.with_file("RUNAJOB_CLIENT_KEY", &right.1)),
    ];
    for (setting, why, change) in cases {
        let (service, machine) = behind(ours.server("localhost"));
        assert_refused(&change(machine).start(""), &service, setting, why);
        assert_eq!(service.connections(), 0, "{setting}: {why}");
    }
}

#[cfg(unix)]
#[test]
fn the_key_of_a_certificate_is_a_secret() {
    let ours = Authority::new("ours");
    let (service, machine) = behind(ours.server("localhost"));
    let machine = machine.with_client(&ours.issue("client", false)).with_file("RUNAJOB_CA_FILE", &ours.pem());
    set_mode(&machine.home.path().join("RUNAJOB_CLIENT_KEY"), 0o644);
    assert_refused(&machine.start(""), &service, "RUNAJOB_CLIENT_KEY", "chmod 600");
    let machine = machine.with("RUNAJOB_ALLOW_READABLE_SECRET", "true");
    let end = machine.start("");
    assert_eq!((end.code, service.starts()), (0, 1), "{end:?}");

    // And so is the password of a proxy.
    let machine = machine.with("RUNAJOB_ALLOW_READABLE_SECRET", "");
    let config = machine.file("config.toml", "[defaults]\nproxy = 'http://ada:sesame@127.0.0.1:9'\n");
    set_mode(&machine.home.path().join("RUNAJOB_CLIENT_KEY"), 0o600);
    let machine = machine.with("RUNAJOB_CONFIG", config.display().to_string());
    assert_eq!(machine.start("").code, 0, "loopback asks no proxy");
    set_mode(&config, 0o640);
    let end = machine.start("");
    assert!(end.code == 78 && end.fix().contains("chmod 600"), "{end:?}");
}

#[test]
fn a_server_that_asks_for_a_certificate_gets_it() {
    const VERSIONS: [&[&rustls::SupportedProtocolVersion]; 2] =
        [&[&rustls::version::TLS12], &[&rustls::version::TLS13]];
    let ours = Authority::new("ours");
    for versions in VERSIONS {
        let door = || behind(ours.server("localhost").for_clients_of(&ours).only(versions));
        let (service, machine) = door();
        let machine = machine.with_file("RUNAJOB_CA_FILE", &ours.pem());
        assert_refused(&machine.start(""), &service, "client_cert", "the server refuses");
        let mut machine = machine;
        for stranger in ["other", "ours"] {
            machine = machine.with_client(&Authority::new(stranger).issue("client", false));
            assert_refused(&machine.start(""), &service, "client_cert", "the server refuses");
        }
        let end = machine.with_client(&ours.issue("client", false)).start("");
        assert_eq!((end.code, service.starts()), (0, 1), "{versions:?}: {end:?}");

        // A start that goes out first meets the same refusal, and has not been seen either.
        let (service, machine) = door();
        let machine = machine.with_file("RUNAJOB_CA_FILE", &ours.pem());
        let mut command = machine.command(&format!("start --id {TASK} -t MTT"));
        command.env_remove("RUNAJOB_LOGIN_URL").env_remove("RUNAJOB_USERNAME").env_remove("RUNAJOB_PASSWORD");
        command.env("RUNAJOB_SESSION_ID", "s").args(["-o", "json"]);
        command.env("RUNAJOB_SERVER_URL", format!("https://localhost:{}/saas", service.address.port()));
        assert_refused(&run(&mut command), &service, "client_cert", "was not started");
    }
}

#[test]
fn a_certificate_that_changes_while_waiting_leaves_the_run_running() {
    let ours = Authority::new("ours");
    let (right, wrong) = (ours.server("localhost"), Authority::new("other").server("localhost"));
    let door = move |_, starts| if starts == 0 { right.door() } else { wrong.door() };
    let service = Service::new("https://localhost", door);
    let machine = Machine::new()
        .with("RUNAJOB_LOGIN_URL", format!("https://localhost:{}", service.address.port()))
        .with_file("RUNAJOB_CA_FILE", &ours.pem());
    let end = machine.start("--wait");
    assert_eq!((end.code, service.starts()), (6, 1), "{end:?}");
    assert!(end.stderr.contains("not trusted here"), "{end:?}");
}

#[test]
fn a_certificate_that_changes_within_a_batch_costs_the_rest_of_it() {
    let ours = Authority::new("ours");
    for (working, code, starts) in [(0, 78, 0), (1, 78, 0), (usize::MAX, 7, 1)] {
        let (right, wrong) = (ours.server("localhost"), Authority::new("other").server("localhost"));
        let door = move |number, starts| if number < working && starts == 0 { right.door() } else { wrong.door() };
        let service = Service::new("https://localhost", door);
        let machine = Machine::new()
            .with("RUNAJOB_LOGIN_URL", format!("https://localhost:{}", service.address.port()))
            .with_file("RUNAJOB_CA_FILE", &ours.pem());
        let end = machine.run(&format!("start id:{TASK} id:{OTHER_TASK} -t MTT -o json"));
        assert_eq!((end.code, service.starts()), (code, starts), "{working}: {end:?}");
        assert!(end.stderr.contains("not trusted here"), "{end:?}");
    }
}
