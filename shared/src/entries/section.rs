//! Sections: the province's tree, as data, the same on every site of one kind.

use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, QueryOrder, Set};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A stored section.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sections")]
pub struct Model {
    /// Its code, as in addresses.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// The section it belongs to.
    pub parent: Option<String>,
    /// Its name.
    pub name: String,
    /// Whether a rule demands that it is filled.
    pub mandatory: bool,
    /// Whether it stands in the menu of every page.
    pub in_menu: bool,
    /// Its place among the others.
    pub position: i64,
    /// The rule it rests on.
    pub basis: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A section as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Section {
    /// Its code.
    pub code: String,
    /// The section it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Its name.
    pub name: String,
    /// Whether a rule demands that it is filled.
    #[serde(default)]
    pub mandatory: bool,
    /// Whether it stands in the menu of every page.
    #[serde(default)]
    pub in_menu: bool,
    /// The rule it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
}

/// Stores `sections` in their order, over what was known of them.
pub async fn put_all<C: ConnectionTrait>(db: &C, sections: &[Section]) -> Result<()> {
    for (position, section) in (0..).zip(sections) {
        Entity::insert(ActiveModel {
            code: Set(section.code.clone()),
            parent: Set(section.parent.clone()),
            name: Set(section.name.clone()),
            mandatory: Set(section.mandatory),
            in_menu: Set(section.in_menu),
            position: Set(position),
            basis: Set(section.basis.clone()),
        })
        .on_conflict(
            OnConflict::column(Column::Code)
                .update_columns([
                    Column::Parent,
                    Column::Name,
                    Column::Mandatory,
                    Column::InMenu,
                    Column::Position,
                    Column::Basis,
                ])
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    }
    Ok(())
}

/// All sections, in their order.
pub async fn all<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .order_by_asc(Column::Position)
        .all(db)
        .await?)
}

/// The section `code`, if this site has it.
pub async fn find<C: ConnectionTrait>(db: &C, code: &str) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(code.to_owned()).one(db).await?)
}
