//! The one-time code that lets the first administrator in.
//!
//! There is no default account to forget about. A site without accounts shows a code where only
//! whoever starts it can see it; with the code, `/quan-tri/khoi-tao` opens the first account.

use super::account::{self, Prepared};
use super::one_time_code;
use crate::error::{Error, Result};
use crate::log::Digest;
use crate::settings;
use crate::site::Site;
use sea_orm::{DatabaseTransaction, EntityTrait};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// Where the first administrator is opened.
pub const SET_UP_PATH: &str = "/quan-tri/khoi-tao";

/// How long a code counts.
const LIFE_MS: i64 = 24 * 60 * 60 * 1000;
/// The setting its hash is kept in.
const SETTING: &str = "first_code";
/// Groups of the code, for reading aloud.
const GROUPS: usize = 4;

#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    hash: Digest,
    expires_at: i64,
}

/// A new code, if the site has no account yet; the one before it counts no more.
pub async fn offer(site: &Site) -> Result<Option<String>> {
    if account::any(site.db.reader()).await? {
        return Ok(None);
    }
    let code = one_time_code::mint(GROUPS)?;
    let kept = Kept {
        hash: hash(&code),
        expires_at: site.clock.now().timestamp_millis() + LIFE_MS,
    };
    site.db
        .write(move |tx| Box::pin(async move { settings::set(tx, SETTING, &kept).await }))
        .await?;
    Ok(Some(code))
}

/// Shows a new code to whoever starts the site, if it has no account yet. Not through the log, which
/// is kept and sent elsewhere.
pub async fn announce(site: &Site) -> Result<()> {
    if let Some(code) = offer(site).await? {
        eprintln!(
            "\n  {}\n  Trang chưa có tài khoản nào. Mở {} và nhập mã dùng một lần này:\n\n      {code}\n\n  Mã hết hạn sau 24 giờ; khởi động lại để lấy mã mới.\n",
            site.profile.title,
            site.address(SET_UP_PATH),
        );
    }
    Ok(())
}

/// Opens the first account with `code`, which then counts no more.
pub async fn redeem(
    tx: &DatabaseTransaction,
    code: &str,
    first: Prepared,
    now: i64,
) -> Result<account::Model> {
    if account::any(tx).await? {
        return Err(Error::NotFound);
    }
    let kept: Option<Kept> = settings::get(tx, SETTING).await?;
    let is_right = kept.is_some_and(|kept| {
        let same = kept.hash.as_bytes().ct_eq(hash(code).as_bytes());
        bool::from(same) && now < kept.expires_at
    });
    if !is_right {
        return Err(Error::invalid(
            "code",
            "Mã không đúng hoặc đã hết hạn. Khởi động lại máy chủ để lấy mã mới.",
        ));
    }
    settings::Entity::delete_by_id(SETTING.to_owned())
        .exec(tx)
        .await?;
    account::create(tx, first, now).await
}

/// However it was typed: hyphens, blanks and case do not count.
fn hash(code: &str) -> Digest {
    Digest::of(one_time_code::plain(code).as_bytes())
}
