//! Sections: the province's tree, as data, the same on every site of one kind.

use super::catalogue::{self, Change};
use super::placement;
use crate::error::{Error, Result};
use crate::newsroom::draft;
use crate::vietnamese::{fold, slug};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DatabaseTransaction, PaginatorTrait, QueryOrder, Set};
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
    /// Whether this unit added it; the others are the province's.
    pub own: bool,
    /// Whether it is offered and shown no longer.
    pub hidden: bool,
    /// The province's section that one of the unit's own stands for.
    pub province_code: Option<String>,
}

/// Most sections of a site.
const MOST: usize = 300;

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
            own: Set(false),
            hidden: Set(false),
            province_code: Set(None),
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

/// What the section `code` is called where it travels: the province's code, and its name where it is the
/// unit's own and stands for none of the province's.
pub async fn as_province<C: ConnectionTrait>(
    db: &C,
    code: &str,
) -> Result<(String, Option<String>)> {
    Ok(match find(db, code).await? {
        Some(section) if section.own => match section.province_code {
            Some(theirs) => (theirs, None),
            None => (section.code, Some(section.name)),
        },
        _ => (code.to_owned(), None),
    })
}

/// Adds a section below `parent`. On the province's own site it is the province's.
pub async fn add(
    tx: &DatabaseTransaction,
    name: &str,
    parent: Option<String>,
    stands_for: Option<String>,
    is_province: bool,
) -> Result<()> {
    let name = catalogue::named(name)?;
    let known = all(tx).await?;
    if known.len() >= MOST {
        return Err(Error::Conflict("Trang đã có 300 chuyên mục.".to_owned()));
    }
    let parent = parent.filter(|code| !code.is_empty());
    let has_parent = |code: &String| known.iter().any(|one| one.code == *code);
    if !parent.as_ref().is_none_or(has_parent) {
        return Err(Error::invalid("parent", "Hãy chọn chuyên mục cha."));
    }
    let is_taken = known
        .iter()
        .any(|one| one.parent == parent && fold(&one.name) == fold(&name));
    if is_taken {
        return Err(Error::invalid("name", "Đã có chuyên mục tên này."));
    }
    let stands_for = meant(&known, stands_for, is_province)?;
    let code = slug(&name);
    let code = catalogue::free_code(&code, |code| known.iter().any(|one| one.code == code));
    let position = known.iter().map(|one| one.position).max().unwrap_or(-1) + 1;
    Entity::insert(ActiveModel {
        code: Set(code),
        parent: Set(parent),
        name: Set(name),
        mandatory: Set(false),
        in_menu: Set(false),
        position: Set(position),
        basis: Set(None),
        own: Set(!is_province),
        hidden: Set(false),
        province_code: Set(stands_for),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Changes the section `code`.
pub async fn change(
    tx: &DatabaseTransaction,
    code: &str,
    change: Change,
    is_province: bool,
) -> Result<()> {
    let known = all(tx).await?;
    let section = known.iter().find(|one| one.code == code);
    let section = section.ok_or(Error::NotFound)?.clone();
    let mut row: ActiveModel = section.clone().into();
    match change {
        Change::Say { .. } | Change::Remove if !(section.own || is_province) => {
            return Err(Error::Conflict(
                "Chuyên mục này là của tỉnh: chỉ tỉnh đổi tên hoặc xóa được.".to_owned(),
            ));
        }
        Change::Hide(true) | Change::Remove if section.mandatory => {
            return Err(Error::Conflict(
                "Chuyên mục này là bắt buộc theo quy định nên không ẩn hoặc xóa được.".to_owned(),
            ));
        }
        Change::Say { name, stands_for } => {
            row.name = Set(catalogue::named(&name)?);
            row.province_code = Set(meant(&known, stands_for, is_province)?);
        }
        Change::Hide(hidden) => row.hidden = Set(hidden),
        Change::Up | Change::Down => {
            let beside: Vec<&Model> = known
                .iter()
                .filter(|one| one.parent == section.parent)
                .collect();
            let places: Vec<i64> = beside.iter().map(|one| one.position).collect();
            let place = beside.iter().position(|one| one.code == code).unwrap_or(0);
            let order = catalogue::moved(beside, place, change == Change::Up);
            for (section, position) in order.into_iter().zip(places) {
                Entity::update_many()
                    .col_expr(Column::Position, Expr::value(position))
                    .filter(Column::Code.eq(&section.code))
                    .exec(tx)
                    .await?;
            }
            return Ok(());
        }
        Change::Remove => {
            if known.iter().any(|one| one.parent.as_deref() == Some(code)) {
                return Err(Error::Conflict(
                    "Chuyên mục này còn chuyên mục con. Hãy xóa hoặc ẩn chúng trước.".to_owned(),
                ));
            }
            let uses = uses(tx, code).await?;
            if uses > 0 {
                return Err(Error::Conflict(format!(
                    "Chuyên mục “{}” đang có {uses} mục nên không xóa được. Hãy ẩn nó đi, hoặc chuyển các mục sang chuyên mục khác trước.",
                    section.name
                )));
            }
            Entity::delete_by_id(code.to_owned()).exec(tx).await?;
            return Ok(());
        }
    }
    row.update(tx).await?;
    Ok(())
}

/// How many entries stand in a section or are written for it.
async fn uses(tx: &DatabaseTransaction, code: &str) -> Result<u64> {
    let placed = placement::Entity::find()
        .filter(placement::Column::Section.eq(code))
        .count(tx)
        .await?;
    let written = draft::Entity::find()
        .filter(draft::Column::Section.eq(code))
        .filter(draft::Column::PublishedRev.eq(0))
        .count(tx)
        .await?;
    Ok(placed + written)
}

/// The province's section that is meant, if it is one.
fn meant(known: &[Model], code: Option<String>, is_province: bool) -> Result<Option<String>> {
    let Some(code) = code.filter(|code| !code.is_empty() && !is_province) else {
        return Ok(None);
    };
    match known.iter().any(|one| !one.own && one.code == code) {
        true => Ok(Some(code)),
        false => Err(Error::invalid(
            "stands_for",
            "Hãy chọn một chuyên mục của tỉnh.",
        )),
    }
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

    /// The tree of `sections`.
    pub fn of(sections: Vec<Model>) -> Self {
        Self(sections)
    }

    /// The section `code`.
    pub fn get(&self, code: &str) -> Option<&Model> {
        self.0.iter().find(|section| section.code == code)
    }

    /// The sections of every page's menu, in their order.
    pub fn in_menu(&self) -> impl Iterator<Item = &Model> {
        self.0
            .iter()
            .filter(|section| section.in_menu && !section.hidden)
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
            own: false,
            hidden: false,
            province_code: None,
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
