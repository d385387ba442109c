//! Messages of cases as they are kept.

use sea_orm::entity::prelude::*;

/// A stored message.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_messages")]
pub struct Model {
    /// Its id, the same at every site.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The case.
    pub case_id: Uuid,
    /// One more than the highest its writer had seen.
    pub number: i64,
    /// At whose site it was written.
    pub unit: Uuid,
    /// [`Act`](super::Act) by name.
    pub act: String,
    /// What it says; empty if that is sealed.
    pub words: String,
    /// What it says, for one key alone.
    pub sealed: Option<Vec<u8>>,
    /// To which unit it passes the case on.
    pub to_unit: Option<Uuid>,
    /// [`Rating`](super::Rating) by name, of a message that says one.
    pub rating: Option<String>,
    /// When; milliseconds.
    pub at: i64,
    /// Who wrote it here.
    pub account_id: Option<Uuid>,
    /// The letter it came with.
    pub event_id: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
