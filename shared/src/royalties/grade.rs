//! What entries of this site were given, and whose they are. It may be changed until the statement it is paid
//! by is locked; afterwards it says by which that was, so that nothing is ever paid twice.

pub mod form;

pub use form::{Given, Typed, Who};

use super::amount::Hundredths;
use super::person;
use super::price::{Bonuses, Grade};
use crate::error::{Error, FieldError, Result};
use crate::screening;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryOrder, Set};
use std::collections::{HashMap, HashSet};

/// What an entry was given.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "royalty_grades")]
pub struct Model {
    /// The entry.
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_id: Uuid,
    /// Code of its genre.
    pub genre: String,
    /// Coefficient, in hundredths.
    pub coefficient: i64,
    /// For children or minorities, in hundredths of a percent.
    pub children: i64,
    /// In the language of a minority or a foreign one.
    pub language: i64,
    /// In hardship or danger.
    pub hardship: i64,
    /// What a translation is worth of an original.
    pub translation: Option<i64>,
    /// Who gave it.
    pub graded_by: Option<Uuid>,
    /// When; milliseconds.
    pub graded_at: i64,
    /// The locked statement it was paid by, as 202611.
    pub settled_in: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Somebody's part of an entry.
pub mod share {
    use sea_orm::entity::prelude::*;

    /// A stored part.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "royalty_shares")]
    pub struct Model {
        /// The entry.
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: Uuid,
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: Uuid,
        /// Which of them comes first.
        pub place: i64,
        /// How many parts of all.
        pub parts: i64,
    }

    /// None.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Entries asked about in one statement.
const SOME: usize = 500;

impl Model {
    /// As it is counted.
    pub fn grade(&self) -> Grade {
        Grade {
            genre: self.genre.clone(),
            coefficient: Hundredths::of_raw(self.coefficient),
            bonuses: Bonuses {
                children: Hundredths::of_raw(self.children),
                language: Hundredths::of_raw(self.language),
                hardship: Hundredths::of_raw(self.hardship),
            },
            translation: self.translation.map(Hundredths::of_raw),
        }
    }
}

/// What `entry` was given, if anything.
pub async fn find<C: ConnectionTrait>(db: &C, entry: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(entry).one(db).await?)
}

/// All that no locked statement paid yet.
pub async fn open<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>> {
    let open = Entity::find().filter(Column::SettledIn.is_null());
    Ok(open.order_by_asc(Column::EntryId).all(db).await?)
}

/// The parts of each of `entries`, in order.
pub async fn shares_of<C: ConnectionTrait>(
    db: &C,
    entries: &[Uuid],
) -> Result<HashMap<Uuid, Vec<share::Model>>> {
    let mut all: HashMap<Uuid, Vec<share::Model>> = HashMap::new();
    for some in entries.chunks(SOME) {
        let found = share::Entity::find()
            .filter(share::Column::EntryId.is_in(some.iter().copied()))
            .order_by_asc(share::Column::EntryId)
            .order_by_asc(share::Column::Place);
        for share in found.all(db).await? {
            all.entry(share.entry_id).or_default().push(share);
        }
    }
    Ok(all)
}

/// Notes what `entry` is given, instead of what it was given before.
pub async fn give(
    tx: &DatabaseTransaction,
    entry: Uuid,
    given: Given,
    by: Option<Uuid>,
    now: i64,
) -> Result<()> {
    not_settled(tx, entry).await?;
    let mut shares = Vec::new();
    let mut people = HashSet::new();
    for (at, (who, parts)) in given.authors.into_iter().enumerate() {
        let id = identify(tx, at, who, now).await?;
        if !people.insert(id) {
            let words = "Người này đã có ở dòng trên.";
            return Err(Error::Invalid(vec![FieldError::new(
                form::field(form::WHO, at),
                words,
            )]));
        }
        shares.push(share::ActiveModel {
            entry_id: Set(entry),
            person_id: Set(id),
            place: Set(i64::try_from(at).unwrap_or(i64::MAX)),
            parts: Set(parts),
        });
    }
    let grade = given.grade;
    let row = ActiveModel {
        entry_id: Set(entry),
        genre: Set(grade.genre),
        coefficient: Set(grade.coefficient.raw()),
        children: Set(grade.bonuses.children.raw()),
        language: Set(grade.bonuses.language.raw()),
        hardship: Set(grade.bonuses.hardship.raw()),
        translation: Set(grade.translation.map(Hundredths::raw)),
        graded_by: Set(by),
        graded_at: Set(now),
        settled_in: Set(None),
    };
    let anew = OnConflict::column(Column::EntryId)
        .update_columns([
            Column::Genre,
            Column::Coefficient,
            Column::Children,
            Column::Language,
            Column::Hardship,
            Column::Translation,
            Column::GradedBy,
            Column::GradedAt,
        ])
        .to_owned();
    Entity::insert(row)
        .on_conflict(anew)
        .exec_without_returning(tx)
        .await?;
    forget_shares(tx, &[entry]).await?;
    share::Entity::insert_many(shares)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Takes back what `entry` was given.
pub async fn take_back(tx: &DatabaseTransaction, entry: Uuid) -> Result<()> {
    not_settled(tx, entry).await?;
    forget(tx, &[entry]).await
}

/// Notes that the statement of `month` pays `entries`.
pub(super) async fn settle(tx: &DatabaseTransaction, entries: &[Uuid], month: i64) -> Result<()> {
    for some in entries.chunks(SOME) {
        Entity::update_many()
            .col_expr(Column::SettledIn, Expr::value(month))
            .filter(Column::EntryId.is_in(some.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Forgets what `entries` were given: they were taken back before they were paid.
pub(super) async fn forget(tx: &DatabaseTransaction, entries: &[Uuid]) -> Result<()> {
    forget_shares(tx, entries).await?;
    for some in entries.chunks(SOME) {
        Entity::delete_many()
            .filter(Column::EntryId.is_in(some.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

async fn forget_shares(tx: &DatabaseTransaction, entries: &[Uuid]) -> Result<()> {
    for some in entries.chunks(SOME) {
        share::Entity::delete_many()
            .filter(share::Column::EntryId.is_in(some.iter().copied()))
            .exec(tx)
            .await?;
    }
    Ok(())
}

async fn not_settled(tx: &DatabaseTransaction, entry: Uuid) -> Result<()> {
    let settled = find(tx, entry).await?.and_then(|grade| grade.settled_in);
    match settled.and_then(super::Month::of_number) {
        None => Ok(()),
        Some(month) => Err(Error::Conflict(format!(
            "Bài này đã trả nhuận bút trong bảng kê tháng {month}, bảng kê đã khóa. Nếu trả sai, kế toán ghi một dòng điều chỉnh ở bảng kê sau."
        ))),
    }
}

async fn identify(tx: &DatabaseTransaction, at: usize, who: Who, now: i64) -> Result<Uuid> {
    let nobody = || {
        let field = form::field(form::WHO, at);
        Error::invalid(&field, "Không còn người này. Hãy chọn lại.")
    };
    match who {
        Who::Account(id) => {
            let found = person::for_account(tx, id, now).await?;
            found.map(|person| person.id).ok_or_else(nobody)
        }
        Who::Person(id) => {
            let found = person::find(tx, id).await?;
            found.map(|person| person.id).ok_or_else(nobody)
        }
        Who::Named(name) => {
            screening::allow_text(tx, form::NAME, &name).await?;
            Ok(person::named(tx, &name, now).await?.id)
        }
    }
}
