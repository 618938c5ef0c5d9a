//! Logins by token, SAML users, and sessions that are tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;

impl World {
    fn post(&mut self, path: &str, body: &Value) -> (u16, Value) {
        let headers = vec![("Host".into(), "127.0.0.1:8085".into())];
        let request = Request {
            method: "POST".into(),
            path: path.into(),
            headers,
            body: body.to_string().into(),
            ..Request::default()
        };
        let reply = self.sandbox.answer(&request, self.now);
        (reply.status, serde_json::from_slice(&reply.body).unwrap())
    }

    fn log_in_by(&mut self, token: &str, org: &str) -> (u16, Value) {
        self.post("/ma/api/v2/user/loginOAuth", &json!({"oauthToken": token, "orgId": org}))
    }
}

#[test]
fn a_token_logs_in_once_and_gives_the_user_object() {
    let mut world = World::new(DEFAULT_SCENARIO);
    let (status, user) = world.log_in_by("sandbox-1", "00SBX1");
    assert_eq!((status, &user["name"], &user["orgId"]), (200, &json!("sandbox"), &json!("00SBX1")));
    assert_eq!(user["serverUrl"], "http://127.0.0.1:8085/saas");
    world.session = user["icSessionId"].as_str().unwrap().into();
    assert_eq!(world.start("m_succeeds", "MTT").0, 200);
    let (status, error) = world.log_in_by("sandbox-1", "00SBX1");
    assert_eq!((status, keys(&error).join(" ")), (401, "@type code description statusCode".into()));
    assert_eq!(world.sandbox.log().last().unwrap().effect, Some(Effect::LoginRefused));
    assert_eq!(world.sandbox.log().last().unwrap().call, "login");
    assert_eq!(world.log_in_by("sandbox-2", "00SBX1").0, 200);
}

#[test]
fn other_tokens_other_organisations_and_missing_fields_are_refused() {
    let mut world = World::new(DEFAULT_SCENARIO);
    assert_eq!(world.log_in_by("else-1", "00SBX1").0, 401);
    assert_eq!(world.log_in_by("sandbox-1", "00OTHER").0, 401);
    // Nothing has used it up.
    assert_eq!(world.log_in_by("sandbox-1", "00SBX1").0, 200);
    for (body, field) in [(json!({"orgId": "00SBX1"}), "oauthToken"), (json!({"oauthToken": "sandbox-3"}), "orgId")] {
        let (status, error) = world.post("/ma/api/v2/user/loginOAuth", &body);
        assert_eq!((status, error["description"].as_str().unwrap()), (403, &*format!("Wrong parameter value {field}")));
    }
}

#[test]
fn a_token_that_has_expired_logs_nobody_in() {
    let mut world = World::new(DEFAULT_SCENARIO);
    let token = |end: i64| {
        let claims = json!({"exp": world.now.as_second() + end}).to_string();
        format!("sandbox-.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    };
    let (over, good) = (token(-1), token(60));
    assert_eq!((world.log_in_by(&over, "00SBX1").0, world.log_in_by(&good, "00SBX1").0), (401, 200));
}

#[test]
fn a_lost_answer_uses_a_token_up_and_a_reset_does_not() {
    let mut world = World::new(DEFAULT_SCENARIO);
    for (fault, then) in [("login:reset*1", 200), ("login:lost-answer*1", 401)] {
        world.sandbox.inject(fault.parse().unwrap());
        let token = format!("sandbox-{fault}");
        let body = json!({"oauthToken": token, "orgId": "00SBX1"}).to_string().into();
        let path = "/ma/api/v2/user/loginOAuth".to_owned();
        let lost = Request { method: "POST".into(), path, body, ..Request::default() };
        assert!(!world.sandbox.answer(&lost, world.now).delivery.brings_a_head());
        assert_eq!(world.log_in_by(&token, "00SBX1").0, then, "{fault}");
    }
}

#[test]
fn an_account_has_its_own_tokens_and_a_saml_user_has_no_password() {
    let scenario = "[[accounts]]\nusername = 'sandbox'\npassword = 'sandbox'\ntokens = ['one']\n\
                    [[accounts]]\nusername = 'saml'\ntokens = ['two']";
    let mut world = World::new(scenario);
    assert_eq!(world.log_in_by("two", "00SBX1").1["name"], "saml");
    assert_eq!(world.log_in_by("one", "00SBX1").1["name"], "sandbox");
    assert_eq!(world.log_in_by("sandbox-1", "00SBX1").0, 401);
    for password in ["", "sandbox", "two"] {
        let account = json!({"@type": "login", "username": "saml", "password": password});
        assert_eq!(world.post("/ma/api/v2/user/login", &account).0, 401, "{password}");
    }
}

#[test]
fn a_session_may_be_a_long_token_that_ends_however_much_it_is_used() {
    let scenario =
        "[timing]\njwt_life = '20m'\n[quirks]\nsession = 'jwt'\nsession_length = 16000\n[[task]]\nname = 't'";
    let mut world = World::new(scenario);
    assert_eq!(world.session.len(), 16_000);
    let claims = URL_SAFE_NO_PAD.decode(world.session.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["exp"], json!((world.now + Duration::from_secs(1200)).as_second()));
    for expected in [200, 200, 401] {
        assert_eq!(world.later(500).send("GET", "/api/v2/activity/activityMonitor", &Value::Null).0, expected);
    }
    let first = world.session.clone();
    world.log_in();
    assert_ne!(world.session, first);
    assert_eq!(world.start("t", "MTT").0, 200);
}

#[test]
fn a_login_may_send_its_client_elsewhere() {
    let mut world = World::new("");
    world.sandbox = Sandbox::new(
        Scenario::parse("[quirks]\nserver_url = 'https://user@elsewhere.example.com/saas'").unwrap(),
        world.now,
    );
    let account = json!({"username": "sandbox", "password": "sandbox"});
    let (_, user) = world.post("/ma/api/v2/user/login", &account);
    assert_eq!(user["serverUrl"], "https://user@elsewhere.example.com/saas");
    let (_, user) = world.post("/saas/public/core/v3/login", &account);
    assert_eq!(user["products"][0]["baseApiUrl"], "https://user@elsewhere.example.com/saas");
}
