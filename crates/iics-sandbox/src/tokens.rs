//! JSON Web Tokens: when one expires, and sessions in this form. The signature is filler: clients read the claims and cannot check it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::ids;

/// The characters of an RS256 signature.
const SIGNATURE: usize = 342;

/// What a session token says about its session.
pub(crate) struct Claims<'c> {
    pub user: &'c str,
    pub org: &'c str,
    /// Numbers the sessions, so that no two tokens are the same.
    pub number: usize,
    pub issued: Timestamp,
    pub expires: Timestamp,
}

/// A token of `length` characters, or of as few as the claims need.
pub(crate) fn of(claims: &Claims<'_>, length: usize) -> String {
    let head = encoded(&json!({"alg": "RS256", "typ": "JWT", "kid": ids::opaque(&["key", claims.org])}));
    let number = claims.number.to_string();
    let body = |privileges: usize| {
        encoded(&json!({
            "iss": "iics-sandbox", "sub": claims.user, "org": claims.org, "jti": ids::opaque(&["jti", &number]),
            "iat": claims.issued.as_second(), "exp": claims.expires.as_second(),
            "privileges": ids::letters_and_digits(&["privileges"], privileges),
        }))
    };
    let missing = length.saturating_sub(head.len() + body(0).len() + SIGNATURE + 2);
    let body = body(missing / 4 * 3);
    let signature = SIGNATURE.max(length.saturating_sub(head.len() + body.len() + 2));
    format!("{head}.{body}.{}", ids::letters_and_digits(&["signature", claims.user, &number], signature))
}

/// When a token expires, where it says so.
pub(crate) fn expiry(token: &str) -> Option<Timestamp> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    Timestamp::from_second(claims.get("exp")?.as_i64()?).ok()
}

fn encoded(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_the_wanted_length_and_its_claims_can_be_read() {
        let issued: Timestamp = "2026-03-03T10:00:00Z".parse().unwrap();
        let expires: Timestamp = "2026-03-03T10:30:00Z".parse().unwrap();
        let token = |number, length| of(&Claims { user: "ops", org: "00SBX1", number, issued, expires }, length);
        for length in [2000, 9999, 16_000] {
            assert_eq!(token(1, length).len(), length);
        }
        let short = token(1, 22);
        let parts: Vec<&str> = short.split('.').collect();
        assert_eq!((parts.len(), parts[2].len()), (3, SIGNATURE));
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        assert_eq!((&claims["sub"], claims["exp"].as_i64()), (&json!("ops"), Some(1_772_533_800)));
        assert_ne!(short, token(2, 22));
        assert_eq!((expiry(&short), expiry("sandbox-1"), expiry("a.b.c")), (Some(expires), None, None));
    }
}
