//! Events as stored, ours and others'.

use super::header::{EventKind, Header, Lane, SignedHeader};
use crate::error::Result;
use crate::storage;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::NotSet, ConnectionTrait, IntoActiveModel, QuerySelect, Set};

/// A stored event: the columns say what the header says, for querying; the header's own bytes stand beside them.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    /// Row number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The log.
    pub log_id: Uuid,
    /// Its place in the log.
    pub seq: i64,
    /// Digest of the header.
    pub hash: Vec<u8>,
    /// Who speaks.
    pub site_id: Uuid,
    /// For which unit.
    pub unit_id: Uuid,
    /// Signed with this key.
    pub key_id: String,
    /// [`Lane`] by name.
    pub lane: String,
    /// [`EventKind`] by name.
    pub kind: String,
    /// The entry concerned.
    pub entry_id: Option<Uuid>,
    /// Its revision.
    pub rev: i64,
    /// Digest of the content.
    pub content_hash: Option<Vec<u8>>,
    /// When, by the sender's clock; milliseconds.
    pub time: i64,
    /// The canonical bytes that were signed.
    #[sea_orm(column_type = "Text")]
    pub header: String,
    /// The signature.
    pub signature: Vec<u8>,
    /// When it came in, by our clock; milliseconds.
    pub received_at: i64,
    /// The peer it came from; none for our own.
    pub received_from: Option<Uuid>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The header as signed.
    pub fn signed_header(&self) -> anyhow::Result<SignedHeader> {
        let header: Header = serde_json::from_str(&self.header)?;
        Ok(SignedHeader {
            header,
            bytes: self.header.clone(),
            signature: self.signature.clone(),
        })
    }

    /// Whether the stored header is the one its digest names.
    pub fn is_sound(&self) -> bool {
        SignedHeader::digest_of(&self.header).as_bytes()[..] == self.hash
    }

    /// What happened.
    pub fn kind(&self) -> anyhow::Result<EventKind> {
        EventKind::parse(&self.kind)
            .ok_or_else(|| anyhow::anyhow!("unknown event kind {}", self.kind))
    }

    /// The lane it travels in.
    pub fn lane(&self) -> anyhow::Result<Lane> {
        Lane::parse(&self.lane).ok_or_else(|| anyhow::anyhow!("unknown lane {}", self.lane))
    }
}

/// The events in `ids`.
pub async fn find_many<C: ConnectionTrait>(db: &C, ids: Vec<i64>) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find().filter(Column::Id.is_in(ids)).all(db).await?)
}

/// The events in `ids` that can be read, and the row numbers of those that cannot: in a text of theirs a
/// bit is flipped.
pub async fn find_readable<C: ConnectionTrait>(
    db: &C,
    ids: Vec<i64>,
) -> Result<(Vec<Model>, Vec<i64>)> {
    match find_many(db, ids.clone()).await {
        Ok(events) => return Ok((events, Vec::new())),
        Err(error) if storage::is_unreadable(&error) => {}
        Err(error) => return Err(error),
    }
    let (mut readable, mut unreadable) = (Vec::new(), Vec::new());
    for id in ids {
        match find_many(db, vec![id]).await {
            Ok(events) => readable.extend(events),
            Err(error) if storage::is_unreadable(&error) => unreadable.push(id),
            Err(error) => return Err(error),
        }
    }
    Ok((readable, unreadable))
}

/// Where the event in the row `id` stands, whether or not the rest of it can be read.
pub async fn place_of<C: ConnectionTrait>(db: &C, id: i64) -> Result<Option<(Uuid, i64)>> {
    Ok(Entity::find_by_id(id)
        .select_only()
        .column(Column::LogId)
        .column(Column::Seq)
        .into_tuple()
        .one(db)
        .await?)
}

/// An event as it was signed, without row number and without where it came from.
pub fn of(signed: &SignedHeader) -> Model {
    let header = &signed.header;
    Model {
        id: 0,
        log_id: header.log,
        seq: header.seq,
        hash: signed.digest().as_bytes().to_vec(),
        site_id: header.site,
        unit_id: header.unit,
        key_id: header.key.to_string(),
        lane: header.lane.to_string(),
        kind: header.kind.as_str().to_owned(),
        entry_id: header.entry,
        rev: header.rev,
        content_hash: header.content.map(|digest| digest.as_bytes().to_vec()),
        time: header.time.timestamp_millis(),
        header: signed.bytes.clone(),
        signature: signed.signature.clone(),
        received_at: 0,
        received_from: None,
    }
}

/// Stores an event as it was signed; `from` is the peer it came from, none for our own.
pub async fn insert<C: ConnectionTrait>(
    db: &C,
    signed: &SignedHeader,
    received_at: i64,
    from: Option<Uuid>,
) -> Result<Model> {
    let mut row = of(signed).into_active_model().reset_all();
    row.id = NotSet;
    row.received_at = Set(received_at);
    row.received_from = Set(from);
    Ok(row.insert(db).await?)
}
