//! What was found from outside, as stored: the last of each kind, and how often it was good, by day.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{Condition, ConnectionTrait, DatabaseTransaction, QuerySelect, Set};
use shared::entries::kinds::day_number;
use shared::error::Result;
use shared::vietnamese;
use std::collections::{BTreeMap, HashMap};

/// Days whose sums are remembered.
const KEPT_DAYS: i64 = 400;

/// What is looked at from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Whether the portal answers over HTTPS, with a certificate that browsers trust.
    Https,
    /// How long its certificate holds.
    Certificate,
    /// Whether its name leads to an IPv6 address.
    Ipv6,
    /// Whether its feed can be read.
    Feed,
    /// How long its front page takes to begin.
    Speed,
    /// Whether what it shows is what its unit signed.
    Content,
}

impl Kind {
    /// All of them, as they are shown.
    pub const ALL: [Self; 6] = [
        Self::Https,
        Self::Certificate,
        Self::Ipv6,
        Self::Feed,
        Self::Speed,
        Self::Content,
    ];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Certificate => "certificate",
            Self::Ipv6 => "ipv6",
            Self::Feed => "feed",
            Self::Speed => "speed",
            Self::Content => "content",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Https => "Truy cập qua HTTPS",
            Self::Certificate => "Chứng thư bảo mật",
            Self::Ipv6 => "Địa chỉ IPv6",
            Self::Feed => "Nguồn tin",
            Self::Speed => "Tốc độ trang chủ",
            Self::Content => "Nội dung đúng bản đã ký",
        }
    }
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it should be.
    Good,
    /// Good still, and somebody should do something about it.
    Fading,
    /// Not as it should be.
    Bad,
    /// What is shown was never signed by anybody it could have come from.
    Forged,
    /// It could not be found out, and that says nothing against the member.
    Unknown,
}

impl Outcome {
    const ALL: [Self; 5] = [
        Self::Good,
        Self::Fading,
        Self::Bad,
        Self::Forged,
        Self::Unknown,
    ];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Fading => "fading",
            Self::Bad => "bad",
            Self::Forged => "forged",
            Self::Unknown => "unknown",
        }
    }

    /// The outcome of that name; unknown for what a later version wrote.
    pub fn parse(name: &str) -> Self {
        let mut all = Self::ALL.into_iter();
        all.find(|outcome| outcome.as_str() == name)
            .unwrap_or(Self::Unknown)
    }

    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "Đạt",
            Self::Fading => "Cần lưu ý",
            Self::Bad => "Không đạt",
            Self::Forged => "Bị sửa",
            Self::Unknown => "Không kết luận",
        }
    }

    /// Whether it counts as good; none if it does not count.
    fn counts(self) -> Option<bool> {
        match self {
            Self::Good | Self::Fading => Some(true),
            Self::Bad | Self::Forged => Some(false),
            Self::Unknown => None,
        }
    }
}

/// What one look found of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which kind.
    pub kind: Kind,
    /// How it went.
    pub outcome: Outcome,
    /// How, in words.
    pub detail: String,
    /// What was measured: days, milliseconds.
    pub value: Option<i64>,
}

/// The last of a kind, as stored.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "probes")]
pub struct Model {
    /// The member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: Uuid,
    /// [`Kind`] by name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    /// When; milliseconds.
    pub at: i64,
    /// [`Outcome`] by name.
    pub outcome: String,
    /// Since when it is so; milliseconds.
    pub since: i64,
    /// How, in words.
    pub detail: String,
    /// What was measured: days, milliseconds.
    pub value: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What was looked at; none if a later version did.
    pub fn kind(&self) -> Option<Kind> {
        Kind::parse(&self.kind)
    }

    /// How it went.
    pub fn outcome(&self) -> Outcome {
        Outcome::parse(&self.outcome)
    }
}

/// The sums of a day.
pub mod day {
    use sea_orm::entity::prelude::*;

    /// A stored day of one member and kind.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "probe_days")]
    pub struct Model {
        /// The day in Vietnam, as the database orders days.
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: i64,
        /// The member.
        #[sea_orm(primary_key, auto_increment = false)]
        pub site_id: Uuid,
        /// [`Kind`](super::Kind) by name.
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        /// How often it was found out.
        pub asked: i64,
        /// How often it was as it should be.
        pub good: i64,
    }

    /// None: nothing is joined with it.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// How often something was found out, and how often it was as it should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How often it was found out.
    pub asked: i64,
    /// How often it was as it should be.
    pub good: i64,
}

impl Sum {
    /// The share of what was good, in hundredths of a percent; none where nothing was found out.
    pub fn share(self) -> Option<i64> {
        (self.asked > 0).then(|| self.good * 10_000 / self.asked)
    }
}

/// Keeps what was found of `site_id`, and adds it to the sums of the day.
pub async fn keep(
    tx: &DatabaseTransaction,
    site_id: Uuid,
    found: &[Found],
    now: DateTime<Utc>,
) -> Result<()> {
    let at = now.timestamp_millis();
    let before: HashMap<String, Model> = of_site(tx, site_id)
        .await?
        .into_iter()
        .map(|known| (known.kind.clone(), known))
        .collect();
    let day = day_number(vietnamese::local(now).date_naive());
    let mut sums = Vec::new();
    let mut last = Vec::new();
    for one in found {
        let kind = one.kind.as_str().to_owned();
        let known = before.get(&kind);
        let same = known.filter(|known| known.outcome == one.outcome.as_str());
        last.push(ActiveModel {
            site_id: Set(site_id),
            kind: Set(kind.clone()),
            at: Set(at),
            outcome: Set(one.outcome.as_str().to_owned()),
            since: Set(same.map_or(at, |known| known.since)),
            detail: Set(one.detail.clone()),
            value: Set(one.value),
        });
        if let Some(good) = one.outcome.counts() {
            sums.push(day::ActiveModel {
                day: Set(day),
                site_id: Set(site_id),
                kind: Set(kind),
                asked: Set(1),
                good: Set(i64::from(good)),
            });
        }
    }
    if !last.is_empty() {
        let columns = [
            Column::At,
            Column::Outcome,
            Column::Since,
            Column::Detail,
            Column::Value,
        ];
        Entity::insert_many(last)
            .on_conflict(
                OnConflict::columns([Column::SiteId, Column::Kind])
                    .update_columns(columns)
                    .to_owned(),
            )
            .exec_without_returning(tx)
            .await?;
    }
    if !sums.is_empty() {
        let added = |column: day::Column| {
            Expr::col((day::Entity, column)).add(Expr::col(("excluded", column)))
        };
        day::Entity::insert_many(sums)
            .on_conflict(
                OnConflict::columns([day::Column::Day, day::Column::SiteId, day::Column::Kind])
                    .value(day::Column::Asked, added(day::Column::Asked))
                    .value(day::Column::Good, added(day::Column::Good))
                    .to_owned(),
            )
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// What was found last of `site_id`.
pub async fn of_site<C: ConnectionTrait>(db: &C, site_id: Uuid) -> Result<Vec<Model>> {
    let mut found = Entity::find()
        .filter(Column::SiteId.eq(site_id))
        .all(db)
        .await?;
    found.sort_by_key(Model::kind);
    Ok(found)
}

/// What somebody has to know of: what is forged anywhere, and certificates that end or are not believed.
pub async fn troubled<C: ConnectionTrait>(db: &C) -> Result<HashMap<Uuid, Vec<Model>>> {
    let of_certificates = Condition::all()
        .add(Column::Kind.eq(Kind::Certificate.as_str()))
        .add(Column::Outcome.is_in([Outcome::Fading, Outcome::Bad].map(Outcome::as_str)));
    let found = Entity::find()
        .filter(
            Condition::any()
                .add(Column::Outcome.eq(Outcome::Forged.as_str()))
                .add(of_certificates),
        )
        .all(db)
        .await?;
    let mut troubled: HashMap<Uuid, Vec<Model>> = HashMap::new();
    for one in found {
        troubled.entry(one.site_id).or_default().push(one);
    }
    Ok(troubled)
}

/// The sums of all members from one day to another, both included.
pub async fn days<C: ConnectionTrait>(
    db: &C,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<HashMap<Uuid, BTreeMap<Kind, Sum>>> {
    sums(db, from, to, None).await
}

/// The sums of `site_id` from one day to another, both included.
pub async fn days_of<C: ConnectionTrait>(
    db: &C,
    site_id: Uuid,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<BTreeMap<Kind, Sum>> {
    let mut all = sums(db, from, to, Some(site_id)).await?;
    Ok(all.remove(&site_id).unwrap_or_default())
}

async fn sums<C: ConnectionTrait>(
    db: &C,
    from: NaiveDate,
    to: NaiveDate,
    of: Option<Uuid>,
) -> Result<HashMap<Uuid, BTreeMap<Kind, Sum>>> {
    let whole = |column: day::Column| Expr::col(column).sum().cast_as("bigint");
    let mut query = day::Entity::find()
        .select_only()
        .columns([day::Column::SiteId, day::Column::Kind])
        .column_as(whole(day::Column::Asked), "asked_in_all")
        .column_as(whole(day::Column::Good), "good_in_all")
        .filter(day::Column::Day.between(day_number(from), day_number(to)))
        .group_by(day::Column::SiteId)
        .group_by(day::Column::Kind);
    if let Some(site_id) = of {
        query = query.filter(day::Column::SiteId.eq(site_id));
    }
    let rows: Vec<(Uuid, String, i64, i64)> = query.into_tuple().all(db).await?;
    let mut all: HashMap<Uuid, BTreeMap<Kind, Sum>> = HashMap::new();
    for (site_id, kind, asked, good) in rows {
        if let Some(kind) = Kind::parse(&kind) {
            all.entry(site_id)
                .or_default()
                .insert(kind, Sum { asked, good });
        }
    }
    Ok(all)
}

/// Forgets the sums of days long ago.
pub async fn forget_old(tx: &DatabaseTransaction, now: DateTime<Utc>) -> Result<u64> {
    let first = vietnamese::local(now - TimeDelta::days(KEPT_DAYS)).date_naive();
    let forgotten = day::Entity::delete_many()
        .filter(day::Column::Day.lt(day_number(first)))
        .exec(tx)
        .await?;
    Ok(forgotten.rows_affected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::testing;

    fn found(kind: Kind, outcome: Outcome) -> Found {
        Found {
            kind,
            outcome,
            detail: outcome.as_str().to_owned(),
            value: None,
        }
    }

    #[tokio::test]
    async fn days_are_summed_for_all_members_at_once_and_forgotten_in_time() {
        let site = testing::Setup::default()
            .site_of::<migrations::HubSchema>()
            .await;
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let noon = testing::noon();
        let keep = async |member: Uuid, days: i64, all: Vec<Found>| {
            let at = noon + TimeDelta::days(days);
            site.db
                .write(move |tx| Box::pin(async move { keep(tx, member, &all, at).await }))
                .await
                .expect("kept");
        };
        for (days, outcome) in [
            (-500, Outcome::Good),
            (-1, Outcome::Good),
            (0, Outcome::Bad),
            (0, Outcome::Fading),
            (0, Outcome::Unknown),
        ] {
            keep(
                one,
                days,
                vec![
                    found(Kind::Https, outcome),
                    found(Kind::Feed, Outcome::Good),
                ],
            )
            .await;
        }
        keep(other, 0, vec![found(Kind::Content, Outcome::Forged)]).await;

        let db = site.db.reader();
        let today = vietnamese::local(noon).date_naive();
        let yesterday = today.pred_opt().expect("a day");
        let sums = days(db, yesterday, today).await.expect("sums");
        let sum = |asked, good| Sum { asked, good };
        assert_eq!(
            sums[&one],
            BTreeMap::from([(Kind::Https, sum(3, 2)), (Kind::Feed, sum(4, 4))])
        );
        assert_eq!(sums[&other], BTreeMap::from([(Kind::Content, sum(1, 0))]));
        assert_eq!(sums[&one][&Kind::Https].share(), Some(6_666));
        let of_one = days_of(db, one, today, today).await.expect("sums");
        assert_eq!(of_one[&Kind::Https], sum(2, 1));

        // The last of each kind, and since when it is so.
        let last = of_site(db, one).await.expect("reads");
        let told: Vec<_> = last.iter().map(|one| (one.kind(), one.outcome())).collect();
        assert_eq!(
            told,
            [
                (Some(Kind::Https), Outcome::Unknown),
                (Some(Kind::Feed), Outcome::Good)
            ]
        );
        assert!(last[1].since < last[1].at);
        let troubled = troubled(db).await.expect("reads");
        assert_eq!(troubled.keys().collect::<Vec<_>>(), [&other]);

        let forgotten = site
            .db
            .write(move |tx| Box::pin(async move { forget_old(tx, noon).await }))
            .await;
        assert_eq!(forgotten.expect("forgets"), 2);
    }

    #[test]
    fn what_is_stored_is_read_again() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
        }
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::parse(outcome.as_str()), outcome);
        }
        assert_eq!(Outcome::parse("later"), Outcome::Unknown);
    }
}
