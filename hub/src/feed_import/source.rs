//! A feed the hub reads, and how reading it goes.

use super::sections::Sections;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder, Set};
use shared::error::{Error, Result};
use shared::feeds::read::conditional::Validators;
use shared::site::Site;
use std::str::FromStr;
use url::Url;

/// A stored source.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "feed_sources")]
pub struct Model {
    /// Source id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose feed.
    pub site_id: Uuid,
    /// [`Purpose`] by name.
    pub purpose: String,
    /// Where it is.
    pub url: String,
    /// Cron, seconds first, in the province's time.
    pub schedule: String,
    /// Whether it is read.
    pub active: bool,
    /// The validator last answered with.
    pub etag: Option<String>,
    /// The date last answered with, verbatim.
    pub last_modified: Option<String>,
    /// When it was last asked; milliseconds.
    pub polled_at: Option<i64>,
    /// When it last answered well; milliseconds.
    pub succeeded_at: Option<i64>,
    /// [`Outcome`] by name.
    pub outcome: Option<String>,
    /// In words.
    pub detail: Option<String>,
    /// Vain attempts since the last success.
    pub failures: i64,
    /// How many entries it showed last.
    pub entries_seen: i64,
    /// How many of them push had not brought, for a source that is compared.
    pub missed: i64,
    /// Its server asked not to be asked before; milliseconds.
    pub not_before: Option<i64>,
    /// The version of the reader that saw the last document.
    pub reader_version: i64,
    /// Where permanent redirects lead; people decide whether the address is changed.
    pub moved_to: Option<String>,
    /// [`Sections`] as JSON; none for the usual one.
    pub sections: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a feed is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// What it shows becomes entries of its unit, attested by the hub.
    Import,
    /// What it shows is compared with what push brought.
    Check,
}

impl Purpose {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Check => "check",
        }
    }
}

/// What came of asking for a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was read and all it shows is held.
    Read,
    /// Nothing new.
    Unchanged,
    /// It was read, and shows entries that push has not brought.
    Missing,
    /// It showed entries before and shows none now.
    Emptied,
    /// It is gone for good and not asked any more.
    Gone,
    /// Its server asks for patience.
    Deferred,
    /// No answer, or none that helps.
    Unreachable,
    /// Its address, or one it redirects to, is none we connect to.
    Refused,
    /// What came cannot be read as a feed.
    Unreadable,
}

impl Outcome {
    const ALL: [Self; 9] = [
        Self::Read,
        Self::Unchanged,
        Self::Missing,
        Self::Emptied,
        Self::Gone,
        Self::Deferred,
        Self::Unreachable,
        Self::Refused,
        Self::Unreadable,
    ];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Unchanged => "unchanged",
            Self::Missing => "missing",
            Self::Emptied => "emptied",
            Self::Gone => "gone",
            Self::Deferred => "deferred",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Unreadable => "unreadable",
        }
    }

    /// The outcome of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == name)
    }

    /// Whether the feed itself is in order.
    pub fn is_success(self) -> bool {
        matches!(self, Self::Read | Self::Unchanged | Self::Missing)
    }
}

/// What a poll found out about its source.
#[derive(Clone, Debug)]
pub struct Report {
    /// What came of it.
    pub outcome: Outcome,
    /// In words, for the operator.
    pub detail: Option<String>,
    /// Where permanent redirects led.
    pub moved_to: Option<Url>,
    /// How long the server asks us to stay away.
    pub wait: Option<TimeDelta>,
    /// What was seen, if a document was.
    pub seen: Option<Seen>,
}

/// What a document held that was taken in.
#[derive(Clone, Debug)]
pub struct Seen {
    /// How many entries.
    pub entries: usize,
    /// How many of them push had not brought.
    pub missed: usize,
    /// For the next question; none to be given everything once more.
    pub validators: Option<Validators>,
}

impl Report {
    /// An outcome without further news.
    pub fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            detail: None,
            moved_to: None,
            wait: None,
            seen: None,
        }
    }

    /// An outcome in words.
    pub fn because(outcome: Outcome, detail: impl ToString) -> Self {
        Self {
            detail: Some(detail.to_string()),
            ..Self::of(outcome)
        }
    }
}

impl Model {
    /// What it is read for.
    pub fn purpose(&self) -> anyhow::Result<Purpose> {
        [Purpose::Import, Purpose::Check]
            .into_iter()
            .find(|purpose| purpose.as_str() == self.purpose)
            .ok_or_else(|| anyhow::anyhow!("source {}: unknown purpose {}", self.id, self.purpose))
    }

    /// What came of asking last.
    pub fn outcome(&self) -> Option<Outcome> {
        Outcome::parse(self.outcome.as_deref()?)
    }

    /// What to ask with.
    pub fn validators(&self) -> Validators {
        Validators {
            etag: self.etag.clone(),
            last_modified: self.last_modified.clone(),
            reader_version: u32::try_from(self.reader_version).unwrap_or_default(),
        }
    }

    /// Where its entries stand.
    pub fn sections(&self) -> anyhow::Result<Sections> {
        match &self.sections {
            Some(stored) => Ok(serde_json::from_str(stored)?),
            None => Ok(Sections::default()),
        }
    }
}

/// How often the feeds of native members are compared with what push brought.
pub const CHECK_SCHEDULE: &str = "0 */15 * * * *";

/// Adds the feed of a portal that is not ours.
pub async fn add_import(site: &Site, site_id: Uuid, url: &Url, schedule: &str) -> Result<Uuid> {
    let (url, schedule) = (url.to_string(), schedule.to_owned());
    site.db
        .write(move |tx| {
            Box::pin(async move { add(tx, site_id, Purpose::Import, &url, &schedule).await })
        })
        .await
}

/// Adds a source. Its schedule must be a cron expression with seconds.
pub async fn add<C: ConnectionTrait>(
    db: &C,
    site_id: Uuid,
    purpose: Purpose,
    url: &str,
    schedule: &str,
) -> Result<Uuid> {
    cron::Schedule::from_str(schedule).map_err(|_| {
        Error::invalid(
            "schedule",
            "Lịch đọc phải là dạng cron có giây, ví dụ 0 */10 * * * *",
        )
    })?;
    let id = Uuid::now_v7();
    ActiveModel {
        id: Set(id),
        site_id: Set(site_id),
        purpose: Set(purpose.as_str().to_owned()),
        url: Set(url.to_owned()),
        schedule: Set(schedule.to_owned()),
        active: Set(true),
        failures: Set(0),
        entries_seen: Set(0),
        missed: Set(0),
        ..Default::default()
    }
    .insert(db)
    .await?;
    Ok(id)
}

/// Says where the entries of a source stand from now on.
pub async fn set_sections<C: ConnectionTrait>(db: &C, id: Uuid, sections: &Sections) -> Result<()> {
    let stored = serde_json::to_string(sections).map_err(anyhow::Error::new)?;
    Entity::update_many()
        .col_expr(Column::Sections, Expr::value(stored))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// The source `id`.
pub async fn find<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// Notes what a poll found out, in the transaction that stores what it brought: validators saved
/// before that would lose the entries for good if we stopped in between.
pub async fn note<C: ConnectionTrait>(
    db: &C,
    id: Uuid,
    report: &Report,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(source) = find(db, id).await? else {
        return Ok(());
    };
    let failures = source.failures;
    let now_millis = now.timestamp_millis();
    let mut change = source.into_active_model();
    change.polled_at = Set(Some(now_millis));
    change.outcome = Set(Some(report.outcome.as_str().to_owned()));
    change.detail = Set(report.detail.clone());
    change.not_before = Set(report.wait.map(|wait| (now + wait).timestamp_millis()));
    if report.outcome.is_success() {
        change.succeeded_at = Set(Some(now_millis));
        change.failures = Set(0);
        change.moved_to = Set(report.moved_to.as_ref().map(Url::to_string));
    } else {
        change.failures = Set(failures + 1);
    }
    if report.outcome == Outcome::Gone {
        change.active = Set(false);
    }
    if let Some(seen) = &report.seen {
        let validators = seen.validators.clone().unwrap_or_default();
        change.entries_seen = Set(i64::try_from(seen.entries).unwrap_or(i64::MAX));
        change.missed = Set(i64::try_from(seen.missed).unwrap_or(i64::MAX));
        change.etag = Set(validators.etag);
        change.last_modified = Set(validators.last_modified);
        change.reader_version = Set(validators.reader_version.into());
    }
    change.update(db).await?;
    Ok(())
}

/// All sources that are read.
pub async fn active<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::Active.eq(true))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}
