//! The periods that are ranked, and the way of each: open, window, frozen, published. Never back.

use super::collect::{self, Counted};
use super::input::Values;
use super::letters;
use super::objection;
use super::scheme::Scheme;
use super::snapshot;
use super::span::{Kind, Span};
use super::version;
use chrono::NaiveDate;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryOrder, Set};
use shared::audit::{self, Action, Actor, Kind as Thing, Subject};
use shared::citizens::deadline::KNOWN;
use shared::error::{Error, Result};
use shared::site::Site;
use shared::vietnamese;
use std::sync::Arc;

/// A stored period.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ranking_periods")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// [`Kind`] by name.
    pub kind: String,
    /// Its first day.
    pub from_day: String,
    /// Its last day.
    pub to_day: String,
    /// The version of the scheme it stands on.
    pub scheme: String,
    /// [`State`] by name.
    pub state: String,
    /// When it was opened; milliseconds.
    pub opened_at: i64,
    /// When its numbers were counted last.
    pub collected_at: Option<i64>,
    /// The last day members may object.
    pub window_until: Option<String>,
    /// When it was frozen.
    pub frozen_at: Option<i64>,
    /// When it was published.
    pub published_at: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub use shared::ranking::sheet::State;

/// What may be done with a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Count anew.
    Collect,
    /// Let the numbers stand, and members object.
    OpenWindow,
    /// Say something about the numbers: self-scores, objections, answers, adjustments.
    Say,
    /// Write all of it down.
    Freeze,
    /// Let everybody see it.
    Publish,
}

/// What has to hold before something is done with a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whether its days are over.
    pub is_over: bool,
    /// Whether its numbers were counted.
    pub is_counted: bool,
    /// Whether members may still object.
    pub window_runs: bool,
    /// How many objections are without an answer.
    pub unanswered: u64,
}

/// Whether `act` may be done in `state`, and if not why, for people.
pub fn may(state: State, act: Act, facts: &Facts) -> Result<(), &'static str> {
    match (state, act) {
        (State::Open, Act::Collect) => Ok(()),
        (State::Open, Act::OpenWindow) if !facts.is_over => {
            Err("Kỳ chưa hết; số liệu còn thay đổi. Hãy đợi hết ngày cuối của kỳ.")
        }
        (State::Open, Act::OpenWindow) => Ok(()),
        (State::Window, Act::Say) => Ok(()),
        (State::Window, Act::Freeze) if facts.unanswered > 0 => {
            Err("Còn giải trình chưa trả lời. Hãy trả lời hết rồi chốt.")
        }
        (State::Window, Act::Freeze) if facts.window_runs => {
            Err("Đơn vị vẫn còn thời gian giải trình. Hãy đợi hết hạn rồi chốt.")
        }
        (State::Window, Act::Freeze) if facts.is_counted => Ok(()),
        (State::Frozen, Act::Publish) => Ok(()),
        (State::Open, Act::Freeze | Act::Publish | Act::Say) => {
            Err("Kỳ đang thu thập số liệu. Hãy mở thời gian giải trình trước.")
        }
        (State::Window, Act::Collect | Act::OpenWindow) => {
            Err("Số liệu đã cố định để đơn vị giải trình; không thu thập lại được.")
        }
        (State::Window, Act::Freeze | Act::Publish) => Err("Kỳ chưa được chốt."),
        (State::Frozen | State::Published, _) => {
            Err("Kỳ đã chốt; không gì của kỳ này thay đổi được nữa.")
        }
    }
}

impl Model {
    /// How far it has come.
    pub fn state(&self) -> State {
        State::parse(&self.state).unwrap_or(State::Frozen)
    }

    /// Its days.
    pub fn span(&self) -> Result<Span> {
        let day = |text: &str| text.parse::<NaiveDate>().map_err(anyhow::Error::new);
        let kind = Kind::parse(&self.kind)
            .ok_or_else(|| anyhow::anyhow!("period {} is of kind {}", self.id, self.kind))?;
        Ok(Span {
            kind,
            from: day(&self.from_day)?,
            to: day(&self.to_day)?,
        })
    }

    /// The last day members may object.
    pub fn window_until(&self) -> Option<NaiveDate> {
        self.window_until.as_deref()?.parse().ok()
    }

    /// What has to hold before something is done with it.
    pub async fn facts<C: ConnectionTrait>(&self, db: &C, site: &Site) -> Result<Facts> {
        let now = site.clock.now();
        let today = vietnamese::local(now).date_naive();
        Ok(Facts {
            is_over: self.span()?.is_over(now),
            is_counted: self.collected_at.is_some(),
            window_runs: self.window_until().is_none_or(|until| today <= until),
            unanswered: objection::count_open(db, Some(self.id)).await?,
        })
    }

    /// The scheme it stands on.
    pub async fn scheme<C: ConnectionTrait>(&self, db: &C) -> Result<Scheme> {
        match version::find(db, &self.scheme).await? {
            Some(version) => version.scheme(),
            None => Err(anyhow::anyhow!("scheme {} is gone", self.scheme).into()),
        }
    }
}

/// The raw numbers of a member in a period.
pub mod sheet {
    use super::*;

    /// A stored sheet.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ranking_sheets")]
    pub struct Model {
        /// In which period.
        #[sea_orm(primary_key, auto_increment = false)]
        pub period_id: Uuid,
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub unit_id: Uuid,
        /// Its site.
        pub site_id: Uuid,
        /// Its name on the last day.
        pub name: String,
        /// The code of its kind.
        pub unit_kind: String,
        /// The code of its group.
        pub group_code: String,
        /// Numbers by name, JSON.
        pub inputs: String,
    }

    /// None: joins are written where they are needed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Model {
        /// Its numbers.
        pub fn values(&self) -> Result<Values> {
            Ok(serde_json::from_str(&self.inputs).map_err(anyhow::Error::new)?)
        }
    }

    /// Those of a period, by name.
    pub async fn of_period<C: ConnectionTrait>(db: &C, period: Uuid) -> Result<Vec<Model>> {
        let mut sheets = Entity::find()
            .filter(Column::PeriodId.eq(period))
            .all(db)
            .await?;
        sheets.sort_by_cached_key(|sheet| (vietnamese::fold(&sheet.name), sheet.unit_id));
        Ok(sheets)
    }

    /// That of `site` in a period.
    pub async fn of_site<C: ConnectionTrait>(
        db: &C,
        period: Uuid,
        site: Uuid,
    ) -> Result<Option<Model>> {
        let found = Entity::find().filter(Column::PeriodId.eq(period));
        Ok(found.filter(Column::SiteId.eq(site)).one(db).await?)
    }

    /// Makes `counted` all there is of a period.
    pub async fn replace(
        tx: &DatabaseTransaction,
        period: Uuid,
        counted: &[Counted],
    ) -> Result<()> {
        Entity::delete_many()
            .filter(Column::PeriodId.eq(period))
            .exec(tx)
            .await?;
        // A statement holds so many values and no more.
        for some in counted.chunks(500) {
            let mut rows = Vec::with_capacity(some.len());
            for member in some {
                rows.push(ActiveModel {
                    period_id: Set(period),
                    unit_id: Set(member.unit),
                    site_id: Set(member.site),
                    name: Set(member.name.clone()),
                    unit_kind: Set(member.kind.clone()),
                    group_code: Set(member.group.clone()),
                    inputs: Set(serde_json::to_string(&member.values).map_err(anyhow::Error::new)?),
                });
            }
            Entity::insert_many(rows).exec_without_returning(tx).await?;
        }
        Ok(())
    }
}

/// All periods, the newest first.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .order_by_desc(Column::ToDay)
        .order_by_desc(Column::FromDay)
        .all(db)
        .await?)
}

/// The period `id`.
pub async fn find<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// The period of `span`, if there is one.
pub async fn of_span<C: ConnectionTrait>(db: &C, span: &Span) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::Kind.eq(span.kind.as_str()))
        .filter(Column::FromDay.eq(span.from.to_string()))
        .one(db)
        .await?)
}

/// Opens the period of `span` with the scheme that counts now, and counts what there is.
pub async fn open(site: &Arc<Site>, span: Span, by: &Actor) -> Result<Uuid> {
    let id = Uuid::now_v7();
    let now = site.clock.now().timestamp_millis();
    if span.bounds().0 > now {
        return Err(Error::invalid("number", "Kỳ này chưa bắt đầu."));
    }
    let actor = by.clone();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                if of_span(tx, &span).await?.is_some() {
                    return Err(Error::invalid("number", "Kỳ này đã mở rồi."));
                }
                let scheme = version::settle(tx, now).await?;
                let row = ActiveModel {
                    id: Set(id),
                    kind: Set(span.kind.as_str().to_owned()),
                    from_day: Set(span.from.to_string()),
                    to_day: Set(span.to.to_string()),
                    scheme: Set(scheme.version),
                    state: Set(State::Open.as_str().to_owned()),
                    opened_at: Set(now),
                    collected_at: Set(None),
                    window_until: Set(None),
                    frozen_at: Set(None),
                    published_at: Set(None),
                };
                Entity::insert(row).exec_without_returning(tx).await?;
                let subject = Subject::of(Thing::Ranking, id);
                audit::record(tx, &actor, Action::RankingOpened, subject, now).await
            })
        })
        .await?;
    count(site, id, Act::Collect, by).await?;
    Ok(id)
}

/// Counts the numbers of a period anew; with [`Act::OpenWindow`] for the last time.
pub async fn count(site: &Arc<Site>, id: Uuid, act: Act, by: &Actor) -> Result<()> {
    let db = site.db.reader();
    let period = find(db, id).await?.ok_or(Error::NotFound)?;
    allowed(&period, act, &period.facts(db, site).await?)?;
    let scheme = period.scheme(db).await?;
    let counted = collect::collect(site, &scheme, &period.span()?).await?;
    let now = site.clock.now();
    let today = vietnamese::local(now).date_naive();
    let until = KNOWN.after(today, scheme.deadlines.window_working_days);
    let (by, inner) = (by.clone(), Arc::clone(site));
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let period = find(tx, id).await?.ok_or(Error::NotFound)?;
                allowed(&period, act, &period.facts(tx, &inner).await?)?;
                sheet::replace(tx, id, &counted).await?;
                let now = now.timestamp_millis();
                let mut change: ActiveModel = period.into();
                change.collected_at = Set(Some(now));
                let action = match act {
                    Act::OpenWindow => {
                        change.state = Set(State::Window.as_str().to_owned());
                        change.window_until = Set(Some(until.to_string()));
                        Action::RankingWindowOpened
                    }
                    _ => Action::RankingCollected,
                };
                change.update(tx).await?;
                if act == Act::OpenWindow {
                    letters::owe_all(tx, id).await?;
                }
                audit::record(tx, &by, action, Subject::of(Thing::Ranking, id), now).await
            })
        })
        .await
}

/// [`may`], as an answer to who asked.
pub fn allowed(period: &Model, act: Act, facts: &Facts) -> Result<()> {
    may(period.state(), act, facts).map_err(|why| Error::Conflict(why.to_owned()))
}

/// Writes all of a period down, signed, once and for all.
pub async fn freeze(site: &Arc<Site>, id: Uuid, by: &Actor) -> Result<()> {
    let (by, inner) = (by.clone(), Arc::clone(site));
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let period = find(tx, id).await?.ok_or(Error::NotFound)?;
                allowed(&period, Act::Freeze, &period.facts(tx, &inner).await?)?;
                let now = inner.clock.now().timestamp_millis();
                snapshot::write(tx, &inner, &period, now).await?;
                let mut change: ActiveModel = period.into();
                change.state = Set(State::Frozen.as_str().to_owned());
                change.frozen_at = Set(Some(now));
                change.update(tx).await?;
                letters::owe_all(tx, id).await?;
                let subject = Subject::of(Thing::Ranking, id);
                audit::record(tx, &by, Action::RankingFrozen, subject, now).await
            })
        })
        .await
}

/// Lets everybody see a frozen period.
pub async fn publish(site: &Arc<Site>, id: Uuid, by: &Actor) -> Result<()> {
    let (by, inner) = (by.clone(), Arc::clone(site));
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let period = find(tx, id).await?.ok_or(Error::NotFound)?;
                allowed(&period, Act::Publish, &period.facts(tx, &inner).await?)?;
                let now = inner.clock.now().timestamp_millis();
                let mut change: ActiveModel = period.into();
                change.state = Set(State::Published.as_str().to_owned());
                change.published_at = Set(Some(now));
                change.update(tx).await?;
                letters::owe_all(tx, id).await?;
                let subject = Subject::of(Thing::Ranking, id);
                audit::record(tx, &by, Action::RankingPublished, subject, now).await
            })
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_goes_one_way_and_says_why_not() {
        let ready = Facts {
            is_over: true,
            is_counted: true,
            window_runs: false,
            unanswered: 0,
        };
        let lasts = Facts {
            is_over: false,
            ..ready
        };
        let runs = Facts {
            window_runs: true,
            ..ready
        };
        let asked = Facts {
            unanswered: 1,
            ..ready
        };
        use Act::{Collect, Freeze, OpenWindow, Publish, Say};
        use State::{Frozen, Open, Published, Window};
        for (state, act, facts, ok) in [
            (Open, Collect, lasts, true),
            (Open, OpenWindow, lasts, false),
            (Open, OpenWindow, ready, true),
            (Open, Say, ready, false),
            (Open, Freeze, ready, false),
            (Window, Say, runs, true),
            (Window, Collect, ready, false),
            (Window, Freeze, runs, false),
            (Window, Freeze, asked, false),
            (Window, Freeze, ready, true),
            (Window, Publish, ready, false),
            (Frozen, Collect, ready, false),
            (Frozen, Say, ready, false),
            (Frozen, Freeze, ready, false),
            (Frozen, Publish, ready, true),
            (Published, Publish, ready, false),
            (Published, Say, ready, false),
        ] {
            assert_eq!(
                may(state, act, &facts).is_ok(),
                ok,
                "{state:?} {act:?} {facts:?}"
            );
        }
    }
}
