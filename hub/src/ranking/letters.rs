//! Telling each member its numbers, and hearing what it says to that.
//!
//! Whatever changes the numbers of a member only counts what it is owed; a loop writes the letters, some at a time, so
//! that opening a window for three thousand members holds nobody up. What stopped halfway goes on after a start.

use super::objection::{self, Said};
use super::period::{self, State};
use super::snapshot;
use super::{PUBLIC_PAGE, told};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, PaginatorTrait, QueryOrder, QuerySelect, Statement,
};
use shared::audit::Actor;
use shared::background;
use shared::error::{Error, Result};
use shared::log::{self, EventKind, NewEvent, event};
use shared::ranking::sheet::TurnedAway;
use shared::ranking::{self, Letter, Points};
use shared::server::Shutdown;
use shared::site::Site;
use std::sync::Arc;
use std::time::Duration;

/// How often it is seen who is owed a letter.
const PAUSE: Duration = Duration::from_millis(500);
/// Letters written at once.
const AT_ONCE: u64 = 100;

/// Most that is remembered of what one member said of one period and was not taken.
const MOST_TURNED: usize = 200;

/// What a member was told of a period.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ranking_letters")]
pub struct Model {
    /// The period.
    #[sea_orm(primary_key, auto_increment = false)]
    pub period_id: Uuid,
    /// The member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub unit_id: Uuid,
    /// The version it is to be told.
    pub owed: i64,
    /// The version it was told last.
    pub told: i64,
    /// What it said and was not taken: a list of [`TurnedAway`], JSON; none where all was.
    pub turned_away: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What it said and was not taken, the newest last.
    fn turned_away(&self) -> Result<Vec<TurnedAway>> {
        let Some(turned) = &self.turned_away else {
            return Ok(Vec::new());
        };
        Ok(serde_json::from_str(turned).map_err(anyhow::Error::new)?)
    }
}

/// Every member of `period` that speaks our protocol is to be told its numbers.
pub async fn owe_all(tx: &DatabaseTransaction, period: Uuid) -> Result<()> {
    owe_where(tx, "s.period_id = $1", vec![period.into()]).await
}

/// So is this one.
pub async fn owe(tx: &DatabaseTransaction, period: Uuid, unit: Uuid) -> Result<()> {
    let these = "s.period_id = $1 AND s.unit_id = $2";
    owe_where(tx, these, vec![period.into(), unit.into()]).await
}

async fn owe_where(
    tx: &DatabaseTransaction,
    these: &str,
    values: Vec<sea_orm::Value>,
) -> Result<()> {
    // Who is read by feed is no peer, and cannot be written to.
    let owe = format!(
        "INSERT INTO ranking_letters (period_id, unit_id, owed, told) \
         SELECT s.period_id, s.unit_id, 1, 0 FROM ranking_sheets s \
         JOIN peers p ON p.site_id = s.site_id WHERE {these} ORDER BY s.unit_id \
         ON CONFLICT (period_id, unit_id) DO UPDATE SET owed = ranking_letters.owed + 1"
    );
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), owe, values);
    tx.execute_raw(statement).await?;
    Ok(())
}

/// To how many of those who are written to the numbers of `period` as they are now were sent, and how many there are.
pub async fn progress<C: ConnectionTrait>(db: &C, period: Uuid) -> Result<(u64, u64)> {
    let all = Entity::find().filter(Column::PeriodId.eq(period));
    let behind = all
        .clone()
        .filter(Expr::col(Column::Told).lt(Expr::col(Column::Owed)))
        .count(db)
        .await?;
    let all = all.count(db).await?;
    Ok((all.saturating_sub(behind), all))
}

/// Keeps writing what is owed until `shutdown`.
pub async fn keep_telling(site: Arc<Site>, shutdown: Shutdown) {
    background::every(PAUSE, shutdown, move || {
        let site = Arc::clone(&site);
        async move {
            while tell_some(&site).await? {}
            Ok(())
        }
    })
    .await;
}

/// Writes some of the letters that are owed about one period; whether there were any.
pub async fn tell_some(site: &Arc<Site>) -> Result<bool> {
    let db = site.db.reader();
    let behind = || {
        Entity::find()
            .filter(Expr::col(Column::Told).lt(Expr::col(Column::Owed)))
            .order_by_asc(Column::PeriodId)
            .order_by_asc(Column::UnitId)
    };
    let Some(first) = behind().one(db).await? else {
        return Ok(false);
    };
    let due = behind()
        .filter(Column::PeriodId.eq(first.period_id))
        .limit(AT_ONCE)
        .all(db)
        .await?;
    // What changes while the board is read is owed once more, and told once more.
    let period = period::find(db, first.period_id).await?;
    let period = period.ok_or_else(|| anyhow::anyhow!("period {} is gone", first.period_id))?;
    let board = snapshot::board(db, site, &period).await?;
    let url = (period.state() == State::Published)
        .then(|| format!("{}{PUBLIC_PAGE}?ky={}", site.origin(), period.id));
    let mut letters = Vec::with_capacity(due.len());
    for one in due {
        let mut sheet = told::sheet(&board, &period, one.unit_id);
        if let Some(sheet) = &mut sheet {
            sheet.turned_away = one.turned_away()?;
            sheet.url.clone_from(&url);
        }
        letters.push((one, sheet));
    }
    let inner = Arc::clone(site);
    site.db
        .write(move |tx| {
            Box::pin(async move {
                for (one, sheet) in letters {
                    if let Some(sheet) = sheet {
                        let letter = NewEvent {
                            kind: EventKind::LetterRanking,
                            lane: EventKind::LetterRanking.lane(),
                            unit: inner.unit_id,
                            entry: Some(one.period_id),
                            rev: one.owed,
                            content: Some(Letter::Told(Box::new(sheet)).to_content()?),
                            to: Some(one.unit_id),
                        };
                        log::append(tx, &inner, letter).await?;
                    }
                    Entity::update_many()
                        .col_expr(Column::Told, Expr::value(one.owed))
                        .filter(Column::PeriodId.eq(one.period_id))
                        .filter(Column::UnitId.eq(one.unit_id))
                        .exec(tx)
                        .await?;
                }
                Ok(())
            })
        })
        .await?;
    site.wake();
    Ok(true)
}

/// Takes in what the letter `event` says about the numbers of its sender. What cannot be taken is answered with why.
pub async fn hear(tx: &DatabaseTransaction, site: &Site, event: &event::Model) -> Result<()> {
    let Some(Letter::Said(said)) = ranking::told::read(tx, event).await? else {
        return Ok(());
    };
    let about = (said.period, event.unit_id);
    if objection::is_known(tx, said.id).await? || !is_ranked(tx, about).await? {
        return Ok(());
    }
    // A letter said again in another log is the same letter.
    let known = Entity::find_by_id(about).one(tx).await?;
    let mut turned = match known {
        Some(known) => known.turned_away()?,
        None => Vec::new(),
    };
    if turned.iter().any(|one| one.id == said.id) {
        return Ok(());
    }
    let what = match said.points {
        Some(points) => Said::SelfScore {
            indicator: said.indicator.clone(),
            points: Points(points),
            evidence: said.words.clone(),
        },
        None => Said::Objection {
            id: said.id,
            indicator: said.indicator.clone(),
            words: said.words.clone(),
        },
    };
    let why = match objection::say(tx, site, about, what, &said.by, &Actor::System).await {
        Ok(()) => return Ok(()),
        Err(Error::Conflict(why)) => why,
        Err(Error::Invalid(errors)) => {
            let words: Vec<&str> = errors.iter().map(|one| one.message.as_str()).collect();
            words.join(" ")
        }
        Err(Error::Secret(_)) => "Có dấu hiệu bí mật nhà nước.".to_owned(),
        Err(error) => return Err(error),
    };
    tracing::info!(unit.id = %event.unit_id, said.id = %said.id, "what a member said of its ranking was turned away");
    turned.push(TurnedAway { id: said.id, why });
    let beyond = turned.len().saturating_sub(MOST_TURNED);
    turned.drain(..beyond);
    let turned = serde_json::to_string(&turned).map_err(anyhow::Error::new)?;
    owe(tx, about.0, about.1).await?;
    Entity::update_many()
        .col_expr(Column::TurnedAway, Expr::value(turned))
        .filter(Column::PeriodId.eq(about.0))
        .filter(Column::UnitId.eq(about.1))
        .exec(tx)
        .await?;
    Ok(())
}

async fn is_ranked<C: ConnectionTrait>(db: &C, about: (Uuid, Uuid)) -> Result<bool> {
    let found = period::sheet::Entity::find_by_id(about);
    Ok(found.count(db).await? > 0)
}
