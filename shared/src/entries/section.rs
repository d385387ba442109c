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
    put_after(db, sections, -1).await
}

/// Stores `sections` in their order behind the position `after`.
pub async fn put_after<C: ConnectionTrait>(db: &C, sections: &[Section], after: i64) -> Result<()> {
    for (position, section) in (after + 1..).zip(sections) {
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

/// All sections of a site and which lies in which.
#[derive(Clone, Debug, Default)]
pub struct Tree(Vec<Model>);

/// A chain longer than this is a loop in the data.
const DEEPEST: usize = 8;

impl Tree {
    /// The sections of this site.
    pub async fn load<C: ConnectionTrait>(db: &C) -> Result<Self> {
        Ok(Self(all(db).await?))
    }

    /// The section `code`.
    pub fn get(&self, code: &str) -> Option<&Model> {
        self.0.iter().find(|section| section.code == code)
    }

    /// The sections of every page's menu, in their order.
    pub fn in_menu(&self) -> impl Iterator<Item = &Model> {
        self.0.iter().filter(|section| section.in_menu)
    }

    /// The sections directly in `code`, in their order.
    pub fn children(&self, code: &str) -> impl Iterator<Item = &Model> {
        let parent = code.to_owned();
        self.0
            .iter()
            .filter(move |section| section.parent.as_deref() == Some(&parent))
    }

    /// `code` and the sections it lies in, nearest first.
    pub fn chain(&self, code: &str) -> impl Iterator<Item = &Model> {
        let above = |section: &&Model| section.parent.as_deref().and_then(|up| self.get(up));
        std::iter::successors(self.get(code), above).take(DEEPEST)
    }

    /// The codes of `code` and of all sections in it.
    pub fn with_below(&self, code: &str) -> Vec<String> {
        self.0
            .iter()
            .filter(|section| self.chain(&section.code).any(|above| above.code == code))
            .map(|section| section.code.clone())
            .collect()
    }

    /// All sections, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Model> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(code: &str, parent: Option<&str>) -> Model {
        Model {
            code: code.to_owned(),
            parent: parent.map(str::to_owned),
            name: code.to_owned(),
            mandatory: false,
            in_menu: parent.is_none(),
            position: 0,
            basis: None,
        }
    }

    #[test]
    fn a_section_holds_what_lies_in_it_and_loops_end() {
        let tree = Tree(vec![
            section("tin-tuc", None),
            section("kinh-te", Some("tin-tuc")),
            section("nong-nghiep", Some("kinh-te")),
            section("van-ban", None),
            section("a", Some("b")),
            section("b", Some("a")),
        ]);
        assert_eq!(
            tree.with_below("tin-tuc"),
            ["tin-tuc", "kinh-te", "nong-nghiep"]
        );
        assert_eq!(tree.with_below("van-ban"), ["van-ban"]);
        assert_eq!(tree.with_below("a"), ["a", "b"]);
        assert!(tree.with_below("khong-co").is_empty());
        let chain: Vec<_> = tree.chain("nong-nghiep").map(|s| s.code.as_str()).collect();
        assert_eq!(chain, ["nong-nghiep", "kinh-te", "tin-tuc"]);
    }
}
