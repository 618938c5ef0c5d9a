//! Accounts and sessions: both logins, both logouts, the session check. A session is valid under all names of the header.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::record::Deed;
use super::scenario::{Account, Scenario};
use super::wire::{Reply, Request, Row, text};
use super::{Sandbox, errors, ids, times};

/// Who is logged in.
#[derive(Debug)]
pub(super) struct Sessions {
    accounts: Vec<Account>,
    life: Duration,
    total_life: Duration,
    length: usize,
    open: HashMap<String, Session>,
    made: usize,
}

#[derive(Debug)]
struct Session {
    user: String,
    made: Timestamp,
    used: Timestamp,
}

impl Sessions {
    pub(super) fn new(scenario: &Scenario) -> Self {
        Self {
            accounts: scenario.accounts.clone(),
            life: scenario.timing.session_life,
            total_life: scenario.timing.session_total_life,
            length: scenario.quirks.session_length,
            open: HashMap::new(),
            made: 0,
        }
    }

    /// How long a session lives on if nobody uses it; none when it is dead.
    fn left(&self, session: &Session, now: Timestamp) -> Option<Duration> {
        let idle = self.life.checked_sub(times::elapsed(session.used, now))?;
        Some(idle.min(self.total_life.checked_sub(times::elapsed(session.made, now))?))
    }

    /// The user of the request's session, which counts as used now.
    pub(super) fn use_one(&mut self, request: &Request, now: Timestamp) -> Option<String> {
        let id = request.session()?;
        self.left(self.open.get(id)?, now)?;
        let session = self.open.get_mut(id)?;
        session.used = now;
        Some(session.user.clone())
    }

    fn knows(&self, name: &str, password: &str) -> bool {
        self.accounts.iter().any(|account| account.username == name && account.password == password)
    }

    /// The user of the request's session, or of its basic authentication, which the resources outside `/saas` take too.
    pub(super) fn user_of(&mut self, request: &Request, now: Timestamp) -> Option<String> {
        match request.basic() {
            Some((name, password)) => self.knows(&name, &password).then_some(name),
            None => self.use_one(request, now),
        }
    }

    pub(super) fn expire_all(&mut self) {
        self.open.clear();
    }

    fn log_in(&mut self, request: &Request, now: Timestamp) -> Option<(String, String)> {
        let body = request.json_object()?;
        let (name, password) = (text(&body, "username")?, text(&body, "password")?);
        self.knows(name, password).then_some(())?;
        self.made += 1;
        let id = ids::letters_and_digits(&["session", name, &self.made.to_string()], self.length);
        self.open.insert(id.clone(), Session { user: name.to_owned(), made: now, used: now });
        Some((name.to_owned(), id))
    }
}

/// The group that everybody is in.
const GROUP: &str = "sandbox-users";

fn group_id(org: &str) -> String {
    ids::opaque(&["group", org])
}

impl Sandbox {
    pub(super) fn login_v2(&mut self, request: &Request, now: Timestamp, deed: &mut Option<Deed>) -> Reply {
        if request.json_object().is_none() {
            return errors::malformed();
        }
        let Some((user, session)) = self.sessions.log_in(request, now) else {
            *deed = Some(Deed::LoginRefused);
            return errors::login_refused(&self.scenario.quirks, false, 0);
        };
        *deed = Some(Deed::LoggedIn { user: user.clone() });
        let org = &self.scenario.org;
        let made = times::utc(times::earlier(self.born, Duration::from_secs(90 * 86_400)));
        let body = Row::default()
            .put("id", ids::v2(org, ids::USER, 2))
            .put("orgId", org.as_str())
            .put("orgUuid", ids::opaque(&["org", org]))
            .put("name", user.as_str())
            .put("description", "")
            .put("createTime", made.as_str())
            .put("updateTime", made.as_str())
            .put("createdBy", "admin")
            .put("updatedBy", user.as_str())
            .put("sfUsername", Value::Null)
            .put("firstName", "Sandbox")
            .put("lastName", "User")
            .put("title", "Operator")
            .put("password", "********")
            .put("phone", "0000000000")
            .put("emails", "sandbox@example.com")
            .put("timezone", Value::Null)
            .put("serverUrl", request.base_url())
            .put("icSessionId", session)
            .put("securityQuestion", "SPOUSE_MEETING_CITY")
            .put("securityAnswer", "********")
            .put("uuid", ids::opaque(&["user", &user]))
            .put("forceChangePassword", false)
            .put(
                "roles",
                json!([
                    {"name": "Operator", "description": "Watches and runs jobs"},
                    {"name": "Designer", "description": "Makes mappings and tasks"},
                ]),
            )
            .put(
                "usergroups",
                json!([{
                    "id": group_id(org), "orgId": org, "name": GROUP, "description": "", "createTime": made,
                    "updateTime": made, "createdBy": "admin", "updatedBy": "admin",
                }]),
            )
            .put("spiUrl", request.base_url().trim_end_matches("/saas"));
        Reply::json(200, &body.into())
    }

    pub(super) fn login_v3(
        &mut self,
        request: &Request,
        now: Timestamp,
        serial: usize,
        deed: &mut Option<Deed>,
    ) -> Reply {
        let Some((user, session)) = self.sessions.log_in(request, now) else {
            *deed = Some(Deed::LoginRefused);
            return errors::login_refused(&self.scenario.quirks, true, serial);
        };
        *deed = Some(Deed::LoggedIn { user: user.clone() });
        let org = &self.scenario.org;
        let body = json!({
            "products": [{"name": "Integration Cloud", "baseApiUrl": request.base_url()}],
            "userInfo": {
                "sessionId": session,
                "id": ids::opaque(&["user", &user]),
                "name": user,
                "parentOrgId": ids::opaque(&["parent", org]),
                "orgId": ids::opaque(&["org", org]),
                "orgName": "Sandbox",
                "groups": {GROUP: group_id(org)},
                "status": "Active",
            },
        });
        Reply::json(200, &body)
    }

    pub(super) fn logout(&mut self, request: &Request, deed: &mut Option<Deed>) -> Reply {
        if let Some(session) = request.session() {
            self.sessions.open.remove(session);
        }
        *deed = Some(Deed::LoggedOut);
        Reply::empty(200)
    }

    /// Ends every session of the account, other programs' too; that is why tools should not use it.
    pub(super) fn logout_all(&mut self, request: &Request, deed: &mut Option<Deed>) -> Reply {
        let Some(body) = request.json_object() else { return errors::malformed() };
        let known = |account: &&Account| {
            text(&body, "username") == Some(&account.username) && text(&body, "password") == Some(&account.password)
        };
        let Some(account) = self.sessions.accounts.iter().find(known) else {
            return errors::login_refused(&self.scenario.quirks, false, 0);
        };
        self.sessions.open.retain(|_, session| session.user != account.username);
        *deed = Some(Deed::LoggedOut);
        Reply::json(200, &Row::of_type("success").put("description", "All sessions of the user were ended.").into())
    }

    pub(super) fn valid_session(&mut self, request: &Request, now: Timestamp) -> Reply {
        let Some(body) = request.json_object() else { return errors::malformed() };
        let open = text(&body, "icToken").and_then(|token| self.sessions.open.get(token));
        let own = |session: &&Session| text(&body, "userName").is_none_or(|name| name == session.user);
        let left = open.filter(own).and_then(|session| self.sessions.left(session, now));
        let body = Row::of_type("validatedToken")
            .put("timeUntilExpire", left.map_or(0, |left| left.as_secs() / 60))
            .put("isValidToken", left.is_some());
        Reply::json(200, &body.into())
    }
}
