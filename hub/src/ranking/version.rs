//! The versions of the scheme that were loaded. A version is never changed: periods stand on it.

use super::scheme::Scheme;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryOrder, Set};
use shared::audit::{self, Action, Actor, Kind, Subject};
use shared::error::{Error, Result};

/// A loaded version.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ranking_schemes")]
pub struct Model {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: String,
    /// What people call it.
    pub name: String,
    /// The file as it was loaded.
    pub body: String,
    /// Who loaded it.
    pub added_by: String,
    /// When; milliseconds.
    pub added_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What it says.
    pub fn scheme(&self) -> Result<Scheme> {
        let read = Scheme::read(&self.body);
        read.map_err(|error| anyhow::anyhow!("scheme {}: {error}", self.version).into())
    }
}

/// All that were loaded, the newest first.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .order_by_desc(Column::AddedAt)
        .order_by_desc(Column::Version)
        .all(db)
        .await?)
}

/// The version a period stands on.
pub async fn find<C: ConnectionTrait>(db: &C, version: &str) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(version).one(db).await?)
}

/// The scheme that new periods are opened with, and its text: the one loaded last, or the built-in one.
pub async fn current<C: ConnectionTrait>(db: &C) -> Result<(Scheme, String)> {
    if let Some(newest) = all(db).await?.into_iter().next() {
        return Ok((newest.scheme()?, newest.body));
    }
    let (scheme, text) = Scheme::built_in().map_err(|error| anyhow::anyhow!(error))?;
    Ok((scheme, text.to_owned()))
}

/// Loads `text` as a new version, from which on periods are opened with it.
pub async fn add(
    tx: &DatabaseTransaction,
    text: &str,
    by: &str,
    actor: &Actor,
    now: i64,
) -> Result<Scheme> {
    let scheme = Scheme::read(text).map_err(|error| Error::invalid("file", error))?;
    if let Some(known) = find(tx, &scheme.version).await? {
        if known.body == text {
            return Err(Error::invalid("file", "Bộ chỉ số này đã được nạp rồi."));
        }
        return Err(Error::invalid(
            "file",
            format!(
                "Đã có bộ chỉ số mang số hiệu {} với nội dung khác; các kỳ cũ dựa vào bộ ấy. Hãy đặt số hiệu mới ở dòng version.",
                scheme.version
            ),
        ));
    }
    insert(tx, &scheme, text, by, now).await?;
    let subject = Subject::of(Kind::Ranking, "scheme");
    audit::record(tx, actor, Action::RankingSchemeAdded, subject, now).await?;
    Ok(scheme)
}

async fn insert(
    tx: &DatabaseTransaction,
    scheme: &Scheme,
    text: &str,
    by: &str,
    now: i64,
) -> Result<()> {
    let row = ActiveModel {
        version: Set(scheme.version.clone()),
        name: Set(scheme.name.clone()),
        body: Set(text.to_owned()),
        added_by: Set(by.to_owned()),
        added_at: Set(now),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The scheme a period that is opened now stands on, kept if it was the built-in one.
pub async fn settle(tx: &DatabaseTransaction, now: i64) -> Result<Scheme> {
    let (scheme, text) = current(tx).await?;
    if find(tx, &scheme.version).await?.is_none() {
        insert(tx, &scheme, &text, "Liên Cổng", now).await?;
    }
    Ok(scheme)
}
