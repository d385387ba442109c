//! What is not settled yet, month by month: graded entries that were published, and adjustments.
//!
//! An entry belongs to the month it was published in, or, if that is locked, to the first month after the last
//! locked one. What was taken back meanwhile drops out, with its reason.

use super::grade::{self, share};
use super::month::Month;
use super::person;
use super::price::{Share, Work};
use super::rates::Rates;
use super::sum::{Adjustment, Contents, Dropped, Sum};
use super::{adjustment, statement};
use crate::clock;
use crate::entries::Kind;
use crate::entries::record::{self, EntryState};
use crate::error::Result;
use crate::vietnamese;
use chrono::NaiveDate;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, PaginatorTrait, QueryOrder, QuerySelect, QueryTrait};
use std::collections::{BTreeMap, HashMap};

/// Entries asked about in one statement.
const SOME: usize = 500;

/// Everything a site has not settled yet.
#[derive(Clone, Debug, Default)]
pub struct Open {
    /// By the month of the statement that will pay it.
    months: BTreeMap<Month, Contents>,
    /// Everybody who was ever named.
    people: HashMap<Uuid, person::Model>,
}

impl Open {
    /// All of `site`.
    pub async fn load<C: ConnectionTrait>(db: &C, site: Uuid) -> Result<Self> {
        let people = person::by_id(db).await?;
        let last_locked = statement::last_locked(db).await?;
        let mut months: BTreeMap<Month, Contents> = BTreeMap::new();
        let grades = grade::open(db).await?;
        let ids: Vec<Uuid> = grades.iter().map(|grade| grade.entry_id).collect();
        let entries = entries_of(db, site, &ids).await?;
        let mut shares = grade::shares_of(db, &ids).await?;
        let grades: HashMap<Uuid, grade::Model> = grades
            .into_iter()
            .map(|grade| (grade.entry_id, grade))
            .collect();
        for entry in entries {
            let Some(grade) = grades.get(&entry.entry_id) else {
                continue;
            };
            let published_on = day_of(entry.published_at);
            let month = month_for(published_on, last_locked);
            let contents = months.entry(month).or_default();
            match entry.state() {
                EntryState::Live => contents.works.push(Work {
                    entry_id: entry.entry_id,
                    title: entry.title,
                    published_on,
                    grade: grade.grade(),
                    shares: named(shares.remove(&entry.entry_id), &people),
                }),
                state => contents.dropped.push(Dropped {
                    entry_id: entry.entry_id,
                    published_on,
                    reason: taken_back(state, entry.reason.as_deref()),
                    title: entry.title,
                }),
            }
        }
        let after = last_locked.map_or(0, Month::number);
        for one in adjustment::after(db, after).await? {
            let Some(month) = Month::of_number(one.month) else {
                continue;
            };
            let name = people.get(&one.person_id);
            months
                .entry(month)
                .or_default()
                .adjustments
                .push(Adjustment {
                    id: one.id,
                    entered_on: day_of(one.entered_at),
                    about: one.about,
                    person: one.person_id,
                    name: name.map_or_else(String::new, |person| person.name.clone()),
                    amount: one.amount,
                    reason: one.reason,
                });
        }
        Ok(Self { months, people })
    }

    /// The months that have something, the earliest first.
    pub fn months(&self) -> impl DoubleEndedIterator<Item = Month> + '_ {
        let some = self
            .months
            .iter()
            .filter(|(_, contents)| !contents.is_empty());
        some.map(|(month, _)| *month)
    }

    /// What `month` comes to, paid on `pay_on`.
    pub fn sum(&self, month: Month, rates: &Rates, pay_on: NaiveDate) -> Sum {
        let contents = self.months.get(&month).cloned().unwrap_or_default();
        let committed = person::committed_on(&self.people, pay_on);
        Sum::of(
            Contents {
                committed,
                ..contents
            },
            rates,
            pay_on,
        )
    }
}

/// The month whose statement pays what was published on `day`.
pub fn month_for(day: NaiveDate, last_locked: Option<Month>) -> Month {
    let own = Month::of(day);
    match last_locked {
        Some(locked) if own <= locked => locked.next(),
        _ => own,
    }
}

/// The day in Vietnam of a moment in milliseconds.
pub fn day_of(millis: i64) -> NaiveDate {
    vietnamese::local(clock::from_millis(millis)).date_naive()
}

/// Those of `ids` that are entries of `site`, in the order they were published. Copies of others are never among
/// them, whoever graded what.
async fn entries_of<C: ConnectionTrait>(
    db: &C,
    site: Uuid,
    ids: &[Uuid],
) -> Result<Vec<record::Model>> {
    let mut all = Vec::new();
    for some in ids.chunks(SOME) {
        let found = record::Entity::find()
            .filter(record::Column::SiteId.eq(site))
            .filter(record::Column::EntryId.is_in(some.iter().copied()))
            .order_by_asc(record::Column::EntryId);
        all.extend(found.all(db).await?);
    }
    all.sort_by_key(|entry| (entry.published_at, entry.entry_id));
    Ok(all)
}

fn named(shares: Option<Vec<share::Model>>, people: &HashMap<Uuid, person::Model>) -> Vec<Share> {
    let shares = shares.unwrap_or_default().into_iter();
    let named = shares.filter_map(|share| {
        let person = people.get(&share.person_id)?;
        Some(Share {
            person: person.id,
            name: person.name.clone(),
            parts: share.parts,
        })
    });
    named.collect()
}

fn taken_back(state: EntryState, reason: Option<&str>) -> String {
    let what = match state {
        EntryState::Recalled => "Tỉnh đã thu hồi bài",
        _ => "Đã gỡ bài",
    };
    match reason.filter(|reason| !reason.is_empty()) {
        Some(reason) => format!("{what}: {reason}"),
        None => format!("{what}."),
    }
}

/// Entries of `site` published in `month` that are public and nobody graded: how many, and the first of them.
pub async fn ungraded<C: ConnectionTrait>(
    db: &C,
    site: Uuid,
    month: Month,
    most: u64,
) -> Result<(u64, Vec<record::Model>)> {
    let kinds = Kind::ALL.into_iter().filter(|kind| super::is_paid(*kind));
    let graded = grade::Entity::find()
        .select_only()
        .column(grade::Column::EntryId)
        .into_query();
    let all = record::Entity::find()
        .filter(record::Column::SiteId.eq(site))
        .filter(record::Column::State.eq(EntryState::Live.as_str()))
        .filter(record::Column::Kind.is_in(kinds.map(Kind::as_str)))
        .filter(record::Column::PublishedAt.gte(month.begins()))
        .filter(record::Column::PublishedAt.lt(month.next().begins()))
        .filter(record::Column::EntryId.not_in_subquery(graded));
    let number = all.clone().count(db).await?;
    let first = all
        .order_by_asc(record::Column::PublishedAt)
        .limit(most)
        .all(db)
        .await?;
    Ok((number, first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_published_after_its_month_was_locked_is_paid_by_the_next() {
        let month = |name: &str| Month::parse(name).expect("a month");
        for (day, locked, paid_by) in [
            ("2026-11-30", None, "2026-11"),
            ("2026-11-30", Some("2026-10"), "2026-11"),
            ("2026-11-30", Some("2026-11"), "2026-12"),
            ("2026-03-01", Some("2026-12"), "2027-01"),
        ] {
            let day = day.parse().expect("a day");
            assert_eq!(
                month_for(day, locked.map(month)),
                month(paid_by),
                "{day} {locked:?}"
            );
        }
    }
}
