//! Sets of events as stored here, in sums of blocks that are made once and kept until a row changes.
//!
//! The database itself forgets a sum when a row it is part of is added, changed or removed, whoever does it: see
//! the triggers in `migrations/src/site/m0009_convergence.rs`.

use crate::error::Result;
use crate::log::{Digest, Lane, canonical, event, ledger};
use crate::storage::Db;
use crate::sync::cursor::{self, Direction};
use crate::sync::digest::{BLOCK, BlockId, Closed, Mark, Place, Sheet, Sum};
use crate::sync::outgoing::{self, Share};
use sea_orm::entity::prelude::*;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, FromQueryResult, QueryOrder, QuerySelect, Set,
    Statement,
};
use std::collections::{BTreeMap, HashMap, HashSet};

/// The stored sum of one block.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "digest_blocks")]
pub struct Model {
    /// The log.
    #[sea_orm(primary_key, auto_increment = false)]
    pub log_id: Uuid,
    /// The block.
    #[sea_orm(primary_key, auto_increment = false)]
    pub block: i64,
    /// Empty for all that is held, or the digest of the audiences selected.
    #[sea_orm(primary_key, auto_increment = false)]
    pub selection: Vec<u8>,
    /// How many events.
    pub events: i64,
    /// Their sum.
    pub sum: Vec<u8>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Which audiences occur in the stream for a log; written by the database itself.
pub mod log_audience {
    use super::*;

    /// A stored pair.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "log_audiences")]
    pub struct Model {
        /// The log.
        #[sea_orm(primary_key, auto_increment = false)]
        pub log_id: Uuid,
        /// The audience.
        #[sea_orm(primary_key, auto_increment = false)]
        pub audience_id: i64,
    }

    /// None: joins are written where they are needed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Sums made in one transaction.
const MADE_AT_ONCE: usize = 32;
/// A backlog beyond this is not compared: it is on its way, and will be compared when it has arrived.
pub const MOST_PENDING: usize = 20_000;

/// Which events of a log are in a set.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Selection {
    /// Those in the stream for one of these; all that are held without them.
    audiences: Option<Vec<i64>>,
    head: i64,
}

impl Selection {
    fn key(&self) -> Result<Vec<u8>> {
        Ok(match &self.audiences {
            None => Vec::new(),
            Some(audiences) => {
                let bytes = canonical::to_canonical(audiences).map_err(anyhow::Error::new)?;
                Digest::of(bytes).as_bytes().to_vec()
            }
        })
    }
}

/// A set of events, by the logs they are in.
#[derive(Clone, Debug, Default)]
pub struct EventSet {
    logs: BTreeMap<Uuid, Selection>,
}

impl EventSet {
    /// Everything held of what `speaker` said in public or to `reader`'s unit.
    pub async fn said_by<C: ConnectionTrait>(db: &C, speaker: Uuid, reader: Uuid) -> Result<Self> {
        let logs = ledger::logs_of(db, speaker).await?;
        let read = logs
            .into_iter()
            .filter(|log| log.addressee.is_none_or(|unit| unit == reader));
        Ok(Self {
            logs: read
                .map(|log| (log.id, Selection::all(log.head_seq)))
                .collect(),
        })
    }

    /// Everything held that others than `own` said.
    pub async fn of_others<C: ConnectionTrait>(db: &C, own: Uuid) -> Result<Self> {
        let logs = ledger::Entity::find()
            .filter(ledger::Column::SiteId.ne(own))
            .all(db)
            .await?;
        Ok(Self {
            logs: logs
                .into_iter()
                .map(|log| (log.id, Selection::all(log.head_seq)))
                .collect(),
        })
    }

    /// The share of the stream that is for the site `reader` of `unit`.
    pub async fn share<C: ConnectionTrait>(
        db: &C,
        share: &Share,
        reader: Uuid,
        unit: Uuid,
    ) -> Result<Self> {
        let mut used: HashMap<Uuid, Vec<i64>> = HashMap::new();
        let rows = log_audience::Entity::find()
            .order_by_asc(log_audience::Column::AudienceId)
            .all(db)
            .await?;
        for row in rows {
            if share.has(row.audience_id) {
                used.entry(row.log_id).or_default().push(row.audience_id);
            }
        }
        let mut logs = BTreeMap::new();
        for log in ledger::Entity::find().all(db).await? {
            let is_read =
                log.site_id != reader && log.addressee.is_none_or(|addressee| addressee == unit);
            if let (true, Some(audiences)) = (is_read, used.remove(&log.id)) {
                let selection = Selection {
                    audiences: Some(audiences),
                    head: log.head_seq,
                };
                logs.insert(log.id, selection);
            }
        }
        Ok(Self { logs })
    }

    /// Whether events of this log can be in it.
    pub fn has_log(&self, log: Uuid) -> bool {
        self.logs.contains_key(&log)
    }

    /// The set as a sheet: from the sums that are stored, and new ones where there are none.
    pub async fn sheet(&self, db: &Db) -> Result<Sheet> {
        let mut sheet = Sheet::default();
        let mut keys = HashSet::new();
        for selection in self.logs.values() {
            keys.insert(selection.key()?);
        }
        let stored = Entity::find()
            .filter(Column::Selection.is_in(keys))
            .all(db.reader())
            .await?;
        let mut known: HashMap<(Uuid, i64, Vec<u8>), Sum> = HashMap::with_capacity(stored.len());
        for row in stored {
            let events = u64::try_from(row.events).unwrap_or_default();
            if let Some(sum) = Sum::stored(events, &row.sum) {
                known.insert((row.log_id, row.block, row.selection), sum);
            }
        }
        let mut unknown = Vec::new();
        for (log, selection) in &self.logs {
            let key = selection.key()?;
            for number in 0..=selection.head.div_euclid(BLOCK) {
                let id = BlockId { log: *log, number };
                match known.remove(&(*log, number, key.clone())) {
                    Some(sum) => sheet.insert(id, sum),
                    None => unknown.push((id, selection.clone())),
                }
            }
        }
        for some in unknown.chunks(MADE_AT_ONCE) {
            for (id, sum) in make(db, some.to_vec()).await? {
                sheet.insert(id, sum);
            }
        }
        Ok(sheet)
    }

    /// Opens what a sheet of this set needs opened.
    pub async fn open<C: ConnectionTrait>(
        &self,
        db: &C,
        sheet: &mut Sheet,
        Closed(blocks): Closed,
    ) -> Result<()> {
        for id in blocks {
            let marks = match self.logs.get(&id.log) {
                Some(selection) => read(db, id, selection).await?,
                None => Vec::new(),
            };
            sheet.open(id, marks);
        }
        Ok(())
    }
}

impl Selection {
    fn all(head: i64) -> Self {
        Self {
            audiences: None,
            head,
        }
    }
}

async fn make(db: &Db, blocks: Vec<(BlockId, Selection)>) -> Result<Vec<(BlockId, Sum)>> {
    db.write(move |tx| {
        Box::pin(async move {
            wait_for_writers(tx).await?;
            let mut made = Vec::with_capacity(blocks.len());
            for (id, selection) in blocks {
                let sum: Sum = read(tx, id, &selection).await?.into_iter().collect();
                let row = ActiveModel {
                    log_id: Set(id.log),
                    block: Set(id.number),
                    selection: Set(selection.key()?),
                    events: Set(i64::try_from(sum.events).unwrap_or(i64::MAX)),
                    sum: Set(sum.bytes().to_vec()),
                };
                let columns = [Column::LogId, Column::Block, Column::Selection];
                Entity::insert(row)
                    .on_conflict(
                        sea_orm::sea_query::OnConflict::columns(columns)
                            .update_columns([Column::Events, Column::Sum])
                            .to_owned(),
                    )
                    .exec_without_returning(tx)
                    .await?;
                made.push((id, sum));
            }
            Ok(made)
        })
    })
    .await
}

/// A sum must not be made beside a writer whose row it does not see: the writer would have forgotten
/// the old sum before the new one, already wrong, is stored. SQLite has one writer anyway.
async fn wait_for_writers(tx: &DatabaseTransaction) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared("LOCK TABLE digest_blocks IN SHARE ROW EXCLUSIVE MODE")
            .await?;
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Row {
    seq: i64,
    hash: Vec<u8>,
}

async fn read<C: ConnectionTrait>(db: &C, id: BlockId, selection: &Selection) -> Result<Vec<Mark>> {
    let mut sql = "SELECT e.seq, e.hash FROM events e \
                   WHERE e.log_id = $1 AND e.seq >= $2 AND e.seq < $3"
        .to_owned();
    if let Some(audiences) = &selection.audiences {
        let list: Vec<String> = audiences.iter().map(i64::to_string).collect();
        sql.push_str(&format!(
            " AND EXISTS (SELECT 1 FROM stream s WHERE s.event_id = e.id AND s.audience_id IN ({}))",
            list.join(",")
        ));
    }
    let first = id.first().seq;
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        sql,
        [id.log.into(), first.into(), (first + BLOCK).into()],
    );
    let rows = Row::find_by_statement(statement).all(db).await?;
    rows.into_iter()
        .map(|row| mark(id.log, row.seq, &row.hash))
        .collect()
}

/// An event as it is compared.
pub fn mark(log: Uuid, seq: i64, hash: &[u8]) -> Result<Mark> {
    let digest = Digest::from_slice(hash).map_err(anyhow::Error::new)?;
    Ok(Mark {
        at: Place { log, seq },
        digest,
    })
}

/// What is in the stream for a peer behind its cursors.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The events.
    pub events: HashSet<i64>,
    cursors: Vec<(Lane, i64)>,
}

/// What is in the stream for a peer and not yet acknowledged by it; `None` if it is too much to compare
/// beside it.
pub async fn waiting<C: ConnectionTrait>(
    db: &C,
    share: &Share,
    peer: Uuid,
    stream: Uuid,
) -> Result<Option<Waiting>> {
    let mut events: HashSet<i64> = HashSet::new();
    let mut cursors = Vec::new();
    for lane in Lane::ALL {
        let after = cursor::get(db, peer, Direction::Out, lane)
            .await?
            .position_in(stream);
        events.extend(share.events_after(db, lane, after, MOST_PENDING).await?);
        cursors.push((lane, after));
    }
    Ok((events.len() < MOST_PENDING).then_some(Waiting { events, cursors }))
}

/// Of what is [waiting], that which did not reach the peer another way before.
pub async fn pending<C: ConnectionTrait>(
    db: &C,
    share: &Share,
    peer: Uuid,
    stream: Uuid,
) -> Result<Option<Vec<Mark>>> {
    let Some(Waiting { events, cursors }) = waiting(db, share, peer, stream).await? else {
        return Ok(None);
    };
    let ids: Vec<i64> = events.into_iter().collect();
    let mut marks = Vec::with_capacity(ids.len());
    for ids in ids.chunks(500) {
        // What came another way before is not waiting.
        let mut there: HashSet<i64> = HashSet::new();
        for (lane, after) in &cursors {
            there.extend(share.events_up_to(db, *lane, *after, ids).await?);
        }
        let left = ids.iter().copied().filter(|id| !there.contains(id));
        let rows: Vec<(Uuid, i64, Vec<u8>)> = event::Entity::find()
            .select_only()
            .column(event::Column::LogId)
            .column(event::Column::Seq)
            .column(event::Column::Hash)
            .filter(event::Column::Id.is_in(left))
            .into_tuple()
            .all(db)
            .await?;
        for (log, seq, hash) in rows {
            marks.push(mark(log, seq, &hash)?);
        }
    }
    Ok(Some(marks))
}

/// The modes in which `share` has the event `id`, the strongest first; none if it has it not.
pub async fn in_share<C: ConnectionTrait>(
    db: &C,
    share: &Share,
    id: i64,
) -> Result<Option<crate::entries::Mode>> {
    let rows: Vec<i64> = outgoing::Entity::find()
        .select_only()
        .column(outgoing::Column::AudienceId)
        .filter(outgoing::Column::EventId.eq(id))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|audience| share.mode(audience))
        .max())
}
