//! Taking a recall back: what was recalled by mistake returns.
//!
//! A recall takes down revisions and never gives one back. So its origin is told, and publishes once more what was
//! approved; everybody else decides anew, as with any revision that follows a recall.

use super::progress::case;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};
use shared::audit::{self, Action, Actor, Kind, Subject};
use shared::entries::order::Outcome;
use shared::entries::recall::LONGEST_REASON;
use shared::entries::{recall, record};
use shared::error::{Error, Result};
use shared::newsroom::{inbox, reinstate};
use shared::screening;
use shared::site::Site;
use shared::sync::review::{Review, ReviewDecision};
use std::sync::Arc;

/// Who takes a recall back, and why.
#[derive(Clone, Debug)]
pub struct Lift {
    /// The event that recalled.
    pub event: i64,
    /// Why, for the record of the province and for its authors.
    pub why: String,
    /// The name of who does.
    pub by: String,
    /// The same for the record.
    pub actor: Actor,
}

/// Takes it back. [`Error::Conflict`] says why that cannot be.
pub async fn lift(site: &Arc<Site>, lift: Lift) -> Result<()> {
    let inner = Arc::clone(site);
    site.db
        .write(move |tx| Box::pin(async move { carry_out(tx, &inner, lift).await }))
        .await?;
    site.wake();
    Ok(())
}

async fn carry_out(tx: &DatabaseTransaction, site: &Site, lift: Lift) -> Result<()> {
    let why = lift.why.split_whitespace().collect::<Vec<_>>().join(" ");
    if why.is_empty() {
        return Err(Error::invalid("why", "Hãy ghi vì sao rút lệnh thu hồi."));
    }
    if why.chars().count() > LONGEST_REASON {
        return Err(Error::invalid("why", "Dài tối đa 500 ký tự."));
    }
    screening::allow_text(tx, "why", &why).await?;
    let case = newest_of_its_entry(tx, lift.event).await?;
    if case.lifted_at.is_some() {
        return Err(conflict("Lệnh này đã được rút rồi."));
    }
    if recall::erases(tx, case.entry_id).await? {
        return Err(conflict("Bài đã xóa hẳn, không lấy lại được."));
    }
    let entry = record::find_locked(tx, case.entry_id)
        .await?
        .ok_or(Error::NotFound)?;
    if entry.standing()?.outcome() != Outcome::Recalled {
        return Err(conflict("Đơn vị đã đăng lại bài này hoặc đã tự gỡ bài."));
    }
    if entry.site_id == site.id && entry.unit_id == site.unit_id {
        if !reinstate::take_up(tx, site, entry.entry_id).await? {
            return Err(conflict(
                "Bài đã được sửa sau khi thu hồi. Hãy mở bài ấy, duyệt và đăng như mọi bài khác.",
            ));
        }
    } else if inbox::can_be_told(tx, &entry).await? {
        tell(tx, site, &entry, &why).await?;
    } else {
        return Err(conflict(
            "Bài này lấy từ một nguồn tin ngoài hệ thống, không có nơi nào đăng lại được.",
        ));
    }
    let now = site.clock.now().timestamp_millis();
    let subject = Subject::of(Kind::Entry, case.entry_id);
    let mut change: case::ActiveModel = case.into();
    change.lifted_at = Set(Some(now));
    change.lifted_by = Set(Some(lift.by));
    change.lifted_why = Set(Some(why));
    change.update(tx).await?;
    audit::record(tx, &lift.actor, Action::RecallLifted, subject, now).await
}

fn conflict(words: &str) -> Error {
    Error::Conflict(words.to_owned())
}

/// The case of the recall `event`, locked: a later recall of the same entry is what counts.
async fn newest_of_its_entry(tx: &DatabaseTransaction, event: i64) -> Result<case::Model> {
    let found = case::Entity::find_by_id(event).lock_exclusive();
    let case = found.one(tx).await?.ok_or(Error::NotFound)?;
    let newest = case::Entity::find()
        .filter(case::Column::EntryId.eq(case.entry_id))
        .order_by_desc(case::Column::EventId)
        .one(tx)
        .await?;
    if newest.is_some_and(|newest| newest.event_id != event) {
        return Err(conflict(
            "Bài này có một lệnh thu hồi mới hơn. Hãy rút lệnh ấy.",
        ));
    }
    Ok(case)
}

/// Tells the site where the entry was born, and nobody else.
async fn tell(
    tx: &DatabaseTransaction,
    site: &Site,
    entry: &record::Model,
    why: &str,
) -> Result<()> {
    let letter = Review {
        entry: entry.entry_id,
        rev: entry.recalled_through,
        decision: ReviewDecision::Reinstated,
        reason: Some(why.to_owned()),
        url: None,
        post_check: None,
        grade: None,
    };
    inbox::send(tx, site, entry, &letter).await
}
