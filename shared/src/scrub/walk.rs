//! The walk: everything that is held, a few rows at a time.

use super::mend;
use super::record::{self, What};
use crate::directory::key_record;
use crate::entries::record::EntryState;
use crate::entries::{Item, apply, record as entry_record, search};
use crate::error::{Error, Result};
use crate::log::keys::{KeyId, PublicKey};
use crate::log::{Digest, EventKind, content, event, ledger};
use crate::media::record as media_record;
use crate::site::Site;
use crate::storage;
use sea_orm::entity::prelude::*;
use sea_orm::{
    ActiveValue, ConnectionTrait, IntoActiveModel, QueryOrder, QuerySelect, TryIntoModel,
};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What is looked at, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Our own logs, for rows that are gone.
    Logs,
    /// Events: digest, signature, place in the chain, columns.
    Events,
    /// Contents, by hash.
    Contents,
    /// Pictures and files, by hash.
    Media,
    /// The current view of entries, and their words in the index.
    Entries,
    /// Nothing more.
    Done,
}

/// How far a walk is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What it looks at.
    pub stage: Stage,
    /// The last row number, or the last hash, that was looked at.
    after: i64,
    after_hash: Vec<u8>,
    /// When it began; milliseconds.
    pub started_at: i64,
    /// Rows and files looked at.
    pub checked: u64,
    /// Bytes read.
    pub bytes: u64,
    /// How many were damaged.
    pub found: u64,
    /// Bytes read in the last step.
    #[serde(skip)]
    pub last_bytes: u64,
}

impl Progress {
    /// At the beginning.
    pub fn new(now: i64) -> Self {
        Self {
            stage: Stage::Logs,
            after: 0,
            after_hash: Vec::new(),
            started_at: now,
            checked: 0,
            bytes: 0,
            found: 0,
            last_bytes: 0,
        }
    }

    fn go_on(&mut self, stage: Stage) {
        self.stage = stage;
        self.after = 0;
        self.after_hash.clear();
    }

    fn looked_at(&mut self, bytes: usize) {
        self.checked += 1;
        self.last_bytes += bytes as u64;
    }
}

/// A damage: what, which, and what is wrong.
type Finding = (What, String, String);

/// Looks at the next few rows.
pub async fn step(site: &Arc<Site>, progress: &mut Progress) -> Result<()> {
    progress.last_bytes = 0;
    let findings = match progress.stage {
        Stage::Logs => logs(site, progress).await?,
        Stage::Events => events(site, progress).await?,
        Stage::Contents => contents(site, progress).await?,
        Stage::Media => media(site, progress).await?,
        Stage::Entries => entries(site, progress).await?,
        Stage::Done => Vec::new(),
    };
    progress.bytes += progress.last_bytes;
    progress.found += findings.len() as u64;
    if findings.is_empty() {
        return Ok(());
    }
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                for (what, name, detail) in findings {
                    record::note(tx, what, &name, &detail, now).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Places missing in one log that are noted; comparing finds the others.
const MOST_GAPS: usize = 200;

/// Our own logs have no gaps; what others say may.
async fn logs(site: &Site, progress: &mut Progress) -> Result<Vec<Finding>> {
    let db = site.db.reader();
    let mut findings = Vec::new();
    for log in ledger::logs_of(db, site.id).await? {
        let held = event::Entity::find()
            .filter(event::Column::LogId.eq(log.id))
            .count(db)
            .await?;
        // A closed log may be one that others are still giving back.
        if log.closed_at.is_some() || i64::try_from(held).is_ok_and(|held| held >= log.head_seq) {
            continue;
        }
        let places: Vec<i64> = event::Entity::find()
            .select_only()
            .column(event::Column::Seq)
            .filter(event::Column::LogId.eq(log.id))
            .order_by_asc(event::Column::Seq)
            .into_tuple()
            .all(db)
            .await?;
        let held: HashSet<i64> = places.into_iter().collect();
        let missing = (1..=log.head_seq).filter(|seq| !held.contains(seq));
        for seq in missing.take(MOST_GAPS) {
            let detail = "sự kiện không còn trong nhật ký".to_owned();
            findings.push((What::Event, format!("{}/{seq}", log.id), detail));
        }
    }
    progress.go_on(Stage::Events);
    Ok(findings)
}

const EVENTS_AT_ONCE: u64 = 100;

async fn events(site: &Arc<Site>, progress: &mut Progress) -> Result<Vec<Finding>> {
    let db = site.db.reader();
    let ids: Vec<i64> = event::Entity::find()
        .select_only()
        .column(event::Column::Id)
        .filter(event::Column::Id.gt(progress.after))
        .order_by_asc(event::Column::Id)
        .limit(EVENTS_AT_ONCE)
        .into_tuple()
        .all(db)
        .await?;
    let Some(last) = ids.last() else {
        progress.go_on(Stage::Contents);
        return Ok(Vec::new());
    };
    progress.after = *last;
    let mut findings = Vec::new();
    let (rows, unreadable) = event::find_readable(db, ids).await?;
    for id in unreadable {
        progress.looked_at(200);
        if let Some((log, seq)) = event::place_of(db, id).await? {
            let detail = "sự kiện không đọc được".to_owned();
            findings.push((What::Event, format!("{log}/{seq}"), detail));
        }
    }
    let keys = keys_of(db, &rows).await?;
    let shown: HashSet<Uuid> = entry_record::Entity::find()
        .select_only()
        .column(entry_record::Column::EntryId)
        .filter(entry_record::Column::EntryId.is_in(rows.iter().filter_map(|row| row.entry_id)))
        .into_tuple()
        .all(db)
        .await?
        .into_iter()
        .collect();
    for row in rows {
        progress.looked_at(row.header.len() + row.signature.len() + 200);
        let name = format!("{}/{}", row.log_id, row.seq);
        match judge(&row, &keys) {
            Judged::Damaged(detail) => {
                findings.push((What::Event, name, detail.to_owned()));
                continue;
            }
            Judged::Columns(whole) => {
                if is_taken(db, &whole).await? {
                    let detail = "phần đầu là của chỗ khác trong nhật ký".to_owned();
                    findings.push((What::Event, name, detail));
                    continue;
                }
                // The header is whole and says what the columns should.
                progress.found += 1;
                tracing::warn!(log.id = %row.log_id, log.seq = row.seq, "columns of an event differed from its header; made anew");
                site.db
                    .write(move |tx| {
                        Box::pin(async move {
                            whole.into_active_model().reset_all().update(tx).await?;
                            Ok(())
                        })
                    })
                    .await?;
            }
            Judged::Whole => {}
        }
        if let Some(detail) = broken_chain(db, &row).await? {
            findings.push((What::Event, name, detail.to_owned()));
        }
        let is_about_entry = EventKind::parse(&row.kind)
            .is_some_and(|kind| kind.concerns_entry() && !kind.is_letter());
        if let (true, Some(entry)) = (is_about_entry, row.entry_id)
            && !shown.contains(&entry)
        {
            let detail = "mục của sự kiện này không còn".to_owned();
            findings.push((What::Entry, entry.to_string(), detail));
        }
    }
    Ok(findings)
}

/// The keys the rows name, whether they still count or not.
pub(super) async fn keys_of<C: ConnectionTrait>(
    db: &C,
    rows: &[event::Model],
) -> Result<HashMap<String, PublicKey>> {
    let ids: HashSet<KeyId> = rows
        .iter()
        .filter_map(|row| row.key_id.parse().ok())
        .collect();
    let ids: Vec<KeyId> = ids.into_iter().collect();
    let mut keys = HashMap::new();
    for key in key_record::find(db, &ids).await? {
        if let Ok(public) = PublicKey::from_slice(&key.public_key) {
            keys.insert(key.key_id, public);
        }
    }
    Ok(keys)
}

/// How a stored event is.
#[derive(Debug)]
pub(super) enum Judged {
    /// As it was signed.
    Whole,
    /// The header and its signature are; the columns beside it are not.
    Columns(Box<event::Model>),
    /// Header or signature are not.
    Damaged(&'static str),
}

/// Compares a row with what was signed.
pub(super) fn judge(row: &event::Model, keys: &HashMap<String, PublicKey>) -> Judged {
    let Ok(signed) = row.signed_header() else {
        return Judged::Damaged("phần đầu không đọc được");
    };
    let key = keys.get(&signed.header.key.to_string());
    let is_proved = key.is_some_and(|key| signed.is_signed_by(key));
    if !is_proved && (key.is_some() || !row.is_sound()) {
        return Judged::Damaged(if row.is_sound() {
            "chữ ký không còn khớp"
        } else {
            "phần đầu không còn khớp với mã băm"
        });
    }
    let whole = event::Model {
        id: row.id,
        received_at: row.received_at,
        received_from: row.received_from,
        ..event::of(&signed)
    };
    if whole == *row {
        Judged::Whole
    } else {
        Judged::Columns(Box::new(whole))
    }
}

/// Whether the place that belongs to an event is another row's: then two rows have changed places, and
/// what stands in each is damage.
async fn is_taken<C: ConnectionTrait>(db: &C, event: &event::Model) -> Result<bool> {
    let others = event::Entity::find()
        .filter(event::Column::LogId.eq(event.log_id))
        .filter(event::Column::Seq.eq(event.seq))
        .filter(event::Column::Id.ne(event.id));
    Ok(others.count(db).await? > 0)
}

async fn broken_chain<C: ConnectionTrait>(
    db: &C,
    row: &event::Model,
) -> Result<Option<&'static str>> {
    let Some(prev) = row.signed_header()?.header.prev else {
        return Ok(None);
    };
    let before = mend::readable_at(db, row.log_id, row.seq - 1).await?;
    Ok(before
        .filter(|before| before.is_sound() && before.hash != prev.as_bytes())
        .map(|_| "không nối với sự kiện đứng trước"))
}

const CONTENTS_AT_ONCE: u64 = 40;

async fn contents(site: &Site, progress: &mut Progress) -> Result<Vec<Finding>> {
    let rows = content::Entity::find()
        .filter(content::Column::Hash.gt(progress.after_hash.clone()))
        .order_by_asc(content::Column::Hash)
        .limit(CONTENTS_AT_ONCE)
        .all(site.db.reader())
        .await?;
    let Some(last) = rows.last() else {
        progress.go_on(Stage::Media);
        return Ok(Vec::new());
    };
    progress.after_hash.clone_from(&last.hash);
    let mut findings = Vec::new();
    for row in rows {
        progress.looked_at(row.bytes.as_ref().map_or(0, Vec::len) + 100);
        let is_whole = match &row.bytes {
            Some(bytes) => Digest::of(bytes).as_bytes()[..] == row.hash,
            None => row.erased_at.is_some(),
        };
        if !is_whole {
            let detail = "nội dung không còn khớp với mã băm".to_owned();
            findings.push((What::Content, hex(&row.hash), detail));
        }
    }
    Ok(findings)
}

/// A hash as it is named.
pub(super) fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

const MEDIA_AT_ONCE: u64 = 4;

async fn media(site: &Site, progress: &mut Progress) -> Result<Vec<Finding>> {
    let rows = media_record::Entity::find()
        .filter(media_record::Column::Hash.gt(progress.after_hash.clone()))
        .order_by_asc(media_record::Column::Hash)
        .limit(MEDIA_AT_ONCE)
        .all(site.db.reader())
        .await?;
    let Some(last) = rows.last() else {
        progress.go_on(Stage::Entries);
        return Ok(Vec::new());
    };
    progress.after_hash.clone_from(&last.hash);
    let mut findings = Vec::new();
    for row in rows.iter().filter(|row| row.is_here()) {
        progress.looked_at(usize::try_from(row.size).unwrap_or(0));
        let Ok(digest) = Digest::from_slice(&row.hash) else {
            continue;
        };
        if !site.media.is_whole(digest).await? {
            let detail = "tệp không còn hoặc không còn khớp với mã băm".to_owned();
            findings.push((What::Medium, hex(&row.hash), detail));
        }
    }
    Ok(findings)
}

const ENTRIES_AT_ONCE: u64 = 40;

async fn entries(site: &Site, progress: &mut Progress) -> Result<Vec<Finding>> {
    let db = site.db.reader();
    let ids: Vec<(i64, Uuid)> = entry_record::Entity::find()
        .select_only()
        .column(entry_record::Column::Id)
        .column(entry_record::Column::EntryId)
        .filter(entry_record::Column::Id.gt(progress.after))
        .order_by_asc(entry_record::Column::Id)
        .limit(ENTRIES_AT_ONCE)
        .into_tuple()
        .all(db)
        .await?;
    let Some((last, _)) = ids.last() else {
        progress.go_on(Stage::Done);
        return Ok(Vec::new());
    };
    progress.after = *last;
    let mut findings = Vec::new();
    for (id, entry) in ids {
        let row = match entry_record::Entity::find_by_id(id)
            .one(db)
            .await
            .map_err(Error::from)
        {
            Ok(Some(row)) => row,
            Ok(None) => continue,
            Err(error) if storage::is_unreadable(&error) => {
                let detail = "mục không đọc được".to_owned();
                findings.push((What::Entry, entry.to_string(), detail));
                continue;
            }
            Err(error) => return Err(error),
        };
        progress.looked_at(row.title.len() + row.lead.as_ref().map_or(0, String::len) + 300);
        if let Some((what, detail)) = judge_entry(db, &row).await? {
            let name = match (what, &row.content_hash) {
                (What::Content, Some(hash)) => hex(hash),
                _ => row.entry_id.to_string(),
            };
            findings.push((what, name, detail.to_owned()));
        }
    }
    Ok(findings)
}

/// Compares the current view of an entry with the event it follows from; what is shown counts, since
/// what is not shown cannot mislead anybody.
pub(super) async fn judge_entry(
    db: &sea_orm::DatabaseConnection,
    row: &entry_record::Model,
) -> Result<Option<(What, &'static str)>> {
    if row.state != EntryState::Live.as_str() {
        return Ok(None);
    }
    let (mut events, unreadable) = event::find_readable(db, vec![row.event_id]).await?;
    // That is a damage of its own, and this follows when it is mended.
    if !unreadable.is_empty() {
        return Ok(None);
    }
    let Some(event) = events.pop() else {
        return Ok(Some((What::Entry, "sự kiện của mục không còn")));
    };
    if !event.is_sound() {
        return Ok(None);
    }
    if event.entry_id != Some(row.entry_id) || event.rev != row.rev {
        return Ok(Some((What::Entry, "mục không theo sự kiện của nó")));
    }
    let Some(hash) = &event.content_hash else {
        return Ok(Some((What::Entry, "mục đã gỡ nhưng vẫn hiện")));
    };
    if !mend::is_whole(db, hash).await? {
        return Ok(Some((What::Content, "nội dung của mục không còn")));
    }
    let Some(item) = item_of(db, &event).await? else {
        return Ok(None);
    };
    if !follows(row, &event, &item)? {
        return Ok(Some((What::Entry, "mục khác với nội dung đã ký")));
    }
    let words = apply::words_of(&item);
    if !search::holds(db, row.id, &row.title, &words).await? {
        return Ok(Some((
            What::Entry,
            "từ của mục không có trong chỉ mục tìm kiếm",
        )));
    }
    Ok(None)
}

/// What the event `event` published, if it is not erased.
pub(super) async fn item_of<C: ConnectionTrait>(
    db: &C,
    event: &event::Model,
) -> Result<Option<Item>> {
    let (Some(hash), Some(entry)) = (&event.content_hash, event.entry_id) else {
        return Ok(None);
    };
    let Some(bytes) = content::read(db, hash).await? else {
        return Ok(None);
    };
    let value = serde_json::from_slice(&bytes).map_err(anyhow::Error::new)?;
    Ok(Some(Item::read(&value, entry).map_err(anyhow::Error::new)?))
}

/// Whether the row says what the event does.
fn follows(row: &entry_record::Model, event: &event::Model, item: &Item) -> Result<bool> {
    let mut expected = apply::row_of(event, item)?;
    expected.id = ActiveValue::Set(row.id);
    expected.recalled_through = ActiveValue::Set(row.recalled_through);
    let expected = expected.try_into_model()?;
    Ok(expected == *row)
}
