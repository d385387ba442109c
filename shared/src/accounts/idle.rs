//! Accounts nobody has used for long are switched off.
//!
//! Only time that the site was up and people could sign in counts, day by day: a clock that jumps a
//! year ahead, or a server that stood still for two months, adds at most a day to anybody's absence.
//! The last administrator stays whatever happens.

use super::account::{self, Column, Entity, OffReason};
use super::session;
use crate::audit::{self, Action, Actor, Subject};
use crate::error::Result;
use crate::settings;
use crate::site::Site;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder};

/// So many days without a sign-in.
pub const DAYS: i64 = 45;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const LONGEST_MS: i64 = DAYS * DAY_MS;
/// Most that one look adds, however far the clock moved since the last.
const MOST_AT_ONCE_MS: i64 = 26 * 60 * 60 * 1000;
/// The setting that says when it was last looked.
const SETTING: &str = "idle_looked_at";

/// Days until `account` is switched off if it does not sign in.
pub fn days_left(account: &account::Model) -> i64 {
    (LONGEST_MS - account.idle_ms).clamp(0, LONGEST_MS) / DAY_MS
}

/// Counts the time since the last look against everybody who did not sign in, and switches off who was
/// away for too long; their logins.
pub async fn look(site: &Site) -> Result<Vec<String>> {
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| Box::pin(async move { look_at(tx, now).await }))
        .await
}

async fn look_at(tx: &DatabaseTransaction, now: i64) -> Result<Vec<String>> {
    let last: Option<i64> = settings::get(tx, SETTING).await?;
    // More often would make each hour's backup differ from the one before for nothing.
    if last.is_some_and(|last| (0..DAY_MS).contains(&(now - last))) {
        return Ok(Vec::new());
    }
    settings::set(tx, SETTING, &now).await?;
    let passed = last.map_or(0, |last| (now - last).clamp(0, MOST_AT_ONCE_MS));
    Entity::update_many()
        .col_expr(
            Column::IdleMs,
            ExprTrait::add(Expr::col(Column::IdleMs), passed),
        )
        .filter(Column::Active.eq(true))
        .exec(tx)
        .await?;
    let away = Entity::find()
        .filter(Column::Active.eq(true))
        .filter(Column::IdleMs.gte(LONGEST_MS))
        .order_by_desc(Column::IdleMs)
        .all(tx)
        .await?;
    let mut off = Vec::new();
    for account in away {
        if account::admins(tx).await? == [account.id] {
            continue;
        }
        session::end_all(tx, account.id).await?;
        account::switch_off(tx, &account, OffReason::Idle).await?;
        let subject = Subject::account(&account);
        audit::record(tx, &Actor::System, Action::AccountIdle, subject, now).await?;
        off.push(account.login);
    }
    Ok(off)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Role;
    use crate::testing::{self, TestSite};
    use std::time::Duration;

    const HOUR: Duration = Duration::from_secs(3600);

    async fn days(site: &TestSite, days: i64) -> Vec<String> {
        let mut off = Vec::new();
        for _ in 0..days {
            site.clock.advance(24 * HOUR);
            off.extend(look(site).await.expect("looks"));
        }
        off
    }

    async fn is_on(site: &TestSite, id: uuid::Uuid) -> bool {
        let found = account::find(site.db.reader(), id).await.expect("reads");
        found.expect("is there").active
    }

    #[tokio::test]
    async fn who_was_away_for_45_days_is_switched_off_but_never_the_last_administrator() {
        let site = testing::site().await;
        let admin = testing::account(&site, Role::Admin).await;
        let away = testing::account(&site, Role::Editor).await;
        let here = testing::account(&site, Role::Approver).await;
        look(&site).await.expect("looks");
        assert!(days(&site, 44).await.is_empty());
        let (id, now) = (here.id, site.clock.now().timestamp_millis());
        site.db
            .write(move |tx| Box::pin(async move { account::note_seen(tx, id, now).await }))
            .await
            .expect("signs in");
        assert_eq!(days(&site, 1).await, ["editor"]);
        assert!(!is_on(&site, away.id).await);
        assert!(is_on(&site, here.id).await);
        assert!(is_on(&site, admin.id).await, "somebody must let them in");
        let away = account::find(site.db.reader(), away.id)
            .await
            .expect("reads");
        assert_eq!(away.expect("is there").off_reason(), Some(OffReason::Idle));
    }

    #[tokio::test]
    async fn a_clock_that_jumps_and_a_server_that_stood_still_lock_nobody_out() {
        let site = testing::site().await;
        testing::account(&site, Role::Admin).await;
        let editor = testing::account(&site, Role::Editor).await;
        look(&site).await.expect("looks");
        site.clock.advance(365 * 24 * HOUR);
        assert!(look(&site).await.expect("looks").is_empty());
        assert!(is_on(&site, editor.id).await);
    }
}
