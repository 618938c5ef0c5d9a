//! SIGINT, SIGTERM and SIGHUP as something to wait for.

use std::cell::OnceCell;

use futures_util::future::LocalBoxFuture;

use crate::support::exit::Exit;

/// A request that the program end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM, or SIGHUP when the terminal was closed.
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

/// Gives the next signal of a test, each time it is asked.
type NextSignal = Box<dyn Fn() -> LocalBoxFuture<'static, Signal>>;

/// The signals that the program hears, from the first time that it waits for one. Before that it has done nothing that a
/// person needs to hear of, and what reads a file or a pipe can be ended in the ordinary way.
pub struct Signals(Channel);

enum Channel {
    System(OnceCell<system::Sources>),
    Scripted(NextSignal),
}

impl Signals {
    /// The signals to this process, but for those that were ignored when the program began: `nohup` means it.
    pub fn of_process() -> Self {
        Self(Channel::System(OnceCell::new()))
    }

    /// Signals that come as `script` says, for tests in virtual time. A future of it may be dropped and asked for again.
    pub fn scripted(script: impl Fn() -> LocalBoxFuture<'static, Signal> + 'static) -> Self {
        Self(Channel::Scripted(Box::new(script)))
    }

    /// Begins to wait for signals, where nothing has yet: from now on they end nothing by themselves.
    pub fn listen(&self) {
        if let Channel::System(sources) = &self.0 {
            sources.get_or_init(system::Sources::listen);
        }
    }

    /// The next signal.
    pub async fn next(&self) -> Signal {
        match &self.0 {
            Channel::System(sources) => sources.get_or_init(system::Sources::listen).next().await,
            Channel::Scripted(script) => script().await,
        }
    }
}

#[cfg(unix)]
mod system {
    use std::cell::RefCell;
    use std::task::Poll;

    use tokio::signal::unix::{self, SignalKind, signal};

    use crate::support::signals::Signal;

    pub(crate) struct Sources(RefCell<Vec<(unix::Signal, Signal)>>);

    impl Sources {
        /// Begins to listen. A signal that cannot be listened to ends the process, as it does by default.
        pub(crate) fn listen() -> Self {
            let ignored = ignored();
            let kinds = [
                (SignalKind::interrupt(), Signal::Interrupt),
                (SignalKind::terminate(), Signal::Terminate),
                (SignalKind::hangup(), Signal::Terminate),
            ];
            let accepted = kinds.into_iter().filter(|(kind, _)| ignored & (1 << (kind.as_raw_value() - 1)) == 0);
            let sources = accepted.filter_map(|(kind, meaning)| Some((signal(kind).ok()?, meaning)));
            Self(sources.collect::<Vec<_>>().into())
        }

        pub(crate) async fn next(&self) -> Signal {
            std::future::poll_fn(|context| {
                let mut sources = self.0.borrow_mut();
                let ready = sources.iter_mut().find_map(|(source, meaning)| {
                    matches!(source.poll_recv(context), Poll::Ready(Some(()))).then_some(*meaning)
                });
                ready.map_or(Poll::Pending, Poll::Ready)
            })
            .await
        }
    }

    /// The signals that this process inherited as ignored, one bit each. Only Linux shows them; elsewhere none is assumed.
    fn ignored() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
    }
}

#[cfg(not(unix))]
mod system {
    use crate::support::signals::Signal;

    pub(crate) struct Sources;

    impl Sources {
        pub(crate) fn listen() -> Self {
            Self
        }

        pub(crate) async fn next(&self) -> Signal {
            match tokio::signal::ctrl_c().await {
                Ok(()) => Signal::Interrupt,
                Err(_) => std::future::pending().await,
            }
        }
    }
}
