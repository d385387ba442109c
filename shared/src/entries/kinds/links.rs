//! Which document replaces or amends which, where both are held here.
//!
//! A document names others by their numbers, which only mean something together with who issued them.
//! That another ended a document is believed only of the unit that published both.

use super::document::{DocumentFields, Named, issuer_key, number_key};
use super::{Kind, day_number};
use crate::entries::record::{self, EntryState};
use crate::entries::{Item, Placing, placement};
use crate::error::Result;
use chrono::NaiveDate;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, ExprTrait, Query, SimpleExpr};
use sea_orm::{ConnectionTrait, DatabaseTransaction, JoinType, QueryOrder, QuerySelect, Set};
use std::collections::HashMap;

/// That a document names another.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "document_links")]
pub struct Model {
    /// Row number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The document that names.
    pub entry_id: Uuid,
    /// [`Does`] by name.
    pub relation: String,
    /// The number it names, as numbers are compared.
    pub number: String,
    /// Who issued that, as offices are compared.
    pub issuer: String,
    /// Its own unit.
    pub unit_id: Uuid,
    /// The day from which it holds, as the database orders days.
    pub from_day: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a document does to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// Ends it.
    Replaces,
    /// Changes it.
    Amends,
}

impl Does {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Replaces => "replaces",
            Self::Amends => "amends",
        }
    }
}

/// Keeps what `item`, the current revision of `entry`, says of other documents, in place of what it said.
pub async fn keep(tx: &DatabaseTransaction, entry: &record::Model, item: &Item) -> Result<()> {
    forget(tx, entry.entry_id).await?;
    let Some(document) = &item.fields.document else {
        return Ok(());
    };
    let from = document.effective_on.unwrap_or(document.issued_on);
    let replaced = document.replaces.iter().map(|one| (Does::Replaces, one));
    let amended = document.amends.iter().map(|one| (Does::Amends, one));
    for (does, named) in replaced.chain(amended) {
        let row = ActiveModel {
            entry_id: Set(entry.entry_id),
            relation: Set(does.as_str().to_owned()),
            number: Set(number_key(&named.number)),
            issuer: Set(issuer_of(named, document)),
            unit_id: Set(entry.unit_id),
            from_day: Set(day_number(from)),
            ..Default::default()
        };
        Entity::insert(row).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Forgets what `entry` said of other documents.
pub async fn forget(tx: &DatabaseTransaction, entry: Uuid) -> Result<()> {
    Entity::delete_many()
        .filter(Column::EntryId.eq(entry))
        .exec(tx)
        .await?;
    Ok(())
}

fn issuer_of(named: &Named, by: &DocumentFields) -> String {
    issuer_key(named.issuer.as_ref().unwrap_or(&by.issuer))
}

/// The shown document that `by` means by `named`, the newest if there are several.
pub async fn meant<C: ConnectionTrait>(
    db: &C,
    named: &Named,
    by: &DocumentFields,
) -> Result<Option<record::Model>> {
    let found = record::Entity::find()
        .filter(record::Column::Kind.eq(Kind::Document.as_str()))
        .filter(record::Column::Number.eq(number_key(&named.number)))
        .filter(record::Column::IssuerKey.eq(issuer_of(named, by)))
        .filter(record::Column::State.eq(EntryState::Live.as_str()))
        .filter(record::Column::EntryId.in_subquery(shown()))
        .order_by_desc(record::Column::PublishedAt)
        .one(db)
        .await?;
    Ok(found)
}

fn shown() -> sea_orm::sea_query::SelectStatement {
    let mut shown = Query::select();
    shown
        .column(placement::Column::EntryId)
        .from(placement::Entity)
        .and_where(placement::Column::State.eq(Placing::Shown.as_str()));
    shown
}

/// What others do to the document `entry`, those shown here and published by the same unit.
pub async fn done_to<C: ConnectionTrait>(
    db: &C,
    entry: &record::Model,
) -> Result<Vec<(Does, record::Model)>> {
    let (Some(number), Some(issuer)) = (&entry.number, &entry.issuer_key) else {
        return Ok(Vec::new());
    };
    let links = of_numbers(db, std::slice::from_ref(number)).await?;
    let mut found = Vec::new();
    for link in links {
        let is_meant = link.issuer == *issuer && link.unit_id == entry.unit_id;
        if !is_meant || link.entry_id == entry.entry_id {
            continue;
        }
        let does = match link.relation == Does::Replaces.as_str() {
            true => Does::Replaces,
            false => Does::Amends,
        };
        if let Some(other) = record::find(db, link.entry_id).await? {
            found.push((does, other));
        }
    }
    Ok(found)
}

/// From which day each of `entries` is replaced by another of the same unit; those not replaced are left out.
pub async fn replaced_on<C: ConnectionTrait>(
    db: &C,
    entries: &[&record::Model],
) -> Result<HashMap<Uuid, NaiveDate>> {
    let numbers: Vec<String> = entries
        .iter()
        .filter_map(|entry| entry.number.clone())
        .collect();
    let links = of_numbers(db, &numbers).await?;
    let mut days = HashMap::new();
    for entry in entries {
        let first = links
            .iter()
            .filter(|link| {
                link.relation == Does::Replaces.as_str()
                    && Some(&link.number) == entry.number.as_ref()
                    && Some(&link.issuer) == entry.issuer_key.as_ref()
                    && link.unit_id == entry.unit_id
                    && link.entry_id != entry.entry_id
            })
            .map(|link| link.from_day)
            .min();
        if let Some(day) = first.and_then(day_of) {
            days.insert(entry.entry_id, day);
        }
    }
    Ok(days)
}

/// That another shown document of the same unit replaced an entry by `day`, for a query of entries.
pub fn is_replaced(day: i64) -> SimpleExpr {
    let by = Alias::new("by_entry");
    let mut replacing = Query::select();
    replacing
        .expr(Expr::value(1))
        .from(Entity)
        .join_as(
            JoinType::InnerJoin,
            record::Entity,
            by.clone(),
            Expr::col((by.clone(), record::Column::EntryId)).equals((Entity, Column::EntryId)),
        )
        .and_where(Expr::col((by, record::Column::State)).eq(EntryState::Live.as_str()))
        .and_where(Expr::col((Entity, Column::EntryId)).in_subquery(shown()))
        .and_where(Expr::col((Entity, Column::Relation)).eq(Does::Replaces.as_str()))
        .and_where(Expr::col((Entity, Column::FromDay)).lte(day))
        .and_where(
            Expr::col((Entity, Column::Number)).equals((record::Entity, record::Column::Number)),
        )
        .and_where(
            Expr::col((Entity, Column::Issuer)).equals((record::Entity, record::Column::IssuerKey)),
        )
        .and_where(
            Expr::col((Entity, Column::UnitId)).equals((record::Entity, record::Column::UnitId)),
        )
        .and_where(
            Expr::col((Entity, Column::EntryId))
                .not_equals((record::Entity, record::Column::EntryId)),
        );
    Expr::exists(replacing)
}

fn day_of(number: i64) -> Option<NaiveDate> {
    let part = |value: i64| u32::try_from(value).ok();
    NaiveDate::from_ymd_opt(
        i32::try_from(number / 10_000).ok()?,
        part(number / 100 % 100)?,
        part(number % 100)?,
    )
}

/// What shown documents say of these numbers.
async fn of_numbers<C: ConnectionTrait>(db: &C, numbers: &[String]) -> Result<Vec<Model>> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let to_entry: RelationDef = Entity::belongs_to(record::Entity)
        .from(Column::EntryId)
        .to(record::Column::EntryId)
        .into();
    Ok(Entity::find()
        .join(JoinType::InnerJoin, to_entry)
        .filter(record::Column::State.eq(EntryState::Live.as_str()))
        .filter(Column::EntryId.in_subquery(shown()))
        .filter(Column::Number.is_in(numbers.iter().cloned()))
        .all(db)
        .await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_come_back_from_their_numbers() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 29).expect("a day");
        assert_eq!(day_of(day_number(day)), Some(day));
        assert_eq!(day_of(0), None);
    }
}
