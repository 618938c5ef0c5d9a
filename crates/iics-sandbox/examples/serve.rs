//! Serves the built-in scenario, or that of a file, on a free port of the loopback interface until it is interrupted. The
//! variable `SANDBOX_TOKEN` opens the control API.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "the output and the clock of an example are the real ones"
)]

use std::cell::RefCell;
use std::rc::Rc;

use iics_sandbox::{Sandbox, Scenario, Timestamp, serve};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let scenario = match std::env::args_os().nth(1) {
        Some(file) => Scenario::parse(&std::fs::read_to_string(file)?)?,
        None => Scenario::built_in(),
    };
    let token = std::env::var("SANDBOX_TOKEN").unwrap_or_default();
    let sandbox = Rc::new(RefCell::new(Sandbox::new(scenario, Timestamp::now()).with_control(token)));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    serve(listener, sandbox, Timestamp::now, |exchange| eprintln!("{exchange}"), std::future::pending()).await;
    Ok(())
}
