//! What the hub does with events: its own go where the routes say, others' are relayed and placed.

use crate::bulletins;
use crate::own_key;
use crate::ranking;
use crate::recall;
use crate::routing::{Moment, Routed, Subject, route, targets};
use crate::switchboard;
use sea_orm::DatabaseTransaction;
use shared::accounts::{self, Right};
use shared::bulletins::Bulletin;
use shared::entries::apply::Effect;
use shared::entries::{Item, Mode, placement, record};
use shared::error::Result;
use shared::log::{EventKind, content, event, ledger};
use shared::newsroom::auto_take;
use shared::newsroom::post_check;
use shared::pages::view::{DeskItem, Link};
use shared::site::{Role, Site};
use shared::sync::audience::Membership;
use shared::sync::batch::Batch;
use shared::sync::{Audience, Selector, outgoing};
use shared::units::{self, Tree};
use uuid::Uuid;

/// The hub's part in the work every site does.
#[derive(Debug)]
pub struct Relay;

#[async_trait::async_trait]
impl Role for Relay {
    async fn recipients(
        &self,
        tx: &DatabaseTransaction,
        site: &Site,
        event: &event::Model,
    ) -> Result<Audience> {
        if let Some(unit) = event.signed_header()?.header.to {
            return Ok(Audience::of(Selector::Unit(unit), Mode::Suggested));
        }
        match event.kind()? {
            EventKind::SiteDescribed => Ok(Audience::of(Selector::Everyone, Mode::Mandatory)),
            EventKind::LetterReview
            | EventKind::LetterRecall
            | EventKind::LetterCase
            | EventKind::LetterBulletin
            | EventKind::LetterRanking => Ok(Audience::nobody()),
            EventKind::BulletinSaid => match bulletin_of(tx, event).await? {
                Some(bulletin) => Ok(bulletins::order::audience(&bulletin)),
                None => Ok(Audience::nobody()),
            },
            EventKind::EntryRecalled => match event.entry_id {
                Some(entry) => {
                    let mut audience = recall::order::audience(tx, entry).await?;
                    // Who once forgot to whom it sent what tells everybody.
                    if ledger::went_back(tx, site.id).await? {
                        audience.add(Selector::Everyone, Mode::Suggested);
                    }
                    Ok(audience)
                }
                None => Ok(Audience::nobody()),
            },
            EventKind::EntryPublished | EventKind::EntryRevised | EventKind::EntryWithdrawn => {
                Ok(routed(tx, site, event, Moment::Arrival).await?.audience)
            }
        }
    }

    async fn take_in(
        &self,
        tx: &DatabaseTransaction,
        site: &Site,
        event: &event::Model,
        _mode: Option<Mode>,
        effect: Effect,
    ) -> Result<()> {
        if event.kind()? == EventKind::LetterRecall {
            return recall::progress::note_applied(tx, site, event).await;
        }
        if event.kind()? == EventKind::LetterBulletin {
            return bulletins::progress::note_acknowledged(tx, site, event).await;
        }
        if event.kind()? == EventKind::LetterRanking && effect == Effect::Current {
            return ranking::letters::hear(tx, site, event).await;
        }
        if event.kind()? == EventKind::LetterCase && effect == Effect::Current {
            return switchboard::pass_on(tx, site, event).await;
        }
        if !is_relayed(event.kind()?, effect) {
            return Ok(());
        }
        let routed = routed(tx, site, event, Moment::Arrival).await?;
        place(tx, site, event, &routed.audience).await?;
        look_at_later(tx, site, event).await?;
        relay(tx, site, event, &routed).await?;
        if let Some(entry) = event.entry_id {
            auto_take::take(tx, site, entry).await?;
        }
        Ok(())
    }

    async fn accepted(
        &self,
        tx: &DatabaseTransaction,
        site: &Site,
        entry: &record::Model,
    ) -> Result<()> {
        use sea_orm::EntityTrait;
        let Some(event) = event::Entity::find_by_id(entry.event_id).one(tx).await? else {
            return Err(anyhow::anyhow!("event {} of an entry is gone", entry.event_id).into());
        };
        let routed = routed(tx, site, &event, Moment::Acceptance).await?;
        relay(tx, site, &event, &routed).await
    }

    async fn handed_over(&self, site: &Site, to: Uuid, batch: &Batch) -> Result<()> {
        bulletins::progress::handed_over(site, to, batch).await?;
        recall::progress::handed_over(site, to, batch).await
    }

    /// It may have forgotten to whom it sent an entry, and have taken in the withdrawal before it noticed: so
    /// what was taken back is told to everybody.
    async fn went_back(&self, tx: &DatabaseTransaction, site: &Site) -> Result<()> {
        let taken_back = [EventKind::EntryWithdrawn, EventKind::EntryRecalled];
        let everyone = Audience::of(Selector::Everyone, Mode::Suggested);
        for event in outgoing::not_for_everyone(tx, &taken_back).await? {
            outgoing::enqueue(tx, site, &event, event.lane()?, &everyone).await?;
        }
        Ok(())
    }

    fn grades_arrivals(&self) -> bool {
        true
    }

    fn account_roles(&self) -> &'static [accounts::Role] {
        &accounts::Role::ALL
    }

    fn first_roles(&self) -> &'static [accounts::Role] {
        &[
            accounts::Role::ChiefEditor,
            accounts::Role::HubEditor,
            accounts::Role::HubAdmin,
            accounts::Role::Admin,
        ]
    }

    /// The members are told with what the hub says of itself.
    async fn lists_changed(&self, tx: &DatabaseTransaction, site: &Site) -> Result<()> {
        own_key::describe_itself(tx, site, &site.key.current()).await
    }

    fn entry_actions(&self, entry: Uuid) -> Vec<(Right, Link)> {
        vec![(Right::Recall, crate::pages::recall_link(entry))]
    }

    fn manuals(&self) -> Vec<Link> {
        vec![crate::pages::manual::link()]
    }

    async fn desk_items(&self, site: &Site) -> Result<Vec<(Right, DeskItem)>> {
        crate::pages::desk_items(site).await
    }
}

/// Whether an event that came in is placed and passed on: only what made a difference here.
pub fn is_relayed(kind: EventKind, effect: Effect) -> bool {
    let is_about_entry = matches!(
        kind,
        EventKind::EntryPublished | EventKind::EntryRevised | EventKind::EntryWithdrawn
    );
    effect == Effect::Current && is_about_entry
}

/// Puts an entry where the routes say it stands on the provincial portal.
pub async fn place(
    tx: &DatabaseTransaction,
    site: &Site,
    event: &event::Model,
    audience: &Audience,
) -> Result<()> {
    let Some(subject) = SubjectOf::read(tx, event).await? else {
        return Ok(());
    };
    let Some(entry_id) = event.entry_id else {
        return Ok(());
    };
    let ourselves = Membership {
        unit: site.unit_id,
        is_upstream: false,
    };
    // Alone in a tree, only a route to this very unit selects us.
    if let Some(mode) = audience
        .only_unit(site.unit_id)
        .mode_for(&ourselves, &Tree::default())
    {
        let now = site.clock.now().timestamp_millis();
        placement::arrive(tx, entry_id, &subject.section, mode, now).await?;
    }
    Ok(())
}

/// Notes that what its own author approved is to be looked at.
async fn look_at_later(tx: &DatabaseTransaction, site: &Site, event: &event::Model) -> Result<()> {
    let Some(subject) = SubjectOf::read(tx, event).await? else {
        return Ok(());
    };
    let Some(entry_id) = event.entry_id.filter(|_| subject.self_approved) else {
        return Ok(());
    };
    if let Some(entry) = record::find(tx, entry_id).await? {
        let now = site.clock.now().timestamp_millis();
        post_check::ask(tx, &entry, event.rev, now).await?;
    }
    Ok(())
}

async fn relay(
    tx: &DatabaseTransaction,
    site: &Site,
    event: &event::Model,
    routed: &Routed,
) -> Result<()> {
    let lane = routed.lane_beside(event.lane()?);
    outgoing::enqueue(tx, site, event, lane, &routed.audience).await
}

/// Where an event about an entry goes. What follows an earlier revision goes at least where that went.
async fn routed(
    tx: &DatabaseTransaction,
    site: &Site,
    event: &event::Model,
    moment: Moment,
) -> Result<Routed> {
    let routed = match SubjectOf::read(tx, event).await? {
        Some(subject) => {
            let today = shared::vietnamese::local(site.clock.now()).date_naive();
            let tree = units::chain_on(tx, today, event.unit_id).await?;
            let routes = route::all(tx).await?;
            let subject = Subject {
                unit: event.unit_id,
                section: &subject.section,
                kind: &subject.kind,
            };
            targets(&subject, moment, &routes, &tree, site.unit_id)
        }
        None => Routed::default(),
    };
    let Some(entry_id) = event.entry_id else {
        return Ok(routed);
    };
    let so_far = outgoing::audience_so_far(tx, entry_id).await?;
    let routed = routed.following(event.rev, &so_far);
    let is_withdrawal = event.kind()? == EventKind::EntryWithdrawn;
    if is_withdrawal && ledger::went_back(tx, site.id).await? {
        return Ok(routed.reaching_all());
    }
    Ok(routed)
}

/// What an event says above every page, if it does.
async fn bulletin_of(tx: &DatabaseTransaction, event: &event::Model) -> Result<Option<Bulletin>> {
    let Some(hash) = &event.content_hash else {
        return Ok(None);
    };
    let Some(bytes) = content::read(tx, hash).await? else {
        return Ok(None);
    };
    let value = serde_json::from_slice(&bytes).map_err(anyhow::Error::new)?;
    let bulletin = Bulletin::from_content(&value).map_err(anyhow::Error::msg)?;
    Ok(Some(bulletin))
}

/// What the routes look at, read from the event's own content.
struct SubjectOf {
    section: String,
    kind: String,
    self_approved: bool,
}

impl SubjectOf {
    async fn read(tx: &DatabaseTransaction, event: &event::Model) -> Result<Option<Self>> {
        // Why an entry was taken back is a content too, and none that has a section.
        let says = matches!(
            event.kind()?,
            EventKind::EntryPublished | EventKind::EntryRevised
        );
        if !says {
            return Ok(None);
        }
        let (Some(hash), Some(entry)) = (&event.content_hash, event.entry_id) else {
            return Ok(None);
        };
        let Some(bytes) = content::read(tx, hash).await? else {
            return Ok(None);
        };
        let value = serde_json::from_slice(&bytes).map_err(anyhow::Error::new)?;
        let item = Item::read(&value, entry).map_err(anyhow::Error::new)?;
        Ok(Some(Self {
            self_approved: item.fields.self_approved,
            section: item.fields.section,
            kind: item.fields.kind.as_str().to_owned(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::EntityTrait;
    use shared::testing::{self, press};

    #[tokio::test]
    async fn a_hub_that_forgot_to_whom_it_sent_tells_everybody_once_what_was_taken_back() {
        let site = testing::Setup::default()
            .role(Relay)
            .site_of::<migrations::HubSchema>()
            .await;
        let stays = press::article("Lịch tiếp công dân").publish(&site).await;
        let taken_back = press::article("Thông báo nhầm").publish(&site).await;
        press::withdraw(&site, taken_back, 2).await;
        for round in 1..=2 {
            let inner = std::sync::Arc::clone(&site);
            site.db
                .write(move |tx| Box::pin(async move { Relay.went_back(tx, &inner).await }))
                .await
                .expect("writes");
            let db = site.db.reader();
            let sent = outgoing::Entity::find().all(db).await.expect("reads");
            let mut told = Vec::new();
            for place in sent {
                let event = event::Entity::find_by_id(place.event_id).one(db).await;
                let event = event.expect("reads").expect("is there");
                told.push((event.entry_id, event.kind, place.lane));
            }
            let expected = (
                Some(taken_back),
                EventKind::EntryWithdrawn.as_str().to_owned(),
                EventKind::EntryWithdrawn.lane().to_string(),
            );
            let count = told.iter().filter(|told| **told == expected).count();
            assert_eq!(count, 1, "round {round}: {told:?}");
            assert!(told.iter().all(|told| told.0 != Some(stays)), "{told:?}");
        }
    }
}
