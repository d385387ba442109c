//! The provider: found out about once in a while, asked to sign somebody in, and believed as far as its
//! token proves.

use super::attempt::Attempt;
use super::settings::OpenIdSettings;
use crate::clock::Clock;
use crate::http_client::{Allow, Client, FetchError};
use anyhow::Context;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl,
    LogoutRequest, Nonce, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl,
    ProviderMetadataWithLogout, RedirectUrl, Scope, TokenResponse,
};
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::sync::Mutex;
use url::Url;

/// Largest answer of a provider, in bytes: keys of a whole province fit.
const LARGEST: usize = 256 * 1024;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long what was found out is good for.
const FRESH: TimeDelta = TimeDelta::hours(1);
/// How long it serves while the provider does not say anything new.
const STALE: TimeDelta = TimeDelta::hours(24);
/// How soon it is found out anew because a key was not known.
const AT_MOST_EVERY: TimeDelta = TimeDelta::minutes(1);
/// How far clocks may differ.
const SKEW: TimeDelta = TimeDelta::seconds(60);
/// How old a token may be when it comes.
const OLDEST: TimeDelta = TimeDelta::minutes(10);
/// What tokens may be signed with: never a shared secret, never nothing.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 5] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// A client of a provider whose addresses are known.
type Ready = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Why the provider could not say who somebody is.
#[derive(Debug, Error)]
pub enum ProviderError {
    /// It could not be asked.
    #[error("the provider could not be reached: {0}")]
    Unreachable(String),
    /// It did not accept the code.
    #[error("the provider did not accept the code: {0}")]
    Declined(String),
    /// What it said proves nothing.
    #[error("the token proves nothing: {0}")]
    Unproved(String),
}

impl ProviderError {
    /// What the person reads.
    pub fn in_words(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => {
                "Chưa liên lạc được với hệ thống đăng nhập một lần. Hãy thử lại sau ít phút, hoặc đăng nhập bằng mật khẩu."
            }
            Self::Declined(_) => {
                "Hệ thống đăng nhập một lần không nhận lượt đăng nhập này nữa. Hãy đăng nhập lại từ đầu."
            }
            Self::Unproved(_) => {
                "Không kiểm chứng được câu trả lời của hệ thống đăng nhập một lần. Hãy đăng nhập lại; nếu vẫn vậy, hãy báo quản trị viên."
            }
        }
    }
}

/// Who somebody is, by the provider's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// Whom it means, for ever.
    pub subject: String,
    /// What it calls him now.
    pub login: Option<String>,
    /// Whether it has asked for a second factor that counts here.
    pub has_second_factor: bool,
}

/// A provider and what is known of it.
#[derive(Debug)]
pub struct Provider {
    settings: OpenIdSettings,
    secret: Option<ClientSecret>,
    redirect: RedirectUrl,
    home: String,
    scheme: String,
    http: Client,
    clock: Clock,
    known: Mutex<Option<Known>>,
}

#[derive(Clone, Debug)]
struct Known {
    metadata: Arc<ProviderMetadataWithLogout>,
    at: DateTime<Utc>,
}

impl Provider {
    /// The provider of `settings`, which sends people back to `redirect`, and to `home` once they are
    /// signed out. Nothing is asked yet.
    pub fn new(
        settings: OpenIdSettings,
        secret: Option<String>,
        (redirect, home): (String, String),
        http: Client,
        clock: Clock,
    ) -> anyhow::Result<Self> {
        let issuer = Url::parse(&settings.issuer)
            .context("issuer trong mục [accounts.openid] phải là một địa chỉ https://…")?;
        Ok(Self {
            scheme: issuer.scheme().to_owned(),
            settings,
            secret: secret.map(ClientSecret::new),
            redirect: RedirectUrl::new(redirect)?,
            home,
            http,
            clock,
            known: Mutex::new(None),
        })
    }

    /// What the button says.
    pub fn label(&self) -> &str {
        &self.settings.label
    }

    /// The name of the provider, as links keep it.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Begins to sign somebody in: where to send the browser, and what to remember of it.
    pub async fn begin(&self) -> Result<(Url, Attempt), ProviderError> {
        let metadata = self.metadata(None).await?;
        let client = self.client(&metadata);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .set_pkce_challenge(challenge);
        for scope in &self.settings.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let (url, state, nonce) = request.url();
        let attempt = Attempt {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        };
        Ok((url, attempt))
    }

    /// Who came back with `code` from `attempt`.
    pub async fn finish(&self, attempt: Attempt, code: String) -> Result<Identity, ProviderError> {
        let metadata = self.metadata(None).await?;
        let client = self.client(&metadata);
        let verifier = PkceCodeVerifier::new(attempt.verifier);
        let http = self.http();
        let response = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| ProviderError::Unreachable(error.to_string()))?
            .set_pkce_verifier(verifier)
            .request_async(&http)
            .await
            .map_err(|error| match error {
                openidconnect::RequestTokenError::Request(error) => {
                    ProviderError::Unreachable(error.to_string())
                }
                // What it answered may hold a token: only the kind of error is told.
                openidconnect::RequestTokenError::ServerResponse(answer) => {
                    ProviderError::Declined(answer.error().to_string())
                }
                _ => ProviderError::Declined("unreadable answer".to_owned()),
            })?;
        let token = response
            .id_token()
            .ok_or_else(|| ProviderError::Unproved("no ID token".to_owned()))?;
        let nonce = Nonce::new(attempt.nonce);
        match self.read(&metadata, token, &nonce) {
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                // The key may be newer than what is known; once a minute that is found out.
                let anew = self.metadata(Some(&metadata)).await?;
                self.read(&anew, token, &nonce)
            }
            read => read,
        }
        .map_err(|error| ProviderError::Unproved(error.to_string()))
    }

    /// Where somebody signs out of the provider, if it has such a place.
    pub async fn sign_out(&self) -> Result<Option<Url>, ProviderError> {
        let metadata = self.metadata(None).await?;
        let end = metadata.additional_metadata().end_session_endpoint.clone();
        let home = PostLogoutRedirectUrl::new(self.home.clone());
        Ok(end.zip(home.ok()).map(|(end, home)| {
            LogoutRequest::from(end)
                .set_client_id(ClientId::new(self.settings.client_id.clone()))
                .set_post_logout_redirect_uri(home)
                .http_get_url()
        }))
    }

    fn read(
        &self,
        metadata: &ProviderMetadataWithLogout,
        token: &CoreIdToken,
        nonce: &Nonce,
    ) -> Result<Identity, ClaimsVerificationError> {
        let now = self.clock.now();
        let client = self.client(metadata);
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || now - SKEW)
            .set_issue_time_verifier_fn(move |issued| {
                match (now - OLDEST..=now + SKEW).contains(&issued) {
                    true => Ok(()),
                    false => Err(format!("issued at {issued}, and it is {now}")),
                }
            });
        let claims = token.claims(&verifier, nonce)?;
        let methods = claims.auth_method_refs().into_iter().flatten();
        let is_method = methods.map(|method| method.as_str()).any(|method| {
            self.settings
                .second_factor_amr
                .iter()
                .any(|it| it == method)
        });
        let class = claims.auth_context_ref().map(|class| class.as_str());
        let is_class =
            class.is_some_and(|class| self.settings.second_factor_acr.iter().any(|it| it == class));
        Ok(Identity {
            issuer: self.issuer().to_owned(),
            subject: claims.subject().to_string(),
            login: self.login_in(token),
            has_second_factor: is_method || is_class,
        })
    }

    /// The claim that names the person, from a token whose signature is checked.
    fn login_in(&self, token: &CoreIdToken) -> Option<String> {
        let token = token.to_string();
        let payload = token.split('.').nth(1)?;
        let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?;
        let claims: Map<String, Value> = serde_json::from_slice(&payload).ok()?;
        let login = claims.get(&self.settings.login_claim)?.as_str()?.trim();
        (!login.is_empty() && login.chars().count() <= 255).then(|| login.to_owned())
    }

    fn client(&self, metadata: &ProviderMetadataWithLogout) -> Ready {
        CoreClient::from_provider_metadata(
            metadata.clone(),
            ClientId::new(self.settings.client_id.clone()),
            self.secret.clone(),
        )
        .set_redirect_uri(self.redirect.clone())
    }

    /// What is known of the provider; found out anew where that is old, or is `outdated`.
    async fn metadata(
        &self,
        outdated: Option<&Arc<ProviderMetadataWithLogout>>,
    ) -> Result<Arc<ProviderMetadataWithLogout>, ProviderError> {
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        if let Some(known) = &*known {
            let is_outdated = outdated.is_some_and(|old| Arc::ptr_eq(old, &known.metadata));
            let age = now - known.at;
            let limit = if is_outdated { AT_MOST_EVERY } else { FRESH };
            if age >= TimeDelta::zero() && age < limit {
                return Ok(Arc::clone(&known.metadata));
            }
        }
        match self.discover().await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *known = Some(Known {
                    metadata: Arc::clone(&metadata),
                    at: now,
                });
                Ok(metadata)
            }
            Err(error) => match &*known {
                Some(known) if now - known.at < STALE => {
                    tracing::warn!(%error, "the single sign-on says nothing new");
                    Ok(Arc::clone(&known.metadata))
                }
                _ => Err(error),
            },
        }
    }

    async fn discover(&self) -> Result<ProviderMetadataWithLogout, ProviderError> {
        let unreachable = |error: String| ProviderError::Unreachable(error);
        let issuer = IssuerUrl::new(self.issuer().to_owned())
            .map_err(|error| unreachable(error.to_string()))?;
        let http = self.http();
        let found = ProviderMetadataWithLogout::discover_async(issuer, &http).await;
        let found = found.map_err(|error| unreachable(error.to_string()))?;
        // A browser goes there with what only the provider is to see.
        let authorization = found.authorization_endpoint().url();
        if authorization.scheme() != self.scheme {
            return Err(unreachable("the sign-in page is not on https".to_owned()));
        }
        Ok(found)
    }

    /// The way to the provider: our own client with its limits, no redirects, and no private network but
    /// what the settings name.
    fn http(
        &self,
    ) -> impl Fn(HttpRequest) -> futures_util::future::BoxFuture<'static, Result<HttpResponse, NoAnswer>>
    {
        let (http, allow) = (self.http.clone(), self.settings.allow.clone());
        move |request| Box::pin(ask(http.clone(), allow.clone(), request))
    }
}

/// The provider gave no answer.
#[derive(Debug, Error)]
#[error("{0}")]
struct NoAnswer(String);

async fn ask(http: Client, allow: Allow, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
    let (parts, body) = request.into_parts();
    let url = parts.uri.to_string();
    let call = match parts.method.as_str() {
        "POST" => {
            let kind = parts.headers.get(axum::http::header::CONTENT_TYPE);
            let kind = kind.and_then(|kind| kind.to_str().ok());
            http.post(&url, kind.unwrap_or_default(), Bytes::from(body))
        }
        _ => http.get(&url),
    };
    let call = call.headers(parts.headers).allow(&allow).hops(0);
    let (status, headers, body) = match call.cap(LARGEST).deadline(PATIENCE).send().await {
        Ok(found) => (found.status.as_u16(), found.headers, found.body),
        Err(FetchError::Status(answer)) => (answer.status, answer.headers, answer.head),
        Err(error) => return Err(NoAnswer(error.to_string())),
    };
    let mut response = HttpResponse::new(body.to_vec());
    *response.status_mut() = status
        .try_into()
        .map_err(|_| NoAnswer("no status".to_owned()))?;
    *response.headers_mut() = headers;
    Ok(response)
}
