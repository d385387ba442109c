//! What people asked at a site whose unit is no more goes to the unit that took over: the case with all that was
//! said, and what its receipt is known by.

use super::case::{self, Kind, Said, Words};
use super::letter;
use super::thread::Act;
use crate::directory::closing;
use crate::error::Result;
use crate::site::Site;
use sea_orm::DatabaseTransaction;
use std::sync::Arc;
use uuid::Uuid;

/// How many cases are handed over in one transaction.
const MOST: u64 = 20;

/// Hands over what was asked here, once our unit is no more. How many.
pub async fn round(site: &Arc<Site>) -> Result<usize> {
    let db = site.db.reader();
    let Some(closing) = closing::of_site(db, site.id, site.clock.now()).await? else {
        return Ok(0);
    };
    let Some(heir) = closing.heirs.first() else {
        return Ok(0);
    };
    let cases = case::not_handed(db, MOST).await?;
    if cases.is_empty() {
        return Ok(0);
    }
    let (inner, heir, words) = (
        Arc::clone(site),
        heir.unit,
        reason(&closing.unit, &heir.name),
    );
    let handed = cases.len();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                for one in cases {
                    hand_over(tx, &inner, one.id, heir, &words).await?;
                }
                Ok(())
            })
        })
        .await?;
    site.wake();
    Ok(handed)
}

/// What who asked reads.
pub fn reason(unit: &str, heir: &str) -> String {
    format!(
        "{unit} nay thuộc {heir}. {heir} tiếp nhận và trả lời; mã tra cứu đã cấp vẫn dùng được."
    )
}

/// Hands over one case asked here: one that waits for our answer is passed on, of any other the new unit is told.
async fn hand_over(
    tx: &DatabaseTransaction,
    site: &Site,
    id: Uuid,
    heir: Uuid,
    words: &str,
) -> Result<()> {
    case::note_handed(tx, id, None, Some(heir)).await?;
    let Some(kept) = case::find(tx, id).await? else {
        return Ok(());
    };
    if kept.holder == site.unit_id && kept.state().is_open() {
        case::say(tx, site, id, passing_on(kept.kind(), heir, words)).await?;
        return Ok(());
    }
    let thread = case::of_case(tx, id).await?;
    letter::send(tx, site, &kept, thread, heir).await
}

/// The message that passes a case on. In a tip nothing is said in the clear.
pub fn passing_on(kind: Kind, heir: Uuid, words: &str) -> Said {
    let words = match kind {
        Kind::Tip => String::new(),
        Kind::Question | Kind::Feedback | Kind::Comment => words.to_owned(),
    };
    Said {
        act: Act::PassedOn,
        words: Words::Plain(words),
        to: Some(heir),
        rating: None,
        by: None,
    }
}
