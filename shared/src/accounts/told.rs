//! How the accounts of a site stand, as it tells its hub in greetings: numbers, and nothing of who works there.

use super::account;
use super::grant;
use super::right::Right;
use crate::clock::from_millis;
use crate::error::Result;
use crate::site::Site;
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, Set};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// More than any unit has.
const MOST: u64 = 1_000_000;

/// The accounts of a site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Standing {
    /// How many may be used.
    pub active: u64,
    /// How many of them may approve and publish. Without any, nothing appears any more.
    pub approvers: u64,
    /// How many of them look after the others.
    pub admins: u64,
    /// When one of them last signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sign_in: Option<DateTime<Utc>>,
}

/// What a member told last.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "told_accounts")]
pub struct Model {
    /// The member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: Uuid,
    /// How many may be used.
    pub active: i64,
    /// How many of them may approve and publish.
    pub approvers: i64,
    /// How many of them look after the others.
    pub admins: i64,
    /// When one of them last signed in; milliseconds.
    pub last_sign_in: Option<i64>,
    /// When it said so; milliseconds.
    pub told_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What this site has to tell.
pub async fn own(site: &Site) -> Result<Standing> {
    let db = site.db.reader();
    let active = account::list(db)
        .await?
        .into_iter()
        .filter(|one| one.active);
    let seen: Vec<Option<i64>> = active.map(|one| one.last_seen_at).collect();
    let count = |holders: usize| u64::try_from(holders).unwrap_or(u64::MAX);
    Ok(Standing {
        active: count(seen.len()),
        approvers: count(grant::count_holders(db, Right::Publish).await?),
        admins: count(grant::count_holders(db, Right::ManageAccounts).await?),
        last_sign_in: seen.into_iter().flatten().max().map(from_millis),
    })
}

/// Keeps what `site_id` told, over what it told before.
pub async fn put<C: ConnectionTrait>(
    db: &C,
    site_id: Uuid,
    told: Standing,
    now: i64,
) -> Result<()> {
    let bounded = |count: u64| i64::try_from(count.min(MOST)).unwrap_or(i64::MAX);
    Entity::insert(ActiveModel {
        site_id: Set(site_id),
        active: Set(bounded(told.active)),
        approvers: Set(bounded(told.approvers.min(told.active))),
        admins: Set(bounded(told.admins.min(told.active))),
        last_sign_in: Set(told.last_sign_in.map(|at| at.timestamp_millis())),
        told_at: Set(now),
    })
    .on_conflict(
        OnConflict::column(Column::SiteId)
            .update_columns([
                Column::Active,
                Column::Approvers,
                Column::Admins,
                Column::LastSignIn,
                Column::ToldAt,
            ])
            .to_owned(),
    )
    .exec_without_returning(db)
    .await?;
    Ok(())
}

/// What `site_id` told last.
pub async fn find<C: ConnectionTrait>(db: &C, site_id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(site_id).one(db).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Role;
    use crate::testing;

    #[tokio::test]
    async fn a_site_tells_how_many_may_work_there_and_the_last_word_counts() {
        let site = testing::site().await;
        let before = own(&site).await.expect("counted");
        testing::sign_in(&site, Role::Approver).await;
        testing::sign_in(&site, Role::Contributor).await;
        let now = own(&site).await.expect("counted");
        assert_eq!(
            (now.active, now.approvers, now.admins),
            (before.active + 2, before.approvers + 1, before.admins)
        );
        let member = Uuid::from_u128(7);
        let wrong = Standing {
            active: 1,
            approvers: 9,
            ..Standing::default()
        };
        for (told, expected) in [(now, (now.active, now.approvers)), (wrong, (1, 1))] {
            let done = site
                .db
                .write(move |tx| Box::pin(put(tx, member, told, 5)))
                .await;
            done.expect("kept");
            let known = find(site.db.reader(), member).await.expect("reads");
            let known = known.expect("it told");
            let known = (known.active.unsigned_abs(), known.approvers.unsigned_abs());
            assert_eq!(known, expected, "no more approve than there are");
        }
    }
}
