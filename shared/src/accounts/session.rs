//! Sessions: who is signed in, on which browser, until when.

use super::{account, browser};
use crate::error::Result;
use crate::log::Digest;
use crate::site::Site;
use axum::http::{HeaderMap, header};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, ConnectionTrait, DatabaseTransaction, QueryOrder, Set};
use std::net::IpAddr;

/// A stored session.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// SHA-256 of the token in the cookie: who reads the database cannot use what he reads.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: Vec<u8>,
    /// Whose.
    pub account_id: Uuid,
    /// What every form of the session must send back.
    pub csrf: String,
    /// Since when; milliseconds.
    pub created_at: i64,
    /// When it was last used, give or take [`SEEN_STEP_MS`]; milliseconds.
    pub seen_at: i64,
    /// The password was right and the code is still to come: it opens nothing but the page for that.
    pub halfway: bool,
    /// When the password or a code was last given; milliseconds.
    pub confirmed_at: i64,
    /// What the browser said of itself when it signed in.
    pub browser: Option<String>,
    /// The address it signed in from.
    pub address: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("account_id", &self.account_id)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

/// A session ends so long after it was last used.
pub const IDLE_MS: i64 = 30 * 60 * 1000;
/// A session ends so long after it began, used or not.
pub const ABSOLUTE_MS: i64 = 12 * 60 * 60 * 1000;
/// How long a code may be waited for after the password.
pub const HALFWAY_MS: i64 = 10 * 60 * 1000;
/// How long the password or a code given once more counts for what needs it.
pub const CONFIRMED_MS: i64 = 10 * 60 * 1000;
/// Use is noted in steps, so that reading pages does not mean writing for each.
pub const SEEN_STEP_MS: i64 = 60 * 1000;

/// The secret in the cookie.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    fn mint() -> Result<Self> {
        Ok(Self(random_text()?))
    }

    fn hash(&self) -> Vec<u8> {
        Digest::of(self.0.as_bytes()).as_bytes().to_vec()
    }

    /// The token in the cookie of a request, if it has one.
    pub fn of_request(site: &Site, headers: &HeaderMap) -> Option<Self> {
        let jar = CookieJar::from_headers(headers);
        let cookie = jar.get(&cookie_name(site))?;
        // Whatever is not of our making need not be looked up.
        (cookie.value().len() == TOKEN_LENGTH).then(|| Self(cookie.value().to_owned()))
    }

    /// The cookie that carries it; it goes when the browser is closed.
    pub fn cookie(&self, site: &Site) -> Cookie<'static> {
        make_cookie(site, self.0.clone())
    }
}

/// 32 bytes in base64url.
const TOKEN_LENGTH: usize = 43;

/// 256 bits from the system, as text.
fn random_text() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("getrandom: {error}"))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// The cookie that makes a browser forget its session.
pub fn removal_cookie(site: &Site) -> Cookie<'static> {
    let mut cookie = make_cookie(site, String::new());
    cookie.make_removal();
    cookie
}

/// `SameSite=Lax`, not `Strict`: with `Strict` a colleague who follows a link to a draft from a
/// message or an e-mail would be asked to sign in although she is. What `Lax` still sends, a GET that
/// opens a page, changes nothing here; every change needs a POST from our own page
/// ([`harden`](crate::server::harden) refuses others) and the session's form token.
fn make_cookie(site: &Site, value: String) -> Cookie<'static> {
    Cookie::build((cookie_name(site), value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_secure(site))
        .build()
}

/// `__Host-` binds the cookie to this host and to https. A demo on plain http cannot have that;
/// there the port is in the name, because several sites share 127.0.0.1 and cookies know no ports.
fn cookie_name(site: &Site) -> String {
    match site.profile.base_url.port() {
        _ if is_secure(site) => "__Host-sid".to_owned(),
        Some(port) => format!("sid-{port}"),
        None => "sid".to_owned(),
    }
}

fn is_secure(site: &Site) -> bool {
    site.profile.base_url.scheme() == "https"
}

/// A session to begin.
#[derive(Clone, Debug)]
pub struct Start {
    account_id: Uuid,
    halfway: bool,
    browser: Option<String>,
    address: Option<IpAddr>,
}

impl Start {
    /// Of somebody who has shown all that was asked.
    pub fn whole(account_id: Uuid) -> Self {
        Self {
            account_id,
            halfway: false,
            browser: None,
            address: None,
        }
    }

    /// Of somebody whose password was right, and whose code is still to come.
    pub fn halfway(account_id: Uuid) -> Self {
        Self {
            halfway: true,
            ..Self::whole(account_id)
        }
    }

    /// With what is known of the browser.
    #[must_use]
    pub fn seen_as(mut self, headers: &HeaderMap, address: Option<IpAddr>) -> Self {
        let said = headers.get(header::USER_AGENT);
        self.browser = said
            .and_then(|said| said.to_str().ok())
            .map(|said| said.chars().take(browser::LONGEST).collect());
        self.address = address;
        self
    }

    /// Whose.
    pub fn account_id(&self) -> Uuid {
        self.account_id
    }

    /// Whether nothing more is asked.
    pub fn is_whole(&self) -> bool {
        !self.halfway
    }
}

/// Begins a session with a new token. Sessions that are over are forgotten.
pub async fn begin(tx: &DatabaseTransaction, start: Start, now: i64) -> Result<Token> {
    forget_ended(tx, now).await?;
    let token = Token::mint()?;
    Entity::insert(ActiveModel {
        token_hash: Set(token.hash()),
        account_id: Set(start.account_id),
        csrf: Set(random_text()?),
        created_at: Set(now),
        seen_at: Set(now),
        halfway: Set(start.halfway),
        confirmed_at: Set(now),
        browser: Set(start.browser),
        address: Set(start.address.map(|address| address.to_string())),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(token)
}

/// Forgets the sessions that are over; how many.
pub async fn forget_ended<C: ConnectionTrait>(db: &C, now: i64) -> Result<u64> {
    let over = Condition::any()
        .add(Column::SeenAt.lte(now - IDLE_MS))
        .add(Column::CreatedAt.lte(now - ABSOLUTE_MS));
    Ok(Entity::delete_many()
        .filter(over)
        .exec(db)
        .await?
        .rows_affected)
}

/// The session of `token` and its account, if it is still on and the account may be used.
pub async fn find<C: ConnectionTrait>(
    db: &C,
    token: &Token,
    now: i64,
) -> Result<Option<(Model, account::Model)>> {
    let found = find_any(db, token, now).await?;
    Ok(found.filter(|(session, _)| !session.halfway))
}

/// The same of a session whose code is still to come.
pub async fn find_halfway<C: ConnectionTrait>(
    db: &C,
    token: &Token,
    now: i64,
) -> Result<Option<(Model, account::Model)>> {
    let found = find_any(db, token, now).await?;
    Ok(found.filter(|(session, _)| session.halfway && now - session.created_at < HALFWAY_MS))
}

async fn find_any<C: ConnectionTrait>(
    db: &C,
    token: &Token,
    now: i64,
) -> Result<Option<(Model, account::Model)>> {
    let Some(session) = Entity::find_by_id(token.hash()).one(db).await? else {
        return Ok(None);
    };
    if !session.is_on(now) {
        return Ok(None);
    }
    let account = account::find(db, session.account_id).await?;
    Ok(account
        .filter(|account| account.active)
        .map(|account| (session, account)))
}

impl Model {
    /// Whether the session is on at `now`.
    pub fn is_on(&self, now: i64) -> bool {
        now - self.seen_at < IDLE_MS && now - self.created_at < ABSOLUTE_MS
    }

    /// Whether the password or a code was given not long ago. A moment that lies ahead counts for
    /// nothing: the clock was set back.
    pub fn is_confirmed(&self, now: i64) -> bool {
        (0..CONFIRMED_MS).contains(&(now - self.confirmed_at))
    }

    /// Whether its use should be noted anew.
    pub fn is_noted_long_ago(&self, now: i64) -> bool {
        now - self.seen_at >= SEEN_STEP_MS
    }
}

/// Notes that the session is in use.
pub async fn note_seen<C: ConnectionTrait>(db: &C, session: &Model, now: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::SeenAt, Expr::value(now))
        .filter(Column::TokenHash.eq(session.token_hash.clone()))
        .exec(db)
        .await?;
    Ok(())
}

/// Notes that the password or a code was given once more.
pub async fn note_confirmed<C: ConnectionTrait>(db: &C, session: &Model, now: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::ConfirmedAt, Expr::value(now))
        .filter(Column::TokenHash.eq(session.token_hash.clone()))
        .exec(db)
        .await?;
    Ok(())
}

/// The sessions of an account, the one used last first.
pub async fn list<C: ConnectionTrait>(db: &C, account_id: Uuid, now: i64) -> Result<Vec<Model>> {
    let all = Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .order_by_desc(Column::SeenAt)
        .all(db)
        .await?;
    Ok(all
        .into_iter()
        .filter(|session| session.is_on(now) && !session.halfway)
        .collect())
}

/// Ends the session of `token`, if there is one.
pub async fn end<C: ConnectionTrait>(db: &C, token: &Token) -> Result<()> {
    Entity::delete_by_id(token.hash()).exec(db).await?;
    Ok(())
}

/// Ends one session of an account.
pub async fn end_one<C: ConnectionTrait>(
    db: &C,
    account_id: Uuid,
    token_hash: Vec<u8>,
) -> Result<()> {
    Entity::delete_many()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::TokenHash.eq(token_hash))
        .exec(db)
        .await?;
    Ok(())
}

/// Ends all sessions of an account but the one of `token_hash`.
pub async fn end_others<C: ConnectionTrait>(
    db: &C,
    account_id: Uuid,
    token_hash: Vec<u8>,
) -> Result<()> {
    Entity::delete_many()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::TokenHash.ne(token_hash))
        .exec(db)
        .await?;
    Ok(())
}

/// Ends all sessions of an account.
pub async fn end_all<C: ConnectionTrait>(db: &C, account_id: Uuid) -> Result<()> {
    Entity::delete_many()
        .filter(Column::AccountId.eq(account_id))
        .exec(db)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_session_ends_after_half_an_hour_idle_or_twelve_hours_in_all() {
        let session = Model {
            token_hash: Vec::new(),
            account_id: Uuid::nil(),
            csrf: String::new(),
            created_at: 0,
            seen_at: ABSOLUTE_MS - IDLE_MS,
            halfway: false,
            confirmed_at: 0,
            browser: None,
            address: None,
        };
        assert!(session.is_on(ABSOLUTE_MS - 1));
        assert!(!session.is_on(ABSOLUTE_MS), "however much it was used");
        let idle = Model {
            seen_at: 0,
            ..session
        };
        assert!(idle.is_on(IDLE_MS - 1));
        assert!(!idle.is_on(IDLE_MS));
    }

    #[tokio::test]
    async fn the_cookie_is_bound_to_its_host_where_https_is() {
        let site = testing::site().await;
        let cookie = Token("x".to_owned()).cookie(&site).to_string();
        assert_eq!(
            cookie,
            "__Host-sid=x; HttpOnly; SameSite=Lax; Secure; Path=/"
        );
        let demo = testing::Setup::default()
            .base_url("http://127.0.0.1:8081")
            .site()
            .await;
        let cookie = Token("x".to_owned()).cookie(&demo).to_string();
        assert_eq!(cookie, "sid-8081=x; HttpOnly; SameSite=Lax; Path=/");
    }
}
