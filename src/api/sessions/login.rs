//! The requests that make a session, end it, and ask whether it is still valid.

use std::time::Duration;

use serde_json::{Value, json};

use crate::api::error::Error;
use crate::api::exchange::{self, Exchange};
use crate::api::request::V2;
use crate::api::sessions::session::Session;
use crate::api::transport::{Method, Operation, Request};
use crate::api::wire::lenient;
use crate::support::secret::Secret;

fn post(operation: Operation, url: String, body: String, timeout: Duration) -> Request {
    let body = Some(Secret::new(body));
    Request { operation, method: Method::Post, url, session: None, header: None, body, timeout, connecting: None }
}

/// Sends a name and a password, once.
pub(crate) async fn log_in(
    exchange: &Exchange<'_>,
    login_url: &str,
    username: &str,
    password: &Secret,
    timeout: Duration,
) -> Result<Session, Error> {
    let body = json!({"@type": "login", "username": username, "password": password.reveal()});
    let request = post(Operation::Login, format!("{login_url}/ma/api/v2/user/login"), body.to_string(), timeout);
    let refused = |message: String| Error::LoginRefused { user: username.to_owned(), message };
    let reply = match exchange.send(request).await {
        // The documentation says 401, its samples 403, a reader 400: all three mean that the login was refused.
        Err(Error::Refused { status: 400 | 401 | 403, code, message }) => {
            return Err(refused(code.map_or(message.clone(), |code| format!("{message} ({code})"))));
        }
        // An error object with another status is not the service's word on the password.
        Err(Error::Refused { status, message, .. }) => {
            return Err(Error::Unreadable { operation: Operation::Login, status, what: message });
        }
        other => other?,
    };
    let status = reply.status;
    let answer = match exchange::json(Operation::Login, reply).await {
        Err(Error::Refused { message, .. }) => return Err(refused(message)),
        other => other?,
    };
    let text = |key: &str| answer.get(key).and_then(Value::as_str).map(str::to_owned);
    let (Some(server_url), Some(id)) = (text("serverUrl"), text("icSessionId")) else {
        let what = "there is no session in it".to_owned();
        return Err(Error::Unreadable { operation: Operation::Login, status, what });
    };
    Ok(Session {
        server_url: server_url.trim_end_matches('/').to_owned(),
        id: Secret::new(id),
        org: text("orgId"),
        user: text("name"),
    })
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
    let answer = reply.body.read().await.ok().and_then(|bytes| lenient::value(&bytes));
    answer.and_then(|answer| answer.get("isValidToken")?.as_bool()) == Some(false)
}
