//! The requests that make a session, end it, and ask whether it is still valid.

use std::time::Duration;

use serde_json::json;

use crate::api::error::Error;
use crate::api::exchange::{self, Exchange};
use crate::api::request::V2;
use crate::api::sessions::session::Session;
use crate::api::transport::{Method, Operation, Request};
use crate::api::wire::bodies::Misread;
use crate::api::wire::rows::{self, Frame, ListAt};
use crate::support::jwt;
use crate::support::secret::Secret;

fn post(operation: Operation, url: String, body: String, timeout: Duration) -> Request {
    let body = Some(Secret::new(body));
    Request { operation, method: Method::Post, url, session: None, header: None, body, timeout, connecting: None }
}

/// A session that cannot be one: the service's have 22 characters, or up to 16,000 as tokens.
const ID_LIMIT: usize = 64 * 1024;

/// Sends a name and a password, once.
pub(crate) async fn by_password(
    exchange: &Exchange<'_>,
    login_url: &str,
    username: &str,
    password: &Secret,
    timeout: Duration,
) -> Result<Session, Error> {
    let body = json!({"@type": "login", "username": username, "password": password.reveal()});
    let request = post(Operation::Login, format!("{login_url}/ma/api/v2/user/login"), body.to_string(), timeout);
    let refused = |message: String| Error::LoginRefused { user: username.to_owned(), message };
    log_in(exchange, request, refused).await
}

/// Sends a JSON Web Token of the organisation's identity provider, once.
pub(crate) async fn by_token(
    exchange: &Exchange<'_>,
    login_url: &str,
    org: &str,
    token: &Secret,
    timeout: Duration,
) -> Result<Session, Error> {
    let body = json!({"oauthToken": token.reveal(), "orgId": org});
    let request = post(Operation::Login, format!("{login_url}/ma/api/v2/user/loginOAuth"), body.to_string(), timeout);
    let expired = jwt::expiry(token.reveal()).filter(|end| *end <= exchange.clock.utc());
    let refused = |message: String| Error::TokenRefused { org: org.to_owned(), message, expired };
    log_in(exchange, request, refused).await
}

async fn log_in(
    exchange: &Exchange<'_>,
    request: Request,
    refused: impl Fn(String) -> Error,
) -> Result<Session, Error> {
    let reply = match exchange.send(request).await {
        // The documentation says 401, its samples 403, a reader 400: all three mean that the login was refused.
        Err(Error::Refused { status: 400 | 401 | 403, code, message }) => {
            return Err(refused(code.map_or(message.clone(), |code| format!("{message} ({code})"))));
        }
        // An error object with another status is not the service's word on the account.
        Err(Error::Refused { status, message, .. }) => {
            return Err(Error::Unreadable { operation: Operation::Login, status, what: message });
        }
        other => other?,
    };
    let session = |(), answer: &Frame| {
        let members = answer.members().unwrap_or_default();
        let (Some(server_url), Some(id)) = (members.word("serverUrl"), members.word("icSessionId")) else {
            return Err(Misread::nothing("there is no session in it"));
        };
        if !(1..=ID_LIMIT).contains(&id.len()) || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Misread::nothing("its session is none that a header can carry"));
        }
        Ok(Session {
            server_url: server_url.trim_end_matches('/').to_owned(),
            id: Secret::new(id),
            org: members.word("orgId"),
            user: members.word("name"),
        })
    };
    match exchange::json(Operation::Login, reply, ListAt::Nowhere, |(), _| {}, session).await {
        Err(Error::Refused { message, .. }) => Err(refused(message)),
        other => other,
    }
}

/// A session that is dead already is ended as well.
pub(crate) async fn log_out(exchange: &Exchange<'_>, session: Session, timeout: Duration) -> Result<(), Error> {
    let url = format!("{}/api/v2/user/logout", session.server_url);
    let mut request = post(Operation::Logout, url, "{\"@type\":\"logout\"}".to_owned(), timeout);
    request.session = Some((V2.header, session.id));
    match exchange.send(request).await {
        Ok(_) | Err(Error::NoSession) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether the service says that a session is not valid. No answer says nothing.
pub(crate) async fn is_invalid(
    exchange: &Exchange<'_>,
    session: &Session,
    user: Option<&String>,
    timeout: Duration,
) -> bool {
    let body = json!({"@type": "validatedToken", "userName": user, "icToken": session.id.reveal()});
    let url = format!("{}/api/v2/user/validSessionId", session.server_url);
    let Ok(reply) = exchange.send(post(Operation::Validate, url, body.to_string(), timeout)).await else {
        return false;
    };
    let answer = rows::read(reply.body, ListAt::Nowhere, |_| {}).await.ok();
    answer.and_then(|answer| answer.members()?.boolean("isValidToken")) == Some(false)
}
