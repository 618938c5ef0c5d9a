//! The session of a command: the one in use, else the stored one, else a new login. Commands share a session through a file,
//! and a refused password is not sent again.

pub(crate) mod login;
pub mod refusals;
pub mod servers;
pub mod session;
pub mod store;
pub mod tokens;

use std::cell::{Cell, RefCell};
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use jiff::Timestamp;
use tokio::sync::Mutex;

use crate::api::error::{Error, SecretError};
use crate::api::exchange::Exchange;
use crate::api::request::Timeouts;
use crate::api::retry::{Retries, RetryPolicy};
use crate::api::sessions::refusals::Refusals;
use crate::api::sessions::servers::Servers;
use crate::api::sessions::session::Session;
use crate::api::sessions::store::Store;
use crate::api::sessions::tokens::{TokenSource, UsedTokens};
use crate::support::secret::Secret;

/// How to get a session.
pub enum Access<'a> {
    Login {
        /// Scheme and host.
        login_url: String,
        /// Where its sessions may go.
        servers: Servers,
        account: Account<'a>,
        /// Brings the password or a token, each time one is needed.
        secret: &'a dyn Fn() -> LocalBoxFuture<'a, Result<Secret, SecretError>>,
        /// Where the session is kept for later commands, if it is kept.
        store: Option<Store>,
    },
    /// A session that was made elsewhere. It cannot be renewed.
    Ready(Session),
}

/// Who logs in, and what must be remembered of it.
pub enum Account<'a> {
    Password {
        username: String,
        /// Where refused passwords are remembered, if there is a place for it.
        refusals: Option<Refusals>,
    },
    /// A user of the organisation's identity provider.
    Token { org: String, from: TokenSource, used: UsedTokens<'a> },
}

impl Account<'_> {
    /// How long another process's login is waited for.
    fn lock_patience(&self) -> Duration {
        match self {
            Self::Password { .. } => Duration::from_secs(10),
            // Without its session we would find the same token used. A command may take 30 seconds for one.
            Self::Token { .. } => Duration::from_secs(120),
        }
    }
}

pub(crate) struct Sessions<'a> {
    access: Access<'a>,
    expect_org: Option<String>,
    timeouts: Timeouts,
    in_use: RefCell<Option<Session>>,
    /// Requests that find no session, or a dead one, at the same time make one login: whoever had to wait takes the
    /// session that the first one made.
    login_lock: Mutex<()>,
    /// This process sent the password or a token and it was refused.
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
        !matches!(self.access, Access::Login { store: None, .. })
    }

    /// Whether a session is stored for later commands.
    pub(crate) fn is_kept(&self) -> bool {
        matches!(&self.access, Access::Login { store: Some(store), .. } if store.is_kept())
    }

    /// The session in use, else the stored one, else a new one.
    pub(crate) async fn current(&self, exchange: &Exchange<'_>) -> Result<Session, Error> {
        if let Some(session) = self.in_use() {
            return Ok(session);
        }
        let stored = match &self.access {
            Access::Ready(session) => Some(session.clone()),
            Access::Login { store, servers, .. } => {
                store.as_ref().and_then(|store| stored(store, servers, exchange.clock.utc()))
            }
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
                    Access::Login { account: Account::Password { username, .. }, .. } => Some(username),
                    Access::Login { account: Account::Token { .. }, .. } | Access::Ready(_) => session.user.as_ref(),
                };
                login::is_invalid(exchange, session, user, self.timeouts.read).await
            }
            _ => false,
        }
    }

    /// A session, which is not `dead`: that of another request or of another process, if one has logged in meanwhile, or
    /// our own new one.
    pub(crate) async fn renew(&self, exchange: &Exchange<'_>, dead: Option<&Session>) -> Result<Session, Error> {
        let Access::Login { store, servers, account, .. } = &self.access else { return Err(Error::NoSession) };
        let _lock = self.login_lock.lock().await;
        let replaces = |session: &Session| dead.is_none_or(|dead| dead.id != session.id);
        if let Some(session) = self.in_use().filter(replaces) {
            return Ok(session);
        }
        let Some(store) = store else { return self.put_to_use(self.log_in(exchange).await?) };
        let lock = store.lock(exchange.clock, account.lock_patience()).await;
        if let Some(stored) = stored(store, servers, exchange.clock.utc()).filter(replaces) {
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
            Access::Login { store, account, .. } => {
                let stored = store.as_ref().and_then(|store| store.load(exchange.clock.utc()));
                self.in_use.take();
                if insist {
                    if let Account::Password { refusals: Some(refusals), .. } = account {
                        refusals.forget();
                    }
                    self.was_refused.set(false);
                }
                // A login that fails does not end the stored session.
                self.renew(exchange, stored.as_ref()).await
            }
        }
    }

    /// Its futures are boxed: logins are rare, and every request would have room for one otherwise.
    async fn log_in(&self, exchange: &Exchange<'_>) -> Result<Session, Error> {
        let Access::Login { login_url, servers, account, secret, .. } = &self.access else {
            return Err(Error::NoSession);
        };
        let secret = async || secret().await.map_err(Error::Secret);
        let session = match account {
            Account::Password { username, refusals } => {
                let password = secret().await?;
                Box::pin(self.by_password(exchange, login_url, username, &password, refusals.as_ref())).await?
            }
            Account::Token { org, from, used } => {
                Box::pin(self.by_token(exchange, login_url, org, secret, *from, used)).await?
            }
        };
        // The login was right; only where it leads to is refused.
        servers.check(&session.server_url).map(|()| session)
    }

    async fn by_password(
        &self,
        exchange: &Exchange<'_>,
        login_url: &str,
        username: &str,
        password: &Secret,
        refusals: Option<&Refusals>,
    ) -> Result<Session, Error> {
        let clock = exchange.clock;
        let now = clock.utc();
        let refused_at = refusals.and_then(|refusals| refusals.recall(password, now));
        if let Some(at) = refused_at.or_else(|| self.was_refused.get().then_some(now)) {
            return Err(Error::RefusedBefore { user: username.to_owned(), at });
        }
        let mut retries = Retries::new(RetryPolicy::Idempotent, clock, self.timeouts.connect);
        loop {
            let error = match login::by_password(exchange, login_url, username, password, self.timeouts.read).await {
                Ok(session) => return Ok(session),
                Err(error) => error,
            };
            if matches!(error, Error::LoginRefused { .. }) {
                self.was_refused.set(true);
                refusals.inspect(|refusals| refusals.remember(password, clock.utc()));
            }
            retries.wait(error, exchange.deadline()).await?;
        }
    }

    /// Each try that sends something takes a token of its own.
    async fn by_token(
        &self,
        exchange: &Exchange<'_>,
        login_url: &str,
        org: &str,
        fetch: impl AsyncFn() -> Result<Secret, Error>,
        from: TokenSource,
        used: &UsedTokens<'_>,
    ) -> Result<Session, Error> {
        if self.was_refused.get() {
            let message = "it refused an earlier one of this command".to_owned();
            return Err(Error::TokenRefused { org: org.to_owned(), message, expired: None });
        }
        let mut retries = Retries::new(RetryPolicy::Idempotent, exchange.clock, self.timeouts.connect);
        let mut token = fetch().await?;
        let mut failed = None;
        loop {
            if !used.mark(&token, exchange.clock.utc()) {
                return Err(Error::UsedToken { from, after: failed });
            }
            let error = match login::by_token(exchange, login_url, org, &token, self.timeouts.read).await {
                Ok(session) => return Ok(session),
                Err(error) => error,
            };
            let was_sent = error.was_sent();
            if !was_sent {
                used.unmark(&token);
            }
            self.was_refused.set(matches!(error, Error::TokenRefused { .. }));
            let why = error.to_string();
            retries.wait(error, exchange.deadline()).await?;
            if was_sent {
                let next = fetch().await?;
                failed = (next == token).then_some(why);
                token = next;
            }
        }
    }

    /// Ends the session and forgets it. Gives whether there was one.
    pub(crate) async fn log_out(&self, exchange: &Exchange<'_>) -> Result<bool, Error> {
        let stored = match &self.access {
            Access::Login { store: Some(store), servers, .. } => {
                let stored = stored(store, servers, exchange.clock.utc());
                store.forget();
                stored
            }
            Access::Login { .. } | Access::Ready(_) => None,
        };
        let Some(session) = self.in_use.take().or(stored) else { return Ok(false) };
        login::log_out(exchange, session, self.timeouts.read).await.map(|()| true)
    }
}

/// The stored session. One that was stored for a server where it may not go is none, and a new one takes its place.
fn stored(store: &Store, servers: &Servers, now: Timestamp) -> Option<Session> {
    store.load(now).filter(|session| servers.check(&session.server_url).is_ok())
}
