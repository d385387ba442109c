//! What happened to members, and how each was from day to day.

use chrono::{DateTime, Days, NaiveDate, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryOrder, QuerySelect, QueryTrait, Set};
use shared::clock::from_millis;
use shared::error::Result;
use shared::pages::view::LinkState;
use shared::vietnamese;
use std::collections::HashMap;

/// Days whose course is shown.
pub const SHOWN_DAYS: u64 = 90;
/// Days that are remembered.
const KEPT_DAYS: i64 = 400;

/// Something that happened to a member.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "member_events")]
pub struct Model {
    /// Row number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The member.
    pub site_id: Uuid,
    /// When; milliseconds.
    pub at: i64,
    /// [`Kind`] by name.
    pub kind: String,
    /// What holds from then on: [`code_of`] a state, a version, a word.
    pub value: String,
    /// More of it, in words.
    pub detail: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What may happen to a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Its link is in another state.
    State,
    /// It runs another version.
    Version,
    /// Its clock went wrong, or right again.
    Clock,
}

impl Kind {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Version => "version",
            Self::Clock => "clock",
        }
    }
}

/// A state in the database.
pub fn code_of(state: LinkState) -> &'static str {
    match state {
        LinkState::New => "new",
        LinkState::Online => "online",
        LinkState::Late => "late",
        LinkState::Lost => "lost",
        LinkState::Paused => "paused",
    }
}

/// The state of that name.
pub fn state_of(code: &str) -> Option<LinkState> {
    [
        LinkState::New,
        LinkState::Online,
        LinkState::Late,
        LinkState::Lost,
        LinkState::Paused,
    ]
    .into_iter()
    .find(|state| code_of(*state) == code)
}

/// What is to be noted of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// The member.
    pub site: Uuid,
    /// What happened.
    pub kind: Kind,
    /// What holds from now on.
    pub value: String,
    /// More of it, in words.
    pub detail: Option<String>,
}

/// Notes what happened.
pub async fn note(tx: &DatabaseTransaction, news: &[News], at: i64) -> Result<()> {
    // A statement holds so many values and no more.
    for some in news.chunks(500) {
        let rows = some.iter().map(|news| ActiveModel {
            site_id: Set(news.site),
            at: Set(at),
            kind: Set(news.kind.as_str().to_owned()),
            value: Set(news.value.clone()),
            detail: Set(news.detail.clone()),
            ..Default::default()
        });
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// What holds of each member by what was noted last, by kind, and since when.
pub async fn latest<C: ConnectionTrait>(
    db: &C,
    kind: Kind,
) -> Result<HashMap<Uuid, (String, i64)>> {
    let newest = Entity::find()
        .select_only()
        .column_as(Column::Id.max(), "id")
        .filter(Column::Kind.eq(kind.as_str()))
        .group_by(Column::SiteId)
        .into_query();
    let rows = Entity::find()
        .filter(Column::Id.in_subquery(newest))
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.site_id, (row.value, row.at)))
        .collect())
}

/// The states `site_id` came into, and when (milliseconds): the oldest first.
pub async fn states_of<C: ConnectionTrait>(db: &C, site_id: Uuid) -> Result<Vec<(i64, LinkState)>> {
    let rows: Vec<(i64, String)> = Entity::find()
        .select_only()
        .columns([Column::At, Column::Value])
        .filter(Column::SiteId.eq(site_id))
        .filter(Column::Kind.eq(Kind::State.as_str()))
        .order_by_asc(Column::At)
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(at, code)| Some((at, state_of(&code)?)))
        .collect())
}

/// The states every member came into before `end` (milliseconds), and when: the oldest first.
pub async fn states_until<C: ConnectionTrait>(
    db: &C,
    end: i64,
) -> Result<HashMap<Uuid, Vec<(i64, LinkState)>>> {
    let rows: Vec<(Uuid, i64, String)> = Entity::find()
        .select_only()
        .columns([Column::SiteId, Column::At, Column::Value])
        .filter(Column::Kind.eq(Kind::State.as_str()))
        .filter(Column::At.lt(end))
        .order_by_asc(Column::At)
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    let mut states: HashMap<Uuid, Vec<(i64, LinkState)>> = HashMap::new();
    for (site, at, code) in rows {
        if let Some(state) = state_of(&code) {
            states.entry(site).or_default().push((at, state));
        }
    }
    Ok(states)
}

/// What happened to `site_id`, the newest first.
pub async fn newest<C: ConnectionTrait>(db: &C, site_id: Uuid, most: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::SiteId.eq(site_id))
        .order_by_desc(Column::At)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await?)
}

/// Forgets what is too old to be shown. The last word on each state stays: it still holds.
pub async fn forget_old(tx: &DatabaseTransaction, now: i64) -> Result<u64> {
    let before = now - KEPT_DAYS * 86_400_000;
    let newest = Entity::find()
        .select_only()
        .column_as(Column::Id.max(), "id")
        .group_by(Column::SiteId)
        .group_by(Column::Kind)
        .into_query();
    let forgotten = Entity::delete_many()
        .filter(Column::At.lt(before))
        .filter(Column::Id.not_in_subquery(newest))
        .exec(tx)
        .await?;
    let watches = watch_time::Entity::delete_many()
        .filter(watch_time::Column::SeenAt.lt(before))
        .exec(tx)
        .await?;
    Ok(forgotten.rows_affected + watches.rows_affected)
}

/// The spans in which somebody watched.
pub mod watch_time {
    use super::*;

    /// A stored span.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "watches")]
    pub struct Model {
        /// Row number.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// From when; milliseconds.
        pub began_at: i64,
        /// Until when at least; milliseconds.
        pub seen_at: i64,
    }

    /// None: joins are written where they are needed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    /// Begins a span.
    pub async fn begin(tx: &DatabaseTransaction, now: i64) -> Result<i64> {
        let span = ActiveModel {
            began_at: Set(now),
            seen_at: Set(now),
            ..Default::default()
        };
        Ok(span.insert(tx).await?.id)
    }

    /// The span `id` lasts until `now`.
    pub async fn go_on(tx: &DatabaseTransaction, id: i64, now: i64) -> Result<()> {
        Entity::update_many()
            .col_expr(Column::SeenAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .filter(Column::SeenAt.lt(now))
            .exec(tx)
            .await?;
        Ok(())
    }

    /// The spans that last beyond `since`.
    pub async fn since<C: ConnectionTrait>(db: &C, since: i64) -> Result<Vec<(i64, i64)>> {
        let spans = Entity::find()
            .filter(Column::SeenAt.gte(since))
            .order_by_asc(Column::BeganAt)
            .all(db)
            .await?;
        Ok(spans
            .into_iter()
            .map(|span| (span.began_at, span.seen_at))
            .collect())
    }
}

/// How a member was on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// The day in Vietnam.
    pub day: NaiveDate,
    /// Milliseconds in touch, late, lost and paused.
    pub online: i64,
    /// Late.
    pub late: i64,
    /// Lost.
    pub lost: i64,
    /// Paused on purpose.
    pub paused: i64,
}

impl Day {
    fn of(day: NaiveDate) -> Self {
        Self {
            day,
            online: 0,
            late: 0,
            lost: 0,
            paused: 0,
        }
    }

    fn add(&mut self, state: LinkState, millis: i64) {
        match state {
            LinkState::Online => self.online += millis,
            LinkState::Late => self.late += millis,
            LinkState::Lost => self.lost += millis,
            LinkState::Paused => self.paused += millis,
            // Nobody expects anything of who has not come yet.
            LinkState::New => {}
        }
    }

    /// How the day is to be taken; none where nothing is known of it. A quarter of an hour is what a member may be
    /// away for before anybody counts it as lost.
    pub fn state(&self) -> Option<LinkState> {
        const MOMENT: i64 = 15 * 60_000;
        match () {
            () if self.lost > 0 => Some(LinkState::Lost),
            () if self.late > MOMENT => Some(LinkState::Late),
            () if self.online + self.late > 0 => Some(LinkState::Online),
            () if self.paused > 0 => Some(LinkState::Paused),
            () => None,
        }
    }
}

/// The share of the time it was expected in which a member could be reached, in hundredths of a percent; none where
/// nothing is known.
pub fn reachable(days: &[Day]) -> Option<i64> {
    let reached: i64 = days.iter().map(|day| day.online + day.late).sum();
    let expected = reached + days.iter().map(|day| day.lost).sum::<i64>();
    (expected > 0).then(|| reached * 10_000 / expected)
}

/// The days up to `now` of a member whose state changed at these moments (milliseconds, oldest first), as far as
/// somebody watched.
pub fn days(
    changes: &[(i64, LinkState)],
    watched: &[(i64, i64)],
    now: DateTime<Utc>,
    most: u64,
) -> Vec<Day> {
    let today = vietnamese::local(now).date_naive();
    let first = today
        .checked_sub_days(Days::new(most.saturating_sub(1)))
        .unwrap_or(today);
    let mut days: Vec<Day> = first
        .iter_days()
        .take_while(|day| *day <= today)
        .map(Day::of)
        .collect();
    let end = now.timestamp_millis();
    for (number, (from, state)) in changes.iter().enumerate() {
        let to = changes.get(number + 1).map_or(end, |next| next.0);
        for (began, seen) in watched {
            split(&mut days, *state, (*from).max(*began), to.min(*seen));
        }
    }
    days
}

/// Adds a span to the days it lies on.
fn split(days: &mut [Day], state: LinkState, mut from: i64, to: i64) {
    let Some(first) = days.first().map(|day| day.day) else {
        return;
    };
    from = from.max(begin_of(first));
    while from < to {
        let day = vietnamese::local(from_millis(from)).date_naive();
        let next = day.succ_opt().map_or(to, begin_of);
        if let Ok(at) = usize::try_from((day - first).num_days())
            && let Some(found) = days.get_mut(at)
        {
            found.add(state, next.min(to) - from);
        }
        from = next;
    }
}

fn begin_of(day: NaiveDate) -> i64 {
    day.and_hms_opt(0, 0, 0)
        .and_then(vietnamese::from_local)
        .map_or(i64::MAX, |begin| begin.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn at(text: &str) -> i64 {
        vietnamese::parse_local(text)
            .expect("a time")
            .timestamp_millis()
    }

    #[test]
    fn days_are_what_was_seen_of_them() {
        let now = from_millis(at("2026-11-24T06:00"));
        let changes = [
            (at("2026-11-22T12:00"), LinkState::New),
            (at("2026-11-22T18:00"), LinkState::Online),
            (at("2026-11-23T10:00"), LinkState::Lost),
            (at("2026-11-23T14:00"), LinkState::Online),
        ];
        // Nobody watched for an hour of the 23rd.
        let watched = [
            (at("2026-11-22T12:00"), at("2026-11-23T20:00")),
            (at("2026-11-23T21:00"), at("2026-11-24T06:00")),
        ];
        let days = days(&changes, &watched, now, 4);
        let told: Vec<_> = days
            .iter()
            .map(|day| {
                (
                    day.day.to_string(),
                    day.online / HOUR,
                    day.lost / HOUR,
                    day.state(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("2026-11-21".to_owned(), 0, 0, None),
                ("2026-11-22".to_owned(), 6, 0, Some(LinkState::Online)),
                ("2026-11-23".to_owned(), 19, 4, Some(LinkState::Lost)),
                ("2026-11-24".to_owned(), 6, 0, Some(LinkState::Online)),
            ]
        );
        assert_eq!(reachable(&days), Some(31 * 10_000 / 35));
        assert_eq!(reachable(&days[..1]), None);
    }

    #[test]
    fn a_state_has_a_name_and_a_name_a_state() {
        for code in ["new", "online", "late", "lost", "paused"] {
            assert_eq!(state_of(code).map(code_of), Some(code));
        }
        assert_eq!(state_of("gone"), None);
    }
}
