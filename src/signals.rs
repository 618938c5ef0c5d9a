//! SIGINT, SIGTERM and SIGHUP as something to wait for. Leaves what they mean to whoever waits.

use crate::exit::Exit;

/// A wish that the program end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM, or the terminal is gone.
    Terminate,
}

impl Signal {
    /// The exit it leads to.
    pub fn exit(self) -> Exit {
        match self {
            Self::Interrupt => Exit::Interrupted,
            Self::Terminate => Exit::Terminated,
        }
    }
}

/// The signals of this process, from the moment it is made.
pub struct Signals {
    #[cfg(unix)]
    sources: std::cell::RefCell<Vec<(tokio::signal::unix::Signal, Signal)>>,
}

#[cfg(unix)]
impl Signals {
    /// Listens for the signals, but for those that were ignored when the program began: `nohup` means it.
    pub fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let ignored = ignored();
        let kinds = [
            (SignalKind::interrupt(), Signal::Interrupt),
            (SignalKind::terminate(), Signal::Terminate),
            (SignalKind::hangup(), Signal::Terminate),
        ];
        let heard = kinds.into_iter().filter(|(kind, _)| ignored & (1 << (kind.as_raw_value() - 1)) == 0);
        let sources = heard.map(|(kind, meaning)| Ok((signal(kind)?, meaning))).collect::<std::io::Result<Vec<_>>>()?;
        Ok(Self { sources: sources.into() })
    }

    /// The next signal.
    pub async fn next(&self) -> Signal {
        std::future::poll_fn(|context| {
            let mut sources = self.sources.borrow_mut();
            let ready = sources.iter_mut().find_map(|(source, meaning)| {
                matches!(source.poll_recv(context), std::task::Poll::Ready(Some(()))).then_some(*meaning)
            });
            ready.map_or(std::task::Poll::Pending, std::task::Poll::Ready)
        })
        .await
    }
}

#[cfg(not(unix))]
impl Signals {
    /// Listens for Ctrl-C.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self {})
    }

    /// The next signal.
    pub async fn next(&self) -> Signal {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Signal::Interrupt,
            Err(_) => std::future::pending().await,
        }
    }
}

/// The signals that this process inherited as ignored, one bit each. Only Linux tells; elsewhere none is assumed.
#[cfg(unix)]
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
