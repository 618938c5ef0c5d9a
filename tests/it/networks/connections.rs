//! Connections: what was not sent is said to be so, and a start leaves once.

use crate::networks::Machine;
use crate::networks::service::{Authority, Door, Service, TASK};

#[test]
fn a_handshake_that_hangs_is_nothing_sent() {
    let ours = Authority::new("ours");
    let tls = ours.server("localhost");
    for working in [0, 1] {
        let door = tls.door();
        let service = Service::new(
            "https://localhost",
            move |number, _| if number < working { door.clone() } else { Door::Silent },
        );
        let machine = Machine::new()
            .with("RUNAJOB_LOGIN_URL", format!("https://localhost:{}", service.address.port()))
            .with_file("RUNAJOB_CA_FILE", &ours.pem());
        // Were it taken for sent, it would be searched for, and end with 10.
        let end = machine.start("--connect-timeout 200ms --reconcile-for 100ms");
        assert_eq!((end.code, service.starts()), (69, 0), "{end:?}");
        assert_eq!(service.connections(), working + 1, "it was tried again: {end:?}");
        assert!(end.json()["rerun_safe"] == true && end.stderr.contains("connecting took too long"), "{end:?}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_during_the_handshake_of_a_start_is_nothing_started() {
    use crate::signals::Running;
    let ours = Authority::new("ours");
    for (working, key) in [(0, ""), (1, ""), (1, "--once day --once-dir keys")] {
        let door = ours.server("localhost").door();
        let service = Service::new(
            "https://localhost",
            move |number, _| {
                if number == working { Door::Silent } else { door.clone() }
            },
        );
        let machine = Machine::new()
            .with("RUNAJOB_LOGIN_URL", format!("https://localhost:{}", service.address.port()))
            .with_file("RUNAJOB_CA_FILE", &ours.pem());
        let line = format!("start --id {TASK} -t MTT -o json {key}");
        let mut running = Running::new(&mut machine.command(&line));
        while service.connections() <= working && !running.is_over() {
            std::thread::yield_now();
        }
        running.signal("INT");
        let end = running.end();
        assert_eq!((end.code, service.starts()), (130, 0), "{end:?}");
        assert_eq!(end.json()["error"]["what"], "interrupted; nothing was started");
        assert!(!end.stderr.contains("waiting 5s"), "{end:?}");
        // Nothing keeps the next command from starting it, a key least of all.
        let next = machine.run(&line);
        assert_eq!((next.code, service.starts()), (0, 1), "{next:?}");
    }
}

#[test]
fn a_kept_connection_that_the_server_has_closed_costs_no_start() {
    const RUNS: usize = 50;
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let service = Service::new("http://127.0.0.1", |_, _| Door::Stale);
                let machine = Machine::new().with("RUNAJOB_LOGIN_URL", format!("http://{}", service.address));
                for number in 1..=RUNS {
                    let end = machine.start("--no-session-cache --reconcile-for 100ms");
                    assert_eq!((end.code, service.starts()), (0, number), "{end:?}");
                }
            });
        }
    });
}

/// What is no answer to a start: broken heads and bodies, and statuses with bodies that say nothing of a run.
fn non_answers() -> Vec<Vec<u8>> {
    const STATUSES: [u16; 22] =
        [200, 201, 202, 204, 206, 300, 301, 302, 304, 307, 308, 400, 404, 405, 408, 409, 413, 500, 502, 503, 504, 599];
    const BODIES: [&str; 4] = ["", "<html>", "{\"taskId\": 1}", "{"];
    let broken: [&[u8]; 24] = [
        b"",
        b"H",
        b"\0\x01\x02",
        b"<html>",
        b"{\"@type\": \"job\"}",
        b"HTTP/1.1",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nNul: \0\r\n\r\n{}",
        b"HTTP/9.9 200 OK\r\n\r\n{}",
        b"HTTP/1.1 99 Odd\r\n\r\n{}",
        b"HTTP/1.1 1000 Odd\r\n\r\n{}",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ];
    let whole = STATUSES.into_iter().flat_map(|status| {
        BODIES.map(|body| format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes())
    });
    broken.into_iter().map(<[u8]>::to_vec).chain(whole).collect()
}

#[test]
fn a_start_that_was_read_may_be_running() {
    let all = non_answers();
    std::thread::scope(|scope| {
        for some in all.chunks(all.len().div_ceil(6)) {
            scope.spawn(move || {
                for said in some {
                    let words = String::from_utf8_lossy(said).into_owned();
                    let said = said.clone();
                    let service = Service::new("http://127.0.0.1", move |_, _| Door::Says(said.clone()));
                    let machine = Machine::new().with("RUNAJOB_LOGIN_URL", format!("http://{}", service.address));
                    let end = machine.start("--reconcile-for 100ms");
                    assert_eq!((end.code, service.starts()), (10, 1), "{words:?}: {end:?}");
                }
            });
        }
    });
}
