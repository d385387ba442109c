//! The second factor: a code that changes every half minute (RFC 6238), and codes on paper for the day
//! the telephone is lost.
//!
//! The secret has to be readable here, so it lies in the database and travels in backups, which are
//! encrypted. It is in no log, no export and no audit.

use super::{Rights, account, recovery_code, session};
use crate::error::{Error, Result};
use crate::site::Site;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QuerySelect, Set};
use totp_rs::{Builder, Secret, Totp};

/// A stored second factor.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "second_factors")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// The secret shared with the telephone.
    pub secret: Vec<u8>,
    /// Since when it counts; none while it is being set up. Milliseconds.
    pub confirmed_at: Option<i64>,
    /// The half minute of the code used last: no code counts twice.
    pub last_step: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Without the secret.
impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecondFactor")
            .field("account_id", &self.account_id)
            .field("confirmed_at", &self.confirmed_at)
            .finish_non_exhaustive()
    }
}

/// Bytes of a secret, as RFC 4226 recommends.
const SECRET: usize = 20;
/// How many half minutes a telephone's clock may be off, either way.
const SKEW: u16 = 1;

/// Whether somebody with `rights` has to have one here. A demo can do without: it runs on this machine
/// alone, says that it is one, and its passwords are printed.
pub fn is_required(site: &Site, rights: &Rights) -> bool {
    !site.profile.is_demo && rights.are_powerful()
}

/// The factor of an account, if it counts already.
pub async fn find<C: ConnectionTrait>(db: &C, account_id: Uuid) -> Result<Option<Model>> {
    let found = Entity::find_by_id(account_id).one(db).await?;
    Ok(found.filter(|factor| factor.confirmed_at.is_some()))
}

/// Which accounts have one.
pub async fn holders<C: ConnectionTrait>(db: &C) -> Result<std::collections::HashSet<Uuid>> {
    Ok(Entity::find()
        .select_only()
        .column(Column::AccountId)
        .filter(Column::ConfirmedAt.is_not_null())
        .into_tuple::<Uuid>()
        .all(db)
        .await?
        .into_iter()
        .collect())
}

/// A secret to be set up; the same until it counts, so that a page loaded twice shows one picture.
pub async fn begin(tx: &DatabaseTransaction, account_id: Uuid) -> Result<Model> {
    if let Some(begun) = Entity::find_by_id(account_id).one(tx).await? {
        return Ok(begun);
    }
    let mut secret = vec![0; SECRET];
    getrandom::fill(&mut secret).map_err(|error| anyhow::anyhow!("getrandom: {error}"))?;
    let begun = ActiveModel {
        account_id: Set(account_id),
        secret: Set(secret),
        confirmed_at: Set(None),
        last_step: Set(0),
    };
    Ok(begun.insert(tx).await?)
}

/// Lets the secret that was begun count from now on, if `code` shows that the telephone has it. The
/// codes for paper, shown once; other sessions end.
pub async fn confirm(
    tx: &DatabaseTransaction,
    account_id: Uuid,
    code: &str,
    now: i64,
) -> Result<Vec<String>> {
    let begun = locked(tx, account_id).await?.ok_or(Error::NotFound)?;
    if begun.confirmed_at.is_some() {
        return Err(Error::Conflict(
            "Xác thực hai lớp đã được bật cho tài khoản này.".to_owned(),
        ));
    }
    let Some(step) = step_of(&begun, code, now)? else {
        return Err(wrong_code());
    };
    let mut change: ActiveModel = begun.into();
    change.confirmed_at = Set(Some(now));
    change.last_step = Set(step);
    change.update(tx).await?;
    session::end_all(tx, account_id).await?;
    recovery_code::renew(tx, account_id).await
}

/// Whether `code` is the telephone's of now and was not used before, or one of those on paper, which
/// is then used up.
pub async fn accepts(
    tx: &DatabaseTransaction,
    account_id: Uuid,
    code: &str,
    now: i64,
) -> Result<bool> {
    let Some(factor) = locked(tx, account_id).await? else {
        return Ok(false);
    };
    if factor.confirmed_at.is_none() {
        return Ok(false);
    }
    if let Some(step) = step_of(&factor, code, now)? {
        let is_new = step > factor.last_step;
        if is_new {
            let mut change: ActiveModel = factor.into();
            change.last_step = Set(step);
            change.update(tx).await?;
        }
        return Ok(is_new);
    }
    recovery_code::use_up(tx, account_id, code, now).await
}

/// Takes the factor and its codes away and ends the sessions; the next sign-in sets up a new one where
/// one is required.
pub async fn reset(tx: &DatabaseTransaction, account_id: Uuid) -> Result<()> {
    account::find(tx, account_id)
        .await?
        .ok_or(Error::NotFound)?;
    Entity::delete_by_id(account_id).exec(tx).await?;
    recovery_code::forget(tx, account_id).await?;
    session::end_all(tx, account_id).await
}

/// What people are told of a code that does not count.
pub fn wrong_code() -> Error {
    Error::invalid(
        "code",
        "Mã chưa đúng hoặc đã dùng. Hãy đợi mã mới hiện trên điện thoại; đồng hồ của điện thoại phải đúng giờ.",
    )
}

impl Model {
    /// The secret as people type it: base32 in groups of four.
    pub fn secret_text(&self) -> String {
        let text = Secret::from(self.secret.clone()).to_base32();
        let letters: Vec<char> = text.trim_end_matches('=').chars().collect();
        let groups: Vec<String> = letters
            .chunks(4)
            .map(|four| four.iter().collect())
            .collect();
        groups.join(" ")
    }

    /// What an authenticator reads from the picture: the secret, and whose it is.
    pub fn address(&self, site: &Site, login: &str) -> String {
        let issuer = site.profile.base_url.host_str().unwrap_or("lien-cong");
        let secret = Secret::from(self.secret.clone()).to_base32();
        let encode = |text: &str| {
            url::form_urlencoded::byte_serialize(text.as_bytes())
                .collect::<String>()
                .replace('+', "%20")
        };
        let (issuer, login) = (encode(issuer), encode(login));
        let secret = secret.trim_end_matches('=');
        format!("otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}")
    }

    /// The picture, as the address of an image.
    pub fn picture(&self, site: &Site, login: &str) -> Result<String> {
        let address = self.address(site, login);
        let code = qrcode::QrCode::new(address.as_bytes()).map_err(anyhow::Error::new)?;
        let svg = code
            .render::<qrcode::render::svg::Color<'_>>()
            .min_dimensions(240, 240)
            .build();
        Ok(format!(
            "data:image/svg+xml;base64,{}",
            BASE64_STANDARD.encode(svg)
        ))
    }
}

async fn locked(tx: &DatabaseTransaction, account_id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(account_id)
        .lock_exclusive()
        .one(tx)
        .await?)
}

/// The half minute `code` is of, near now.
fn step_of(factor: &Model, code: &str, now: i64) -> Result<Option<i64>> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let seconds = u64::try_from(now / 1000).unwrap_or_default();
    let step = totp(factor.secret.clone())?.check(&code, seconds);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

fn totp(secret: Vec<u8>) -> Result<Totp> {
    let totp = Builder::new()
        .with_secret(secret)
        .with_skew(SKEW)
        .build()
        .map_err(|error| anyhow::anyhow!("totp: {error}"))?;
    Ok(totp)
}

/// The code a telephone with this secret shows at `now`, for tests.
#[cfg(any(test, feature = "testing"))]
pub fn code_at(secret: &[u8], now: i64) -> String {
    let seconds = u64::try_from(now / 1000).unwrap_or_default();
    let totp = totp(secret.to_vec()).expect("a secret");
    totp.generate(seconds).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Role;
    use crate::testing;
    use std::time::Duration;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, cut to the six digits that telephones show.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(b"12345678901234567890", seconds * 1000), code);
        }
    }

    #[tokio::test]
    async fn a_code_counts_once_and_only_about_now() {
        let site = testing::site().await;
        let who = testing::account(&site, Role::Editor).await;
        let secret = testing::second_factor(&site, who.id).await;
        let now = site.clock.now().timestamp_millis();
        let accepts = async |code: String, at: i64| {
            let id = who.id;
            site.db
                .write(move |tx| Box::pin(async move { accepts(tx, id, &code, at).await }))
                .await
                .expect("reads")
        };
        let later = now + 60_000;
        assert!(!accepts("000000".to_owned(), later).await || code_at(&secret, later) == "000000");
        assert!(
            !accepts(code_at(&secret, later - 90_000), later).await,
            "too old"
        );
        assert!(
            !accepts(code_at(&secret, later + 90_000), later).await,
            "too early"
        );
        let code = code_at(&secret, later);
        assert!(accepts(format!(" {} {} ", &code[..3], &code[3..]), later).await);
        assert!(!accepts(code.clone(), later).await, "used");
        assert!(!accepts(code, later + 20_000).await, "used still");
        let next = later + 60_000;
        assert!(accepts(code_at(&secret, next), next).await);
        assert!(
            !accepts(code_at(&secret, later + 30_000), next).await,
            "one before the last used"
        );
    }

    #[tokio::test]
    async fn each_code_on_paper_counts_once() {
        let site = testing::site().await;
        let who = testing::account(&site, Role::Editor).await;
        let id = who.id;
        let now = site.clock.now().timestamp_millis();
        let begun = site
            .db
            .write(move |tx| Box::pin(async move { begin(tx, id).await }))
            .await
            .expect("begins");
        assert!(find(site.db.reader(), id).await.expect("reads").is_none());
        let code = code_at(&begun.secret, now);
        let papers = site
            .db
            .write(move |tx| Box::pin(async move { confirm(tx, id, &code, now).await }))
            .await
            .expect("confirms");
        assert_eq!(papers.len(), recovery_code::HOW_MANY);
        for (paper, counts) in [(&papers[0], true), (&papers[0], false), (&papers[9], true)] {
            let typed = paper.to_lowercase().replace('-', " ");
            let accepted = site
                .db
                .write(move |tx| Box::pin(async move { accepts(tx, id, &typed, now).await }))
                .await;
            assert_eq!(accepted.expect("reads"), counts, "{paper}");
        }
        site.clock.advance(Duration::from_secs(60));
        site.db
            .write(move |tx| Box::pin(async move { reset(tx, id).await }))
            .await
            .expect("resets");
        let left = papers[1].clone();
        let accepted = site
            .db
            .write(move |tx| Box::pin(async move { accepts(tx, id, &left, now).await }))
            .await;
        assert!(!accepted.expect("reads"), "gone with the factor");
    }
}
