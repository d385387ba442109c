//! What holds a draft: findings that have to be masked, mended, or let pass by somebody who may.

use super::finding::{Finding, Piece, Place, screen};
use super::rules::{Action, Releaser, RuleSet};
use super::{files, refusals, rule_sets};
use crate::error::{Error, FieldError, Result};
use crate::newsroom::draft;
use crate::pages::view::DeskNote;
use crate::settings;
use hmac::{Hmac, KeyInit, Mac};
use sea_orm::entity::prelude::*;
use sea_orm::{
    ActiveValue::NotSet, ConnectionTrait, DatabaseTransaction, IntoActiveModel, Iterable,
    QueryOrder, QuerySelect, Set,
};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::collections::HashMap;

/// A finding that holds a draft, and what was decided.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "screening_holds")]
pub struct Model {
    /// Row number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The draft.
    pub draft_id: Uuid,
    /// The code of the rule.
    pub rule: String,
    /// By which the same finding is known again when the text around it changes.
    pub subject: Vec<u8>,
    /// The set of rules.
    pub rules: String,
    /// Where, in words.
    pub place: String,
    /// What was found, masked.
    pub excerpt: String,
    /// [`State`] by name.
    pub state: String,
    /// When it was found; milliseconds.
    pub found_at: i64,
    /// Who let it pass.
    pub decided_by: Option<Uuid>,
    /// When; milliseconds.
    pub decided_at: Option<i64>,
    /// Why, in their words.
    pub why: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What became of a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It holds.
    Open,
    /// What was found is no longer there.
    Mended,
    /// Somebody let it pass.
    Released,
}

impl State {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Mended => "mended",
            Self::Released => "released",
        }
    }
}

/// The code under which files are held whose words could not be read.
pub const UNREAD: &str = "G0";

/// Something found in a draft or one of its files, as it is kept and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The code of the rule.
    pub rule: String,
    /// Its name.
    pub name: String,
    /// Whether it holds, or is only pointed out.
    pub holds: bool,
    /// Why.
    pub reason: String,
    /// The field of the form.
    pub field: String,
    /// Where, in words.
    pub place: String,
    /// What was found, masked.
    pub excerpt: String,
    /// Whether it can be masked in the form.
    pub masks: bool,
    /// By which it is known again.
    pub subject: Vec<u8>,
}

impl Seen {
    /// A finding as it is kept; `key` makes its subject worth nothing to others.
    pub(super) fn of(finding: &Finding, key: &[u8]) -> Self {
        let in_file = matches!(finding.place, Place::File(_) | Place::FileName(_));
        Self {
            rule: finding.rule.clone(),
            name: finding.name.clone(),
            holds: finding.action != Action::Warn,
            reason: finding.reason.clone(),
            field: finding.place.field().to_owned(),
            place: format!("{}, dòng {}", finding.place.label(), finding.line),
            excerpt: finding.excerpt.clone(),
            masks: finding.masked.is_some() && !in_file,
            subject: subject(key, &finding.rule, &finding.subject),
        }
    }

    /// What the person who writes is told.
    fn in_words(&self, who: &str) -> String {
        let way_on = match (self.holds, self.masks) {
            (false, _) => String::new(),
            // The rules are stricter than on the day it was written.
            (true, _) if who.is_empty() => " Không ai cho qua được: hãy xóa phần này.".to_owned(),
            (true, true) => format!(" Bấm “Che thông tin riêng”, sửa lại, hoặc nhờ {who} cho qua."),
            (true, false) => format!(" Hãy sửa lại, hoặc nhờ {who} cho qua."),
        };
        format!(
            "{} ({}): “{}”. {}{way_on}",
            self.name,
            self.place,
            self.excerpt.trim(),
            self.reason
        )
    }
}

fn subject(key: &[u8], rule: &str, found: &str) -> Vec<u8> {
    let mut hash =
        Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| unreachable!("any length will do"));
    hash.update(rule.as_bytes());
    hash.update(b"\0");
    hash.update(found.as_bytes());
    hash.finalize().into_bytes().to_vec()
}

const KEY: &str = "screening_key";

/// The key of subjects; made when it is first needed.
pub(super) async fn key(db: &crate::storage::Db) -> Result<Vec<u8>> {
    if let Some(key) = settings::get(db.reader(), KEY).await? {
        return Ok(key);
    }
    let mut key = vec![0; 32];
    getrandom::fill(&mut key).map_err(anyhow::Error::new)?;
    db.write(move |tx| {
        Box::pin(async move {
            match settings::get(tx, KEY).await? {
                Some(known) => Ok(known),
                None => {
                    settings::set(tx, KEY, &key).await?;
                    Ok(key)
                }
            }
        })
    })
    .await
}

async fn known_key<C: ConnectionTrait>(db: &C) -> Result<Vec<u8>> {
    let key = settings::get(db, KEY).await?;
    Ok(key.ok_or_else(|| anyhow::anyhow!("the site has no key for screening"))?)
}

/// What a draft says, piece by piece: every column that people fill, whatever columns there are.
pub(super) fn pieces_of(row: &draft::ActiveModel) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for column in draft::Column::iter() {
        let Some(sea_orm::Value::String(Some(text))) = row.get(column).into_value() else {
            continue;
        };
        let place = match column {
            draft::Column::Kind
            | draft::Column::State
            | draft::Column::Section
            | draft::Column::Language => continue,
            draft::Column::Title => Place::Title,
            draft::Column::Lead => Place::Lead,
            draft::Column::Body => {
                // As it was typed, and as it is read: markup may stand within a word.
                let shown = super::body_words(&text);
                pieces.push(Piece::new(Place::Body, text));
                pieces.push(Piece::new(Place::Body, shown));
                continue;
            }
            draft::Column::PictureAlt | draft::Column::PictureCaption => Place::PictureText,
            draft::Column::Authors => Place::Field("author"),
            draft::Column::Source => Place::Field("source"),
            _ => Place::Field("body"),
        };
        match serde_json::from_str::<serde_json::Value>(&text) {
            Ok(value) if value.is_object() || value.is_array() => {
                strings_of(&value, &place, &mut pieces)
            }
            _ => pieces.push(Piece::new(place, text)),
        }
    }
    pieces
}

/// The strings of a document kept as JSON.
fn strings_of(value: &serde_json::Value, place: &Place, pieces: &mut Vec<Piece>) {
    match value {
        serde_json::Value::String(text) => pieces.push(Piece::new(place.clone(), text)),
        serde_json::Value::Array(all) => all
            .iter()
            .for_each(|value| strings_of(value, place, pieces)),
        serde_json::Value::Object(all) => {
            for (name, value) in all {
                match (name.as_str(), value.as_str()) {
                    ("name", Some(text)) => {
                        pieces.push(Piece::new(Place::FileName(text.to_owned()), text));
                        pieces.push(Piece::new(place.clone(), text));
                    }
                    ("digest" | "sha256" | "id", _) => {}
                    (name, _) => {
                        let own = field_of(name).map(Place::Field);
                        strings_of(value, own.as_ref().unwrap_or(place), pieces);
                    }
                }
            }
        }
        _ => {}
    }
}

/// The field of the form that a member of a kind's own is mended in, where it has one.
fn field_of(member: &str) -> Option<&'static str> {
    const FIELDS: [(&str, &str); 13] = [
        ("pictures", "album"),
        ("calendar", "calendar"),
        ("picture_credit", "picture_credit"),
        ("issuer", "issuer"),
        ("signer", "signer"),
        ("signer_position", "signer_position"),
        ("number", "document_number"),
        ("asker", "asker"),
        ("send_to", "send_to"),
        ("asked", "asked"),
        ("asked_by", "asked_by"),
        ("answered_by", "answered_by"),
        ("options", "poll_options"),
    ];
    let found = FIELDS.iter().find(|(name, _)| *name == member);
    found.map(|(_, field)| *field)
}

/// Refuses a row with a secrecy mark, before it is written: [`Error::Secret`].
pub async fn allow<C: ConnectionTrait>(db: &C, row: &draft::ActiveModel) -> Result<()> {
    let rules = rule_sets::current(db).await?;
    let pieces = pieces_of(row);
    let found = screen(&rules, &Default::default(), &pieces);
    refusals::allow(&rules, &found, &pieces).map_err(Error::Secret)
}

/// All that is found in a draft and its files, by the rules of today.
pub async fn seen<C: ConnectionTrait>(db: &C, draft: &draft::Model) -> Result<Vec<Seen>> {
    let rules = rule_sets::current(db).await?;
    let key = known_key(db).await?;
    let known = rule_sets::known(db).await?;
    let pieces = pieces_of(&draft.clone().into_active_model());
    let found = screen(&rules, &known, &pieces);
    let mut seen: Vec<Seen> = found
        .iter()
        .map(|finding| Seen::of(finding, &key))
        .collect();
    seen.extend(files::seen_of(db, draft, &key).await?);
    // The body is read twice, and a number may stand in many places.
    let mut known = std::collections::HashSet::new();
    seen.retain(|seen| known.insert((seen.rule.clone(), seen.subject.clone())));
    Ok(seen)
}

/// Brings what is kept about a draft in line with what it says now.
pub async fn keep_up(tx: &DatabaseTransaction, draft: &draft::Model, now: i64) -> Result<()> {
    let rules = rule_sets::current(tx).await?.label();
    let mut seen: HashMap<(String, Vec<u8>), Seen> = seen(tx, draft)
        .await?
        .into_iter()
        .filter(|seen| seen.holds)
        .map(|seen| ((seen.rule.clone(), seen.subject.clone()), seen))
        .collect();
    for row in of_draft(tx, draft.id).await? {
        let is_there = seen
            .remove(&(row.rule.clone(), row.subject.clone()))
            .is_some();
        let state = match (is_there, row.state.as_str()) {
            (true, "mended") => State::Open,
            (false, "open") => State::Mended,
            _ => continue,
        };
        let mut change = row.into_active_model();
        change.state = Set(state.as_str().to_owned());
        change.update(tx).await?;
    }
    for seen in seen.into_values() {
        ActiveModel {
            id: NotSet,
            draft_id: Set(draft.id),
            rule: Set(seen.rule),
            subject: Set(seen.subject),
            rules: Set(rules.clone()),
            place: Set(seen.place),
            excerpt: Set(seen.excerpt),
            state: Set(State::Open.as_str().to_owned()),
            found_at: Set(now),
            decided_by: Set(None),
            decided_at: Set(None),
            why: Set(None),
        }
        .insert(tx)
        .await?;
    }
    Ok(())
}

async fn of_draft<C: ConnectionTrait>(db: &C, draft: Uuid) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::DraftId.eq(draft))
        .all(db)
        .await?)
}

/// What still holds a draft, and what is only pointed out.
pub async fn standing<C: ConnectionTrait>(db: &C, draft: &draft::Model) -> Result<Vec<Seen>> {
    let released: Vec<(String, Vec<u8>)> = of_draft(db, draft.id)
        .await?
        .into_iter()
        .filter(|row| row.state == State::Released.as_str())
        .map(|row| (row.rule, row.subject))
        .collect();
    let mut seen = seen(db, draft).await?;
    seen.retain(|seen| {
        !released
            .iter()
            .any(|(rule, subject)| *rule == seen.rule && *subject == seen.subject)
    });
    Ok(seen)
}

/// What has to be done before a draft may move on, field by field.
pub async fn obstacles<C: ConnectionTrait>(
    db: &C,
    draft: &draft::Model,
) -> Result<Vec<FieldError>> {
    let rules = rule_sets::current(db).await?;
    let standing = standing(db, draft).await?;
    let holding = standing.into_iter().filter(|seen| seen.holds);
    Ok(holding
        .map(|seen| {
            let who = who_releases(&rules, &seen.rule);
            FieldError::new(seen.field.clone(), seen.in_words(&who))
        })
        .collect())
}

/// What is only pointed out, in sentences.
pub async fn warnings<C: ConnectionTrait>(db: &C, draft: &draft::Model) -> Result<Vec<String>> {
    let standing = standing(db, draft).await?;
    let pointed_out = standing.into_iter().filter(|seen| !seen.holds);
    Ok(pointed_out.map(|seen| seen.in_words("")).collect())
}

/// What was found, as the form shows it: what holds first.
pub async fn in_words<C: ConnectionTrait>(db: &C, seen: &[Seen]) -> Result<Vec<DeskNote>> {
    let rules = rule_sets::current(db).await?;
    let mut seen: Vec<&Seen> = seen.iter().collect();
    seen.sort_by_key(|seen| !seen.holds);
    let label = |seen: &Seen| {
        if seen.holds {
            Action::Hold
        } else {
            Action::Warn
        }
        .label()
    };
    Ok(seen
        .into_iter()
        .map(|seen| {
            DeskNote::new(
                label(seen),
                seen.in_words(&who_releases(&rules, &seen.rule)),
            )
        })
        .collect())
}

/// Who may let a finding of `rule` pass.
pub fn releasers<'a>(rules: &'a RuleSet, rule: &str) -> &'a [Releaser] {
    match rules.rule(rule) {
        Some(rule) => &rule.release,
        None => &[Releaser::Approver, Releaser::SecrecyOfficer],
    }
}

fn who_releases(rules: &RuleSet, rule: &str) -> String {
    let labels: Vec<&str> = releasers(rules, rule)
        .iter()
        .map(|releaser| releaser.label())
        .collect();
    labels.join(" hoặc ")
}

/// Longest reason for letting something pass, in characters.
const LONGEST_WHY: usize = 500;

/// Lets a finding pass, for a reason. Whoever wrote the draft cannot; but that the words of a file could not
/// be read may also be settled by who has read them.
pub async fn release(
    tx: &DatabaseTransaction,
    id: i64,
    by: Uuid,
    holds: &[Releaser],
    why: &str,
    now: i64,
) -> Result<()> {
    let row = Entity::find_by_id(id)
        .one(tx)
        .await?
        .ok_or(Error::NotFound)?;
    let draft = draft::find(tx, row.draft_id)
        .await?
        .ok_or(Error::NotFound)?;
    let rules = rule_sets::current(tx).await?;
    if !releasers(&rules, &row.rule)
        .iter()
        .any(|releaser| holds.contains(releaser))
    {
        return Err(Error::Forbidden);
    }
    if row.state != State::Open.as_str() {
        return Err(Error::Conflict(
            "Mục này đã được xử lý. Hãy tải lại trang.".to_owned(),
        ));
    }
    if draft.written_by == Some(by) && row.rule != UNREAD {
        return Err(Error::Conflict(
            "Người viết bài không tự cho qua được. Hãy nhờ người khác có quyền xem.".to_owned(),
        ));
    }
    let why = crate::newsroom::form::line(why);
    if why.chars().count() < 5 {
        return Err(Error::invalid("why", "Hãy ghi lý do cho qua."));
    }
    if why.chars().count() > LONGEST_WHY {
        return Err(Error::invalid("why", "Lý do dài tối đa 500 ký tự."));
    }
    let mut change = row.into_active_model();
    change.state = Set(State::Released.as_str().to_owned());
    change.decided_by = Set(Some(by));
    change.decided_at = Set(Some(now));
    change.why = Set(Some(why));
    change.update(tx).await?;
    Ok(())
}

/// How many findings hold something.
pub async fn count<C: ConnectionTrait>(db: &C, state: State) -> Result<u64> {
    Ok(Entity::find()
        .filter(Column::State.eq(state.as_str()))
        .count(db)
        .await?)
}

/// Some of them, the latest first.
pub async fn page<C: ConnectionTrait>(
    db: &C,
    state: State,
    offset: u64,
    limit: u64,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::State.eq(state.as_str()))
        .order_by_desc(Column::Id)
        .offset(offset)
        .limit(limit)
        .all(db)
        .await?)
}
