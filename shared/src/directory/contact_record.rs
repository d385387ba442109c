//! Whom to ask at another site, as it says itself: what is shown when its pages are shown for it.

use crate::error::Result;
use crate::site::Profile;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, Set};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;

/// What a site said of itself.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "site_contacts")]
pub struct Model {
    /// The site.
    #[sea_orm(primary_key, auto_increment = false)]
    pub site_id: Uuid,
    /// A line below its name.
    pub tagline: Option<String>,
    /// Who answers for it.
    pub responsible: Option<String>,
    /// Postal address.
    pub address: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// When it last said so; milliseconds.
    pub told_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Longest of its texts, in letters; what is beyond is cut.
const LONGEST: usize = 300;

/// The same as it travels in greetings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    /// A line below its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tagline: Option<String>,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsible: Option<String>,
    /// Postal address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// E-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl Contact {
    /// What a site with `profile` says of itself.
    pub fn of(profile: &Profile) -> Self {
        let profile = profile.clone();
        Self {
            tagline: profile.tagline,
            responsible: profile.responsible,
            address: profile.address,
            phone: profile.phone,
            email: profile.email,
        }
    }
}

/// Keeps what `site_id` says of itself, over what it said before.
pub async fn put<C: ConnectionTrait>(
    db: &C,
    site_id: Uuid,
    contact: &Contact,
    now: i64,
) -> Result<()> {
    let cut = |text: &Option<String>| {
        let text = text.as_deref()?.trim();
        (!text.is_empty()).then(|| text.chars().take(LONGEST).collect())
    };
    Entity::insert(ActiveModel {
        site_id: Set(site_id),
        tagline: Set(cut(&contact.tagline)),
        responsible: Set(cut(&contact.responsible)),
        address: Set(cut(&contact.address)),
        phone: Set(cut(&contact.phone)),
        email: Set(cut(&contact.email)),
        told_at: Set(now),
    })
    .on_conflict(
        OnConflict::column(Column::SiteId)
            .update_columns([
                Column::Tagline,
                Column::Responsible,
                Column::Address,
                Column::Phone,
                Column::Email,
                Column::ToldAt,
            ])
            .to_owned(),
    )
    .exec_without_returning(db)
    .await?;
    Ok(())
}

/// What each site said of itself.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<HashMap<Uuid, Model>> {
    let all = Entity::find().all(db).await?;
    Ok(all.into_iter().map(|told| (told.site_id, told)).collect())
}

/// What `site_id` said of itself.
pub async fn find<C: ConnectionTrait>(db: &C, site_id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(site_id).one(db).await?)
}
