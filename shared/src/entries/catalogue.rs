//! The lists documents are described by, forms and fields, as data: the province's travel down to every
//! site, and a unit adds its own, each standing for one of the province's or for none.
//!
//! A draft names a term by its code, so that renaming it renames it there. What is published names it in
//! words, with the province's code beside them.

use super::{Kind, record};
use crate::citizens::tip_office::{self, TipOffice};
use crate::error::{Error, Result};
use crate::newsroom::draft;
use crate::vietnamese::{fold, slug};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DatabaseTransaction, PaginatorTrait, QueryOrder, Set};
use serde::{Deserialize, Serialize};

/// A stored term.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "list_entries")]
pub struct Model {
    /// [`List`] by name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub list: String,
    /// Its code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its place among the others.
    pub position: i64,
    /// Whether forms offer it no longer.
    pub hidden: bool,
    /// Whether this unit added it; the others are the province's.
    pub own: bool,
    /// The province's term that one of the unit's own stands for.
    pub province_code: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The lists there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Hình thức văn bản.
    Forms,
    /// Lĩnh vực.
    Fields,
}

impl List {
    /// All lists, as pages show them.
    pub const ALL: [Self; 2] = [Self::Forms, Self::Fields];

    /// Its name in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Forms => "form",
            Self::Fields => "field",
        }
    }

    /// The list of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.as_str() == name)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Forms => "Hình thức văn bản",
            Self::Fields => "Lĩnh vực",
        }
    }
}

/// A term as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// The province's lists, as they travel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lists {
    /// Forms of documents.
    pub forms: Vec<Term>,
    /// Fields.
    pub fields: Vec<Term>,
    /// The offices tips go to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tip_offices: Vec<TipOffice>,
}

/// What a province begins with.
const FORMS: [&str; 16] = [
    "Quyết định",
    "Kế hoạch",
    "Nghị quyết",
    "Chỉ thị",
    "Công văn",
    "Thông báo",
    "Báo cáo",
    "Hướng dẫn",
    "Quy chế",
    "Quy định",
    "Tờ trình",
    "Chương trình",
    "Công điện",
    "Thông tư",
    "Nghị định",
    "Giấy mời",
];
const FIELDS: [&str; 14] = [
    "Tài chính - Ngân sách",
    "Đất đai - Môi trường",
    "Nông nghiệp - Nông thôn",
    "Xây dựng - Giao thông",
    "Văn hóa - Xã hội",
    "Giáo dục - Đào tạo",
    "Y tế",
    "Lao động - Người có công",
    "Dân tộc - Tôn giáo",
    "Quốc phòng - An ninh",
    "Tư pháp - Hộ tịch",
    "Nội vụ - Tổ chức",
    "Khoa học - Chuyển đổi số",
    "Khen thưởng - Kỷ luật",
];
/// Most terms of one list.
const MOST: usize = 300;
/// Longest name, in characters.
const LONGEST: usize = 100;

fn standard(list: List) -> Vec<Term> {
    let names: &[&str] = match list {
        List::Forms => &FORMS,
        List::Fields => &FIELDS,
    };
    let term = |name: &&str| Term {
        code: slug(name),
        name: (*name).to_owned(),
    };
    names.iter().map(term).collect()
}

/// The terms of `list`, in their order. A site that never heard of any has what every province begins with.
pub async fn all<C: ConnectionTrait>(db: &C, list: List) -> Result<Vec<Model>> {
    let known = stored(db, list).await?;
    if !known.is_empty() {
        return Ok(known);
    }
    let terms = (0..).zip(standard(list));
    Ok(terms
        .map(|(position, term)| Model {
            list: list.as_str().to_owned(),
            code: term.code,
            name: term.name,
            position,
            hidden: false,
            own: false,
            province_code: None,
        })
        .collect())
}

async fn stored<C: ConnectionTrait>(db: &C, list: List) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::List.eq(list.as_str()))
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Code)
        .all(db)
        .await?)
}

/// The term that `typed` is the code or the name of.
pub fn find<'a>(terms: &'a [Model], typed: &str) -> Option<&'a Model> {
    terms.iter().find(|term| term.code == typed).or_else(|| {
        let folded = fold(typed);
        terms.iter().find(|term| fold(&term.name) == folded)
    })
}

/// `typed` in words, and the province's code of it.
pub async fn resolve<C: ConnectionTrait>(
    db: &C,
    list: List,
    typed: &str,
) -> Result<(String, Option<String>)> {
    let terms = all(db, list).await?;
    Ok(match find(&terms, typed) {
        Some(term) if term.own => (term.name.clone(), term.province_code.clone()),
        Some(term) => (term.name.clone(), Some(term.code.clone())),
        None => (typed.to_owned(), None),
    })
}

/// The lists of this site as a province's: what its members are told.
pub async fn as_province<C: ConnectionTrait>(db: &C) -> Result<Lists> {
    let mut lists = Lists::default();
    for list in List::ALL {
        let terms = all(db, list).await?.into_iter();
        let terms = terms
            .filter(|term| !term.own && !term.hidden)
            .map(|term| Term {
                code: term.code,
                name: term.name,
            });
        *part(&mut lists, list) = terms.collect();
    }
    lists.tip_offices = tip_office::all(db).await?;
    Ok(lists)
}

fn part(lists: &mut Lists, list: List) -> &mut Vec<Term> {
    match list {
        List::Forms => &mut lists.forms,
        List::Fields => &mut lists.fields,
    }
}

/// Takes over what the province says. The unit's own terms, its order and what it hides stay; what the
/// province has no longer becomes the unit's own, since documents may bear it.
pub async fn take_over(tx: &DatabaseTransaction, mut told: Lists) -> Result<()> {
    tip_office::set(tx, &told.tip_offices).await?;
    for list in List::ALL {
        let known = stored(tx, list).await?;
        let told: Vec<Term> = part(&mut told, list).drain(..).take(MOST).collect();
        let after = known.iter().map(|term| term.position).max().unwrap_or(-1);
        for (position, term) in (after + 1..).zip(&told) {
            let new = ActiveModel {
                list: Set(list.as_str().to_owned()),
                code: Set(term.code.clone()),
                name: Set(term.name.clone()),
                position: Set(position),
                hidden: Set(false),
                own: Set(false),
                province_code: Set(None),
            };
            Entity::insert(new)
                .on_conflict(
                    OnConflict::columns([Column::List, Column::Code])
                        .update_columns([Column::Name, Column::Own, Column::ProvinceCode])
                        .to_owned(),
                )
                .exec_without_returning(tx)
                .await?;
        }
        let left = known
            .into_iter()
            .filter(|term| !term.own && !told.iter().any(|one| one.code == term.code));
        for term in left {
            let mut change: ActiveModel = term.into();
            change.own = Set(true);
            change.update(tx).await?;
        }
    }
    Ok(())
}

/// What is changed of a term, or of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Its name, and what of the province's it stands for.
    Say {
        /// Name.
        name: String,
        /// Code of the province's; none for none.
        stands_for: Option<String>,
    },
    /// One place up.
    Up,
    /// One place down.
    Down,
    /// Offered no longer, or again.
    Hide(bool),
    /// Away with it.
    Remove,
}

/// Adds a term. On the province's own site it is the province's.
pub async fn add(
    tx: &DatabaseTransaction,
    list: List,
    name: &str,
    stands_for: Option<String>,
    is_province: bool,
) -> Result<()> {
    fill(tx, list).await?;
    let name = named(name)?;
    let known = stored(tx, list).await?;
    if known.len() >= MOST {
        return Err(Error::Conflict("Danh mục đã đủ 300 mục.".to_owned()));
    }
    if find(&known, &name).is_some() {
        return Err(Error::invalid("name", "Danh mục đã có mục này."));
    }
    let stands_for = meant(&known, stands_for, is_province)?;
    let code = free_code(&slug(&name), |code| {
        known.iter().any(|term| term.code == code)
    });
    let position = known.iter().map(|term| term.position).max().unwrap_or(-1) + 1;
    Entity::insert(ActiveModel {
        list: Set(list.as_str().to_owned()),
        code: Set(code),
        name: Set(name),
        position: Set(position),
        hidden: Set(false),
        own: Set(!is_province),
        province_code: Set(stands_for),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// Changes the term `code`.
pub async fn change(
    tx: &DatabaseTransaction,
    list: List,
    code: &str,
    change: Change,
    is_province: bool,
) -> Result<()> {
    fill(tx, list).await?;
    let known = stored(tx, list).await?;
    let place = known
        .iter()
        .position(|term| term.code == code)
        .ok_or(Error::NotFound)?;
    let term = known[place].clone();
    let is_ours = term.own || is_province;
    let mut row: ActiveModel = term.clone().into();
    match change {
        Change::Say { .. } | Change::Remove if !is_ours => {
            return Err(Error::Conflict(
                "Mục này là của tỉnh: chỉ tỉnh đổi tên hoặc xóa được. Bạn có thể ẩn nó đi."
                    .to_owned(),
            ));
        }
        Change::Say { name, stands_for } => {
            let name = named(&name)?;
            if find(&known, &name).is_some_and(|other| other.code != term.code) {
                return Err(Error::invalid("name", "Danh mục đã có mục này."));
            }
            row.name = Set(name);
            row.province_code = Set(meant(&known, stands_for, is_province)?);
        }
        Change::Hide(hidden) => row.hidden = Set(hidden),
        Change::Up | Change::Down => {
            let codes: Vec<&str> = known.iter().map(|term| term.code.as_str()).collect();
            for (position, code) in (0_i64..).zip(moved(codes, place, change == Change::Up)) {
                Entity::update_many()
                    .col_expr(Column::Position, Expr::value(position))
                    .filter(Column::List.eq(list.as_str()))
                    .filter(Column::Code.eq(code))
                    .exec(tx)
                    .await?;
            }
            return Ok(());
        }
        Change::Remove => {
            let uses = uses(tx, list, &term).await?;
            if uses > 0 {
                return Err(Error::Conflict(format!(
                    "“{}” đang được dùng ở {uses} văn bản nên không xóa được. Hãy ẩn nó đi: văn bản cũ giữ nguyên, văn bản mới không chọn được nữa.",
                    term.name
                )));
            }
            Entity::delete_by_id((term.list, term.code))
                .exec(tx)
                .await?;
            return Ok(());
        }
    }
    row.update(tx).await?;
    Ok(())
}

/// Terms in their new order, the one at `place` a place further up or down.
pub(super) fn moved<T>(mut all: Vec<T>, place: usize, up: bool) -> Vec<T> {
    let other = match up {
        true => place.checked_sub(1),
        false => Some(place + 1).filter(|other| *other < all.len()),
    };
    if let Some(other) = other {
        all.swap(place, other);
    }
    all
}

/// The first of `code`, `code-2`, … that is not taken.
pub(super) fn free_code(code: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let short: String = code.chars().take(50).collect();
    std::iter::once(short.clone())
        .chain((2..).map(|number: u32| format!("{short}-{number}")))
        .find(|code| !is_taken(code))
        .unwrap_or(short)
}

/// A name fit for a list.
pub(super) fn named(typed: &str) -> Result<String> {
    let name = crate::newsroom::form::line(typed);
    if name.is_empty() {
        return Err(Error::invalid("name", "Hãy nhập tên."));
    }
    if name.chars().count() > LONGEST {
        return Err(Error::invalid("name", "Tên dài tối đa 100 ký tự."));
    }
    Ok(name)
}

/// The province's term that is meant, if it is one.
fn meant(known: &[Model], code: Option<String>, is_province: bool) -> Result<Option<String>> {
    let Some(code) = code.filter(|code| !code.is_empty() && !is_province) else {
        return Ok(None);
    };
    let is_theirs = known.iter().any(|term| !term.own && term.code == code);
    match is_theirs {
        true => Ok(Some(code)),
        false => Err(Error::invalid(
            "stands_for",
            "Hãy chọn một mục trong danh mục của tỉnh.",
        )),
    }
}

/// Stores what a site without any begins with, so that it can be changed.
async fn fill(tx: &DatabaseTransaction, list: List) -> Result<()> {
    if !stored(tx, list).await?.is_empty() {
        return Ok(());
    }
    for term in all(tx, list).await? {
        let term: ActiveModel = term.into();
        Entity::insert(term.reset_all())
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// How many documents of this site bear the term, drafts among them.
async fn uses(tx: &DatabaseTransaction, list: List, term: &Model) -> Result<usize> {
    let column = match list {
        List::Forms => record::Column::Form,
        List::Fields => record::Column::Field,
    };
    let published = record::Entity::find()
        .filter(record::Column::Kind.eq(Kind::Document.as_str()))
        .filter(column.eq(&term.name))
        .count(tx)
        .await?;
    // What is being written keeps its fields as one text; the drafts of one site are few.
    let drafts = draft::Entity::find()
        .filter(draft::Column::Kind.eq(Kind::Document.as_str()))
        .all(tx)
        .await?;
    let bears = |draft: &draft::Model| {
        let document = draft.extra().own.document.unwrap_or_default();
        let named = match list {
            List::Forms => document.form,
            List::Fields => document.field.unwrap_or_default(),
        };
        named == term.code || fold(&named) == fold(&term.name)
    };
    let unpublished = drafts
        .iter()
        .filter(|draft| draft.published_rev == 0 && bears(draft));
    Ok(usize::try_from(published).unwrap_or(usize::MAX) + unpublished.count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn names(terms: &[Model]) -> Vec<&str> {
        terms.iter().map(|term| term.name.as_str()).collect()
    }

    #[tokio::test]
    async fn a_unit_adds_its_own_beside_those_of_the_province() {
        let site = testing::site().await;
        let add_one = |name: &'static str, stands_for: Option<&'static str>| {
            site.db.write(move |tx| {
                Box::pin(async move {
                    let stands_for = stands_for.map(str::to_owned);
                    add(tx, List::Fields, name, stands_for, false).await
                })
            })
        };
        add_one("Khai thác thủy lợi nhỏ", Some("nong-nghiep-nong-thon"))
            .await
            .expect("is added");
        add_one("Lễ hội làng", None).await.expect("is added");
        add_one("LE HOI LANG", None).await.expect_err("is there");
        add_one("Khác", Some("khong-co"))
            .await
            .expect_err("no such");
        let db = site.db.reader();
        let told = resolve(db, List::Fields, "khai-thac-thuy-loi-nho").await;
        assert_eq!(
            told.expect("reads"),
            (
                "Khai thác thủy lợi nhỏ".to_owned(),
                Some("nong-nghiep-nong-thon".to_owned())
            )
        );
        let told = resolve(db, List::Fields, "Lễ hội làng").await;
        assert_eq!(told.expect("reads").1, None);
        let told = resolve(db, List::Fields, "y tế").await.expect("reads");
        assert_eq!(told, ("Y tế".to_owned(), Some("y-te".to_owned())));
    }

    #[tokio::test]
    async fn what_the_province_says_is_taken_over_and_what_the_unit_added_stays() {
        let site = testing::site().await;
        let term = |code: &str, name: &str| Term {
            code: code.to_owned(),
            name: name.to_owned(),
        };
        let first = Lists {
            forms: vec![term("quyet-dinh", "Quyết định"), term("lenh", "Lệnh")],
            ..Lists::default()
        };
        let second = Lists {
            forms: vec![term("quyet-dinh", "Quyết định hành chính")],
            ..Lists::default()
        };
        site.db
            .write(move |tx| {
                Box::pin(async move {
                    take_over(tx, first).await?;
                    add(tx, List::Forms, "Hương ước", None, false).await?;
                    change(tx, List::Forms, "huong-uoc", Change::Up, false).await?;
                    change(tx, List::Forms, "lenh", Change::Hide(true), false).await?;
                    take_over(tx, second).await
                })
            })
            .await
            .expect("is taken over");
        let forms = all(site.db.reader(), List::Forms).await.expect("reads");
        assert_eq!(
            names(&forms),
            ["Quyết định hành chính", "Hương ước", "Lệnh"]
        );
        assert!(forms[2].own && forms[2].hidden);
        let told = as_province(site.db.reader()).await.expect("reads");
        assert_eq!(told.forms.len(), 1);
    }

    #[test]
    fn every_standard_term_has_a_code_of_its_own() {
        for list in List::ALL {
            let mut codes: Vec<String> = standard(list).into_iter().map(|t| t.code).collect();
            let count = codes.len();
            codes.sort();
            codes.dedup();
            assert_eq!(codes.len(), count, "{list:?}");
        }
    }
}
