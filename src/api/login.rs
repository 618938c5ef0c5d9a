//! Where sessions come from: the one in use, the kept one, a login; and how they end. A refused password is not sent again.
//! Leaves the file that keeps one between commands to `session`.

use serde_json::{Value, json};

use crate::api::client::{Client, V2, describe_body};
use crate::api::retry::{self, RetryPolicy};
use crate::api::session::{Access, Session};
use crate::api::wire::ErrorBody;
use crate::api::{Call, Error, Method, Request, lenient};
use crate::support::secret::Secret;

impl Client<'_> {
    /// Sees to it that there is a session, so that the next request needs no login. A kept one is not tried.
    pub async fn open(&self) -> Result<(), Error> {
        self.session().await.map(|_| ())
    }

    /// Makes a new session, whatever is kept. With `insist` also with a password that is remembered as refused.
    pub async fn login(&self, insist: bool) -> Result<Session, Error> {
        match &self.access {
            Access::Ready(session) => Ok(session.clone()),
            Access::Password { store, refusals, .. } => {
                if let Some(store) = store {
                    store.forget();
                }
                if insist {
                    refusals.as_ref().inspect(|refusals| refusals.forget());
                    self.refused.set(false);
                }
                self.renew(None).await
            }
        }
    }

    /// Ends the session and forgets it. Gives whether there was one.
    pub async fn logout(&self) -> Result<bool, Error> {
        let kept = match &self.access {
            Access::Password { store: Some(store), .. } => {
                let kept = store.load(self.clock.utc());
                store.forget();
                kept
            }
            Access::Password { .. } | Access::Ready(_) => None,
        };
        let Some(session) = self.session.take().or(kept) else { return Ok(false) };
        let request = Request {
            call: Call::Logout,
            method: Method::Post,
            url: format!("{}/api/v2/user/logout", session.server_url),
            session: Some((V2.header, session.id)),
            header: None,
            body: Some(Secret::new("{\"@type\":\"logout\"}".to_owned())),
            limit: self.timeouts.read,
        };
        match self.send(request).await {
            Ok(_) | Err(Error::NoSession | Error::SessionRefused) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Ends the session unless it is kept for later commands. A failure only leaves it to expire.
    pub async fn leave(&self) {
        if matches!(self.access, Access::Password { store: None, .. }) {
            let _ = self.logout().await;
        }
    }

    /// The session in use, else the kept one, else a new one.
    pub(crate) async fn session(&self) -> Result<Session, Error> {
        if let Some(session) = self.session.borrow().clone() {
            return Ok(session);
        }
        let kept = match &self.access {
            Access::Ready(session) => Some(session.clone()),
            Access::Password { store, .. } => store.as_ref().and_then(|store| store.load(self.clock.utc())),
        };
        match kept {
            Some(session) => self.adopt(session),
            None => self.renew(None).await,
        }
    }

    /// Takes a session into use, if it leads where it should.
    fn adopt(&self, session: Session) -> Result<Session, Error> {
        if let (Some(expected), Some(found)) = (&self.expect_org, &session.org)
            && expected != found
        {
            return Err(Error::WrongOrg { expected: expected.clone(), found: found.clone() });
        }
        *self.session.borrow_mut() = Some(session.clone());
        Ok(session)
    }

    /// A session in place of `dead`: another process's, if one has logged in meanwhile, or our own new one.
    pub(crate) async fn renew(&self, dead: Option<&Session>) -> Result<Session, Error> {
        let Access::Password { store, .. } = &self.access else { return Err(Error::NoSession) };
        let _turn = self.turn.lock().await;
        let fresh = |session: &Session| dead.is_some_and(|dead| dead.id != session.id);
        if let Some(session) = self.session.borrow().clone().filter(fresh) {
            return Ok(session);
        }
        let Some(store) = store else { return self.adopt(self.log_in().await?) };
        let lock = store.lock(self.clock).await;
        if let Some(kept) = store.load(self.clock.utc())
            && dead.is_none_or(|dead| dead.id != kept.id)
        {
            return self.adopt(kept);
        }
        let session = self.adopt(self.log_in().await?)?;
        // Without a cache everything still works; the next command logs in again.
        let _ = store.save(&session);
        drop(lock);
        Ok(session)
    }

    async fn log_in(&self) -> Result<Session, Error> {
        let Access::Password { login_url, username, password, refusals, .. } = &self.access else {
            return Err(Error::NoSession);
        };
        let password = password().await.map_err(|failure| Error::Secret(Box::new(failure)))?;
        let now = self.clock.utc();
        let known = refusals.as_ref().and_then(|refusals| refusals.recall(&password, now));
        if let Some(at) = known.or_else(|| self.refused.get().then_some(now)) {
            return Err(Error::RefusedBefore { user: username.clone(), at });
        }
        let began = self.clock.now();
        let mut tries = 0;
        loop {
            let body = json!({"@type": "login", "username": username, "password": password.reveal()});
            let request = Request {
                call: Call::Login,
                method: Method::Post,
                url: format!("{login_url}/ma/api/v2/user/login"),
                session: None,
                header: None,
                body: Some(Secret::new(body.to_string())),
                limit: self.timeouts.read,
            };
            match self.try_login(request, username).await {
                Ok(session) => return Ok(session),
                Err(error) => {
                    if matches!(error, Error::LoginRefused { .. }) {
                        self.refused.set(true);
                        refusals.as_ref().inspect(|refusals| refusals.remember(&password, self.clock.utc()));
                    }
                    tries += 1;
                    let lasted = self.clock.now().saturating_sub(began);
                    let Some(pause) = retry::pause(RetryPolicy::Idempotent, &error, tries, lasted) else {
                        return Err(error);
                    };
                    self.clock.sleep(pause).await;
                }
            }
        }
    }

    async fn try_login(&self, request: Request, username: &str) -> Result<Session, Error> {
        let refused = |message: String| Error::LoginRefused { user: username.to_owned(), message };
        let reply = match self.send(request).await {
            // The documentation says 401, its samples 403, a reader 400: all three mean that the login was refused.
            Err(Error::Refused { status: 400 | 401 | 403, code, message }) => {
                return Err(refused(code.map_or(message.clone(), |code| format!("{message} ({code})"))));
            }
            // An error object with another status is not the service's word on the password.
            Err(Error::Refused { status, message, .. }) => {
                return Err(Error::Unreadable { call: Call::Login, status, what: message });
            }
            other => other?,
        };
        let status = reply.status;
        let bytes = reply.body.read().await.map_err(|why| Error::Unclear(Call::Login, why))?;
        let unreadable = |what: String| Error::Unreadable { call: Call::Login, status, what };
        let user = lenient::value(&bytes).ok_or_else(|| unreadable(describe_body(&bytes)))?;
        if let Some(error) = ErrorBody::of(&user) {
            return Err(refused(error.message));
        }
        let text = |key: &str| user.get(key).and_then(Value::as_str).map(str::to_owned);
        match (text("serverUrl"), text("icSessionId")) {
            (Some(server_url), Some(id)) => Ok(Session {
                server_url: server_url.trim_end_matches('/').to_owned(),
                id: Secret::new(id),
                org: text("orgId"),
                user: text("name"),
            }),
            _ => Err(unreadable("there is no session in it".to_owned())),
        }
    }

    /// Whether the service says that a session is dead.
    pub(crate) async fn is_dead(&self, session: &Session) -> bool {
        let user = match &self.access {
            Access::Password { username, .. } => Some(username),
            Access::Ready(session) => session.user.as_ref(),
        };
        let body = json!({"@type": "validatedToken", "userName": user, "icToken": session.id.reveal()});
        let request = Request {
            call: Call::Validate,
            method: Method::Post,
            url: format!("{}/api/v2/user/validSessionId", session.server_url),
            session: None,
            header: None,
            body: Some(Secret::new(body.to_string())),
            limit: self.timeouts.read,
        };
        let Ok(reply) = self.send(request).await else { return false };
        let said = reply.body.read().await.ok().and_then(|bytes| lenient::value(&bytes));
        said.and_then(|said| said.get("isValidToken")?.as_bool()) == Some(false)
    }
}
