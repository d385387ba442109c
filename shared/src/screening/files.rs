//! Files are read before they are stored; what was found in them is kept beside their digest.

use super::finding::{Piece, Place, screen};
use super::holds::{Seen, UNREAD};
use super::reading::{self, FileWords, Unread};
use super::refusals::{self, Secret, Way};
use super::{holds, rule_sets};
use crate::error::{Error, Result};
use crate::log::Digest;
use crate::newsroom::draft;
use crate::site::Site;
use bytes::Bytes;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, Set};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::Semaphore;

/// What was found in a file.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "screening_files")]
pub struct Model {
    /// SHA-256 of its bytes.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Vec<u8>,
    /// The set of rules.
    pub rules: String,
    /// What was found, as JSON, masked.
    pub findings: String,
    /// Why not all of it could be read.
    pub unread: Option<String>,
    /// When it was read; milliseconds.
    pub screened_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Files read at once: each may take a few hundred megabytes for a moment.
const AT_ONCE: usize = 1;
/// How long somebody waits for a file to be read. It has bounds of its own; this is for what they missed.
const LONGEST: Duration = Duration::from_secs(60);

static TURNS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(AT_ONCE)));

/// Reads a file whose digest will be that of `bytes`, before it is stored. [`Error::Secret`] if it must not
/// be, with that noted; what else was found holds the drafts it is put in.
pub async fn admit(site: &Site, by: Option<Uuid>, name: &str, bytes: Bytes) -> Result<()> {
    let found = match examine(site, name, bytes.clone()).await? {
        Ok(found) => found,
        Err(secret) => {
            secret.record(site, Way::File, by).await?;
            return Err(Error::Secret(secret));
        }
    };
    let digest = Digest::of(&bytes);
    let now = site.clock.now().timestamp_millis();
    site.db
        .write(move |tx| Box::pin(async move { found.keep(tx, digest, now).await }))
        .await
}

/// Reads a name, and what is written into a file of which the words are not kept, before it is stored:
/// nothing but a secret is of interest.
pub async fn admit_bare(site: &Site, by: Option<Uuid>, name: &str, bytes: Bytes) -> Result<()> {
    match examine(site, name, bytes).await? {
        Ok(_) => Ok(()),
        Err(secret) => {
            secret.record(site, Way::File, by).await?;
            Err(Error::Secret(secret))
        }
    }
}

/// What a file says, or that it must not be stored.
pub async fn examine(
    site: &Site,
    name: &str,
    bytes: Bytes,
) -> Result<std::result::Result<FoundInFile, Box<Secret>>> {
    let rules = rule_sets::current(site.db.reader()).await?;
    let known = rule_sets::known(site.db.reader()).await?;
    let key = holds::key(&site.db).await?;
    let words = read(bytes.clone()).await?;
    let mut pieces = vec![
        Piece::new(Place::FileName(name.to_owned()), name),
        Piece::new(Place::File(name.to_owned()), words.text),
    ];
    pieces.extend(
        words
            .names
            .into_iter()
            .map(|name| Piece::new(Place::FileName(name.clone()), name)),
    );
    let found = screen(&rules, &known, &pieces);
    if let Err(secret) = refusals::allow(&rules, &found, &pieces) {
        return Ok(Err(Box::new(secret.of_bytes(&bytes))));
    }
    Ok(Ok(FoundInFile {
        rules: rules.label(),
        seen: found
            .iter()
            .map(|finding| Seen::of(finding, &key))
            .collect(),
        unread: words.unread,
    }))
}

/// The words of a file, read where it may take its time; what breaks the reader is unread.
async fn read(bytes: Bytes) -> Result<FileWords> {
    let turn = Arc::clone(&TURNS)
        .acquire_owned()
        .await
        .map_err(anyhow::Error::new)?;
    let reading = tokio::task::spawn_blocking(move || {
        // The turn ends with the work, not with whoever waits for it.
        let _turn = turn;
        reading::words(&bytes)
    });
    let unread = |unread| FileWords {
        unread: Some(unread),
        ..FileWords::default()
    };
    Ok(match tokio::time::timeout(LONGEST, reading).await {
        Ok(Ok(words)) => words,
        Ok(Err(_)) => unread(Unread::Unknown),
        Err(_) => unread(Unread::TooLarge),
    })
}

/// What was found in a file that may be stored.
#[derive(Clone, Debug)]
pub struct FoundInFile {
    rules: String,
    seen: Vec<Seen>,
    unread: Option<Unread>,
}

impl FoundInFile {
    /// Keeps it beside the digest of the file.
    pub async fn keep<C: ConnectionTrait>(self, db: &C, digest: Digest, now: i64) -> Result<()> {
        let findings = serde_json::to_string(&self.seen).map_err(anyhow::Error::new)?;
        let row = ActiveModel {
            digest: Set(digest.as_bytes().to_vec()),
            rules: Set(self.rules),
            findings: Set(findings),
            unread: Set(self.unread.map(|unread| unread.as_str().to_owned())),
            screened_at: Set(now),
        };
        Entity::insert(row)
            .on_conflict(
                OnConflict::column(Column::Digest)
                    .update_columns([
                        Column::Rules,
                        Column::Findings,
                        Column::Unread,
                        Column::ScreenedAt,
                    ])
                    .to_owned(),
            )
            .exec_without_returning(db)
            .await?;
        Ok(())
    }
}

/// What was found in the files of a draft.
pub(super) async fn seen_of<C: ConnectionTrait>(
    db: &C,
    draft: &draft::Model,
    key: &[u8],
) -> Result<Vec<Seen>> {
    let extra = draft.extra();
    let video = extra.own.video.unwrap_or_default();
    let files: Vec<draft::File> = extra.files.into_iter().chain(video.captions).collect();
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let digests = files.iter().map(|file| file.digest.as_bytes().to_vec());
    let rows: HashMap<Vec<u8>, Model> = Entity::find()
        .filter(Column::Digest.is_in(digests))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.digest.clone(), row))
        .collect();
    let mut seen = Vec::new();
    for file in files {
        // What came here before files were read has no row; it was looked at when it was published.
        let Some(row) = rows.get(file.digest.as_bytes().as_slice()) else {
            continue;
        };
        let kept: Vec<Seen> = serde_json::from_str(&row.findings).map_err(anyhow::Error::new)?;
        seen.extend(kept);
        if let Some(why) = row.unread.as_deref() {
            seen.push(unread_file(&file, unread_in_words(why), key));
        }
    }
    Ok(seen)
}

fn unread_in_words(name: &str) -> &'static str {
    let all = [
        Unread::Locked,
        Unread::Unknown,
        Unread::Scanned,
        Unread::TooLarge,
    ];
    let found = all.into_iter().find(|unread| unread.as_str() == name);
    found.unwrap_or(Unread::Unknown).in_words()
}

fn unread_file(file: &draft::File, why: &str, key: &[u8]) -> Seen {
    let finding = super::Finding {
        rule: UNREAD.to_owned(),
        name: "Không đọc được chữ trong tệp".to_owned(),
        action: super::Action::Hold,
        reason: "Máy không đọc hết được tệp này; cần một người mở tệp, đọc từng trang và xác nhận không có nội dung mật.".to_owned(),
        place: Place::File(file.name.clone()),
        line: 1,
        range: 0..0,
        excerpt: why.to_owned(),
        masked: None,
        subject: file.digest.hex(),
    };
    Seen {
        place: finding.place.label(),
        ..Seen::of(&finding, key)
    }
}
