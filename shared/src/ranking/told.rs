//! The numbers of this unit as the province told them: of each period, what the highest version says.

use super::letter::Letter;
use super::said;
use super::sheet::{Sheet, State};
use crate::directory::revocation;
use crate::entries::apply::Effect;
use crate::error::Result;
use crate::log::{EventKind, content, event};
use crate::site::Site;
use crate::vietnamese;
use chrono::NaiveDate;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, PaginatorTrait, QueryOrder, QuerySelect, Set};

/// Stored numbers of one period.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rankings_told")]
pub struct Model {
    /// The period.
    #[sea_orm(primary_key, auto_increment = false)]
    pub period_id: Uuid,
    /// The version that counts.
    pub rev: i64,
    /// The event that says so.
    pub event_id: i64,
    /// Whose word it is.
    pub site_id: Uuid,
    /// [`Sheet`] as JSON.
    pub sheet: String,
    /// The last day people may say something; none once they may not.
    pub window_until: Option<String>,
    /// When the numbers were counted; milliseconds.
    pub counted_at: i64,
    /// When we heard of it.
    pub received_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What it says.
    pub fn sheet(&self) -> Result<Sheet> {
        Ok(serde_json::from_str(&self.sheet).map_err(anyhow::Error::new)?)
    }
}

/// Takes in the numbers that `event` tells.
pub async fn store(
    tx: &DatabaseTransaction,
    event: &event::Model,
    sheet: &Sheet,
) -> Result<Effect> {
    for turned in &sheet.turned_away {
        said::turn_away(tx, turned).await?;
    }
    let known = Entity::find_by_id(sheet.period)
        .lock_exclusive()
        .one(tx)
        .await?;
    match known {
        Some(known) if known.rev > event.rev => return Ok(Effect::Stale),
        Some(_) => row_of(event, sheet)?.update(tx).await?,
        None => row_of(event, sheet)?.insert(tx).await?,
    };
    Ok(Effect::Current)
}

fn row_of(event: &event::Model, sheet: &Sheet) -> Result<ActiveModel> {
    Ok(ActiveModel {
        period_id: Set(sheet.period),
        rev: Set(event.rev),
        event_id: Set(event.id),
        site_id: Set(event.site_id),
        sheet: Set(serde_json::to_string(sheet).map_err(anyhow::Error::new)?),
        window_until: Set(window_until(sheet)),
        counted_at: Set(sheet.counted_at),
        received_at: Set(event.received_at),
    })
}

/// As the database orders days; a window without an end never ends.
fn window_until(sheet: &Sheet) -> Option<String> {
    // The day chrono knows as the last has a sign before its year, and would come first.
    let until =
        |until: Option<NaiveDate>| until.map_or("9999-12-31".to_owned(), |day| day.to_string());
    (sheet.state == State::Window).then(|| until(sheet.window_until))
}

/// Makes the numbers of `period` what the letters about it that still count say; forgets them if there are none.
pub async fn judge_again(tx: &DatabaseTransaction, period: Uuid) -> Result<()> {
    let Some(known) = Entity::find_by_id(period).lock_exclusive().one(tx).await? else {
        return Ok(());
    };
    let counting = event::Entity::find()
        .filter(event::Column::EntryId.eq(period))
        .filter(event::Column::Kind.eq(EventKind::LetterRanking.as_str()))
        .filter(event::Column::SiteId.eq(known.site_id))
        .filter(event::Column::Id.not_in_subquery(revocation::without_effect(period)))
        .order_by_desc(event::Column::Rev)
        .order_by_desc(event::Column::Id)
        .one(tx)
        .await?;
    match counting {
        Some(event) if event.id == known.event_id => Ok(()),
        Some(event) => {
            if let Some(Letter::Told(sheet)) = read(tx, &event).await? {
                row_of(&event, &sheet)?.update(tx).await?;
            }
            Ok(())
        }
        None => {
            Entity::delete_by_id(period).exec(tx).await?;
            Ok(())
        }
    }
}

/// What the letter `event` says, while its content is here.
pub async fn read<C: ConnectionTrait>(db: &C, event: &event::Model) -> Result<Option<Letter>> {
    let Some(hash) = &event.content_hash else {
        return Ok(None);
    };
    let Some(bytes) = content::read(db, hash).await? else {
        return Ok(None);
    };
    let value = serde_json::from_slice(&bytes).map_err(anyhow::Error::new)?;
    let subject = event.entry_id.unwrap_or_default();
    let letter = Letter::from_content(&value, subject).map_err(anyhow::Error::msg)?;
    Ok(Some(letter))
}

/// All periods that were told of, the newest first. A year has seventeen at most.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .order_by_desc(Column::CountedAt)
        .order_by_desc(Column::PeriodId)
        .all(db)
        .await?)
}

/// What was told of `period`.
pub async fn find<C: ConnectionTrait>(db: &C, period: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(period).one(db).await?)
}

/// In how many periods people here may say something now.
pub async fn count_open(site: &Site) -> Result<u64> {
    let today = vietnamese::local(site.clock.now()).date_naive();
    let open = Entity::find().filter(Column::WindowUntil.gte(today.to_string()));
    Ok(open.count(site.db.reader()).await?)
}
