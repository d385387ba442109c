//! What members say of their numbers: scores of their own, objections, and the adjustments that follow. A raw number
//! is never changed; an adjustment stands beside it, with who made it and why.

use super::input::Input;
use super::letters;
use super::period::{self, Act};
use super::scheme::Scheme;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, PaginatorTrait, QueryOrder, Set};
use shared::audit::{self, Action, Actor, Kind, Subject};
use shared::error::{Error, Result};
use shared::newsroom::form;
use shared::ranking::Points;
use shared::screening;
use shared::site::Site;

/// Longest text, in letters.
const LONGEST: usize = 1_000;
/// Most of all sorts for one member in a period.
const MOST: u64 = 200;

/// A stored objection.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ranking_objections")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// In which period.
    pub period_id: Uuid,
    /// Whose.
    pub unit_id: Uuid,
    /// About which indicator.
    pub indicator: String,
    /// What it says.
    pub words: String,
    /// Who filed it here.
    pub filed_by: String,
    /// When; milliseconds.
    pub filed_at: i64,
    /// [`Outcome`] by name; none while it waits.
    pub outcome: Option<String>,
    /// Why.
    pub answer: Option<String>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub use shared::ranking::sheet::Outcome;

/// Adjustments.
pub mod adjustment {
    use super::*;

    /// A stored adjustment; the database lets none be changed.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ranking_adjustments")]
    pub struct Model {
        /// Row number.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// In which period.
        pub period_id: Uuid,
        /// Whose number.
        pub unit_id: Uuid,
        /// [`Input`] by name.
        pub input: String,
        /// By how much.
        pub delta: i64,
        /// Why.
        pub reason: String,
        /// Who made it.
        pub made_by: String,
        /// When; milliseconds.
        pub at: i64,
        /// The objection it follows from.
        pub objection_id: Option<Uuid>,
    }

    /// None: joins are written where they are needed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    /// Those of a period, in the order they were made.
    pub async fn of_period<C: ConnectionTrait>(db: &C, period: Uuid) -> Result<Vec<Model>> {
        Ok(Entity::find()
            .filter(Column::PeriodId.eq(period))
            .order_by_asc(Column::Id)
            .all(db)
            .await?)
    }
}

/// Scores members give themselves.
pub mod self_score {
    use super::*;

    /// A stored score.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ranking_self_scores")]
    pub struct Model {
        /// In which period.
        #[sea_orm(primary_key, auto_increment = false)]
        pub period_id: Uuid,
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub unit_id: Uuid,
        /// In which indicator.
        #[sea_orm(primary_key, auto_increment = false)]
        pub indicator: String,
        /// Hundredths of a point.
        pub points: i64,
        /// What shows it.
        pub evidence: String,
        /// Who entered it here.
        pub said_by: String,
        /// When; milliseconds.
        pub at: i64,
    }

    /// None: joins are written where they are needed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    /// Those of a period.
    pub async fn of_period<C: ConnectionTrait>(db: &C, period: Uuid) -> Result<Vec<Model>> {
        Ok(Entity::find()
            .filter(Column::PeriodId.eq(period))
            .order_by_asc(Column::Indicator)
            .all(db)
            .await?)
    }

    /// Keeps `score` over what was said before.
    pub async fn put(tx: &DatabaseTransaction, score: Model) -> Result<()> {
        use sea_orm::sea_query::OnConflict;
        Entity::insert(ActiveModel {
            period_id: Set(score.period_id),
            unit_id: Set(score.unit_id),
            indicator: Set(score.indicator),
            points: Set(score.points),
            evidence: Set(score.evidence),
            said_by: Set(score.said_by),
            at: Set(score.at),
        })
        .on_conflict(
            OnConflict::columns([Column::PeriodId, Column::UnitId, Column::Indicator])
                .update_columns([Column::Points, Column::Evidence, Column::SaidBy, Column::At])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
        Ok(())
    }
}

/// The objections of a period, in the order they came.
pub async fn of_period<C: ConnectionTrait>(db: &C, period: Uuid) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::PeriodId.eq(period))
        .order_by_asc(Column::FiledAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// How many objections wait for an answer: of one period, or of all.
pub async fn count_open<C: ConnectionTrait>(db: &C, period: Option<Uuid>) -> Result<u64> {
    let mut query = Entity::find().filter(Column::Outcome.is_null());
    if let Some(period) = period {
        query = query.filter(Column::PeriodId.eq(period));
    }
    Ok(query.count(db).await?)
}

/// Something to be said about the numbers of a member.
#[derive(Clone, Debug)]
pub enum Said {
    /// A score it gives itself, with what shows it.
    SelfScore {
        /// In which indicator.
        indicator: String,
        /// How much.
        points: Points,
        /// What shows it.
        evidence: String,
    },
    /// It objects.
    Objection {
        /// What the objection is called from now on: heard twice it is one.
        id: Uuid,
        /// To what was counted for which indicator.
        indicator: String,
        /// Why.
        words: String,
    },
    /// The province decides about an objection.
    Answer {
        /// Which.
        objection: Uuid,
        /// How.
        outcome: Outcome,
        /// Why.
        answer: String,
    },
    /// A number is adjusted.
    Adjustment {
        /// Which.
        input: Input,
        /// By how much.
        delta: i64,
        /// Why.
        reason: String,
        /// The objection it follows from.
        objection: Option<Uuid>,
    },
}

impl Said {
    fn action(&self) -> Action {
        match self {
            Self::SelfScore { .. } | Self::Objection { .. } => Action::RankingSaid,
            Self::Answer { .. } => Action::RankingAnswered,
            Self::Adjustment { .. } => Action::RankingAdjusted,
        }
    }
}

/// Keeps what is `said` about a unit in a period, while the window is open.
pub async fn say(
    tx: &DatabaseTransaction,
    site: &Site,
    (period_id, unit_id): (Uuid, Uuid),
    said: Said,
    by: &str,
    actor: &Actor,
) -> Result<()> {
    let found = period::find(tx, period_id).await?.ok_or(Error::NotFound)?;
    let facts = found.facts(tx, site).await?;
    period::allowed(&found, Act::Say, &facts)?;
    let sheet = period::sheet::Entity::find_by_id((period_id, unit_id))
        .one(tx)
        .await?;
    sheet.ok_or(Error::NotFound)?;
    let about = About {
        scheme: found.scheme(tx).await?,
        window_runs: facts.window_runs,
        period: period_id,
        unit: unit_id,
        by,
        now: site.clock.now().timestamp_millis(),
    };
    let action = said.action();
    match said {
        Said::SelfScore {
            indicator,
            points,
            evidence,
        } => about.self_score(tx, indicator, points, &evidence).await?,
        Said::Objection {
            id,
            indicator,
            words,
        } => about.object(tx, id, indicator, &words).await?,
        Said::Answer {
            objection,
            outcome,
            answer,
        } => about.answer(tx, objection, outcome, &answer).await?,
        Said::Adjustment {
            input,
            delta,
            reason,
            objection,
        } => about.adjust(tx, (input, delta), &reason, objection).await?,
    }
    letters::owe(tx, period_id, unit_id).await?;
    let subject = Subject::of(Kind::Ranking, period_id);
    audit::record(tx, actor, action, subject, about.now).await
}

/// Whether the objection `id` is known.
pub async fn is_known<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<bool> {
    Ok(Entity::find_by_id(id).count(db).await? > 0)
}

/// About whom something is said, by whom and when.
struct About<'a> {
    scheme: Scheme,
    window_runs: bool,
    period: Uuid,
    unit: Uuid,
    by: &'a str,
    now: i64,
}

impl About<'_> {
    /// The most that can be reached in an indicator of the scheme.
    fn most(&self, indicator: &str) -> Result<Points> {
        self.scheme
            .indicator(indicator)
            .map(|one| one.points)
            .ok_or_else(|| Error::invalid("indicator", "Hãy chọn chỉ số."))
    }

    /// Whether the member may still say something itself.
    fn in_time(&self) -> Result<()> {
        match self.window_runs {
            true => Ok(()),
            false => Err(Error::Conflict(
                "Đã hết thời gian tự đánh giá, giải trình của kỳ này.".to_owned(),
            )),
        }
    }

    async fn self_score(
        &self,
        tx: &DatabaseTransaction,
        indicator: String,
        points: Points,
        evidence: &str,
    ) -> Result<()> {
        let most = self.most(&indicator)?;
        self.in_time()?;
        if points > most {
            let words = format!("Điểm tối đa của chỉ số này là {}.", most.shown());
            return Err(Error::invalid("points", words));
        }
        let score = self_score::Model {
            period_id: self.period,
            unit_id: self.unit,
            indicator,
            points: points.0,
            evidence: text(tx, "evidence", evidence).await?,
            said_by: self.by.to_owned(),
            at: self.now,
        };
        self_score::put(tx, score).await
    }

    async fn object(
        &self,
        tx: &DatabaseTransaction,
        id: Uuid,
        indicator: String,
        words: &str,
    ) -> Result<()> {
        self.most(&indicator)?;
        self.in_time()?;
        let words = text(tx, "words", words).await?;
        let filed = Entity::find()
            .filter(Column::PeriodId.eq(self.period))
            .filter(Column::UnitId.eq(self.unit))
            .count(tx)
            .await?;
        bounded(filed)?;
        let row = ActiveModel {
            id: Set(id),
            period_id: Set(self.period),
            unit_id: Set(self.unit),
            indicator: Set(indicator),
            words: Set(words),
            filed_by: Set(self.by.to_owned()),
            filed_at: Set(self.now),
            outcome: Set(None),
            answer: Set(None),
            decided_by: Set(None),
            decided_at: Set(None),
        };
        Entity::insert(row).exec_without_returning(tx).await?;
        Ok(())
    }

    async fn answer(
        &self,
        tx: &DatabaseTransaction,
        objection: Uuid,
        outcome: Outcome,
        answer: &str,
    ) -> Result<()> {
        let found = self.objection(tx, objection).await?;
        if found.outcome.is_some() {
            return Err(Error::Conflict(
                "Giải trình này đã được trả lời.".to_owned(),
            ));
        }
        let answer = text(tx, "answer", answer).await?;
        let mut change: ActiveModel = found.into();
        change.outcome = Set(Some(outcome.as_str().to_owned()));
        change.answer = Set(Some(answer));
        change.decided_by = Set(Some(self.by.to_owned()));
        change.decided_at = Set(Some(self.now));
        change.update(tx).await?;
        Ok(())
    }

    async fn adjust(
        &self,
        tx: &DatabaseTransaction,
        (input, delta): (Input, i64),
        reason: &str,
        objection: Option<Uuid>,
    ) -> Result<()> {
        use adjustment::{ActiveModel, Column, Entity};
        if delta == 0 || delta.unsigned_abs() > 1_000_000_000 {
            let words = "Hãy ghi số cộng thêm hoặc trừ đi, khác 0.";
            return Err(Error::invalid("delta", words));
        }
        if let Some(objection) = objection {
            self.objection(tx, objection).await?;
        }
        let reason = text(tx, "reason", reason).await?;
        let made = Entity::find()
            .filter(Column::PeriodId.eq(self.period))
            .filter(Column::UnitId.eq(self.unit))
            .count(tx)
            .await?;
        bounded(made)?;
        let row = ActiveModel {
            period_id: Set(self.period),
            unit_id: Set(self.unit),
            input: Set(input.code()),
            delta: Set(delta),
            reason: Set(reason),
            made_by: Set(self.by.to_owned()),
            at: Set(self.now),
            objection_id: Set(objection),
            ..Default::default()
        };
        Entity::insert(row).exec_without_returning(tx).await?;
        Ok(())
    }

    /// The objection `id`, if it is this unit's in this period.
    async fn objection(&self, tx: &DatabaseTransaction, id: Uuid) -> Result<Model> {
        let found = Entity::find_by_id(id).one(tx).await?;
        found
            .filter(|found| found.period_id == self.period && found.unit_id == self.unit)
            .ok_or(Error::NotFound)
    }
}

fn bounded(count: u64) -> Result<()> {
    if count >= MOST {
        let words = "Đơn vị này đã có quá nhiều dòng trong kỳ; hãy gộp lại.";
        return Err(Error::Conflict(words.to_owned()));
    }
    Ok(())
}

/// A text that may be kept, on one line.
async fn text(tx: &DatabaseTransaction, field: &'static str, typed: &str) -> Result<String> {
    let line = form::line(typed);
    if line.is_empty() {
        return Err(Error::invalid(
            field,
            "Hãy ghi rõ, để người đọc sau hiểu vì sao.",
        ));
    }
    if line.chars().count() > LONGEST {
        return Err(Error::invalid(field, "Dài tối đa 1.000 ký tự."));
    }
    screening::allow_text(tx, field, &line).await?;
    Ok(line)
}
