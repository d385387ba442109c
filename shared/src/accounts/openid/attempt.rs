//! Attempts to sign in that are on their way: each is bound to one browser and used once.

use crate::error::Result;
use crate::log::Digest;
use crate::site::Site;
use axum::http::HeaderMap;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, PaginatorTrait, QueryOrder, QuerySelect, Set};

/// How long somebody may take at the provider.
const LIFETIME_MS: i64 = 10 * 60 * 1000;
/// Most attempts kept; the oldest go first.
const MOST: u64 = 1000;
/// 32 bytes in base64url.
const TOKEN_LENGTH: usize = 43;

/// What has to fit when somebody comes back.
#[derive(Clone)]
pub struct Attempt {
    /// What the provider gives back in the address.
    pub state: String,
    /// What it puts into the token.
    pub nonce: String,
    /// What proves that the code is ours.
    pub verifier: String,
}

/// Without its secrets.
impl std::fmt::Debug for Attempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attempt").finish_non_exhaustive()
    }
}

/// A stored attempt.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "openid_attempts")]
pub struct Model {
    /// SHA-256 of the state and of the token in the browser's cookie.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: Vec<u8>,
    /// What the token has to hold.
    pub nonce: String,
    /// What proves that the code is ours.
    pub verifier: String,
    /// Where to go afterwards.
    pub return_to: String,
    /// The account that is to be linked, if it is not about signing in.
    pub links: Option<Uuid>,
    /// When it began; milliseconds.
    pub began_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attempt")
            .field("began_at", &self.began_at)
            .finish_non_exhaustive()
    }
}

/// What the browser keeps, so that nobody else comes back for it.
#[derive(Clone)]
pub struct Binding(String);

impl Binding {
    /// A new one.
    pub fn mint() -> Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("getrandom: {error}"))?;
        Ok(Self(BASE64_URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The one a request came with.
    pub fn of_request(site: &Site, headers: &HeaderMap) -> Option<Self> {
        let jar = CookieJar::from_headers(headers);
        let value = jar.get(&cookie_name(site))?.value();
        (value.len() == TOKEN_LENGTH).then(|| Self(value.to_owned()))
    }

    /// The cookie that carries it. `Lax`: coming back from the provider is a link from elsewhere.
    pub fn cookie(&self, site: &Site) -> Cookie<'static> {
        cookie(site, self.0.clone())
    }
}

/// The cookie that makes a browser forget it.
pub fn removal_cookie(site: &Site) -> Cookie<'static> {
    let mut cookie = cookie(site, String::new());
    cookie.make_removal();
    cookie
}

fn cookie(site: &Site, value: String) -> Cookie<'static> {
    Cookie::build((cookie_name(site), value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(site.profile.base_url.scheme() == "https")
        .build()
}

fn cookie_name(site: &Site) -> String {
    match site.profile.base_url.port() {
        _ if site.profile.base_url.scheme() == "https" => "__Host-sso".to_owned(),
        Some(port) => format!("sso-{port}"),
        None => "sso".to_owned(),
    }
}

fn hash(state: &str, binding: &Binding) -> Vec<u8> {
    Digest::of(format!("{state}\n{}", binding.0))
        .as_bytes()
        .to_vec()
}

/// Keeps `attempt` for the browser with `binding`.
pub async fn keep(
    tx: &DatabaseTransaction,
    attempt: Attempt,
    binding: &Binding,
    (return_to, links): (String, Option<Uuid>),
    now: i64,
) -> Result<()> {
    forget_old(tx, now).await?;
    Entity::insert(ActiveModel {
        hash: Set(hash(&attempt.state, binding)),
        nonce: Set(attempt.nonce),
        verifier: Set(attempt.verifier),
        return_to: Set(return_to),
        links: Set(links),
        began_at: Set(now),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Forgets what is over its time, and the oldest where there is no room.
pub async fn forget_old<C: ConnectionTrait>(db: &C, now: i64) -> Result<u64> {
    let over = Entity::delete_many()
        .filter(Column::BeganAt.lte(now - LIFETIME_MS))
        .exec(db)
        .await?
        .rows_affected;
    if Entity::find().count(db).await? < MOST {
        return Ok(over);
    }
    let middle: Option<i64> = Entity::find()
        .select_only()
        .column(Column::BeganAt)
        .order_by_asc(Column::BeganAt)
        .offset(MOST / 2)
        .into_tuple()
        .one(db)
        .await?;
    let crowd = Entity::delete_many()
        .filter(Column::BeganAt.lte(middle.unwrap_or(now)))
        .exec(db)
        .await?
        .rows_affected;
    Ok(over + crowd)
}

/// The attempt that `state` belongs to, if this browser began it; there is none the second time.
pub async fn use_up(
    tx: &DatabaseTransaction,
    state: &str,
    binding: &Binding,
    now: i64,
) -> Result<Option<Model>> {
    let hash = hash(state, binding);
    let found = Entity::find_by_id(hash.clone()).one(tx).await?;
    let gone = Entity::delete_by_id(hash).exec(tx).await?.rows_affected;
    Ok(found.filter(|found| gone == 1 && now - found.began_at < LIFETIME_MS))
}

impl Model {
    /// What has to fit.
    pub fn attempt(&self) -> Attempt {
        Attempt {
            state: String::new(),
            nonce: self.nonce.clone(),
            verifier: self.verifier.clone(),
        }
    }
}
