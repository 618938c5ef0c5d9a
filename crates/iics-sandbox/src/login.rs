//! The logins, the logouts and the session check.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::context::Answer;
use crate::request_log::Effect;
use crate::state::State;
use crate::wire::{Reply, Request, Row, text};
use crate::{errors, ids, times};

/// The group that everybody is in.
const GROUP: &str = "sandbox-users";

fn group_id(org: &str) -> String {
    ids::opaque(&["group", org])
}

pub(crate) fn v2(state: &mut State, request: &Request, now: Timestamp) -> Answer {
    let Some(account) = request.json_object() else { return errors::malformed().into() };
    let Some((user, session)) = state.sessions.open(&account, now) else {
        return Answer::new(errors::login_refused(&state.scenario.quirks, false, 0), Effect::LoginRefused);
    };
    let body = user_object(state, &server_url(state, request), &user, &session);
    Answer::new(Reply::json(200, &body), Effect::LoggedIn { user })
}

fn server_url(state: &State, request: &Request) -> String {
    state.scenario.quirks.server_url.clone().unwrap_or_else(|| request.base_url())
}

/// A login by a JSON Web Token of the organisation's identity provider.
pub(crate) fn by_token(state: &mut State, request: &Request, now: Timestamp) -> Answer {
    let Some(body) = request.json_object() else { return errors::malformed().into() };
    let Some(token) = text(&body, "oauthToken") else { return errors::wrong_value("oauthToken").into() };
    let Some(org) = text(&body, "orgId") else { return errors::wrong_value("orgId").into() };
    let opened = if org == state.scenario.org { state.sessions.open_by_token(token, now) } else { None };
    let Some((user, session)) = opened else {
        return Answer::new(errors::token_refused(&state.scenario.quirks), Effect::LoginRefused);
    };
    let body = user_object(state, &server_url(state, request), &user, &session);
    Answer::new(Reply::json(200, &body), Effect::LoggedIn { user })
}

fn user_object(state: &State, base_url: &str, user: &str, session: &str) -> Value {
    let org = &state.scenario.org;
    let made = times::utc(times::earlier(state.began, Duration::from_secs(90 * 86_400)));
    Row::default()
        .put("id", ids::v2(org, ids::USER, 2))
        .put("orgId", org.as_str())
        .put("orgUuid", ids::opaque(&["org", org]))
        .put("name", user)
        .put("description", "")
        .put("createTime", made.as_str())
        .put("updateTime", made.as_str())
        .put("createdBy", "admin")
        .put("updatedBy", user)
        .put("sfUsername", Value::Null)
        .put("firstName", "Sandbox")
        .put("lastName", "User")
        .put("title", "Operator")
        .put("password", "********")
        .put("phone", "0000000000")
        .put("emails", "sandbox@example.com")
        .put("timezone", Value::Null)
        .put("serverUrl", base_url)
        .put("icSessionId", session)
        .put("securityQuestion", "SPOUSE_MEETING_CITY")
        .put("securityAnswer", "********")
        .put("uuid", ids::opaque(&["user", user]))
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
        .put("spiUrl", base_url.trim_end_matches("/saas"))
        .into()
}

pub(crate) fn v3(state: &mut State, request: &Request, now: Timestamp, serial: usize) -> Answer {
    let account = request.json_object().unwrap_or_default();
    let Some((user, session)) = state.sessions.open(&account, now) else {
        return Answer::new(errors::login_refused(&state.scenario.quirks, true, serial), Effect::LoginRefused);
    };
    let org = &state.scenario.org;
    let body = json!({
        "products": [{"name": "Integration Cloud", "baseApiUrl": server_url(state, request)}],
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
    Answer::new(Reply::json(200, &body), Effect::LoggedIn { user })
}

pub(crate) fn logout(state: &mut State, request: &Request) -> Answer {
    if let Some(session) = request.session() {
        state.sessions.close(session);
    }
    Answer::new(Reply::empty(200), Effect::LoggedOut)
}

/// Ends every session of the account, other programs' too; that is why tools should not use it.
pub(crate) fn logout_all(state: &mut State, request: &Request) -> Answer {
    let Some(account) = request.json_object() else { return errors::malformed().into() };
    if !state.sessions.close_all_of(&account) {
        return errors::login_refused(&state.scenario.quirks, false, 0).into();
    }
    let body = Row::of_type("success").put("description", "All sessions of the user were ended.");
    Answer::new(Reply::json(200, &body.into()), Effect::LoggedOut)
}

pub(crate) fn validate(state: &State, request: &Request, now: Timestamp) -> Reply {
    let Some(body) = request.json_object() else { return errors::malformed() };
    let left = text(&body, "icToken").and_then(|id| state.sessions.left_of(id, text(&body, "userName"), now));
    let body = Row::of_type("validatedToken")
        .put("timeUntilExpire", left.map_or(0, |left| left.as_secs() / 60))
        .put("isValidToken", left.is_some());
    Reply::json(200, &body.into())
}
