//! Lists of what is shown here: entries joined with this site's own word about them.

use super::kinds::links;
use super::record::{self, EntryState};
use super::search::Holds;
use super::{Kind, Placing, placement};
use crate::directory::site_record;
use crate::error::Result;
use crate::log::{EventKind, Lane, event};
use crate::media;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, SelectStatement};
use sea_orm::{
    ConnectionTrait, FromQueryResult, JoinType, QueryOrder, QuerySelect, QueryTrait, SelectTwo,
};
use std::collections::HashMap;

/// An entry with this site's word about it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The entry, as its origin says it.
    pub entry: record::Model,
    /// Where it stands here.
    pub placement: placement::Model,
    /// Its lead picture, if any was named.
    pub picture: Option<media::record::Model>,
}

impl Listed {
    /// Its title here.
    pub fn title(&self) -> &str {
        let own = self.placement.title.as_deref();
        own.unwrap_or(&self.entry.title)
    }

    /// Its lead here.
    pub fn lead(&self) -> Option<&str> {
        let own = self.placement.lead.as_deref();
        own.or(self.entry.lead.as_deref())
    }

    /// The code of its section here.
    pub fn section(&self) -> &str {
        &self.placement.section
    }

    /// Whether readers may see it.
    pub fn is_shown(&self) -> bool {
        self.entry.is_live() && self.placement.state == Placing::Shown.as_str()
    }

    /// Whether the site `here` shows it for another: what a feed brought in was signed by the hub,
    /// but its address is still its origin's.
    pub fn is_copy(&self, here: Uuid) -> bool {
        let source = self.entry.source().and_then(|source| source.url);
        self.entry.site_id != here || source.is_some_and(|url| url == self.entry.url)
    }
}

/// What a list is narrowed to; the default is everything shown.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only in one of these sections; empty: in any.
    pub sections: Vec<String>,
    /// Only of one of these kinds; empty: of any.
    pub kinds: Vec<Kind>,
    /// Only what has not ended by then; milliseconds.
    pub in_force_at: Option<i64>,
    /// Only what was born on other sites than this one.
    pub from_others_than: Option<Uuid>,
    /// Only what leads the front page.
    pub featured: bool,
    /// Only what had ended by then; milliseconds.
    pub ended_at: Option<i64>,
    /// Only documents that are so.
    pub documents: Documents,
    /// Only what holds on a day from the first to the second, as the database orders days.
    pub holds_within: Option<(i64, i64)>,
}

/// What documents are narrowed to; the default is all.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    /// Only of this form.
    pub form: Option<String>,
    /// Only of this field.
    pub field: Option<String>,
    /// Only by this office.
    pub issuer: Option<String>,
    /// Only issued in this year.
    pub year: Option<i32>,
    /// Only those that hold, do not yet or no longer, on a day as the database orders days.
    pub holding: Option<(Holding, i64)>,
    /// Only what holds these words, or has a number that holds this.
    pub words: Option<(Holds, String)>,
}

/// Whether documents hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// They do.
    Now,
    /// Not yet.
    Later,
    /// No longer.
    NoMore,
}

impl Documents {
    fn add_to(&self, mut all: Condition) -> Condition {
        let same = [
            (record::Column::Form, &self.form),
            (record::Column::Field, &self.field),
            (record::Column::Issuer, &self.issuer),
        ];
        for (column, value) in same {
            if let Some(value) = value {
                all = all.add(column.eq(value));
            }
        }
        if let Some(year) = self.year {
            let first = i64::from(year) * 10_000;
            all = all.add(record::Column::DatedOn.between(first, first + 9_999));
        }
        if let Some((holding, day)) = self.holding {
            all = all.add(holding.condition(day));
        }
        if let Some((holds, number)) = &self.words {
            let mut any = Condition::any().add(holds.condition());
            if !number.is_empty() {
                any = any.add(record::Column::Number.contains(number));
            }
            all = all.add(any);
        }
        all
    }
}

impl Holding {
    fn condition(self, day: i64) -> Condition {
        let starts = record::Column::StartsOn;
        let ends = record::Column::EndsOn;
        // Said both ways: not of a day that is missing is neither yes nor no.
        let has_ended = Condition::any()
            .add(ends.lte(day))
            .add(links::is_replaced(day));
        let lasts = Condition::all()
            .add(Condition::any().add(ends.is_null()).add(ends.gt(day)))
            .add(links::is_replaced(day).not());
        match self {
            Self::NoMore => has_ended,
            Self::Now => lasts.add(starts.lte(day)),
            Self::Later => lasts.add(starts.gt(day)),
        }
    }
}

impl Filter {
    /// Everything of one kind.
    pub fn of_kind(kind: Kind) -> Self {
        Self {
            kinds: vec![kind],
            ..Self::default()
        }
    }

    fn condition(&self) -> Condition {
        let mut all = shown();
        if !self.sections.is_empty() {
            all = all.add(placement::Column::Section.is_in(&self.sections));
        }
        if !self.kinds.is_empty() {
            all = all.add(record::Column::Kind.is_in(self.kinds.iter().map(|kind| kind.as_str())));
        }
        if let Some(now) = self.in_force_at {
            all = all.add(in_force(now));
        }
        if let Some(here) = self.from_others_than {
            all = all.add(record::Column::SiteId.ne(here));
        }
        if self.featured {
            all = all.add(placement::Column::Featured.eq(true));
        }
        if let Some(now) = self.ended_at {
            all = all.add(record::Column::ExpiresAt.lte(now));
        }
        if let Some((first, last)) = self.holds_within {
            all = all
                .add(record::Column::StartsOn.lte(last))
                .add(record::Column::EndsOn.gte(first));
        }
        self.documents.add_to(all)
    }
}

fn shown() -> Condition {
    Condition::all()
        .add(record::Column::State.eq(EntryState::Live.as_str()))
        .add(placement::Column::State.eq(Placing::Shown.as_str()))
}

/// The ids of all that is shown, for queries about something else of it.
pub fn shown_ids() -> SelectStatement {
    record::Entity::find()
        .select_only()
        .column(record::Column::EntryId)
        .join(JoinType::InnerJoin, to_placement())
        .filter(shown())
        .into_query()
}

fn in_force(now: i64) -> Condition {
    Condition::any()
        .add(record::Column::ExpiresAt.is_null())
        .add(record::Column::ExpiresAt.gt(now))
}

fn placed() -> SelectTwo<record::Entity, placement::Entity> {
    record::Entity::find()
        .join(JoinType::InnerJoin, to_placement())
        .select_also(placement::Entity)
}

fn to_placement() -> RelationDef {
    record::Entity::belongs_to(placement::Entity)
        .from(record::Column::EntryId)
        .to(placement::Column::EntryId)
        .into()
}

fn newest_first(
    select: SelectTwo<record::Entity, placement::Entity>,
) -> SelectTwo<record::Entity, placement::Entity> {
    select
        .order_by_desc(record::Column::PublishedAt)
        .order_by_desc(record::Column::Id)
}

/// What `filter` leaves, newest first: `limit` of them after `offset`.
pub async fn newest<C: ConnectionTrait>(
    db: &C,
    filter: &Filter,
    offset: u64,
    limit: u64,
) -> Result<Vec<Listed>> {
    let found = newest_first(placed().filter(filter.condition()))
        .offset(offset)
        .limit(limit)
        .all(db)
        .await?;
    with_pictures(db, found).await
}

/// What `filter` leaves by the last day it holds, the latest first: `limit` of them after `offset`.
pub async fn latest_end<C: ConnectionTrait>(
    db: &C,
    filter: &Filter,
    offset: u64,
    limit: u64,
) -> Result<Vec<Listed>> {
    let found = placed()
        .filter(filter.condition())
        .order_by_desc(record::Column::EndsOn)
        .order_by_desc(record::Column::Id)
        .offset(offset)
        .limit(limit)
        .all(db)
        .await?;
    with_pictures(db, found).await
}

/// The first and the last day on which anything holds that `filter` leaves, as [`day_number`](super::kinds::day_number);
/// none if it leaves nothing that holds on days.
pub async fn span<C: ConnectionTrait>(db: &C, filter: &Filter) -> Result<Option<(i64, i64)>> {
    let found: Option<(Option<i64>, Option<i64>)> = record::Entity::find()
        .select_only()
        .column_as(record::Column::StartsOn.min(), "first")
        .column_as(record::Column::EndsOn.max(), "last")
        .join(JoinType::InnerJoin, to_placement())
        .filter(filter.condition())
        .into_tuple()
        .one(db)
        .await?;
    Ok(found.and_then(|(first, last)| first.zip(last)))
}

/// The values that shown documents have in one of their columns, with how many have each.
pub async fn document_values<C: ConnectionTrait>(
    db: &C,
    column: record::Column,
) -> Result<Vec<(String, i64)>> {
    Ok(record::Entity::find()
        .select_only()
        .column(column)
        .column_as(record::Column::Id.count(), "entries")
        .join(JoinType::InnerJoin, to_placement())
        .filter(Filter::of_kind(Kind::Document).condition())
        .filter(column.is_not_null())
        .group_by(column)
        .order_by_asc(column)
        .into_tuple()
        .all(db)
        .await?)
}

/// The years shown documents were issued in, the latest first.
pub async fn document_years<C: ConnectionTrait>(db: &C) -> Result<Vec<i64>> {
    let days: Vec<i64> = record::Entity::find()
        .select_only()
        .column(record::Column::DatedOn)
        .distinct()
        .join(JoinType::InnerJoin, to_placement())
        .filter(Filter::of_kind(Kind::Document).condition())
        .filter(record::Column::DatedOn.is_not_null())
        .into_tuple()
        .all(db)
        .await?;
    let mut years: Vec<i64> = days.into_iter().map(|day| day / 10_000).collect();
    years.sort_unstable_by(|a, b| b.cmp(a));
    years.dedup();
    Ok(years)
}

/// How many `filter` leaves.
pub async fn count<C: ConnectionTrait>(db: &C, filter: &Filter) -> Result<u64> {
    let count = record::Entity::find()
        .select_only()
        .column_as(record::Column::Id.count(), "entries")
        .join(JoinType::InnerJoin, to_placement())
        .filter(filter.condition())
        .into_tuple::<i64>()
        .one(db)
        .await?;
    Ok(u64::try_from(count.unwrap_or(0)).unwrap_or(0))
}

/// How many entries are shown in each section that has any.
pub async fn count_by_section<C: ConnectionTrait>(db: &C) -> Result<HashMap<String, i64>> {
    let counts = record::Entity::find()
        .select_only()
        .column(placement::Column::Section)
        .column_as(record::Column::Id.count(), "entries")
        .join(JoinType::InnerJoin, to_placement())
        .filter(shown())
        .group_by(placement::Column::Section)
        .into_tuple::<(String, i64)>()
        .all(db)
        .await?;
    Ok(counts.into_iter().collect())
}

/// The units of known sites that wrote anything of what is shown. Each is looked up by itself: to go through
/// all that is shown for that takes longer than the search beside it.
pub async fn units<C: ConnectionTrait>(db: &C) -> Result<Vec<Uuid>> {
    let by_the_site = Expr::col((record::Entity, record::Column::SiteId))
        .equals((site_record::Entity, site_record::Column::Id));
    let anything = record::Entity::find()
        .select_only()
        .column(record::Column::Id)
        .join(JoinType::InnerJoin, to_placement())
        .filter(shown())
        .filter(by_the_site)
        .into_query();
    Ok(site_record::Entity::find()
        .select_only()
        .column(site_record::Column::UnitId)
        .distinct()
        .filter(Expr::exists(anything))
        .into_tuple()
        .all(db)
        .await?)
}

/// The entry `entry_id` if this site ever took a stand on it, shown or not.
pub async fn find<C: ConnectionTrait>(db: &C, entry_id: Uuid) -> Result<Option<Listed>> {
    Ok(find_many(db, &[entry_id]).await?.pop())
}

/// Those of `entries` that this site ever took a stand on, shown or not, in no order.
pub async fn find_many<C: ConnectionTrait>(db: &C, entries: &[Uuid]) -> Result<Vec<Listed>> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let found = placed()
        .filter(record::Column::EntryId.is_in(entries.iter().copied()))
        .all(db)
        .await?;
    with_pictures(db, found).await
}

/// The shown entries of the same section and kind published just before and just after `listed`.
pub async fn neighbours<C: ConnectionTrait>(
    db: &C,
    listed: &Listed,
) -> Result<(Option<Listed>, Option<Listed>)> {
    let entry = &listed.entry;
    let alike = || {
        placed()
            .filter(shown())
            .filter(placement::Column::Section.eq(listed.section()))
            .filter(record::Column::Kind.eq(&entry.kind))
    };
    // Two entries may have been published in the same millisecond; the row number tells them apart.
    let same_time = || record::Column::PublishedAt.eq(entry.published_at);
    let older = Condition::any()
        .add(record::Column::PublishedAt.lt(entry.published_at))
        .add(same_time().and(record::Column::Id.lt(entry.id)));
    let newer = Condition::any()
        .add(record::Column::PublishedAt.gt(entry.published_at))
        .add(same_time().and(record::Column::Id.gt(entry.id)));
    let before = newest_first(alike().filter(older)).limit(1).all(db).await?;
    let after = alike()
        .filter(newer)
        .order_by_asc(record::Column::PublishedAt)
        .order_by_asc(record::Column::Id)
        .limit(1)
        .all(db)
        .await?;
    let pair = |found: Vec<_>| without_pictures(found).pop();
    Ok((pair(before), pair(after)))
}

/// The newest notice that is an emergency: sent in the urgent lane, in force at `now`, and, where
/// it names no end, published after `since`.
pub async fn emergency<C: ConnectionTrait>(db: &C, now: i64, since: i64) -> Result<Option<Listed>> {
    let by_event: RelationDef = record::Entity::belongs_to(event::Entity)
        .from(record::Column::EventId)
        .to(event::Column::Id)
        .into();
    let lasts = Condition::any().add(record::Column::ExpiresAt.gt(now)).add(
        record::Column::ExpiresAt
            .is_null()
            .and(record::Column::PublishedAt.gt(since)),
    );
    let urgent = record::Entity::find()
        .join(JoinType::InnerJoin, to_placement())
        .join(JoinType::InnerJoin, by_event)
        .filter(shown())
        .filter(record::Column::Kind.eq(Kind::Notice.as_str()))
        .filter(event::Column::Lane.eq(Lane::Urgent.as_str()))
        .filter(event::Column::Kind.ne(EventKind::EntryWithdrawn.as_str()))
        .filter(lasts)
        .select_also(placement::Entity);
    let found = newest_first(urgent).limit(1).all(db).await?;
    Ok(without_pictures(found).pop())
}

/// One address of the sitemap.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Address {
    /// Row number.
    pub id: i64,
    /// Entry id.
    pub entry_id: Uuid,
    /// Kind, by name.
    pub kind: String,
    /// Title at its origin.
    pub title: String,
    /// Last revised; milliseconds.
    pub revised_at: i64,
}

impl Address {
    /// The path of its page.
    pub fn path(&self) -> String {
        let kind = Kind::parse(&self.kind).unwrap_or(Kind::Article);
        record::path_of(kind, &self.title, self.entry_id)
    }
}

/// The shown entries born on the site `here` with row numbers after `after`, in their order.
pub async fn addresses<C: ConnectionTrait>(
    db: &C,
    here: Uuid,
    after: i64,
    limit: u64,
) -> Result<Vec<Address>> {
    Ok(record::Entity::find()
        .select_only()
        .columns([
            record::Column::Id,
            record::Column::EntryId,
            record::Column::Kind,
            record::Column::Title,
            record::Column::RevisedAt,
        ])
        .join(JoinType::InnerJoin, to_placement())
        .filter(shown())
        .filter(record::Column::SiteId.eq(here))
        .filter(record::Column::Id.gt(after))
        .order_by_asc(record::Column::Id)
        .limit(limit)
        .into_model::<Address>()
        .all(db)
        .await?)
}

/// The highest row number of any entry; 0 where there is none.
pub async fn last_row<C: ConnectionTrait>(db: &C) -> Result<i64> {
    let last = record::Entity::find()
        .select_only()
        .column_as(record::Column::Id.max(), "last")
        .into_tuple::<Option<i64>>()
        .one(db)
        .await?;
    Ok(last.flatten().unwrap_or(0))
}

async fn with_pictures<C: ConnectionTrait>(
    db: &C,
    found: Vec<(record::Model, Option<placement::Model>)>,
) -> Result<Vec<Listed>> {
    let mut listed = without_pictures(found);
    let wanted: Vec<Vec<u8>> = listed
        .iter()
        .filter_map(|one| one.entry.picture.clone())
        .collect();
    let pictures = media::record::find_many(db, wanted).await?;
    for one in &mut listed {
        let hash = one.entry.picture.as_ref();
        one.picture = hash.and_then(|hash| pictures.get(hash).cloned());
    }
    Ok(listed)
}

fn without_pictures(found: Vec<(record::Model, Option<placement::Model>)>) -> Vec<Listed> {
    found
        .into_iter()
        .filter_map(|(entry, placement)| {
            Some(Listed {
                entry,
                placement: placement?,
                picture: None,
            })
        })
        .collect()
}
