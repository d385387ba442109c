//! Letters about citizens' cases, on to the unit that is meant.

use sea_orm::DatabaseTransaction;
use shared::citizens::case::{self, Said, Words};
use shared::citizens::letter::{self, CaseLetter};
use shared::citizens::{Act, Kind, handover};
use shared::directory::{closing, site_record};
use shared::error::{Error, Result};
use shared::log::{content, event};
use shared::site::Site;
use uuid::Uuid;

/// What who asked reads where the unit that was meant has no site that letters reach.
const TAKEN_OVER: &str =
    "Đơn vị được gửi tới không còn trang liên thông. Tỉnh tiếp nhận để trả lời hoặc chuyển tiếp.";

/// Writes on what the letter `event` said that was news here. What is for the province itself stays. Where the
/// unit that was meant is no more, those that took over are written to; where it has no site of its own, the province
/// sees to it.
pub async fn pass_on(tx: &DatabaseTransaction, site: &Site, event: &event::Model) -> Result<()> {
    let Some(letter) = letter_of(tx, event).await? else {
        return Ok(());
    };
    if letter.addressee == site.unit_id {
        return Ok(());
    }
    let kept = case::find(tx, letter.case).await?.ok_or(Error::NotFound)?;
    let news = case::of_event(tx, event.id).await?;
    let comes_now = news.iter().any(|message| {
        matches!(message.act, Act::Asked | Act::PassedOn) && message.to == Some(letter.addressee)
    });
    let is_handed = letter.receipt.is_some() && kept.handed_to == Some(letter.addressee);
    let thread = case::of_case(tx, letter.case).await?;
    match reached(tx, site, letter.addressee).await? {
        Reached::Itself => {
            let share = if comes_now || is_handed { thread } else { news };
            letter::send(tx, site, &kept, share, letter.addressee).await
        }
        Reached::Heir { unit, words } if comes_now => {
            let said = handover::passing_on(kept.kind(), unit, &words);
            case::say(tx, site, letter.case, said).await?;
            Ok(())
        }
        // Who asked there may look at either.
        Reached::Heir { unit, .. } => {
            letter::send(tx, site, &kept, news, letter.addressee).await?;
            if unit == event.unit_id || unit == kept.holder {
                return Ok(());
            }
            letter::send(tx, site, &kept, thread, unit).await
        }
        // A tip is for one office alone; nobody else could read it.
        Reached::Nobody if kept.kind() == Kind::Tip || !comes_now => {
            tracing::warn!(case.id = %letter.case, unit.id = %letter.addressee, "a letter has nowhere to go");
            Ok(())
        }
        Reached::Nobody => {
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
    }
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

/// Whom a letter for a unit reaches.
enum Reached {
    /// Its own site, now or once it is resumed.
    Itself,
    /// It is no more: its archive, and the unit that took over, of which who asked is told in these words.
    Heir { unit: Uuid, words: String },
    /// Nobody.
    Nobody,
}

async fn reached(tx: &DatabaseTransaction, site: &Site, unit: Uuid) -> Result<Reached> {
    if let Some(record) = site_record::of_unit(tx, unit).await? {
        return Ok(match record.is_feed() {
            true => Reached::Nobody,
            false => Reached::Itself,
        });
    }
    let closing = closing::of_unit(tx, unit, site.clock.now()).await?;
    Ok(match closing.heirs.first() {
        Some(heir) => Reached::Heir {
            unit: heir.unit,
            words: handover::reason(&closing.unit, &heir.name),
        },
        None => Reached::Nobody,
    })
}
