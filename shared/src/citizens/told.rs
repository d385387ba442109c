//! How many cases wait for a unit's answer, as its site tells its hub in greetings: two numbers, and nothing of who
//! asked what.

use super::case::{self, Filter, Holder, Kind};
use super::thread::State;
use crate::error::Result;
use crate::site::Site;
use crate::vietnamese;
use chrono::NaiveDate;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, Set};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;

/// More than any unit has.
const MOST: u64 = 10_000_000;

/// Cases that wait for a unit's answer within a term: questions and feedback.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Owed {
    /// How many.
    pub open: u64,
    /// How many of them should have been answered before today.
    pub late: u64,
}

/// What a member told last.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "told_cases")]
pub struct Model {
    /// The member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: Uuid,
    /// How many wait.
    pub open: i64,
    /// How many of them are late.
    pub late: i64,
    /// When it said so; milliseconds.
    pub told_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The cases `unit` is to answer.
fn filter(unit: Uuid) -> Filter {
    Filter {
        kinds: &[Kind::Question, Kind::Feedback],
        states: State::OPEN.to_vec(),
        holder: Holder::Is(unit),
        entry: None,
    }
}

/// What `unit` owes on `today`, by what is held here.
pub async fn owed<C: ConnectionTrait>(db: &C, unit: Uuid, today: NaiveDate) -> Result<Owed> {
    let open = filter(unit);
    Ok(Owed {
        open: case::count(db, &open).await?,
        late: case::count_late(db, &open, today).await?,
    })
}

/// What this site has to tell.
pub async fn own(site: &Site) -> Result<Owed> {
    let today = vietnamese::local(site.clock.now()).date_naive();
    owed(site.db.reader(), site.unit_id, today).await
}

/// Keeps what `site_id` told, over what it told before.
pub async fn put<C: ConnectionTrait>(db: &C, site_id: Uuid, told: Owed, now: i64) -> Result<()> {
    let bounded = |count: u64| i64::try_from(count.min(MOST)).unwrap_or(i64::MAX);
    Entity::insert(ActiveModel {
        site_id: Set(site_id),
        open: Set(bounded(told.open)),
        late: Set(bounded(told.late.min(told.open))),
        told_at: Set(now),
    })
    .on_conflict(
        OnConflict::column(Column::SiteId)
            .update_columns([Column::Open, Column::Late, Column::ToldAt])
            .to_owned(),
    )
    .exec_without_returning(db)
    .await?;
    Ok(())
}

/// What each member told last.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<HashMap<Uuid, Model>> {
    let all = Entity::find().all(db).await?;
    Ok(all.into_iter().map(|told| (told.site_id, told)).collect())
}

/// Reads what a greeting tells. What is not of the form is left out: figures are no reason not to hear a peer.
pub fn leniently<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    from: D,
) -> Result<Option<T>, D::Error> {
    let told = serde_json::Value::deserialize(from)?;
    // A list would be taken for the members in their order.
    Ok(match told.is_object() {
        true => serde_json::from_value(told).ok(),
        false => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use serde_json::json;

    #[derive(Debug, Deserialize)]
    struct Said {
        #[serde(default, deserialize_with = "leniently")]
        cases: Option<Owed>,
    }

    #[tokio::test]
    async fn figures_that_cannot_be_are_left_out_and_the_last_ones_count() {
        for (said, expected) in [
            (json!({}), None),
            (json!({"cases": null}), None),
            (json!({"cases": [1, 2]}), None),
            (json!({"cases": {"open": -1, "late": 0}}), None),
            (json!({"cases": {"open": 3}}), None),
            (
                json!({"cases": {"open": 3, "late": 1, "closed": 9}}),
                Some(Owed { open: 3, late: 1 }),
            ),
        ] {
            let told: Said = serde_json::from_value(said.clone()).expect("a greeting all the same");
            assert_eq!(told.cases, expected, "{said}");
        }
        let site = testing::site().await;
        let member = Uuid::from_u128(7);
        for told in [
            Owed { open: 9, late: 2 },
            Owed {
                open: u64::MAX,
                late: u64::MAX,
            },
            Owed { open: 2, late: 5 },
        ] {
            site.db
                .write(move |tx| Box::pin(put(tx, member, told, 1)))
                .await
                .expect("kept");
        }
        let kept = all(site.db.reader()).await.expect("reads");
        let kept = &kept[&member];
        assert_eq!(
            (kept.open, kept.late),
            (2, 2),
            "no more are late than there are"
        );
    }
}
