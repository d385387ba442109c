//! The records and what chains them: each digest covers the canonical bytes of its record, which name
//! the digest before.

use super::action::Action;
use super::actor::Actor;
use super::subject::{Id, Kind, Subject, Value};
use crate::error::Result;
use crate::log::Digest;
use crate::vietnamese::fold;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, IntoActiveModel, QuerySelect, Set};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A stored record.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_records")]
pub struct Model {
    /// Its place in the chain, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// When; milliseconds.
    pub at: i64,
    /// What kind of actor.
    pub actor: String,
    /// Whose account.
    pub account_id: Option<Uuid>,
    /// What it signed in as.
    pub login: Option<String>,
    /// Which session; no token.
    pub session: Option<String>,
    /// The client's address.
    pub address: Option<String>,
    /// The client's source port.
    pub port: Option<i32>,
    /// [`Action`] by name.
    pub action: String,
    /// What kind of thing it was done to.
    pub kind: Option<String>,
    /// Which.
    pub subject: Option<String>,
    /// What that is called.
    pub title: Option<String>,
    /// What it was.
    pub before: Option<String>,
    /// What it is since.
    pub after: Option<String>,
    /// [`Outcome`] by name.
    pub outcome: String,
    /// How many times, for what is counted.
    pub times: i64,
    /// What a search looks through, folded; it follows from the rest.
    pub words: String,
    /// The digest of the record before.
    pub previous: Vec<u8>,
    /// The digest of this one.
    pub digest: Vec<u8>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The ends of the chain: one row.
pub mod ends {
    use sea_orm::entity::prelude::*;

    /// The one row of its table.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_chain")]
    pub struct Model {
        /// 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// The last record.
        pub head_seq: i64,
        /// Its digest; none before the first.
        pub head_digest: Option<Vec<u8>>,
        /// The last record that was let go when its time was over.
        pub anchor_seq: i64,
        /// Its digest; none while nothing was let go.
        pub anchor_digest: Option<Vec<u8>>,
    }

    /// None.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What stands before the first record.
pub const BEFORE_THE_FIRST: Digest = Digest::from_bytes([0; 32]);

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused.
    Refused,
}

impl Outcome {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
}

/// A place in a chain and the digest there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Mark {
    /// The place.
    pub seq: i64,
    /// The digest of the record there.
    #[schema(value_type = String)]
    pub digest: Digest,
}

/// Where the chain ends and where what is kept of it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// The newest record; 0 before the first.
    pub head: Mark,
    /// The last one that was let go; 0 while none was.
    pub anchor: Mark,
}

/// The ends of the chain.
pub async fn ends<C: ConnectionTrait>(db: &C) -> Result<Ends> {
    read_ends(ends::Entity::find_by_id(1).one(db).await?)
}

fn read_ends(found: Option<ends::Model>) -> Result<Ends> {
    let found = found.ok_or_else(|| anyhow::anyhow!("the row of the audit chain is gone"))?;
    Ok(Ends {
        head: mark(found.head_seq, found.head_digest.as_deref())?,
        anchor: mark(found.anchor_seq, found.anchor_digest.as_deref())?,
    })
}

fn mark(seq: i64, digest: Option<&[u8]>) -> Result<Mark> {
    let digest = match digest {
        Some(bytes) => Digest::from_slice(bytes).map_err(anyhow::Error::new)?,
        None => BEFORE_THE_FIRST,
    };
    Ok(Mark { seq, digest })
}

/// The ends of the chain, locked until the transaction ends, so that two writers cannot take one place.
pub(super) async fn ends_locked(tx: &DatabaseTransaction) -> Result<Ends> {
    let found = ends::Entity::find_by_id(1).lock_exclusive().one(tx).await?;
    read_ends(found)
}

/// What is about to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) actor: Actor,
    pub(super) action: Action,
    pub(super) subject: Subject,
    pub(super) outcome: Outcome,
    pub(super) times: i64,
}

impl Entry {
    pub(super) fn new(actor: &Actor, action: Action, subject: Subject, outcome: Outcome) -> Self {
        Self {
            actor: actor.clone(),
            action,
            subject,
            outcome,
            times: 1,
        }
    }

    fn into_model(self, seq: i64, at: i64, previous: Digest) -> Result<Model> {
        let connection = self.actor.connection();
        let kind = self.actor.as_str().to_owned();
        let (account_id, login, session) = match self.actor {
            Actor::Person {
                account,
                login,
                session,
                ..
            } => (Some(account), Some(login), session),
            _ => (None, None, None),
        };
        let text = |value: Option<Value>| value.map(|value| value.to_string());
        let mut model = Model {
            seq,
            at,
            actor: kind,
            account_id,
            login,
            session: session.map(|session| session.to_string()),
            address: connection.address.map(|address| address.to_string()),
            port: connection.port.map(i32::from),
            action: self.action.as_str().to_owned(),
            kind: self
                .subject
                .what
                .map(|(kind, _): (Kind, Id)| kind.as_str().to_owned()),
            subject: self.subject.what.map(|(_, id)| id.to_string()),
            title: self.subject.title,
            before: text(self.subject.before),
            after: text(self.subject.after),
            outcome: self.outcome.as_str().to_owned(),
            times: self.times,
            words: String::new(),
            previous: previous.as_bytes().to_vec(),
            digest: Vec::new(),
        };
        model.words = model.searchable();
        model.digest = model.document()?.digest()?.as_bytes().to_vec();
        Ok(model)
    }
}

/// Writes `entry` behind the last record.
pub(super) async fn append(tx: &DatabaseTransaction, entry: Entry, now: i64) -> Result<Mark> {
    let ends = ends_locked(tx).await?;
    let seq = ends.head.seq + 1;
    let model = entry.into_model(seq, now, ends.head.digest)?;
    let digest = model.digest.clone();
    let head = mark(seq, Some(&digest))?;
    Entity::insert(model.into_active_model().reset_all())
        .exec_without_returning(tx)
        .await?;
    ends::Entity::update(ends::ActiveModel {
        id: Set(1),
        head_seq: Set(seq),
        head_digest: Set(Some(digest)),
        ..Default::default()
    })
    .exec(tx)
    .await?;
    Ok(head)
}

/// A record as its digest sees it, and as an auditor gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Document {
    /// Version, 1.
    pub v: u32,
    /// Its place.
    pub seq: i64,
    /// When; milliseconds since 1970.
    pub at: i64,
    /// What kind of actor.
    pub actor: String,
    /// Whose account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Uuid>,
    /// What it signed in as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// Which session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The client's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The client's source port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
    /// What was done.
    pub action: String,
    /// What kind of thing it was done to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What that is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it is since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// How it ended.
    pub outcome: String,
    /// How many times.
    pub times: i64,
    /// The digest of the record before.
    pub previous: Digest,
}

impl Document {
    /// What chains it: the digest of its canonical bytes.
    pub fn digest(&self) -> Result<Digest> {
        Ok(Digest::of_canonical(self).map_err(anyhow::Error::new)?)
    }
}

impl Model {
    /// The record as its digest sees it.
    pub fn document(&self) -> Result<Document> {
        Ok(Document {
            v: 1,
            seq: self.seq,
            at: self.at,
            actor: self.actor.clone(),
            account: self.account_id,
            login: self.login.clone(),
            session: self.session.clone(),
            address: self.address.clone(),
            port: self.port,
            action: self.action.clone(),
            kind: self.kind.clone(),
            subject: self.subject.clone(),
            title: self.title.clone(),
            before: self.before.clone(),
            after: self.after.clone(),
            outcome: self.outcome.clone(),
            times: self.times,
            previous: Digest::from_slice(&self.previous).map_err(anyhow::Error::new)?,
        })
    }

    /// What a search looks through.
    pub(super) fn searchable(&self) -> String {
        let parts = [&self.login, &self.title, &self.subject, &self.address];
        let words: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        fold(&words.join(" "))
    }
}
