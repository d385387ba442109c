//! What people at a member say of its numbers: scores of their own, and objections. Kept here and sent to the hub by a
//! letter; the hub tells what became of it with the numbers.

use super::letter::Letter;
use super::points::Points;
use super::sheet::{Sheet, TurnedAway};
use super::told;
use crate::directory::site_record;
use crate::error::{Error, Result};
use crate::log::{self, EventKind, NewEvent};
use crate::newsroom::form;
use crate::screening;
use crate::site::Site;
use crate::sync::peer;
use crate::vietnamese;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, PaginatorTrait, QueryOrder, Set};
use serde::{Deserialize, Serialize};

/// Longest text, in characters.
pub const LONGEST: usize = 1_000;
/// Longest name of who says it, in characters.
pub const LONGEST_NAME: usize = 200;
/// Longest code of an indicator, in bytes.
const LONGEST_CODE: usize = 64;
/// Most that is said about one period.
const MOST: u64 = 200;

/// Something about the numbers of a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Its id, minted where it is said: heard twice it is one.
    pub id: Uuid,
    /// About which period.
    pub period: Uuid,
    /// About which indicator.
    pub indicator: String,
    /// The points people give themselves, in hundredths; none for an objection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<i64>,
    /// What shows them, or why they object.
    pub words: String,
    /// Who, as name and role.
    pub by: String,
    /// When, by the member's clock; milliseconds.
    pub at: i64,
}

impl Said {
    /// Whether it is within bounds; else why not.
    pub fn check(&self) -> std::result::Result<(), String> {
        let fits = |text: &str, most: usize| {
            !text.trim().is_empty() && text.chars().count() <= most && !text.contains('\0')
        };
        if !fits(&self.words, LONGEST) || !fits(&self.by, LONGEST_NAME) {
            return Err("lời giải trình hoặc tên người gửi trống hoặc quá dài".to_owned());
        }
        match self.indicator.len() <= LONGEST_CODE && self.points.is_none_or(|points| points >= 0) {
            true => Ok(()),
            false => Err("chỉ số hoặc điểm không đọc được".to_owned()),
        }
    }
}

/// What was said, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rankings_said")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// About which period.
    pub period_id: Uuid,
    /// About which indicator.
    pub indicator: String,
    /// Points people give themselves, in hundredths; none for an objection.
    pub points: Option<i64>,
    /// What shows them, or why they object.
    pub words: String,
    /// Who.
    pub said_by: String,
    /// When; milliseconds.
    pub said_at: i64,
    /// Why the province did not take it.
    pub turned_away: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What is filled in.
#[derive(Clone, Debug, Default)]
pub struct Filled {
    /// About which indicator.
    pub indicator: String,
    /// Points people give themselves; none for an objection.
    pub points: Option<Points>,
    /// What shows them, or why they object.
    pub words: String,
}

/// Keeps what is `filled` in about `period`, and sends it to the province.
///
/// # Errors
/// Where the province told nothing of the period, its window is over, or what is filled in cannot be sent.
pub async fn say(
    tx: &DatabaseTransaction,
    site: &Site,
    period: Uuid,
    filled: Filled,
    by: &str,
) -> Result<()> {
    let told = told::find(tx, period).await?.ok_or(Error::NotFound)?;
    let hub = peer::upstream(tx).await?;
    let hub = hub.filter(|hub| hub.site_id == told.site_id);
    let hub = match hub {
        Some(hub) => site_record::find(tx, hub.site_id).await?,
        None => None,
    };
    let hub = hub.ok_or(Error::NotFound)?;
    let words = checked(tx, site, &told.sheet()?, &filled).await?;
    let said = Entity::find().filter(Column::PeriodId.eq(period));
    if said.count(tx).await? >= MOST {
        let words = "Kỳ này đã có quá nhiều dòng; hãy gộp lại.";
        return Err(Error::Conflict(words.to_owned()));
    }
    let said = Said {
        id: Uuid::now_v7(),
        period,
        indicator: filled.indicator,
        points: filled.points.map(|points| points.0),
        words,
        by: by.chars().take(LONGEST_NAME).collect(),
        at: site.clock.now().timestamp_millis(),
    };
    let row = ActiveModel {
        id: Set(said.id),
        period_id: Set(said.period),
        indicator: Set(said.indicator.clone()),
        points: Set(said.points),
        words: Set(said.words.clone()),
        said_by: Set(said.by.clone()),
        said_at: Set(said.at),
        turned_away: Set(None),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    let letter = NewEvent {
        kind: EventKind::LetterRanking,
        lane: EventKind::LetterRanking.lane(),
        unit: site.unit_id,
        entry: Some(said.id),
        rev: 1,
        content: Some(Letter::Said(said).to_content()?),
        to: Some(hub.unit_id),
    };
    log::append(tx, site, letter).await?;
    Ok(())
}

/// The words of what is filled in, if it may be sent.
async fn checked(
    tx: &DatabaseTransaction,
    site: &Site,
    sheet: &Sheet,
    filled: &Filled,
) -> Result<String> {
    let today = vietnamese::local(site.clock.now()).date_naive();
    if !sheet.is_window_open(today) {
        return Err(Error::Conflict(
            "Đã hết thời gian tự đánh giá, giải trình của kỳ này.".to_owned(),
        ));
    }
    let line = sheet.line(&filled.indicator);
    let line = line.ok_or_else(|| Error::invalid("indicator", "Hãy chọn chỉ số."))?;
    let field = match filled.points {
        Some(points) if points.0 > line.most => {
            let words = format!(
                "Điểm tối đa của chỉ số này là {}.",
                Points(line.most).shown()
            );
            return Err(Error::invalid("points", words));
        }
        Some(_) => "evidence",
        None => "words",
    };
    let words = form::line(&filled.words);
    if words.is_empty() {
        let lacking = "Hãy ghi rõ, để tỉnh hiểu vì sao.";
        return Err(Error::invalid(field, lacking));
    }
    if words.chars().count() > LONGEST {
        return Err(Error::invalid(field, "Dài tối đa 1.000 ký tự."));
    }
    screening::allow_text(tx, field, &words).await?;
    Ok(words)
}

/// Notes that the province did not take something, and why.
pub(super) async fn turn_away(tx: &DatabaseTransaction, turned: &TurnedAway) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::TurnedAway, Expr::value(turned.why.clone()))
        .filter(Column::Id.eq(turned.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// What was said about `period`, the newest first.
pub async fn of_period<C: ConnectionTrait>(db: &C, period: Uuid) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::PeriodId.eq(period))
        .order_by_desc(Column::SaidAt)
        .order_by_desc(Column::Id)
        .all(db)
        .await?)
}
