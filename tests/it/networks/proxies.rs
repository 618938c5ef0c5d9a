//! Proxies: which one is used, and which has to be corrected.

use crate::networks::service::{Authority, Proxy, Service, TASK};
use crate::networks::{Machine, assert_refused, behind};
use crate::world::run;

/// A service that only the proxy knows how to reach.
fn beyond_the_proxy() -> (Service, Proxy, Machine) {
    const HOST: &str = "pod.example.invalid";
    let ours = Authority::new("ours");
    let tls = ours.server(HOST);
    let service = Service::new(&format!("https://{HOST}"), move |_, _| tls.door());
    let proxy = Proxy::to(service.address);
    let machine = Machine::new()
        .with("RUNAJOB_LOGIN_URL", format!("https://{HOST}:{}", service.address.port()))
        .with_file("RUNAJOB_CA_FILE", &ours.pem());
    (service, proxy, machine)
}

/// The URL of a proxy with its password.
fn url(proxy: &Proxy, password: &str) -> String {
    format!("http://ada:{password}@{}", proxy.address)
}

#[test]
fn the_proxy_of_the_settings_beats_that_of_the_environment() {
    for (ours, others) in [(true, ""), (true, "http://127.0.0.1:9"), (false, "proxy")] {
        let (service, proxy, machine) = beyond_the_proxy();
        let through = url(&proxy, "open%20sesame");
        let machine = if ours { machine.with("RUNAJOB_PROXY", &through) } else { machine };
        let others = if others == "proxy" { through } else { others.to_owned() };
        let machine = machine.with("HTTPS_PROXY", others);
        let end = machine.start("-vv");
        assert_eq!((end.code, service.starts()), (0, 1), "{end:?}");
        let host = format!("CONNECT pod.example.invalid:{} HTTP/1.1", service.address.port());
        assert_eq!(proxy.asked(), [host.clone(), host], "the login, and the start on a connection of its own");
        let shown = machine.run("config show");
        for said in [&end.stdout, &end.stderr, &shown.stdout, &shown.stderr] {
            assert!(!said.contains("sesame"), "{said}");
        }
        assert!(shown.stdout.contains("********@127.0.0.1"), "{shown:?}");
    }
}

#[test]
fn a_proxy_that_refuses_us_names_the_setting() {
    for proxy in ["wrong", "open"] {
        let (service, listener, machine) = beyond_the_proxy();
        let end = machine.with("HTTPS_PROXY", url(&listener, proxy)).start("-vv");
        assert_refused(&end, &service, "HTTPS_PROXY", "user and a password");
        assert!(!end.stderr.contains(&format!("ada:{proxy}")), "{end:?}");
    }
    let (service, _, machine) = beyond_the_proxy();
    for value in ["socks5://ada:sesame@127.0.0.1:9", "http://ada:sesame@"] {
        for variable in ["RUNAJOB_PROXY", "ALL_PROXY"] {
            let mut command = machine.command(&format!("start --id {TASK} -t MTT -o json"));
            let end = run(command.env(variable, value));
            assert_refused(&end, &service, "RUNAJOB_PROXY", "");
            assert!(!format!("{end:?}").contains("sesame"), "{end:?}");
        }
    }
}

#[test]
fn what_is_direct_asks_no_proxy() {
    // The name is not resolved, and that is no matter of certificates.
    let cases = [
        [("RUNAJOB_PROXY", "none"), ("HTTPS_PROXY", "proxy"), ("NO_PROXY", "")],
        [("RUNAJOB_PROXY", "proxy"), ("HTTPS_PROXY", ""), ("NO_PROXY", "other, .example.invalid")],
        [("RUNAJOB_PROXY", ""), ("HTTPS_PROXY", "proxy"), ("NO_PROXY", "*")],
    ];
    std::thread::scope(|scope| {
        for case in cases {
            scope.spawn(move || {
                let (service, proxy, mut machine) = beyond_the_proxy();
                for (name, value) in case {
                    let value = if value == "proxy" { url(&proxy, "open%20sesame") } else { value.to_owned() };
                    machine = machine.with(name, value);
                }
                let end = machine.start("--connect-timeout 100ms");
                assert_eq!((end.code, service.connections()), (69, 0), "{end:?}");
                assert!(proxy.asked().is_empty(), "{case:?}");
            });
        }
    });
    // Loopback is direct, whatever else is said.
    let ours = Authority::new("ours");
    let (service, machine) = behind(ours.server("localhost"));
    let proxy = Proxy::to(service.address);
    let machine = machine.with_file("RUNAJOB_CA_FILE", &ours.pem());
    let machine = machine.with("RUNAJOB_PROXY", url(&proxy, "open%20sesame"));
    let end = machine.start("");
    assert_eq!((end.code, service.starts(), proxy.asked().len()), (0, 1, 0), "{end:?}");
}
