//! Who is told of alerts, and by which rules.

use super::alert;
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryOrder, Set};
use shared::clock::from_millis;
use shared::error::{Error, Result};
use shared::vietnamese;

/// How long what is wrong is gathered before a message is written: what takes twelve members away at once is one
/// message, not twelve.
pub const GATHERED: TimeDelta = TimeDelta::seconds(60);
/// The shortest time between two messages to one recipient, unless something is urgent.
pub const APART: TimeDelta = TimeDelta::minutes(10);
/// Most recipients.
pub const MOST: usize = 30;
/// Minutes of a day.
const DAY: i64 = 24 * 60;

/// A stored recipient.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alert_recipients")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// [`Channel`] by name.
    pub channel: String,
    /// An e-mail address, or the URL of a webhook.
    pub address: String,
    /// What messages to a webhook are signed with: `whsec_` and base64.
    pub secret: Option<String>,
    /// Minute of the day from which on only what is urgent is told.
    pub quiet_from: Option<i64>,
    /// And until when.
    pub quiet_to: Option<i64>,
    /// Only what nobody said they know of for so many minutes; 0: everything, at once.
    pub after_minutes: i64,
    /// Whether it is told anything.
    pub active: bool,
    /// When it was added; milliseconds. What was over before is not told.
    pub made_at: i64,
    /// When a message was last taken; milliseconds.
    pub reached_at: Option<i64>,
    /// Why the last one was not.
    pub failure: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// By e-mail.
    Email,
    /// By a program, after the Standard Webhooks specification.
    Webhook,
}

impl Channel {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Webhook => "webhook",
        }
    }

    /// The channel of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Email, Self::Webhook]
            .into_iter()
            .find(|channel| channel.as_str() == name)
    }
}

/// All of them, by name.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    Ok(Entity::find().order_by_asc(Column::Name).all(db).await?)
}

/// The recipient `id`.
pub async fn find<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Model> {
    let found = Entity::find_by_id(id).one(db).await?;
    found.ok_or(Error::NotFound)
}

/// Adds one.
pub async fn add<C: ConnectionTrait>(db: &C, recipient: Model) -> Result<()> {
    let recipient = ActiveModel::from(recipient).reset_all();
    Entity::insert(recipient).exec_without_returning(db).await?;
    Ok(())
}

/// Removes one. What was not sent to it yet is not sent any more.
pub async fn remove<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<()> {
    Entity::delete_by_id(id).exec(db).await?;
    told::forget(db, id).await?;
    super::message::forget(db, id).await
}

/// Whether it is told anything from now on. What waits for one that is switched off is not sent any more.
pub async fn switch<C: ConnectionTrait>(db: &C, id: Uuid, active: bool) -> Result<()> {
    let mut change: ActiveModel = find(db, id).await?.into();
    if !active {
        super::message::drop_unsent(db, id).await?;
    }
    change.active = Set(active);
    change.failure = Set(None);
    change.update(db).await?;
    Ok(())
}

/// Notes how a message to `id` went.
pub async fn note(tx: &DatabaseTransaction, id: Uuid, went: Went, now: i64) -> Result<()> {
    // Removed meanwhile.
    let Some(known) = Entity::find_by_id(id).one(tx).await? else {
        return Ok(());
    };
    let mut change: ActiveModel = known.into();
    match went {
        Went::Well => {
            change.reached_at = Set(Some(now));
            change.failure = Set(None);
        }
        Went::Wrong(why) => change.failure = Set(Some(why)),
        Went::Unwanted(why) => {
            change.failure = Set(Some(why));
            change.active = Set(false);
            super::message::drop_unsent(tx, id).await?;
        }
    }
    change.update(tx).await?;
    Ok(())
}

/// How a message went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Went {
    /// It was taken.
    Well,
    /// It was not; in words.
    Wrong(String),
    /// Nobody wants messages there any more (410 Gone); in words.
    Unwanted(String),
}

/// What a recipient is to be told now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// What began.
    pub began: Vec<alert::Model>,
    /// What is over, of what it was told had begun.
    pub over: Vec<alert::Model>,
}

impl Due {
    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.began.is_empty() && self.over.is_empty()
    }
}

/// Whether an alert was told to somebody: that it began, and that it is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// That it began.
    pub began: bool,
    /// That it is over.
    pub over: bool,
}

impl Model {
    /// How it is told.
    pub fn channel(&self) -> Option<Channel> {
        Channel::parse(&self.channel)
    }

    /// Whether only what is urgent is told at `now`, by the clock in Vietnam. A quiet time may last past midnight.
    pub fn is_quiet(&self, now: DateTime<Utc>) -> bool {
        let (Some(from), Some(to)) = (self.quiet_from, self.quiet_to) else {
            return false;
        };
        let local = vietnamese::local(now);
        let minute = i64::from(local.hour() * 60 + local.minute());
        (minute - from).rem_euclid(DAY) < (to - from).rem_euclid(DAY)
    }

    /// What to tell it `now` of `alerts`, of which it was `told` that much and was written to `last` (milliseconds).
    /// Pure: nothing else matters.
    pub fn due(
        &self,
        alerts: &[alert::Model],
        told: impl Fn(i64) -> Told,
        last: Option<i64>,
        now: DateTime<Utc>,
    ) -> Due {
        if !self.active {
            return Due::default();
        }
        let at = now.timestamp_millis();
        let after = TimeDelta::minutes(self.after_minutes).num_milliseconds();
        let mut due = Due::default();
        for alert in alerts {
            let told = told(alert.id);
            match alert.closed_at {
                None if !told.began && alert.due_at + after <= at => {
                    let is_known = after > 0 && alert.acknowledged_at.is_some();
                    if !is_known {
                        due.began.push(alert.clone());
                    }
                }
                Some(_) if told.began && !told.over => due.over.push(alert.clone()),
                _ => {}
            }
        }
        let is_urgent =
            |alert: &alert::Model| alert.kind().is_some_and(super::trouble::Kind::is_urgent);
        let urgent = due.began.iter().any(is_urgent);
        if self.is_quiet(now) {
            due.over.clear();
            due.began.retain(is_urgent);
        }
        let since = |alert: &alert::Model| match alert.closed_at {
            Some(closed) => closed,
            None => alert.due_at + after,
        };
        let oldest = due.began.iter().chain(&due.over).map(since).min();
        let is_gathered = oldest.is_some_and(|oldest| now - from_millis(oldest) >= GATHERED);
        let is_apart = last.is_none_or(|last| now - from_millis(last) >= APART);
        match is_gathered && (is_apart || urgent) {
            true => due,
            false => Due::default(),
        }
    }
}

/// What recipients were told.
pub mod told {
    use super::*;
    use sea_orm::QuerySelect;
    use std::collections::HashMap;

    /// Somebody was told.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "alerts_told")]
    pub struct Model {
        /// Row number.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Who.
        pub recipient_id: Uuid,
        /// Of what.
        pub alert_id: i64,
        /// That it is over; that it began otherwise.
        pub is_over: bool,
    }

    /// None: joins are written where they are needed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    /// What `recipient` was told of `alerts`.
    pub async fn of<C: ConnectionTrait>(
        db: &C,
        recipient: Uuid,
        alerts: &[alert::Model],
    ) -> Result<HashMap<i64, Told>> {
        let mut told: HashMap<i64, Told> = HashMap::new();
        let ids: Vec<i64> = alerts.iter().map(|alert| alert.id).collect();
        for some in ids.chunks(10_000) {
            let rows: Vec<(i64, bool)> = Entity::find()
                .select_only()
                .columns([Column::AlertId, Column::IsOver])
                .filter(Column::RecipientId.eq(recipient))
                .filter(Column::AlertId.is_in(some.iter().copied()))
                .into_tuple()
                .all(db)
                .await?;
            for (alert, is_over) in rows {
                let of_it = told.entry(alert).or_default();
                match is_over {
                    true => of_it.over = true,
                    false => of_it.began = true,
                }
            }
        }
        Ok(told)
    }

    /// Notes that `recipient` is told what is `due`.
    pub async fn note(tx: &DatabaseTransaction, recipient: Uuid, due: &Due) -> Result<()> {
        let began = due.began.iter().map(|alert| (alert.id, false));
        let over = due.over.iter().map(|alert| (alert.id, true));
        let all: Vec<(i64, bool)> = began.chain(over).collect();
        for some in all.chunks(500) {
            let rows = some.iter().map(|(alert, is_over)| ActiveModel {
                recipient_id: Set(recipient),
                alert_id: Set(*alert),
                is_over: Set(*is_over),
                ..Default::default()
            });
            Entity::insert_many(rows).exec_without_returning(tx).await?;
        }
        Ok(())
    }

    /// Forgets what `recipient` was told.
    pub(super) async fn forget<C: ConnectionTrait>(db: &C, recipient: Uuid) -> Result<()> {
        Entity::delete_many()
            .filter(Column::RecipientId.eq(recipient))
            .exec(db)
            .await?;
        Ok(())
    }

    /// Forgets what was told of alerts that are forgotten.
    pub async fn forget_old(tx: &DatabaseTransaction) -> Result<u64> {
        use sea_orm::QueryTrait;
        let known = alert::Entity::find()
            .select_only()
            .column(alert::Column::Id)
            .into_query();
        let forgotten = Entity::delete_many()
            .filter(Column::AlertId.not_in_subquery(known))
            .exec(tx)
            .await?;
        Ok(forgotten.rows_affected)
    }
}
