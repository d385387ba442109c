//! All there is of a period: while it is worked on, read and reckoned anew at every look; once frozen, one document
//! that is signed and never changes. Whoever has it can reckon every score again.

use super::collect;
use super::input::{Input, Values};
use super::objection::{self, adjustment, self_score};
use super::period::{self, State, sheet};
use super::scheme::Scheme;
use super::score::{self, Entrant, Score};
use super::span::Span;
use anyhow::Context;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Set};
use serde::{Deserialize, Serialize};
use shared::clock::from_millis;
use shared::error::Result;
use shared::log::Digest;
use shared::pages::cards;
use shared::ranking::Points;
use shared::site::Site;
use std::collections::HashMap;

/// What the form of the document is called.
const FORM: &str = "lien-cong-ranking/1";
/// What a signature begins with, so that it can serve nothing else.
const DOMAIN: &[u8] = b"lien-cong/ranking/v1\n";

/// A stored snapshot; the database lets none be changed.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ranking_snapshots")]
pub struct Model {
    /// Of which period.
    #[sea_orm(primary_key, auto_increment = false)]
    pub period_id: Uuid,
    /// The document, as it was signed.
    pub body: String,
    /// Its SHA-256.
    pub digest: Vec<u8>,
    /// The key that signed it.
    pub key_id: String,
    /// The signature, over a word of ours and the digest.
    pub signature: Vec<u8>,
    /// When; milliseconds.
    pub at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A period with all that follows from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Board {
    /// What form this is.
    pub form: String,
    /// Whose ranking.
    pub province: String,
    /// Which period.
    pub period: Uuid,
    /// Its days.
    pub span: Span,
    /// What it is called.
    pub label: String,
    /// How many months its quotas are for.
    pub months: u32,
    /// When the numbers were counted, RFC 3339.
    pub collected_at: Option<String>,
    /// The scheme.
    pub scheme: Scheme,
    /// The members, by name.
    pub members: Vec<Entry>,
    /// Their scores, in the same order.
    pub scores: Vec<Score>,
}

/// A member's numbers, and what was said about them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its unit.
    pub unit: Uuid,
    /// Its site.
    pub site: Uuid,
    /// Its name.
    pub name: String,
    /// The code of its kind.
    pub kind: String,
    /// The code of its group.
    pub group: String,
    /// What was counted.
    pub inputs: Values,
    /// What was adjusted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjusted>,
    /// What it gave itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub self_scores: Vec<OwnScore>,
    /// What it objected to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objections: Vec<Objected>,
}

/// An adjustment. Who made it stays at the province.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjusted {
    /// Which number.
    pub input: Input,
    /// By how much.
    pub delta: i64,
    /// Why.
    pub reason: String,
    /// When, RFC 3339.
    pub at: String,
}

/// A score a member gave itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnScore {
    /// In which indicator.
    pub indicator: String,
    /// How much.
    pub points: Points,
    /// What shows it.
    pub evidence: String,
}

/// An objection and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objected {
    /// Its id.
    pub id: Uuid,
    /// About which indicator.
    pub indicator: String,
    /// What it says.
    pub words: String,
    /// What became of it; none while it waits.
    pub outcome: Option<String>,
    /// Why.
    pub answer: Option<String>,
}

impl Entry {
    /// What was counted of a member, before anything is said about it.
    pub fn counted(sheet: sheet::Model) -> Result<Self> {
        Ok(Self {
            inputs: sheet.values()?,
            unit: sheet.unit_id,
            site: sheet.site_id,
            name: sheet.name,
            kind: sheet.unit_kind,
            group: sheet.group_code,
            adjustments: Vec::new(),
            self_scores: Vec::new(),
            objections: Vec::new(),
        })
    }

    /// The numbers it is scored by.
    pub fn adjusted(&self) -> Values {
        let mut values = self.inputs.clone();
        for one in &self.adjustments {
            *values.entry(one.input).or_default() += one.delta;
        }
        values
    }
}

impl Board {
    /// The member `unit` and its score.
    pub fn of_unit(&self, unit: Uuid) -> Option<(&Entry, &Score)> {
        let number = self.members.iter().position(|member| member.unit == unit)?;
        Some((self.members.get(number)?, self.scores.get(number)?))
    }

    /// Reckons the scores.
    pub fn reckon(&mut self) {
        let entrants: Vec<Entrant> = self
            .members
            .iter()
            .map(|member| Entrant {
                unit: member.unit,
                group: member.group.clone(),
                values: member.adjusted(),
            })
            .collect();
        self.scores = score::score(&self.scheme, self.months, &entrants);
    }
}

/// All there is of `period`: as it was frozen, or as it is now.
pub async fn board<C: ConnectionTrait>(
    db: &C,
    site: &Site,
    period: &period::Model,
) -> Result<Board> {
    if period.state() >= State::Frozen {
        let found = find(db, period.id).await?;
        let found = found.with_context(|| format!("snapshot of {} is gone", period.id))?;
        return found.board();
    }
    read(db, site, period).await
}

/// The snapshot of `period`.
pub async fn find<C: ConnectionTrait>(db: &C, period: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(period).one(db).await?)
}

impl Model {
    /// What it says, if it is what was written.
    pub fn board(&self) -> Result<Board> {
        if Digest::of(&self.body).as_bytes() != self.digest.as_slice() {
            return Err(anyhow::anyhow!("snapshot of {} was changed", self.period_id).into());
        }
        Ok(serde_json::from_str(&self.body).map_err(anyhow::Error::new)?)
    }

    /// The bytes that were signed.
    pub fn signed_bytes(&self) -> Vec<u8> {
        signed_bytes(&self.digest)
    }
}

/// The board of `span` by what the hub holds now, without anything being kept.
pub async fn now(site: &Site, scheme: Scheme, span: Span) -> Result<Board> {
    let members = collect::collect(site, &scheme, &span)
        .await?
        .into_iter()
        .map(|member| Entry {
            unit: member.unit,
            site: member.site,
            name: member.name,
            kind: member.kind,
            group: member.group,
            inputs: member.values,
            adjustments: Vec::new(),
            self_scores: Vec::new(),
            objections: Vec::new(),
        });
    let mut board = Board {
        form: FORM.to_owned(),
        province: site.profile.unit_name.clone(),
        period: Uuid::nil(),
        span,
        label: span.label(),
        months: span.months(),
        collected_at: Some(cards::iso(site.clock.now())),
        scheme,
        members: members.collect(),
        scores: Vec::new(),
    };
    board.reckon();
    Ok(board)
}

fn signed_bytes(digest: &[u8]) -> Vec<u8> {
    [DOMAIN, digest].concat()
}

async fn read<C: ConnectionTrait>(db: &C, site: &Site, period: &period::Model) -> Result<Board> {
    let span = period.span()?;
    let mut adjustments: HashMap<Uuid, Vec<Adjusted>> = HashMap::new();
    for one in adjustment::of_period(db, period.id).await? {
        let Some(input) = Input::parse(&one.input) else {
            return Err(anyhow::anyhow!("adjustment {} is of {}", one.id, one.input).into());
        };
        adjustments.entry(one.unit_id).or_default().push(Adjusted {
            input,
            delta: one.delta,
            reason: one.reason,
            at: cards::iso(from_millis(one.at)),
        });
    }
    let mut self_scores: HashMap<Uuid, Vec<OwnScore>> = HashMap::new();
    for one in self_score::of_period(db, period.id).await? {
        self_scores.entry(one.unit_id).or_default().push(OwnScore {
            indicator: one.indicator,
            points: Points(one.points),
            evidence: one.evidence,
        });
    }
    let mut objections: HashMap<Uuid, Vec<Objected>> = HashMap::new();
    for one in objection::of_period(db, period.id).await? {
        objections.entry(one.unit_id).or_default().push(Objected {
            id: one.id,
            indicator: one.indicator,
            words: one.words,
            outcome: one.outcome,
            answer: one.answer,
        });
    }
    let mut members = Vec::new();
    for sheet in sheet::of_period(db, period.id).await? {
        let unit = sheet.unit_id;
        members.push(Entry {
            adjustments: adjustments.remove(&unit).unwrap_or_default(),
            self_scores: self_scores.remove(&unit).unwrap_or_default(),
            objections: objections.remove(&unit).unwrap_or_default(),
            ..Entry::counted(sheet)?
        });
    }
    let mut board = Board {
        form: FORM.to_owned(),
        province: site.profile.unit_name.clone(),
        period: period.id,
        span,
        label: span.label(),
        months: span.months(),
        collected_at: period.collected_at.map(|at| cards::iso(from_millis(at))),
        scheme: period.scheme(db).await?,
        members,
        scores: Vec::new(),
    };
    board.reckon();
    Ok(board)
}

/// Writes down all of `period`, signed with the site's key.
pub async fn write(
    tx: &DatabaseTransaction,
    site: &Site,
    period: &period::Model,
    now: i64,
) -> Result<()> {
    let board = read(tx, site, period).await?;
    let body = serde_json::to_string(&board).map_err(anyhow::Error::new)?;
    let digest = Digest::of(&body);
    let key = site.key.current();
    let row = ActiveModel {
        period_id: Set(period.id),
        digest: Set(digest.as_bytes().to_vec()),
        key_id: Set(key.id().to_string()),
        signature: Set(key.sign(&signed_bytes(digest.as_bytes())).to_vec()),
        body: Set(body),
        at: Set(now),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
