//! Letters about citizens' cases, on to the unit that is meant.

use sea_orm::DatabaseTransaction;
use shared::citizens::case::{self, Said, Words};
use shared::citizens::letter::{self, CaseLetter};
use shared::citizens::{Act, Kind, Message};
use shared::directory::site_record::{self, State};
use shared::error::{Error, Result};
use shared::log::{content, event};
use shared::site::Site;
use uuid::Uuid;

/// What who asked reads where the unit that was meant has no site that letters reach.
const TAKEN_OVER: &str =
    "Đơn vị được gửi tới không còn trang liên thông. Tỉnh tiếp nhận để trả lời hoặc chuyển tiếp.";

/// Writes on what the letter `event` said that was news here. What is for the province itself stays. Where the
/// unit that was meant has no site of its own, the province sees to it.
pub async fn pass_on(tx: &DatabaseTransaction, site: &Site, event: &event::Model) -> Result<()> {
    let Some(letter) = letter_of(tx, event).await? else {
        return Ok(());
    };
    if letter.addressee == site.unit_id {
        return Ok(());
    }
    let kept = case::find(tx, letter.case).await?.ok_or(Error::NotFound)?;
    let news = case::of_event(tx, event.id).await?;
    let comes_now = |message: &Message| {
        matches!(message.act, Act::Asked | Act::PassedOn) && message.to == Some(letter.addressee)
    };
    if is_reached(tx, letter.addressee).await? {
        let share = match news.iter().any(comes_now) {
            true => case::of_case(tx, letter.case).await?,
            false => news,
        };
        return letter::send(tx, site, &kept, share, letter.addressee).await;
    }
    // A tip is for one office alone; nobody else could read it.
    if kept.kind() == Kind::Tip || !news.iter().any(comes_now) {
        tracing::warn!(case.id = %letter.case, unit.id = %letter.addressee, "a letter has nowhere to go");
        return Ok(());
    }
    let said = Said {
        act: Act::PassedOn,
        words: Words::Plain(TAKEN_OVER.to_owned()),
        to: Some(site.unit_id),
        rating: None,
        by: None,
    };
    case::say(tx, site, letter.case, said).await?;
    Ok(())
}

async fn letter_of(tx: &DatabaseTransaction, event: &event::Model) -> Result<Option<CaseLetter>> {
    let (Some(hash), Some(case)) = (&event.content_hash, event.entry_id) else {
        return Ok(None);
    };
    let Some(bytes) = content::read(tx, hash).await? else {
        return Ok(None);
    };
    let value = serde_json::from_slice(&bytes).map_err(anyhow::Error::new)?;
    let letter = CaseLetter::from_content(&value, case).map_err(anyhow::Error::new)?;
    Ok(Some(letter))
}

/// Whether the unit has a site of its own that letters reach, now or once it is resumed.
async fn is_reached(tx: &DatabaseTransaction, unit: Uuid) -> Result<bool> {
    let site = site_record::of_unit(tx, unit).await?;
    Ok(site.is_some_and(|site| !site.is_feed() && site.state != State::Closed.as_str()))
}
