//! When a JSON Web Token expires, by its own `exp` (RFC 7519). Nothing else of it is read, and no signature is checked: only
//! the service can say whether a token is good.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;

#[derive(Deserialize)]
struct Claims {
    /// Seconds since 1970, perhaps with a fraction.
    exp: f64,
}

/// None for a text that is no such token, and for a token that does not say.
pub fn expiry(token: &str) -> Option<Timestamp> {
    let mut parts = token.split('.');
    let (Some(_), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
    let Claims { exp } = serde_json::from_slice(&claims).ok()?;
    // A number beyond all times is a token without end.
    #[expect(clippy::cast_possible_truncation, reason = "it saturates, and a fraction is cut off")]
    Some(Timestamp::from_second(exp as i64).unwrap_or(if exp > 0.0 { Timestamp::MAX } else { Timestamp::MIN }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_token_says_when_it_expires() {
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        for (claims, expected) in [
            (r#"{"sub":"ops","exp":1772533800,"aud":["a"]}"#, at("2026-03-03T10:30:00Z")),
            (r#"{"exp":1772533800.9}"#, at("2026-03-03T10:30:00Z")),
            (r#"{"exp":1e300}"#, Some(Timestamp::MAX)),
            (r#"{"exp":-1e300}"#, Some(Timestamp::MIN)),
            (r#"{"exp":"1772533800"}"#, None),
            (r#"{"exp":null}"#, None),
            ("{}", None),
            ("[]", None),
            ("", None),
            ("\u{1}{", None),
        ] {
            assert_eq!(expiry(&token(claims)), expected, "{claims}");
        }
        assert_eq!(expiry("e30.eyJleHAiOjE3NzI1MzM4MDB9==.x"), at("2026-03-03T10:30:00Z"));
    }

    #[test]
    fn what_is_no_token_does_not_expire() {
        let sound = token(r#"{"exp":1772533800}"#);
        for text in ["", "..", "...", "9aBcDeFgHiJkLmNoPqRsTu", "a.!!!.c", &format!("{sound}.x"), "ä.ä.ä"] {
            assert_eq!(expiry(text), None, "{text}");
        }
    }
}
