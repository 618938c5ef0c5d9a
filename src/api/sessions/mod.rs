//! The session of a command: the one in use, else the stored one, else a new login. Commands share a session through a file,
//! and a refused password is not sent again.

pub(crate) mod login;
pub mod refusals;
pub mod session;
pub mod store;

use std::cell::{Cell, RefCell};

use futures_util::future::LocalBoxFuture;
use tokio::sync::Mutex;

use crate::api::error::{Error, SecretError};
use crate::api::exchange::Exchange;
use crate::api::request::Timeouts;
use crate::api::retry::{Retries, RetryPolicy};
use crate::api::sessions::refusals::Refusals;
use crate::api::sessions::session::Session;
use crate::api::sessions::store::Store;
use crate::support::secret::Secret;

/// How to get a session.
pub enum Access<'a> {
    Password {
        /// Scheme and host.
        login_url: String,
        username: String,
        /// Brings the password, each time it is needed.
        password: &'a dyn Fn() -> LocalBoxFuture<'a, Result<Secret, SecretError>>,
        /// Where the session is kept for later commands, if it is kept.
        store: Option<Store>,
        /// Where refused passwords are remembered, if there is a place for it.
        refusals: Option<Refusals>,
    },
    /// A session that was made elsewhere. It cannot be renewed.
    Ready(Session),
}

pub(crate) struct Sessions<'a> {
    access: Access<'a>,
    expect_org: Option<String>,
    timeouts: Timeouts,
    in_use: RefCell<Option<Session>>,
    /// Requests that find no session, or a dead one, at the same time make one login: whoever had to wait takes the
    /// session that the first one made.
    login_lock: Mutex<()>,
    /// This process sent the password and it was refused.
    was_refused: Cell<bool>,
}

impl<'a> Sessions<'a> {
    pub(crate) fn new(access: Access<'a>, expect_org: Option<String>, timeouts: Timeouts) -> Self {
        let (in_use, login_lock, was_refused) = (RefCell::default(), Mutex::new(()), Cell::new(false));
        Self { access, expect_org, timeouts, in_use, login_lock, was_refused }
    }

    pub(crate) fn in_use(&self) -> Option<Session> {
        self.in_use.borrow().clone()
    }

    /// Whether the session is stored for later commands, or was made by others.
    pub(crate) fn outlive_the_command(&self) -> bool {
        !matches!(self.access, Access::Password { store: None, .. })
    }

    /// Whether a session is stored for later commands.
    pub(crate) fn is_kept(&self) -> bool {
        matches!(&self.access, Access::Password { store: Some(store), .. } if store.is_kept())
    }

    /// The session in use, else the stored one, else a new one.
    pub(crate) async fn current(&self, exchange: &Exchange<'_>) -> Result<Session, Error> {
        if let Some(session) = self.in_use() {
            return Ok(session);
        }
        let stored = match &self.access {
            Access::Ready(session) => Some(session.clone()),
            Access::Password { store, .. } => store.as_ref().and_then(|store| store.load(exchange.clock.utc())),
        };
        match stored {
            Some(session) => self.put_to_use(session),
            None => self.renew(exchange, None).await,
        }
    }

    fn put_to_use(&self, session: Session) -> Result<Session, Error> {
        if let (Some(expected), Some(found)) = (&self.expect_org, &session.org)
            && expected != found
        {
            return Err(Error::WrongOrg { expected: expected.clone(), found: found.clone() });
        }
        *self.in_use.borrow_mut() = Some(session.clone());
        Ok(session)
    }

    /// Whether an error means that the session is dead: a 401 does, and a 403, which has many other meanings, may.
    pub(crate) async fn is_dead(&self, exchange: &Exchange<'_>, session: &Session, error: &Error) -> bool {
        match error {
            Error::NoSession => true,
            Error::Refused { status: 403, .. } if !error.is_not_found() => {
                let user = match &self.access {
                    Access::Password { username, .. } => Some(username),
                    Access::Ready(session) => session.user.as_ref(),
                };
                login::is_invalid(exchange, session, user, self.timeouts.read).await
            }
            _ => false,
        }
    }

    /// A session, which is not `dead`: that of another request or of another process, if one has logged in meanwhile, or
    /// our own new one.
    pub(crate) async fn renew(&self, exchange: &Exchange<'_>, dead: Option<&Session>) -> Result<Session, Error> {
        let Access::Password { store, .. } = &self.access else { return Err(Error::NoSession) };
        let _lock = self.login_lock.lock().await;
        let replaces = |session: &Session| dead.is_none_or(|dead| dead.id != session.id);
        if let Some(session) = self.in_use().filter(replaces) {
            return Ok(session);
        }
        let Some(store) = store else { return self.put_to_use(self.log_in(exchange).await?) };
        let lock = store.lock(exchange.clock).await;
        if let Some(stored) = store.load(exchange.clock.utc()).filter(replaces) {
            return self.put_to_use(stored);
        }
        let session = self.put_to_use(self.log_in(exchange).await?)?;
        // Without the file everything still works; the next command logs in again.
        let _ = store.save(&session);
        drop(lock);
        Ok(session)
    }

    /// A new session, whatever is stored. With `insist` also by a password that is remembered as refused.
    pub(crate) async fn log_in_anew(&self, exchange: &Exchange<'_>, insist: bool) -> Result<Session, Error> {
        match &self.access {
            Access::Ready(session) => Ok(session.clone()),
            Access::Password { store, refusals, .. } => {
                self.in_use.take();
                if let Some(store) = store {
                    store.forget();
                }
                if insist {
                    refusals.as_ref().inspect(|refusals| refusals.forget());
                    self.was_refused.set(false);
                }
                self.renew(exchange, None).await
            }
        }
    }

    async fn log_in(&self, exchange: &Exchange<'_>) -> Result<Session, Error> {
        let Access::Password { login_url, username, password, refusals, .. } = &self.access else {
            return Err(Error::NoSession);
        };
        let clock = exchange.clock;
        let password = password().await.map_err(Error::Secret)?;
        let now = clock.utc();
        let refused_at = refusals.as_ref().and_then(|refusals| refusals.recall(&password, now));
        if let Some(at) = refused_at.or_else(|| self.was_refused.get().then_some(now)) {
            return Err(Error::RefusedBefore { user: username.clone(), at });
        }
        let mut retries = Retries::new(RetryPolicy::Idempotent, clock, self.timeouts.connect);
        loop {
            let error = match login::log_in(exchange, login_url, username, &password, self.timeouts.read).await {
                Ok(session) => return Ok(session),
                Err(error) => error,
            };
            if matches!(error, Error::LoginRefused { .. }) {
                self.was_refused.set(true);
                refusals.as_ref().inspect(|refusals| refusals.remember(&password, clock.utc()));
            }
            retries.wait(error).await?;
        }
    }

    /// Ends the session and forgets it. Gives whether there was one.
    pub(crate) async fn log_out(&self, exchange: &Exchange<'_>) -> Result<bool, Error> {
        let stored = match &self.access {
            Access::Password { store: Some(store), .. } => {
                let stored = store.load(exchange.clock.utc());
                store.forget();
                stored
            }
            Access::Password { .. } | Access::Ready(_) => None,
        };
        let Some(session) = self.in_use.take().or(stored) else { return Ok(false) };
        login::log_out(exchange, session, self.timeouts.read).await.map(|()| true)
    }
}
