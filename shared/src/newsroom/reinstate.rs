//! What the province recalled and now lets stand again: published once more by its own site, as it was approved.
//!
//! A recall takes down revisions and never gives one back, so that every order of arrival ends alike. What returns is
//! one more revision, and only its origin can write it.

use super::draft;
use super::moves::{self, Person};
use super::publish;
use super::workflow::{Act, State};
use crate::entries::record;
use crate::error::Result;
use crate::site::Site;
use crate::sync::peer;
use crate::sync::review::Review;
use sea_orm::{DatabaseTransaction, Set};
use uuid::Uuid;

/// What is done when `by` says in `letter` that a recall is lifted: nothing, unless it is our own hub, and unless nothing
/// was recalled after what the letter is about.
pub(crate) async fn hear(
    tx: &DatabaseTransaction,
    site: &Site,
    by: Uuid,
    letter: &Review,
) -> Result<()> {
    let hub = peer::find(tx, by).await?;
    let is_hub = hub.is_some_and(|hub| hub.is_upstream());
    let entry = record::find(tx, letter.entry).await?;
    let is_meant = entry.is_some_and(|entry| entry.recalled_through <= letter.rev);
    if is_hub && is_meant {
        take_up(tx, site, letter.entry).await?;
    }
    Ok(())
}

/// Has what was recalled of `entry` published at once by the timetable, which looks at the clock as always. Whether it
/// will be: a draft that was changed since says what nobody approved, and stays with those who write it.
pub async fn take_up(tx: &DatabaseTransaction, site: &Site, entry: Uuid) -> Result<bool> {
    let draft = draft::of_entry(tx, entry).await?;
    let Some(draft) = draft.filter(|draft| draft.state() == State::Recalled) else {
        return Ok(false);
    };
    // Nobody wrote in it since it was published: so this is what was approved, without the correction told then.
    let digest = publish::digest_of(tx, site, &draft, None).await?;
    let now = site.clock.now().timestamp_millis();
    let words = "Tỉnh đã rút lệnh thu hồi; bài được đăng lại như bản đã duyệt.";
    let by = Person::site();
    moves::change(tx, draft, Act::Reinstate, &by, Some(words), now, |change| {
        change.note = Set(None);
        change.approved_digest = Set(Some(digest.as_bytes().to_vec()));
        change.publish_at = Set(Some(now));
    })
    .await?;
    Ok(true)
}
