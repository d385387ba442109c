//! What was not stored because it bore a secrecy mark: that it happened, and nothing of it.

use super::finding::{Finding, Piece};
use super::rules::{Action, RuleSet};
use crate::error::{FieldError, Result};
use crate::log::Digest;
use crate::site::Site;
use hmac::{Hmac, KeyInit, Mac};
use sea_orm::entity::prelude::*;
use sea_orm::{
    ActiveValue::NotSet, ConnectionTrait, DatabaseTransaction, QueryOrder, QuerySelect, Set,
};
use sha2::Sha256;

/// A record that something was refused.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "screening_refusals")]
pub struct Model {
    /// Row number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// By which the same thing is known again, with the site's key.
    pub hash: Vec<u8>,
    /// The code of the rule.
    pub rule: String,
    /// The set of rules.
    pub rules: String,
    /// [`Way`] by name.
    pub way: String,
    /// Whose account it was.
    pub account_id: Option<Uuid>,
    /// The site it came from.
    pub site_id: Option<Uuid>,
    /// The entry it would have been.
    pub entry_id: Option<Uuid>,
    /// When; milliseconds.
    pub at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The way it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Typed.
    Text,
    /// Uploaded.
    File,
    /// Sent by another site.
    Arrival,
    /// Fetched because an entry of another site names it.
    Fetched,
}

impl Way {
    const ALL: [Self; 4] = [Self::Text, Self::File, Self::Arrival, Self::Fetched];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::File => "file",
            Self::Arrival => "arrival",
            Self::Fetched => "fetched",
        }
    }

    /// The way of that name, in words.
    pub fn in_words(name: &str) -> &'static str {
        match Self::ALL.into_iter().find(|way| way.as_str() == name) {
            Some(Self::Text) => "Gõ vào bài",
            Some(Self::File) => "Tệp tải lên",
            Some(Self::Arrival) => "Bài từ trang khác",
            Some(Self::Fetched) => "Tệp từ trang khác",
            None => "Không rõ",
        }
    }
}

/// Something that must not be stored. It holds nothing of its words but the mark.
#[derive(Clone, Debug)]
pub struct Secret {
    /// The marks found.
    pub findings: Vec<Finding>,
    rules: String,
    digest: Digest,
}

/// Whether `findings` of `pieces` allow to store them.
pub(super) fn allow(
    rules: &RuleSet,
    findings: &[Finding],
    pieces: &[Piece],
) -> Result<(), Box<Secret>> {
    let marks: Vec<Finding> = findings
        .iter()
        .filter(|finding| finding.action == Action::Block)
        .cloned()
        .collect();
    if marks.is_empty() {
        return Ok(());
    }
    let texts: Vec<&str> = pieces.iter().map(|piece| piece.text.as_str()).collect();
    Err(Box::new(Secret {
        findings: marks,
        rules: rules.label(),
        digest: Digest::of(texts.join("\0").as_bytes()),
    }))
}

impl Secret {
    /// As it is for a file, whose bytes are what people would compare.
    pub(super) fn of_bytes(mut self, bytes: &[u8]) -> Self {
        self.digest = Digest::of(bytes);
        self
    }

    /// Where it was found and why it is not taken, a sentence for each field of the form.
    pub fn field_errors(&self) -> Vec<FieldError> {
        let mut told: Vec<FieldError> = Vec::new();
        for finding in &self.findings {
            let words = format!(
                "Có dấu “{}” ở {}, dòng {}. {} Hệ thống không lưu, không gửi gì của nội dung này. Hãy xóa nó khỏi máy đang dùng và báo người phụ trách bảo mật.",
                finding.excerpt.trim(),
                finding.place.label(),
                finding.line,
                finding.reason
            );
            let field = finding.place.field();
            if !told.iter().any(|known| known.field == field) {
                told.push(FieldError::new(field, words));
            }
        }
        told
    }

    fn row(&self, site: &Site, way: Way) -> ActiveModel {
        ActiveModel {
            id: NotSet,
            hash: Set(keyed(site, &self.digest)),
            rule: Set(self
                .findings
                .first()
                .map(|finding| finding.rule.clone())
                .unwrap_or_default()),
            rules: Set(self.rules.clone()),
            way: Set(way.as_str().to_owned()),
            account_id: Set(None),
            site_id: Set(None),
            entry_id: Set(None),
            at: Set(site.clock.now().timestamp_millis()),
        }
    }

    /// Notes that it was refused somebody here.
    pub async fn record(&self, site: &Site, way: Way, by: Option<Uuid>) -> Result<()> {
        let row = ActiveModel {
            account_id: Set(by),
            ..self.row(site, way)
        };
        tracing::warn!(
            account.id = by.map(tracing::field::display),
            way = way.as_str(),
            rule = self.findings.first().map(|finding| finding.rule.as_str()),
            "something with a secrecy mark was refused"
        );
        site.db
            .write(move |tx| {
                Box::pin(async move {
                    row.insert(tx).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Notes that it was refused another site.
    pub async fn record_arrival(
        &self,
        tx: &DatabaseTransaction,
        site: &Site,
        way: Way,
        from: Uuid,
        entry: Option<Uuid>,
    ) -> Result<()> {
        keep(tx, self.row_of_arrival(site, way, Some(from), entry)).await
    }

    /// What is noted of it when it came from another site.
    pub(super) fn row_of_arrival(
        &self,
        site: &Site,
        way: Way,
        from: Option<Uuid>,
        entry: Option<Uuid>,
    ) -> ActiveModel {
        ActiveModel {
            site_id: Set(from),
            entry_id: Set(entry),
            ..self.row(site, way)
        }
    }
}

/// Keeps that something was refused.
pub(super) async fn keep(tx: &DatabaseTransaction, row: ActiveModel) -> Result<()> {
    row.insert(tx).await?;
    Ok(())
}

/// A hash of a hash with a key that never leaves the machine's folder: who holds the database alone can
/// not try out what a short text may have been.
fn keyed(site: &Site, digest: &Digest) -> Vec<u8> {
    let key = site.key.current().sign(b"lien-cong screening-refusals");
    let mut hash = Hmac::<Sha256>::new_from_slice(key.as_ref())
        .unwrap_or_else(|_| unreachable!("any length will do"));
    hash.update(digest.as_bytes());
    hash.finalize().into_bytes().to_vec()
}

/// How many there are.
pub async fn count<C: ConnectionTrait>(db: &C) -> Result<u64> {
    Ok(Entity::find().count(db).await?)
}

/// Some of them, the latest first.
pub async fn page<C: ConnectionTrait>(db: &C, offset: u64, limit: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .order_by_desc(Column::Id)
        .offset(offset)
        .limit(limit)
        .all(db)
        .await?)
}
