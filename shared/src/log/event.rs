//! Events as stored, ours and others'.

use super::header::{EventKind, Header, Lane, SignedHeader};
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::NotSet, ConnectionTrait, Set};

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

/// Stores an event as it was signed; `from` is the peer it came from, none for our own.
pub async fn insert<C: ConnectionTrait>(
    db: &C,
    signed: &SignedHeader,
    received_at: i64,
    from: Option<Uuid>,
) -> Result<Model> {
    let header = &signed.header;
    Ok(ActiveModel {
        id: NotSet,
        log_id: Set(header.log),
        seq: Set(header.seq),
        hash: Set(signed.digest().as_bytes().to_vec()),
        site_id: Set(header.site),
        unit_id: Set(header.unit),
        key_id: Set(header.key.to_string()),
        lane: Set(header.lane.to_string()),
        kind: Set(header.kind.as_str().to_owned()),
        entry_id: Set(header.entry),
        rev: Set(header.rev),
        content_hash: Set(header.content.map(|digest| digest.as_bytes().to_vec())),
        time: Set(header.time.timestamp_millis()),
        header: Set(signed.bytes.clone()),
        signature: Set(signed.signature.clone()),
        received_at: Set(received_at),
        received_from: Set(from),
    }
    .insert(db)
    .await?)
}
