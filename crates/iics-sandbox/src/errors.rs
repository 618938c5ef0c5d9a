//! The error bodies of both API versions, and the pages of the gateway in front of them.

use serde_json::json;

use crate::ids;
use crate::quirks::{Page, Quirks};
use crate::wire::{Reply, Row};

/// A page that a gateway in front of the service would send.
const GATEWAY_PAGE: &str = "<!DOCTYPE html>\n<html>\n<head><title>Service unavailable</title></head>\n<body>\n\
    <h1>The service is temporarily unavailable.</h1>\n</body>\n</html>\n";

/// The page for an unknown path, as seen in recorded answers.
const NOT_FOUND_PAGE: &str = "<!DOCTYPE html>\n\n\n<html>\n\n<body>\nResource not found.\n</body>\n\n</html>";

/// The page for the wrong method. None was recorded.
const METHOD_PAGE: &str = "<!DOCTYPE html>\n\n\n<html>\n\n<body>\nMethod not allowed.\n</body>\n\n</html>";

/// An error object of the second version: exactly four keys, seen in recorded answers.
pub(crate) fn v2(status: u16, code: &str, description: impl Into<String>) -> Reply {
    let body = Row::of_type("error").put("code", code).put("description", description.into()).put("statusCode", status);
    Reply::json(status, &body.into())
}

/// An error object of the third version.
pub(crate) fn v3(status: u16, code: &str, message: &str, serial: usize) -> Reply {
    let body = json!({ "error": {
        "code": code,
        "message": message,
        "debugMessage": message,
        "requestId": request_id(serial),
        "details": null,
    }});
    Reply::json(status, &body)
}

/// A v2 path with the wrong method.
pub(crate) fn v2_method() -> Reply {
    page(405, METHOD_PAGE)
}

/// A v3 path with the wrong method. The body was recorded, its status was not: 405 is what HTTP has for it.
pub(crate) fn v3_method(serial: usize) -> Reply {
    let body = json!({ "error": {
        "code": null,
        "message": "Method not supported.",
        "requestId": request_id(serial),
        "details": null,
    }});
    Reply::json(405, &body)
}

/// An unknown path. The page was recorded, its status was not.
pub(crate) fn unknown_path(status: u16) -> Reply {
    page(status, NOT_FOUND_PAGE)
}

/// Whether errors of this path are in the form of v2. Beside the v3 resources, taskflows and file ingestion have that of v3.
pub(crate) fn is_v2(path: &[&str]) -> bool {
    matches!(path, ["saas" | "ma", "api", ..])
}

/// A dead session. Its status and body are documented by halves, so both can be chosen.
pub(crate) fn no_session(quirks: &Quirks, status: u16, is_v3: bool, serial: usize) -> Reply {
    match quirks.expired_session_body {
        Page::Html => gateway_page(status),
        Page::Empty => Reply::empty(status),
        Page::Json if is_v3 => v3(status, "AUTH_02", "The session is not valid.", serial),
        Page::Json => v2(status, "AUTH_01", "The session is not valid."),
    }
}

/// A name or a password that is wrong.
pub(crate) fn login_refused(quirks: &Quirks, is_v3: bool, serial: usize) -> Reply {
    let status = quirks.login_refused_status;
    let message = "The login failed. Check the user name and the password.";
    if is_v3 { v3(status, "IDS_085", message, serial) } else { v2(status, "UI_10000", message) }
}

/// A token that is not known, was used before, or is for another organisation. No such answer is documented: it is
/// taken to be that of a wrong password.
pub(crate) fn token_refused(quirks: &Quirks) -> Reply {
    v2(quirks.login_refused_status, "UI_10000", "The login failed. The token is not valid.")
}

/// A page from something in front of the service.
pub(crate) fn gateway_page(status: u16) -> Reply {
    page(status, GATEWAY_PAGE)
}

/// A parameter or field with a value that cannot be right.
pub(crate) fn wrong_value(field: &str) -> Reply {
    v2(403, "APP_13401", format!("Wrong parameter value {field}"))
}

/// An ID that names nothing. A text without the shape of an ID was recorded with the first code, an ID with it
/// is taken to get the second.
pub(crate) fn unknown_id(id: &str) -> Reply {
    if ids::is_v2_shaped(id) {
        wrong_value("id")
    } else {
        v2(403, "APP_13404", format!("Object identifier is invalid or missing, property is ({id})"))
    }
}

/// A run that ended before any session began. No such answer is documented.
pub(crate) fn no_session_log() -> Reply {
    v2(403, "APP_13407", "There is no session log for this run.")
}

/// A name that no object has.
pub(crate) fn unknown_name(name: &str, org: &str) -> Reply {
    v2(403, "APP_13436", format!("No object named {name} exists for organization {org}."))
}

/// A body that is not a JSON object (inferred from the documented table of statuses).
pub(crate) fn malformed() -> Reply {
    v2(400, "APP_13400", "The request body is not a valid JSON object.")
}

fn request_id(serial: usize) -> String {
    ids::opaque(&["request", &serial.to_string()])
}

fn page(status: u16, html: &str) -> Reply {
    Reply::typed(status, "text/html;charset=UTF-8", html.as_bytes().to_vec())
}
