//! What a backup must come back as: counts and digests of everything, signed by the site.
//!
//! The manifest is part of the backup it describes. A drill and a rebuild make it again from what
//! came back and compare; equal means equal to the last row and byte.

use crate::log::canonical::{self, Digest};
use crate::log::keys::{KeyId, PublicKey, SigningKey};
use crate::log::ledger;
use crate::site::Site;
use anyhow::{Context, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QueryFilter, QueryOrder,
    QueryResult, Statement,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use uuid::Uuid;

/// What a signature of a manifest begins with, so that it can serve nothing else.
const DOMAIN: &[u8] = b"lien-cong/backup/v1\n";
/// Rows read at once: contents may be large.
const PAGE: usize = 100;

/// Tables whose rows are not in a backup: who is signed in, and which requests were heard.
pub const LEFT_OUT: [&str; 2] = ["sessions", "nonces"];
/// Tables that change without anybody having done anything; they are in the backup, and no reason
/// to make one.
const RESTLESS: [&str; 14] = [
    "draft_locks",
    "peers",
    "cursors",
    "site_contacts",
    "digest_blocks",
    "settled",
    "comparisons",
    "damages",
    "backup_runs",
    "view_days",
    "entry_view_days",
    "entry_views",
    "usefulness_days",
    "seaql_migrations",
];

/// What is in a backup.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version, 1.
    pub v: u32,
    /// The site.
    pub site: Uuid,
    /// Its unit.
    pub unit: Uuid,
    /// The software that made it.
    pub software: String,
    /// When the copy of the database was taken.
    pub time: DateTime<Utc>,
    /// Its own logs and how far they went.
    pub logs: Vec<LogHead>,
    /// Every table with its rows.
    pub tables: BTreeMap<String, Sum>,
    /// Pictures and files.
    pub media: Media,
}

/// One of the site's own logs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogHead {
    /// The log.
    pub log: Uuid,
    /// Its last place.
    pub head: i64,
    /// The digest there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
}

/// How many rows, and the digest of them all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sum {
    /// Rows.
    pub rows: u64,
    /// Digest of all rows in their order.
    pub digest: Digest,
}

/// Pictures and files, each named by its digest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Media {
    /// How many.
    pub files: u64,
    /// How large together.
    pub bytes: u64,
    /// Digest of all names in their order.
    pub digest: Option<Digest>,
}

/// A manifest as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Signed {
    /// What is signed.
    pub manifest: Manifest,
    /// The key it is signed with.
    pub key: KeyId,
    /// Ed25519 over `lien-cong/backup/v1\n` and the canonical form, base64url.
    pub signature: String,
}

impl Signed {
    /// `manifest`, signed with `key`.
    pub fn sign(manifest: Manifest, key: &SigningKey) -> anyhow::Result<Self> {
        let signature = key.sign(&signed_bytes(&manifest)?);
        Ok(Self {
            manifest,
            key: key.id(),
            signature: URL_SAFE_NO_PAD.encode(signature),
        })
    }

    /// Whether `key` signed it.
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        let Ok(signature) = URL_SAFE_NO_PAD.decode(&self.signature) else {
            return false;
        };
        signed_bytes(&self.manifest).is_ok_and(|bytes| key.verify(&bytes, &signature))
    }
}

fn signed_bytes(manifest: &Manifest) -> anyhow::Result<Vec<u8>> {
    let mut bytes = DOMAIN.to_vec();
    bytes.extend(canonical::to_canonical(manifest)?);
    Ok(bytes)
}

impl Manifest {
    /// Counts everything in the copy `db` of a site's database, and its `media`.
    pub async fn of(
        db: &DatabaseConnection,
        site: (Uuid, Uuid),
        media: Media,
        time: DateTime<Utc>,
    ) -> anyhow::Result<Self> {
        let logs = ledger::Entity::find()
            .filter(sea_orm::ColumnTrait::eq(&ledger::Column::SiteId, site.0))
            .order_by_asc(ledger::Column::Id)
            .all(db)
            .await?;
        Ok(Self {
            v: 1,
            site: site.0,
            unit: site.1,
            software: crate::sync::greeting::SOFTWARE.to_owned(),
            time,
            logs: logs
                .into_iter()
                .map(|log| {
                    let digest = log.head_hash.as_deref().map(Digest::from_slice);
                    Ok(LogHead {
                        log: log.id,
                        head: log.head_seq,
                        digest: digest.transpose()?,
                    })
                })
                .collect::<anyhow::Result<_>>()?,
            tables: sums(db, &[]).await?,
            media,
        })
    }

    /// The digest of what a person would call the content: equal means that there is nothing new to
    /// keep.
    pub fn content_digest(&self) -> anyhow::Result<Digest> {
        content_digest(&self.tables, &self.media)
    }

    /// What differs between this and what came back.
    pub fn compare(&self, found: &Self) -> Comparison {
        let mut rows = Vec::new();
        for (name, table) in [
            ("Bài, văn bản, thông báo", "entries"),
            ("Phiên bản (sự kiện đã ký)", "events"),
            ("Nội dung theo mã băm", "contents"),
            ("Tài khoản", "accounts"),
            ("Bản nháp", "drafts"),
            ("Ý kiến của tỉnh", "reviews"),
            ("Bộ đếm", "counters"),
        ] {
            rows.push(Compared::tables(name, [table], self, found));
        }
        let named = [
            "entries", "events", "contents", "accounts", "drafts", "reviews", "counters",
        ];
        let others: BTreeSet<&str> = self
            .tables
            .keys()
            .chain(found.tables.keys())
            .map(String::as_str)
            .filter(|name| !named.contains(name) && !LEFT_OUT.contains(name))
            .collect();
        rows.push(Compared::tables("Các bảng khác", others, self, found));
        rows.push(Compared {
            name: "Ảnh và tệp".to_owned(),
            expected: self.media.files,
            found: found.media.files,
            is_equal: self.media == found.media,
            detail: String::new(),
        });
        rows.push(Compared {
            name: "Nhật ký của trang (đầu nhật ký)".to_owned(),
            expected: self.logs.len() as u64,
            found: found.logs.len() as u64,
            is_equal: self.logs == found.logs && (self.site, self.unit) == (found.site, found.unit),
            detail: String::new(),
        });
        Comparison { rows }
    }
}

/// What was compared and how it came out.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// One line each.
    pub rows: Vec<Compared>,
}

/// One line of a comparison.
#[derive(Clone, Debug)]
pub struct Compared {
    /// What was compared.
    pub name: String,
    /// How many there must be.
    pub expected: u64,
    /// How many there are.
    pub found: u64,
    /// Whether they are the same to the byte.
    pub is_equal: bool,
    /// Where they differ.
    pub detail: String,
}

impl Compared {
    fn tables<'a>(
        name: &str,
        tables: impl IntoIterator<Item = &'a str>,
        one: &Manifest,
        other: &Manifest,
    ) -> Self {
        let (mut expected, mut found, mut differing) = (0, 0, Vec::new());
        for table in tables {
            let (a, b) = (one.tables.get(table), other.tables.get(table));
            expected += a.map_or(0, |sum| sum.rows);
            found += b.map_or(0, |sum| sum.rows);
            if a != b {
                differing.push(table);
            }
        }
        Self {
            name: name.to_owned(),
            expected,
            found,
            is_equal: differing.is_empty(),
            detail: differing.join(", "),
        }
    }
}

impl Comparison {
    /// Whether everything is equal.
    pub fn is_equal(&self) -> bool {
        self.rows.iter().all(|row| row.is_equal)
    }

    /// As printed.
    pub fn table(&self) -> String {
        let rows: Vec<Vec<String>> = self
            .rows
            .iter()
            .map(|row| {
                vec![
                    row.name.clone(),
                    row.expected.to_string(),
                    row.found.to_string(),
                    if row.is_equal {
                        "bằng nhau".to_owned()
                    } else if row.detail.is_empty() {
                        "KHÁC".to_owned()
                    } else {
                        format!("KHÁC ({})", row.detail)
                    },
                ]
            })
            .collect();
        crate::cli::table(&["Mục", "Bản kê", "Dựng lại", "So sánh"], &rows)
    }

    /// What differs, in one line.
    pub fn differences(&self) -> String {
        let differing = self.rows.iter().filter(|row| !row.is_equal);
        let words: Vec<String> = differing
            .map(|row| format!("{}: {} / {}", row.name, row.found, row.expected))
            .collect();
        words.join("; ")
    }
}

/// The digest of what a site has now, without taking a copy first.
pub async fn content_now(site: &Site, media: &Media) -> anyhow::Result<Digest> {
    content_digest(&sums(site.db.reader(), &RESTLESS).await?, media)
}

fn content_digest(tables: &BTreeMap<String, Sum>, media: &Media) -> anyhow::Result<Digest> {
    let calm: BTreeMap<&String, &Sum> = tables
        .iter()
        .filter(|(name, _)| !RESTLESS.contains(&name.as_str()))
        .collect();
    Ok(Digest::of_canonical(&(calm, media))?)
}

/// Rows and digest of every table but those in `skipped`, those that are left out of backups, and those
/// that a search index keeps for itself and can make again.
async fn sums(db: &DatabaseConnection, skipped: &[&str]) -> anyhow::Result<BTreeMap<String, Sum>> {
    ensure!(
        db.get_database_backend() == DbBackend::Sqlite,
        "chỉ sao lưu được cơ sở dữ liệu SQLite; với PostgreSQL hãy dùng pg_dump hoặc sao lưu WAL"
    );
    let listed = ask(
        db,
        "SELECT name, sql LIKE 'CREATE VIRTUAL%' FROM sqlite_master \
         WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
        vec![],
    )
    .await?;
    let mut tables = Vec::new();
    let mut virtuals = Vec::new();
    for row in &listed {
        let name: String = row.try_get_by_index(0)?;
        if row.try_get_by_index::<i64>(1)? == 1 {
            virtuals.push(name);
        } else {
            tables.push(name);
        }
    }
    let is_shadow = |name: &str| {
        virtuals.iter().any(|of| {
            name.strip_prefix(of.as_str())
                .is_some_and(|rest| rest.starts_with('_'))
        })
    };
    let mut found = BTreeMap::new();
    for name in tables {
        if is_shadow(&name) || skipped.contains(&name.as_str()) || LEFT_OUT.contains(&name.as_str())
        {
            continue;
        }
        let sum = sum_of(db, &name)
            .await
            .with_context(|| format!("không đọc được bảng {name}"))?;
        found.insert(name, sum);
    }
    Ok(found)
}

async fn sum_of(db: &DatabaseConnection, table: &str) -> anyhow::Result<Sum> {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let columns = ask(
        db,
        "SELECT name FROM pragma_table_info(?) ORDER BY cid",
        vec![table.into()],
    )
    .await?;
    let values = columns
        .iter()
        .map(|row| {
            let name: String = row.try_get_by_index(0)?;
            Ok(format!("quote({})", quoted(&name)))
        })
        .collect::<anyhow::Result<Vec<_>>>()?
        .join("||','||");
    let question = format!(
        "SELECT rowid, {values} FROM {} WHERE rowid > ? ORDER BY rowid LIMIT {PAGE}",
        quoted(table)
    );
    let mut hasher = Sha256::new();
    let (mut rows, mut after) = (0, i64::MIN);
    loop {
        let page = ask(db, &question, vec![after.into()]).await?;
        for row in &page {
            after = row.try_get_by_index(0)?;
            let text: String = row.try_get_by_index(1)?;
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text.as_bytes());
            rows += 1;
        }
        if page.len() < PAGE {
            break;
        }
    }
    Ok(Sum {
        rows,
        digest: Digest::from_bytes(hasher.finalize().into()),
    })
}

async fn ask(
    db: &DatabaseConnection,
    question: &str,
    values: Vec<sea_orm::Value>,
) -> anyhow::Result<Vec<QueryResult>> {
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, question, values);
    Ok(db.query_all_raw(statement).await?)
}

/// The media in the folder `root`: their names and sizes, in order.
pub fn media_files(root: &Path) -> std::io::Result<Vec<(Digest, u64)>> {
    let mut found = Vec::new();
    if !root.exists() {
        return Ok(found);
    }
    for below in std::fs::read_dir(root)? {
        let below = below?;
        // Two hexadecimal digits; `unfinished` is for files that are none yet.
        if below.file_name().len() != 2 || !below.file_type()?.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(below.path())? {
            let file = file?;
            let name = file.file_name();
            if let Some(digest) = name.to_str().and_then(|name| Digest::from_hex(name).ok()) {
                found.push((digest, file.metadata()?.len()));
            }
        }
    }
    found.sort();
    Ok(found)
}

impl Media {
    /// Counts `files`, which are in order.
    pub fn of(files: &[(Digest, u64)]) -> Self {
        let mut hasher = Sha256::new();
        for (name, size) in files {
            hasher.update(name.as_bytes());
            hasher.update(size.to_be_bytes());
        }
        Self {
            files: files.len() as u64,
            bytes: files.iter().map(|(_, size)| size).sum(),
            digest: Some(Digest::from_bytes(hasher.finalize().into())),
        }
    }
}
