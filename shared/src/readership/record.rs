//! Views as stored: of each site by day, of each entry by day and in all.

use super::counts::{Counts, Figures};
use super::usefulness;
use crate::entries::kinds::day_number;
use crate::entries::listing;
use crate::error::Result;
use chrono::{Datelike, Days, NaiveDate};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{ConnectionTrait, Order, QueryOrder, QuerySelect, Set};
use std::collections::{BTreeMap, HashMap};

/// How many days the views of an entry stay apart by day; its total stays.
pub const ENTRY_DAYS: u64 = 30;
/// How many days the views of other sites are kept; our own are kept for ever, one row a day.
pub const OTHERS_DAYS: u64 = 400;
/// Rows written by one statement.
const ROWS: usize = 500;

/// The views of a site on a day.
pub mod site_day {
    use sea_orm::entity::prelude::*;

    /// A stored day.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "view_days")]
    pub struct Model {
        /// Which site; ours, or one that told us.
        #[sea_orm(primary_key, auto_increment = false)]
        pub site_id: Uuid,
        /// The day in Vietnam, as the database orders days.
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: i64,
        /// How often its public pages were opened.
        pub views: i64,
    }

    /// None: nothing is joined with it.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The views of an entry on this site, on a day.
pub mod entry_day {
    use sea_orm::entity::prelude::*;

    /// A stored day.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "entry_view_days")]
    pub struct Model {
        /// The day in Vietnam, as the database orders days.
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: i64,
        /// Which entry.
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: Uuid,
        /// How often its page was opened.
        pub views: i64,
    }

    /// None: nothing is joined with it.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The views of an entry on this site, in all.
pub mod entry {
    use sea_orm::entity::prelude::*;

    /// A stored total.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "entry_views")]
    pub struct Model {
        /// Which entry.
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: Uuid,
        /// How often its page was opened.
        pub views: i64,
    }

    /// None: nothing is joined with it.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Adds `counts` to what stands there, as views of the site `here` and of entries on it.
pub async fn add<C: ConnectionTrait>(db: &C, here: Uuid, counts: &Counts) -> Result<()> {
    let days = counts
        .days
        .iter()
        .map(|(day, views)| site_day::ActiveModel {
            site_id: Set(here),
            day: Set(*day),
            views: Set(*views),
        });
    // An answer may come when no page was opened since the last writing.
    if !counts.days.is_empty() {
        site_day::Entity::insert_many(days)
            .on_conflict(
                OnConflict::columns([site_day::Column::SiteId, site_day::Column::Day])
                    .value(
                        site_day::Column::Views,
                        Expr::col((site_day::Entity, site_day::Column::Views))
                            .add(Expr::col(("excluded", site_day::Column::Views))),
                    )
                    .to_owned(),
            )
            .exec_without_returning(db)
            .await?;
    }

    // In their order, so that two processes that write at once wait for each other and not both.
    let mut totals: BTreeMap<Uuid, i64> = BTreeMap::new();
    for ((_, entry), views) in &counts.entries {
        *totals.entry(*entry).or_default() += views;
    }
    let by_day: Vec<_> = counts.entries.iter().collect();
    for some in by_day.chunks(ROWS) {
        let rows = some
            .iter()
            .map(|((day, entry), views)| entry_day::ActiveModel {
                day: Set(*day),
                entry_id: Set(*entry),
                views: Set(**views),
            });
        entry_day::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::columns([entry_day::Column::Day, entry_day::Column::EntryId])
                    .value(
                        entry_day::Column::Views,
                        Expr::col((entry_day::Entity, entry_day::Column::Views))
                            .add(Expr::col(("excluded", entry_day::Column::Views))),
                    )
                    .to_owned(),
            )
            .exec_without_returning(db)
            .await?;
    }
    let totals: Vec<_> = totals.into_iter().collect();
    for some in totals.chunks(ROWS) {
        let rows = some.iter().map(|(entry, views)| entry::ActiveModel {
            entry_id: Set(*entry),
            views: Set(*views),
        });
        entry::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::column(entry::Column::EntryId)
                    .value(
                        entry::Column::Views,
                        Expr::col((entry::Entity, entry::Column::Views))
                            .add(Expr::col(("excluded", entry::Column::Views))),
                    )
                    .to_owned(),
            )
            .exec_without_returning(db)
            .await?;
    }
    usefulness::add(db, &counts.verdicts).await
}

/// Notes what the site `told` says of its `days`, each named once: a day never becomes less, so that hearing the
/// same again, or hearing from a site that forgot its last minutes, changes nothing.
pub async fn raise<C: ConnectionTrait>(db: &C, told: Uuid, days: &[(i64, i64)]) -> Result<()> {
    if days.is_empty() {
        return Ok(());
    }
    let rows = days.iter().map(|(day, views)| site_day::ActiveModel {
        site_id: Set(told),
        day: Set(*day),
        views: Set(*views),
    });
    let more = Expr::col(("excluded", site_day::Column::Views))
        .gt(Expr::col((site_day::Entity, site_day::Column::Views)));
    site_day::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([site_day::Column::SiteId, site_day::Column::Day])
                .update_column(site_day::Column::Views)
                .action_and_where(more)
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// The days of a site from `first` on that have any views, with those, in their order.
pub async fn days_of<C: ConnectionTrait>(
    db: &C,
    site_id: Uuid,
    first: NaiveDate,
) -> Result<Vec<(i64, i64)>> {
    Ok(site_day::Entity::find()
        .select_only()
        .column(site_day::Column::Day)
        .column(site_day::Column::Views)
        .filter(site_day::Column::SiteId.eq(site_id))
        .filter(site_day::Column::Day.gte(day_number(first)))
        .order_by_asc(site_day::Column::Day)
        .into_tuple()
        .all(db)
        .await?)
}

/// What the views of a site come to on `day`.
pub async fn figures_of<C: ConnectionTrait>(
    db: &C,
    site_id: Uuid,
    day: NaiveDate,
) -> Result<Figures> {
    let days = days_of(db, site_id, NaiveDate::MIN).await?;
    Ok(Figures::of(days, day))
}

/// What the views of every site that has any in the month of `day` come to; of the month alone.
pub async fn month_by_site<C: ConnectionTrait>(
    db: &C,
    day: NaiveDate,
) -> Result<HashMap<Uuid, Figures>> {
    let first = day.with_day(1).unwrap_or(day);
    let rows = site_day::Entity::find()
        .filter(site_day::Column::Day.between(day_number(first), day_number(day)))
        .all(db)
        .await?;
    let mut days: HashMap<Uuid, Vec<(i64, i64)>> = HashMap::new();
    for row in rows {
        days.entry(row.site_id)
            .or_default()
            .push((row.day, row.views));
    }
    Ok(days
        .into_iter()
        .map(|(site, days)| (site, Figures::of(days, day)))
        .collect())
}

/// The entries shown here that were opened most from `first` to `last`, at most `limit`, the most opened first.
pub async fn most_viewed<C: ConnectionTrait>(
    db: &C,
    first: NaiveDate,
    last: NaiveDate,
    limit: u64,
) -> Result<Vec<Uuid>> {
    Ok(entry_day::Entity::find()
        .select_only()
        .column(entry_day::Column::EntryId)
        .filter(entry_day::Column::Day.between(day_number(first), day_number(last)))
        .filter(entry_day::Column::EntryId.in_subquery(listing::shown_ids()))
        .group_by(entry_day::Column::EntryId)
        .order_by(entry_day::Column::Views.sum(), Order::Desc)
        .order_by_asc(entry_day::Column::EntryId)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}

/// How often each of `entries` was opened here, of those that were.
pub async fn totals_of<C: ConnectionTrait>(
    db: &C,
    entries: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, i64>> {
    let found = entry::Entity::find()
        .filter(entry::Column::EntryId.is_in(entries))
        .all(db)
        .await?;
    Ok(found
        .into_iter()
        .map(|entry| (entry.entry_id, entry.views))
        .collect())
}

/// Forgets on `today` the days of entries, of what readers said, and of other sites than `here` whose time is over; how many.
pub async fn forget_old<C: ConnectionTrait>(db: &C, here: Uuid, today: NaiveDate) -> Result<u64> {
    let before = |days: u64| day_number(today.checked_sub_days(Days::new(days)).unwrap_or(today));
    let of_entries = entry_day::Entity::delete_many()
        .filter(entry_day::Column::Day.lt(before(ENTRY_DAYS)))
        .exec(db)
        .await?;
    let of_others = site_day::Entity::delete_many()
        .filter(site_day::Column::SiteId.ne(here))
        .filter(site_day::Column::Day.lt(before(OTHERS_DAYS)))
        .exec(db)
        .await?;
    let verdicts = usefulness::forget_old(db, today).await?;
    Ok(of_entries.rows_affected + of_others.rows_affected + verdicts)
}
