//! A provider that lies in every way it can.

use super::attempt::{self, Binding};
use super::{Identity, OpenIdSettings, Provider, ProviderError, link};
use crate::accounts::Role;
use crate::clock::Clock;
use crate::http_client::{Allow, Client, ClientOptions};
use crate::testing;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use openidconnect::PrivateSigningKey;
use openidconnect::core::{CoreHmacKey, CoreJwsSigningAlgorithm};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;

const CLIENT: &str = "kon-braih";
const SECRET: &str = "mật khẩu ứng dụng đủ dài để không đoán được";

/// What it answers to a code.
#[derive(Clone)]
enum Says {
    Token(String),
    Nothing,
    Declines,
    Elsewhere,
    TooMuch,
}

struct Liar {
    issuer: String,
    key: SigningKey,
    says: Mutex<Says>,
    asked: AtomicUsize,
}

impl Liar {
    async fn start() -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let liar = Arc::new(Self {
            issuer,
            key: SigningKey::from_bytes(&[7; 32]),
            says: Mutex::new(Says::Nothing),
            asked: AtomicUsize::new(0),
        });
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .with_state(Arc::clone(&liar));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        liar
    }

    fn host(&self) -> String {
        self.issuer.trim_start_matches("http://").to_owned()
    }

    fn provider(&self, clock: &Clock, allow: bool) -> Provider {
        let mut settings: OpenIdSettings = toml::from_str(&format!(
            "issuer = \"{}\"\nclient_id = \"{CLIENT}\"\nsecond_factor_amr = [\"otp\"]",
            self.issuer
        ))
        .expect("settings");
        if allow {
            settings.allow = Allow::hosts([self.host()]).expect("a host");
        }
        let back = "https://konbraih.quangngai.example/quan-tri/dang-nhap/mot-lan/tra-ve";
        let http = Client::new(ClientOptions::default()).expect("a client");
        Provider::new(
            settings,
            Some(SECRET.to_owned()),
            (
                back.to_owned(),
                "https://konbraih.quangngai.example/".to_owned(),
            ),
            http,
            clock.clone(),
        )
        .expect("a provider")
    }

    fn claims(&self, nonce: &str, clock: &Clock) -> Value {
        let now = clock.now().timestamp();
        json!({
            "iss": self.issuer, "sub": "u-1", "aud": CLIENT, "nonce": nonce,
            "iat": now, "exp": now + 300, "preferred_username": "Y.Thu", "amr": ["pwd", "otp"],
        })
    }

    fn signed(&self, claims: &Value) -> String {
        signed_by(&self.key, "k1", claims)
    }

    fn says(&self, says: Says) {
        *self.says.lock().expect("not poisoned") = says;
    }
}

fn part(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

fn signed_by(key: &SigningKey, kid: &str, claims: &Value) -> String {
    let head = part(&json!({"alg": "EdDSA", "typ": "JWT", "kid": kid}));
    let message = format!("{head}.{}", part(claims));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes()).to_bytes());
    format!("{message}.{signature}")
}

fn unsigned(claims: &Value) -> String {
    format!("{}.{}.", part(&json!({"alg": "none"})), part(claims))
}

fn with_shared_secret(secret: &[u8], claims: &Value) -> String {
    let head = part(&json!({"alg": "HS256", "kid": "k1"}));
    let message = format!("{head}.{}", part(claims));
    let signature = CoreHmacKey::new(secret)
        .sign(&CoreJwsSigningAlgorithm::HmacSha256, message.as_bytes())
        .expect("signs");
    format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

async fn configuration(State(liar): State<Arc<Liar>>) -> Json<Value> {
    liar.asked.fetch_add(1, Ordering::SeqCst);
    let at = |path: &str| format!("{}{path}", liar.issuer);
    Json(json!({
        "issuer": liar.issuer,
        "authorization_endpoint": at("/auth"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/jwks"),
        "end_session_endpoint": at("/end"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA", "HS256", "none"],
    }))
}

async fn keys(State(liar): State<Arc<Liar>>) -> Json<Value> {
    let public = liar.key.verifying_key().to_bytes();
    let x = BASE64_URL_SAFE_NO_PAD.encode(public);
    Json(json!({"keys": [
        {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "k1", "x": x},
    ]}))
}

async fn token(State(liar): State<Arc<Liar>>) -> Response {
    let says = liar.says.lock().expect("not poisoned").clone();
    let whole = |token: Option<String>| {
        let mut answer = json!({"access_token": "a", "token_type": "Bearer"});
        if let Some(token) = token {
            answer["id_token"] = token.into();
        }
        Json(answer).into_response()
    };
    match says {
        Says::Token(token) => whole(Some(token)),
        Says::Nothing => whole(None),
        Says::Declines => {
            let why = Json(json!({"error": "invalid_grant"}));
            (StatusCode::BAD_REQUEST, why).into_response()
        }
        Says::Elsewhere => Redirect::temporary("/elsewhere").into_response(),
        Says::TooMuch => vec![b' '; 2 * 1024 * 1024].into_response(),
    }
}

fn clock() -> Clock {
    Clock::fixed(testing::noon())
}

#[tokio::test]
async fn who_proves_who_he_is_is_believed_and_no_further() {
    let (liar, clock) = (Liar::start().await, clock());
    let provider = liar.provider(&clock, true);
    let (url, begun) = provider.begin().await.expect("begins");
    let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    for (name, value) in [
        ("response_type", "code"),
        ("code_challenge_method", "S256"),
        ("client_id", CLIENT),
    ] {
        assert!(
            query.contains(&(name.to_owned(), value.to_owned())),
            "{url}"
        );
    }
    assert!(
        !url.as_str().contains(&begun.verifier),
        "the proof stays here"
    );
    liar.says(Says::Token(liar.signed(&liar.claims(&begun.nonce, &clock))));
    let identity = provider
        .finish(begun, "c".to_owned())
        .await
        .expect("proved");
    let expected = Identity {
        issuer: liar.issuer.clone(),
        subject: "u-1".to_owned(),
        login: Some("Y.Thu".to_owned()),
        has_second_factor: true,
    };
    assert_eq!(identity, expected);
    let out = provider.sign_out().await.expect("known").expect("a place");
    assert!(
        out.as_str().starts_with(&format!("{}/end?", liar.issuer)),
        "{out}"
    );
}

#[tokio::test]
async fn a_token_that_proves_nothing_is_refused() {
    let (liar, clock) = (Liar::start().await, clock());
    let provider = liar.provider(&clock, true);
    let now = clock.now().timestamp();
    let other = SigningKey::from_bytes(&[8; 32]);
    let set = |name: &'static str, value: Value| {
        move |mut claims: Value| {
            claims[name] = value.clone();
            claims
        }
    };
    type Make<'a> = Box<dyn Fn(Value) -> String + 'a>;
    let changed = |change: Box<dyn Fn(Value) -> Value>| -> Make<'_> {
        let liar = &liar;
        Box::new(move |claims| liar.signed(&change(claims)))
    };
    let lies: Vec<(&str, Make<'_>)> = vec![
        ("wrong nonce", changed(Box::new(set("nonce", json!("x"))))),
        ("no nonce", changed(Box::new(set("nonce", Value::Null)))),
        (
            "wrong audience",
            changed(Box::new(set("aud", json!("mang-but")))),
        ),
        (
            "another audience",
            changed(Box::new(set("aud", json!([CLIENT, "mang-but"])))),
        ),
        (
            "wrong issuer",
            changed(Box::new(set("iss", json!("https://evil.example")))),
        ),
        ("expired", changed(Box::new(set("exp", json!(now - 61))))),
        (
            "issued in the future",
            changed(Box::new(set("iat", json!(now + 120)))),
        ),
        (
            "issued long ago",
            changed(Box::new(set("iat", json!(now - 3600)))),
        ),
        ("unsigned", Box::new(|claims| unsigned(&claims))),
        (
            "shared secret",
            Box::new(|claims| with_shared_secret(SECRET.as_bytes(), &claims)),
        ),
        (
            "public key as secret",
            Box::new(|claims| with_shared_secret(&liar.key.verifying_key().to_bytes(), &claims)),
        ),
        (
            "another's key",
            Box::new(|claims| signed_by(&other, "k1", &claims)),
        ),
        (
            "an unknown key",
            Box::new(|claims| signed_by(&other, "k9", &claims)),
        ),
        ("no token at all", Box::new(|_| "x".to_owned())),
    ];
    for (lie, make) in lies {
        let (_, begun) = provider.begin().await.expect("begins");
        liar.says(Says::Token(make(liar.claims(&begun.nonce, &clock))));
        let finished = provider.finish(begun, "c".to_owned()).await;
        assert!(finished.is_err(), "{lie}: {finished:?}");
    }
    let (_, begun) = provider.begin().await.expect("begins");
    let late = set("exp", json!(now - 30))(liar.claims(&begun.nonce, &clock));
    liar.says(Says::Token(liar.signed(&late)));
    let finished = provider.finish(begun, "c".to_owned()).await;
    assert!(finished.is_ok(), "clocks differ a little: {finished:?}");
}

#[tokio::test]
async fn a_provider_that_does_not_answer_as_it_should_is_told_apart() {
    let (liar, clock) = (Liar::start().await, clock());
    let provider = liar.provider(&clock, true);
    for says in [
        Says::Nothing,
        Says::Declines,
        Says::Elsewhere,
        Says::TooMuch,
    ] {
        let (_, begun) = provider.begin().await.expect("begins");
        liar.says(says.clone());
        let error = provider
            .finish(begun, "c".to_owned())
            .await
            .expect_err("no proof");
        let fits = match says {
            Says::Nothing => matches!(error, ProviderError::Unproved(_)),
            Says::TooMuch => matches!(error, ProviderError::Unreachable(_)),
            _ => matches!(
                error,
                ProviderError::Declined(_) | ProviderError::Unreachable(_)
            ),
        };
        assert!(fits, "{error:?}");
        assert!(!error.in_words().is_empty());
    }
}

#[tokio::test]
async fn a_private_network_is_reached_only_where_the_settings_name_it() {
    let (liar, clock) = (Liar::start().await, clock());
    let begun = liar.provider(&clock, false).begin().await;
    assert!(
        matches!(begun, Err(ProviderError::Unreachable(_))),
        "{begun:?}"
    );
    assert_eq!(liar.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn what_was_found_out_serves_for_an_hour() {
    let (liar, clock) = (Liar::start().await, clock());
    let provider = liar.provider(&clock, true);
    for _ in 0..3 {
        provider.begin().await.expect("begins");
    }
    assert_eq!(liar.asked.load(Ordering::SeqCst), 1);
    clock.advance(Duration::from_secs(3601));
    provider.begin().await.expect("begins");
    assert_eq!(liar.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn an_attempt_counts_once_and_in_the_browser_it_began_in() {
    let site = testing::site().await;
    let now = site.clock.now().timestamp_millis();
    let begin = |state: &str| attempt::Attempt {
        state: state.to_owned(),
        nonce: "n".to_owned(),
        verifier: "v".to_owned(),
    };
    let (mine, other) = (
        Binding::mint().expect("random"),
        Binding::mint().expect("random"),
    );
    let uses = async |state: &'static str, binding: &Binding, at: i64| {
        let binding = binding.clone();
        let used = site.db.write(move |tx| {
            Box::pin(async move { attempt::use_up(tx, state, &binding, at).await })
        });
        used.await.expect("reads").is_some()
    };
    for state in ["a", "b"] {
        let (attempt, binding) = (begin(state), mine.clone());
        let kept = site.db.write(move |tx| {
            Box::pin(async move {
                attempt::keep(tx, attempt, &binding, ("/quan-tri".to_owned(), None), now).await
            })
        });
        kept.await.expect("kept");
    }
    assert!(!uses("a", &other, now).await, "another browser");
    assert!(!uses("x", &mine, now).await, "another state");
    assert!(uses("a", &mine, now).await);
    assert!(!uses("a", &mine, now).await, "a second time");
    assert!(!uses("b", &mine, now + 600_000).await, "ten minutes later");
}

#[tokio::test]
async fn only_linked_accounts_get_in_and_a_renamed_identity_stays_itself() {
    let site = testing::site().await;
    let editor = testing::account(&site, Role::Editor).await;
    let now = site.clock.now().timestamp_millis();
    let identity = |subject: &str, login: &str| Identity {
        issuer: "https://sso.quangngai.example".to_owned(),
        subject: subject.to_owned(),
        login: Some(login.to_owned()),
        has_second_factor: false,
    };
    let whose = async |identity: Identity| {
        let found = site
            .db
            .write(move |tx| Box::pin(async move { link::account_of(tx, &identity, now).await }));
        found
            .await
            .expect("reads")
            .map(|(account, is_new)| (account.id, is_new))
    };
    assert_eq!(
        whose(identity("u-1", "editor")).await,
        None,
        "the same login is no link"
    );
    let id = editor.id;
    let expected = site.db.write(move |tx| {
        Box::pin(async move {
            link::expect(tx, id, "https://sso.quangngai.example", " Y.Thu ", now).await
        })
    });
    expected.await.expect("expected");
    assert_eq!(whose(identity("u-1", "Y.THU")).await, Some((id, true)));
    assert_eq!(
        whose(identity("u-1", "ten.moi")).await,
        Some((id, false)),
        "renamed"
    );
    assert_eq!(
        whose(identity("u-2", "y.thu")).await,
        None,
        "the name given to another"
    );
    let taken = site.db.write(move |tx| {
        Box::pin(async move { link::link(tx, uuid::Uuid::nil(), &identity("u-1", "x"), now).await })
    });
    assert!(taken.await.is_err(), "an identity has one account");
}
