//! Accounts and open sessions. A session is valid under every name that its header has.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::quirks::SessionForm;
use crate::scenario::{Account, Scenario};
use crate::tokens::{self, Claims};
use crate::wire::{Request, text};
use crate::{ids, times};

#[derive(Debug)]
pub(crate) struct Sessions {
    accounts: Vec<Account>,
    org: String,
    life: Duration,
    total_life: Duration,
    jwt_life: Duration,
    form: SessionForm,
    length: usize,
    /// Each of them has logged somebody in, and will not do so again.
    used_tokens: HashSet<String>,
    open: HashMap<String, Session>,
    opened: usize,
}

#[derive(Debug)]
struct Session {
    user: String,
    opened: Timestamp,
    used: Timestamp,
}

impl Sessions {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        Self {
            accounts: scenario.accounts.clone(),
            org: scenario.org.clone(),
            life: scenario.timing.session_life,
            total_life: scenario.timing.session_total_life,
            jwt_life: scenario.timing.jwt_life,
            form: scenario.quirks.session,
            length: scenario.quirks.session_length,
            used_tokens: HashSet::new(),
            open: HashMap::new(),
            opened: 0,
        }
    }

    /// How long a session lives on if nobody uses it; none when it is dead.
    fn left(&self, session: &Session, now: Timestamp) -> Option<Duration> {
        let open = times::elapsed(session.opened, now);
        let own = match self.form {
            SessionForm::Plain => self.life.checked_sub(times::elapsed(session.used, now))?,
            SessionForm::Jwt => self.jwt_life.checked_sub(open)?,
        };
        Some(own.min(self.total_life.checked_sub(open)?))
    }

    /// The user of the request's session, which counts as used now.
    pub(crate) fn renew(&mut self, request: &Request, now: Timestamp) -> Option<String> {
        let id = request.session()?;
        self.left(self.open.get(id)?, now)?;
        let session = self.open.get_mut(id)?;
        session.used = now;
        Some(session.user.clone())
    }

    fn is_account(&self, name: &str, password: &str) -> bool {
        self.accounts.iter().any(|account| account.has(name, password))
    }

    /// The user of the request's session, or of its basic authentication, which the resources outside `/saas` take too.
    pub(crate) fn user_of(&mut self, request: &Request, now: Timestamp) -> Option<String> {
        match request.basic() {
            Some((name, password)) => self.is_account(&name, &password).then_some(name),
            None => self.renew(request, now),
        }
    }

    /// Opens a session for the account in the body. Gives the user and the session ID.
    pub(crate) fn open(&mut self, account: &Map<String, Value>, now: Timestamp) -> Option<(String, String)> {
        let (name, password) = (text(account, "username")?, text(account, "password")?);
        self.is_account(name, password).then_some(())?;
        Some((name.to_owned(), self.open_for(name, now)))
    }

    /// Opens a session for the first account that takes a token, which is then used up. One that has expired by its own
    /// `exp` opens none.
    pub(crate) fn open_by_token(&mut self, token: &str, now: Timestamp) -> Option<(String, String)> {
        let user = self.accounts.iter().find(|account| account.takes(token))?.username.clone();
        let has_expired = tokens::expiry(token).is_some_and(|end| end <= now);
        (self.used_tokens.insert(token.to_owned()) && !has_expired).then_some(())?;
        let id = self.open_for(&user, now);
        Some((user, id))
    }

    fn open_for(&mut self, user: &str, now: Timestamp) -> String {
        self.opened += 1;
        let number = self.opened;
        let id = match self.form {
            SessionForm::Plain => ids::letters_and_digits(&["session", user, &number.to_string()], self.length),
            SessionForm::Jwt => {
                let expires = times::later(now, self.jwt_life);
                tokens::of(&Claims { user, org: &self.org, number, issued: now, expires }, self.length)
            }
        };
        self.open.insert(id.clone(), Session { user: user.to_owned(), opened: now, used: now });
        id
    }

    pub(crate) fn close(&mut self, id: &str) {
        self.open.remove(id);
    }

    /// Closes every session of the account in the body. Gives whether there is such an account.
    pub(crate) fn close_all_of(&mut self, account: &Map<String, Value>) -> bool {
        let (Some(name), Some(password)) = (text(account, "username"), text(account, "password")) else { return false };
        let is_account = self.is_account(name, password);
        if is_account {
            self.open.retain(|_, session| session.user != name);
        }
        is_account
    }

    pub(crate) fn close_all(&mut self) {
        self.open.clear();
    }

    /// How long the session with this ID lives on if nobody uses it, if it is one of this user.
    pub(crate) fn left_of(&self, id: &str, user: Option<&str>, now: Timestamp) -> Option<Duration> {
        let session = self.open.get(id).filter(|session| user.is_none_or(|user| user == session.user))?;
        self.left(session, now)
    }
}
