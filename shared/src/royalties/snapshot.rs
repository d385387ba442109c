//! The rows of a locked statement, with everything they were counted by. They are written once; the database
//! itself refuses to change them. Only a title may be emptied, when the province had it erased everywhere.

use super::month::Month;
use super::sum::{Counted, Sum};
use crate::entries::kinds::day_number;
use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, IntoActiveModel, QueryOrder,
    QuerySelect,
};

/// A row of a locked statement: somebody's part of a work, an adjustment, or a work that was not paid.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "royalty_lines")]
pub struct Model {
    /// The month, as 202611.
    #[sea_orm(primary_key, auto_increment = false)]
    pub month: i64,
    /// 1, 2, 3 …
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// [`Kind`] by name.
    pub kind: String,
    /// The entry; none of adjustments.
    pub entry_id: Option<Uuid>,
    /// Its title.
    pub title: String,
    /// When it was published, or the adjustment entered, as 20261130.
    pub published_on: Option<i64>,
    /// Code of the regime.
    pub regime: Option<String>,
    /// What the genre was called.
    pub genre: Option<String>,
    /// The coefficient that counted, in hundredths.
    pub coefficient: Option<i64>,
    /// Đồng a month.
    pub base_salary: Option<i64>,
    /// What a unit was of that, in hundredths of a percent.
    pub unit_percent: Option<i64>,
    /// Đồng.
    pub unit_value: Option<i64>,
    /// Bonus, in hundredths of a percent.
    pub children: Option<i64>,
    /// Bonus.
    pub language: Option<i64>,
    /// Bonus.
    pub hardship: Option<i64>,
    /// What it was worth of an original.
    pub translation: Option<i64>,
    /// What the unit paid of it.
    pub factor: Option<i64>,
    /// Đồng of the whole work before the ceiling.
    pub uncut: Option<i64>,
    /// Đồng of the whole work.
    pub amount: Option<i64>,
    /// Who is paid; none of what was not paid.
    pub person_id: Option<Uuid>,
    /// Their name.
    pub name: Option<String>,
    /// Their parts.
    pub parts: Option<i64>,
    /// Of how many.
    pub of_parts: Option<i64>,
    /// Đồng they get for it.
    pub share: i64,
    /// The month an adjustment mends.
    pub about: Option<i64>,
    /// Why it was adjusted, or not paid.
    pub reason: Option<String>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a person was paid.
pub mod payment {
    use sea_orm::entity::prelude::*;

    /// A stored payment.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "royalty_payments")]
    pub struct Model {
        /// The month, as 202611.
        #[sea_orm(primary_key, auto_increment = false)]
        pub month: i64,
        /// Who.
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: Uuid,
        /// Their name then.
        pub name: String,
        /// Đồng before tax.
        pub gross: i64,
        /// Whether a commitment waived the tax.
        pub committed: bool,
        /// The least payment tax was withheld of.
        pub threshold: i64,
        /// How much of it, in hundredths of a percent.
        pub rate: i64,
        /// Đồng withheld.
        pub tax: i64,
        /// Đồng paid out.
        pub net: i64,
    }

    /// None.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody's part of a work.
    Work,
    /// An adjustment.
    Adjustment,
    /// A work that was taken back before it was paid.
    Dropped,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::Adjustment => "adjustment",
            Self::Dropped => "dropped",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Work => "Nhuận bút",
            Self::Adjustment => "Điều chỉnh",
            Self::Dropped => "Không trả",
        }
    }
}

impl Model {
    /// What it is.
    pub fn kind(&self) -> Kind {
        [Kind::Adjustment, Kind::Dropped]
            .into_iter()
            .find(|kind| kind.as_str() == self.kind)
            .unwrap_or(Kind::Work)
    }
}

/// Rows written in one statement: each has 26 values.
const SOME: usize = 200;

/// Writes down what `month` comes to.
pub(super) async fn write(tx: &DatabaseTransaction, month: Month, sum: &Sum) -> Result<()> {
    for some in rows(month, sum).chunks(SOME) {
        let rows = some
            .iter()
            .cloned()
            .map(|row| row.into_active_model().reset_all());
        Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    for some in payment_rows(month, sum).chunks(SOME) {
        let rows = some
            .iter()
            .cloned()
            .map(|row| row.into_active_model().reset_all());
        payment::Entity::insert_many(rows)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// What people are paid, as rows.
pub fn payment_rows(month: Month, sum: &Sum) -> Vec<payment::Model> {
    let rows = sum.payments.iter().map(|one| payment::Model {
        month: month.number(),
        person_id: one.person,
        name: one.name.clone(),
        gross: one.gross,
        committed: one.committed,
        threshold: sum.threshold.unwrap_or_default(),
        rate: sum.rate,
        tax: one.tax,
        net: one.net(),
    });
    rows.collect()
}

/// What a month comes to, as rows.
pub fn rows(month: Month, sum: &Sum) -> Vec<Model> {
    let works = sum.works.iter().flat_map(of_work);
    let adjustments = sum.adjustments.iter().map(|one| Model {
        published_on: Some(day_number(one.entered_on)),
        person_id: Some(one.person),
        name: Some(one.name.clone()),
        share: one.amount,
        about: Some(one.about),
        reason: Some(one.reason.clone()),
        ..blank(Kind::Adjustment)
    });
    let dropped = sum.dropped.iter().map(|one| Model {
        entry_id: Some(one.entry_id),
        title: one.title.clone(),
        published_on: Some(day_number(one.published_on)),
        reason: Some(one.reason.clone()),
        ..blank(Kind::Dropped)
    });
    let rows = works.chain(adjustments).chain(dropped).zip(1..);
    let numbered = rows.map(|(row, number)| Model {
        month: month.number(),
        number,
        ..row
    });
    numbered.collect()
}

fn of_work(counted: &Counted) -> impl Iterator<Item = Model> + '_ {
    let (work, price) = (&counted.work, &counted.price);
    let of_parts = work.shares.iter().map(|share| share.parts).sum();
    let each = work.shares.iter().zip(&counted.shares);
    each.map(move |(share, amount)| Model {
        entry_id: Some(work.entry_id),
        title: work.title.clone(),
        published_on: Some(day_number(work.published_on)),
        regime: Some(price.regime.clone()),
        genre: Some(price.genre.clone()),
        coefficient: Some(price.coefficient.raw()),
        base_salary: Some(price.base_salary),
        unit_percent: Some(price.unit_percent.raw()),
        unit_value: Some(price.unit_value),
        children: Some(price.bonuses.children.raw()),
        language: Some(price.bonuses.language.raw()),
        hardship: Some(price.bonuses.hardship.raw()),
        translation: Some(price.translation.raw()),
        factor: Some(price.factor.raw()),
        uncut: Some(price.uncut),
        amount: Some(counted.amount),
        person_id: Some(share.person),
        name: Some(share.name.clone()),
        parts: Some(share.parts),
        of_parts: Some(of_parts),
        share: *amount,
        ..blank(Kind::Work)
    })
}

fn blank(kind: Kind) -> Model {
    Model {
        month: 0,
        number: 0,
        kind: kind.as_str().to_owned(),
        entry_id: None,
        title: String::new(),
        published_on: None,
        regime: None,
        genre: None,
        coefficient: None,
        base_salary: None,
        unit_percent: None,
        unit_value: None,
        children: None,
        language: None,
        hardship: None,
        translation: None,
        factor: None,
        uncut: None,
        amount: None,
        person_id: None,
        name: None,
        parts: None,
        of_parts: None,
        share: 0,
        about: None,
        reason: None,
    }
}

/// The rows of `month`, in order.
pub async fn lines<C: ConnectionTrait>(db: &C, month: Month) -> Result<Vec<Model>> {
    let all = Entity::find().filter(Column::Month.eq(month.number()));
    Ok(all.order_by_asc(Column::Number).all(db).await?)
}

/// What people were paid for `month`, by name.
pub async fn payments<C: ConnectionTrait>(db: &C, month: Month) -> Result<Vec<payment::Model>> {
    let all = payment::Entity::find().filter(payment::Column::Month.eq(month.number()));
    let by_name = all
        .order_by_asc(payment::Column::Name)
        .order_by_asc(payment::Column::PersonId);
    Ok(by_name.all(db).await?)
}

/// What `person` was paid, the newest month first.
pub async fn payments_to<C: ConnectionTrait>(
    db: &C,
    person: Uuid,
    most: u64,
) -> Result<Vec<payment::Model>> {
    let all = payment::Entity::find()
        .filter(payment::Column::PersonId.eq(person))
        .order_by_desc(payment::Column::Month);
    Ok(all.limit(most).all(db).await?)
}

/// What `person` was paid for since `month`, the newest first.
pub async fn lines_of<C: ConnectionTrait>(db: &C, person: Uuid, since: i64) -> Result<Vec<Model>> {
    let all = Entity::find()
        .filter(Column::PersonId.eq(person))
        .filter(Column::Month.gte(since))
        .order_by_desc(Column::Month)
        .order_by_asc(Column::Number);
    Ok(all.all(db).await?)
}

/// Empties the title of `entry`, which was erased everywhere. What was paid for it stays.
pub async fn erase_title(tx: &DatabaseTransaction, entry: Uuid) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Title, Expr::value(""))
        .filter(Column::EntryId.eq(entry))
        .exec(tx)
        .await?;
    Ok(())
}
