//! Accounts and open sessions. A session is valid under every name that its header has.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::scenario::{Account, Scenario};
use crate::wire::{Request, text};
use crate::{ids, times};

#[derive(Debug)]
pub(crate) struct Sessions {
    accounts: Vec<Account>,
    life: Duration,
    total_life: Duration,
    length: usize,
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
            life: scenario.timing.session_life,
            total_life: scenario.timing.session_total_life,
            length: scenario.quirks.session_length,
            open: HashMap::new(),
            opened: 0,
        }
    }

    /// How long a session lives on if nobody uses it; none when it is dead.
    fn left(&self, session: &Session, now: Timestamp) -> Option<Duration> {
        let idle = self.life.checked_sub(times::elapsed(session.used, now))?;
        Some(idle.min(self.total_life.checked_sub(times::elapsed(session.opened, now))?))
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
        self.accounts.iter().any(|account| account.username == name && account.password == password)
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
        self.opened += 1;
        let id = ids::letters_and_digits(&["session", name, &self.opened.to_string()], self.length);
        self.open.insert(id.clone(), Session { user: name.to_owned(), opened: now, used: now });
        Some((name.to_owned(), id))
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
