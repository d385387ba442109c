//! What a member does with events: its own go up to the hub, the hub's go where their mode says.

use sea_orm::DatabaseTransaction;
use shared::directory::site_record;
use shared::entries::apply::Effect;
use shared::entries::{Mode, placement, record, section};
use shared::error::Result;
use shared::log::{EventKind, event};
use shared::newsroom::auto_take;
use shared::site::{Role, Site};
use shared::sync::{Audience, Selector};

/// The member's part in the work every site does.
#[derive(Debug)]
pub struct Member;

/// Where entries stand whose own section this site does not have.
const FROM_THE_PROVINCE: &str = "tin-cua-tinh";

/// How an event that came in as `mode` and had `effect` is placed here, if it is.
pub fn placed_as(kind: EventKind, mode: Option<Mode>, effect: Effect) -> Option<Mode> {
    let is_shown = matches!(kind, EventKind::EntryPublished | EventKind::EntryRevised);
    let counts = matches!(effect, Effect::Current | Effect::Known);
    // Only a site itself may call an entry its own.
    mode.map(|mode| mode.min(Mode::Mandatory))
        .filter(|_| is_shown && counts)
}

#[async_trait::async_trait]
impl Role for Member {
    async fn recipients(
        &self,
        _: &DatabaseTransaction,
        _: &Site,
        _: &event::Model,
    ) -> Result<Audience> {
        Ok(Audience::of(Selector::Upstream, Mode::Suggested))
    }

    async fn take_in(
        &self,
        tx: &DatabaseTransaction,
        site: &Site,
        event: &event::Model,
        mode: Option<Mode>,
        effect: Effect,
    ) -> Result<()> {
        let mode = placed_as(event.kind()?, mode, effect);
        let (Some(entry_id), Some(mode)) = (event.entry_id, mode) else {
            return Ok(());
        };
        let Some(entry) = record::find(tx, entry_id).await? else {
            return Ok(());
        };
        // An archive shows what it showed.
        let itself = site_record::find(tx, site.id).await?;
        if itself.is_some_and(|itself| itself.is_closed()) {
            return Ok(());
        }
        let section = match section::find(tx, &entry.section).await? {
            Some(section) => section.code,
            None => FROM_THE_PROVINCE.to_owned(),
        };
        let now = site.clock.now().timestamp_millis();
        placement::arrive(tx, entry_id, &section, mode, now).await?;
        auto_take::take(tx, site, entry_id).await?;
        Ok(())
    }

    async fn accepted(&self, _: &DatabaseTransaction, _: &Site, _: &record::Model) -> Result<()> {
        Ok(())
    }
}
