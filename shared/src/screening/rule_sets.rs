//! The set of rules a site screens by: the one built in, or the newest it was given.

use super::finding::Known;
use super::rules::RuleSet;
use crate::directory::contact_record;
use crate::error::{Error, Result};
use crate::log::Digest;
use crate::settings;
use crate::site::Site;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::NotSet, ConnectionTrait, QueryOrder, QuerySelect, Set};
use std::sync::{Arc, Mutex, PoisonError};

/// A set of rules a site was given. Earlier ones stay: records name them.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "screening_rule_sets")]
pub struct Model {
    /// Row number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Its name and version.
    pub label: String,
    /// The set, as TOML.
    pub body: String,
    /// Who gave it.
    pub given_by: String,
    /// When; milliseconds.
    pub given_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The rules to screen by now.
pub async fn current<C: ConnectionTrait>(db: &C) -> Result<Arc<RuleSet>> {
    let newest = Entity::find()
        .select_only()
        .column(Column::Id)
        .column(Column::Body)
        .order_by_desc(Column::Id)
        .limit(1)
        .into_tuple::<(i64, String)>()
        .one(db)
        .await?;
    match newest {
        Some((_, body)) => prepared(&body),
        None => Ok(RuleSet::built_in()),
    }
}

/// Putting a set together takes longer than using it.
fn prepared(body: &str) -> Result<Arc<RuleSet>> {
    static LATEST: Mutex<Option<(Digest, Arc<RuleSet>)>> = Mutex::new(None);
    let digest = Digest::of(body.as_bytes());
    let mut latest = LATEST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((known, rules)) = &*latest
        && *known == digest
    {
        return Ok(Arc::clone(rules));
    }
    let rules = Arc::new(RuleSet::parse(body)?);
    *latest = Some((digest, Arc::clone(&rules)));
    Ok(rules)
}

/// Gives a site another set of rules, from now on.
pub async fn give(site: &Site, body: String, by: String) -> Result<Arc<RuleSet>> {
    let rules = RuleSet::parse(&body).map_err(|error| {
        Error::invalid("rules", format!("Bộ quy tắc chưa dùng được: {error:#}."))
    })?;
    let label = rules.label();
    let now = site.clock.now();
    if !rules.holds_on(crate::vietnamese::local(now).date_naive()) {
        return Err(Error::invalid(
            "rules",
            "Hôm nay nằm ngoài thời gian có hiệu lực của bộ quy tắc này.",
        ));
    }
    let now = now.timestamp_millis();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                ActiveModel {
                    id: NotSet,
                    label: Set(label),
                    body: Set(body),
                    given_by: Set(by),
                    given_at: Set(now),
                }
                .insert(tx)
                .await?;
                Ok(())
            })
        })
        .await?;
    Ok(Arc::new(rules))
}

const PHONE: &str = "screening_public_phone";

/// Notes the telephone a site shows to everybody, for those who screen without the site at hand.
pub(crate) async fn note_phone(site: &Site) -> Result<()> {
    let phone = site.profile.phone.clone().unwrap_or_default();
    let known: Option<String> = settings::get(site.db.reader(), PHONE).await?;
    if known.unwrap_or_default() == phone {
        return Ok(());
    }
    site.db
        .write(move |tx| Box::pin(async move { settings::set(tx, PHONE, &phone).await }))
        .await
}

/// The numbers that the public is meant to call: of this site, and of all that told theirs.
pub async fn known<C: ConnectionTrait>(db: &C) -> Result<Known> {
    let own: Option<String> = settings::get(db, PHONE).await?;
    let others: Vec<Option<String>> = contact_record::Entity::find()
        .select_only()
        .column(contact_record::Column::Phone)
        .into_tuple()
        .all(db)
        .await?;
    let all = own.iter().chain(others.iter().flatten());
    Ok(Known::with_numbers(all.map(String::as_str)))
}
