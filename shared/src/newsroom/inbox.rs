//! What other units sent, waiting for somebody here to decide.

use super::form;
use super::verdict::{self, Grade, Verdict};
use crate::accounts::account;
use crate::directory::site_record;
use crate::entries::placement::{self, Placing};
use crate::entries::{Mode, record, section};
use crate::error::{Error, Result};
use crate::log::{self, EventKind, NewEvent};
use crate::screening;
use crate::site::Site;
use crate::sync::peer;
use crate::sync::review::{Review, ReviewDecision};
use crate::units;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, PaginatorTrait, QueryOrder, QuerySelect, QueryTrait,
};
use std::collections::HashMap;

/// An entry that was sent here, and where it stands.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The entry.
    pub entry: record::Model,
    /// Its place here.
    pub placement: placement::Model,
    /// The name of the unit that sent it.
    pub unit: String,
    /// Who decided, by name.
    pub decided_by: Option<String>,
}

/// What can be done with an arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Shown here.
    Accept(Taking),
    /// Sent back with a reason.
    Return {
        /// What its authors are to mend.
        reason: String,
    },
    /// Passed over, quietly.
    Skip,
}

/// How an arrival is shown here. Its own text stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taking {
    /// Section here.
    pub section: String,
    /// Title of our own; empty keeps the origin's.
    pub title: String,
    /// Introduction of our own; empty keeps the origin's.
    pub lead: String,
    /// Whether it leads the front page.
    pub featured: bool,
    /// How good it is, where that is said.
    pub grade: Option<Grade>,
}

/// Longest reason, in characters.
const LONGEST_REASON: usize = 500;

/// A part of what was sent here.
#[derive(Clone, Debug)]
pub struct Arrivals {
    /// The latest first.
    pub arrivals: Vec<Arrival>,
    /// How many there are in all.
    pub total: u64,
    /// Who sent what stands there, whoever was asked for; those that sent most come first.
    pub senders: Vec<Sender>,
}

/// Who sent something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The unit.
    pub unit: Uuid,
    /// Its name.
    pub name: String,
    /// How much stands there of what it sent.
    pub count: i64,
}

/// What stands at `placing`, of all or of one `unit`. What waits and was withdrawn meanwhile is not part of it.
pub async fn list(
    site: &Site,
    placing: Placing,
    unit: Option<Uuid>,
    offset: u64,
    limit: u64,
) -> Result<Arrivals> {
    let db = site.db.reader();
    let total = select(placing, unit).count(db).await?;
    let placements = select(placing, unit)
        .order_by_desc(placement::Column::ArrivedAt)
        .order_by_desc(placement::Column::EntryId)
        .offset(offset)
        .limit(limit)
        .all(db)
        .await?;
    let ids = placements.iter().map(|placement| placement.entry_id);
    let mut entries: HashMap<Uuid, record::Model> = record::Entity::find()
        .filter(record::Column::EntryId.is_in(ids))
        .all(db)
        .await?
        .into_iter()
        .map(|entry| (entry.entry_id, entry))
        .collect();
    let names = Names::load(site).await?;
    let arrivals = placements
        .into_iter()
        .filter_map(|placement| {
            let entry = entries.remove(&placement.entry_id)?;
            Some(names.arrival(entry, placement))
        })
        .collect();
    Ok(Arrivals {
        arrivals,
        total,
        senders: senders(db, placing, &names.units).await?,
    })
}

async fn senders<C: ConnectionTrait>(
    db: &C,
    placing: Placing,
    units: &units::Tree,
) -> Result<Vec<Sender>> {
    let standing = select(placing, None)
        .select_only()
        .column(placement::Column::EntryId)
        .into_query();
    let counted: Vec<(Uuid, i64)> = record::Entity::find()
        .select_only()
        .column(record::Column::UnitId)
        .column_as(record::Column::EntryId.count(), "count")
        .filter(record::Column::EntryId.in_subquery(standing))
        .group_by(record::Column::UnitId)
        .into_tuple()
        .all(db)
        .await?;
    let mut senders: Vec<Sender> = counted
        .into_iter()
        .map(|(unit, count)| Sender {
            unit,
            name: units.name_of(unit),
            count,
        })
        .collect();
    senders.sort_by(|one, other| {
        let by_name = || one.name.cmp(&other.name);
        other.count.cmp(&one.count).then_with(by_name)
    });
    Ok(senders)
}

/// How many arrivals stand at `placing`.
pub async fn count<C: ConnectionTrait>(db: &C, placing: Placing) -> Result<u64> {
    Ok(select(placing, None).count(db).await?)
}

/// The arrival `entry_id`; `None` for what is our own or was never sent here.
pub async fn find(site: &Site, entry_id: Uuid) -> Result<Option<Arrival>> {
    let db = site.db.reader();
    let placed = placement::find(db, entry_id).await?;
    let Some(placement) = placed.filter(|placed| placed.mode != Mode::Own.as_str()) else {
        return Ok(None);
    };
    let Some(entry) = record::find(db, entry_id).await? else {
        return Ok(None);
    };
    Ok(Some(Names::load(site).await?.arrival(entry, placement)))
}

/// What was decided upon here, by people: what is shown because it was mandatory is not.
fn select(placing: Placing, unit: Option<Uuid>) -> Select<placement::Entity> {
    let query = placement::Entity::find()
        .filter(placement::Column::State.eq(placing.as_str()))
        .filter(placement::Column::Mode.ne(Mode::Own.as_str()));
    let query = match placing {
        Placing::Inbox => {
            let live = record::Column::State.eq(record::EntryState::Live.as_str());
            query.filter(placement::Column::EntryId.in_subquery(entries(live)))
        }
        Placing::Shown | Placing::Skipped | Placing::Returned => {
            query.filter(placement::Column::DecidedBy.is_not_null())
        }
    };
    match unit {
        Some(unit) => {
            let theirs = record::Column::UnitId.eq(unit);
            query.filter(placement::Column::EntryId.in_subquery(entries(theirs)))
        }
        None => query,
    }
}

/// The ids of the entries that are so.
fn entries(so: Expr) -> SelectStatement {
    let mut query = SelectStatement::new();
    query
        .column(record::Column::EntryId)
        .from(record::Entity)
        .and_where(so);
    query
}

/// The names of units and of people here.
struct Names {
    units: units::Tree,
    people: HashMap<Uuid, String>,
}

impl Names {
    async fn load(site: &Site) -> Result<Self> {
        let db = site.db.reader();
        let today = crate::vietnamese::local(site.clock.now()).date_naive();
        Ok(Self {
            units: units::tree_on(db, today).await?,
            people: account::list(db)
                .await?
                .into_iter()
                .map(|account| (account.id, account.name))
                .collect(),
        })
    }

    fn arrival(&self, entry: record::Model, placement: placement::Model) -> Arrival {
        Arrival {
            unit: self.units.name_of(entry.unit_id),
            decided_by: placement
                .decided_by
                .and_then(|id| self.people.get(&id).cloned()),
            entry,
            placement,
        }
    }
}

/// Decides upon `entry_id` as it was read at revision `rev`. Its authors are told in a letter what
/// became of it, unless it was passed over or no letter of ours reaches them. [`Site::wake`] is for after the commit.
pub async fn decide(
    tx: &DatabaseTransaction,
    site: &Site,
    entry_id: Uuid,
    rev: i64,
    decision: Decision,
    by: Uuid,
) -> Result<()> {
    let entry = record::find_locked(tx, entry_id)
        .await?
        .ok_or(Error::NotFound)?;
    let placed = placement::find(tx, entry_id)
        .await?
        .ok_or(Error::NotFound)?;
    still_open(&entry, &placed, rev)?;
    let can_be_told = can_be_told(tx, &entry).await?;
    if matches!(decision, Decision::Return { .. }) && !can_be_told {
        return Err(Error::invalid(
            "reason",
            "Không gửi lại được cho đơn vị viết bài này, vì bài tới qua tỉnh hoặc qua nguồn tin. Hãy chọn “Bỏ qua”.",
        ));
    }
    let verdict = verdict_on(&entry, &decision, by);
    let (decision, letter) = weigh(tx, site, &entry, decision, by).await?;
    let letter = letter.filter(|_| can_be_told);
    let is_accepted = decision.placing == Placing::Shown;
    let now = site.clock.now().timestamp_millis();
    placement::decide(tx, entry_id, decision, now).await?;
    verdict::keep(tx, verdict, now).await?;
    if let Some(letter) = letter {
        send(tx, site, &entry, &letter).await?;
    }
    if is_accepted {
        site.role.accepted(tx, site, &entry).await?;
    }
    Ok(())
}

/// A decision as it is counted.
fn verdict_on(entry: &record::Model, decision: &Decision, by: Uuid) -> Verdict {
    let (decided, grade) = match decision {
        Decision::Accept(taking) => (ReviewDecision::Accepted, taking.grade),
        Decision::Return { .. } => (ReviewDecision::Returned, None),
        Decision::Skip => (ReviewDecision::Declined, None),
    };
    Verdict {
        entry: entry.entry_id,
        unit: entry.unit_id,
        rev: entry.rev,
        decision: decided,
        grade,
        by,
    }
}

fn still_open(entry: &record::Model, placed: &placement::Model, rev: i64) -> Result<()> {
    let conflict = |words: &str| Err(Error::Conflict(words.to_owned()));
    if placed.mode == Mode::Own.as_str() {
        return Err(Error::NotFound);
    }
    if !entry.is_live() {
        return conflict("Đơn vị gửi đã gỡ bài này.");
    }
    if placed.state != Placing::Inbox.as_str() {
        return conflict("Bài này đã được người khác xử lý. Hãy tải lại trang.");
    }
    if entry.rev != rev {
        return conflict("Đơn vị gửi vừa sửa bài này. Hãy tải lại trang để đọc bản mới.");
    }
    Ok(())
}

/// A decision in the words of this site and in those of the letter.
async fn weigh(
    tx: &DatabaseTransaction,
    site: &Site,
    entry: &record::Model,
    decision: Decision,
    by: Uuid,
) -> Result<(placement::Decision, Option<Review>)> {
    let place = |placing| placement::Decision {
        placing,
        by,
        section: None,
        title: None,
        lead: None,
        featured: false,
        reason: None,
    };
    let letter = |decision, reason, url, grade| Review {
        entry: entry.entry_id,
        rev: entry.rev,
        decision,
        reason,
        url,
        post_check: None,
        grade,
    };
    match decision {
        Decision::Accept(taking) => {
            if section::find(tx, &taking.section).await?.is_none() {
                return Err(Error::invalid("section", "Hãy chọn chuyên mục."));
            }
            let own = |text: &str| Some(form::line(text)).filter(|text| !text.is_empty());
            let decided = placement::Decision {
                section: Some(taking.section),
                title: own(&taking.title),
                lead: own(&taking.lead),
                featured: taking.featured,
                ..place(Placing::Shown)
            };
            let url = site.address(&entry.path());
            Ok((
                decided,
                Some(letter(
                    ReviewDecision::Accepted,
                    None,
                    Some(url),
                    taking.grade,
                )),
            ))
        }
        Decision::Return { reason } => {
            let reason = form::line(&reason);
            if reason.is_empty() {
                return Err(Error::invalid(
                    "reason",
                    "Hãy ghi lý do để đơn vị viết bài biết cần sửa gì.",
                ));
            }
            if reason.chars().count() > LONGEST_REASON {
                return Err(Error::invalid("reason", "Lý do dài tối đa 500 ký tự."));
            }
            screening::allow_text(tx, "reason", &reason).await?;
            let decided = placement::Decision {
                reason: Some(reason.clone()),
                ..place(Placing::Returned)
            };
            Ok((
                decided,
                Some(letter(ReviewDecision::Returned, Some(reason), None, None)),
            ))
        }
        Decision::Skip => Ok((place(Placing::Skipped), None)),
    }
}

/// Whether a letter about `entry` reaches its authors: only those we exchange with read letters of ours. A
/// member's neighbours are not among them, nor is a portal that the hub reads by its feed.
pub async fn can_be_told<C: ConnectionTrait>(db: &C, entry: &record::Model) -> Result<bool> {
    let Some(site) = site_record::find(db, entry.site_id).await? else {
        return Ok(false);
    };
    Ok(site.unit_id == entry.unit_id && peer::find(db, entry.site_id).await?.is_some())
}

/// Tells the unit of `entry`, and nobody else.
pub async fn send(
    tx: &DatabaseTransaction,
    site: &Site,
    entry: &record::Model,
    letter: &Review,
) -> Result<()> {
    let new = NewEvent {
        kind: EventKind::LetterReview,
        lane: EventKind::LetterReview.lane(),
        unit: site.unit_id,
        entry: Some(entry.entry_id),
        rev: entry.rev,
        content: Some(letter.to_content()?),
        to: Some(entry.unit_id),
    };
    log::append(tx, site, new).await?;
    Ok(())
}
