//! Pictures of messages as they are kept: apart from the library, since nobody but the office sees them.

use sea_orm::entity::prelude::*;

/// A stored picture.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_pictures")]
pub struct Model {
    /// Its id here.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The message.
    pub message_id: Uuid,
    /// Its place among the message's, from 0.
    pub position: i64,
    /// JPEG.
    pub bytes: Vec<u8>,
    /// Pixels across.
    pub width: i64,
    /// Pixels down.
    pub height: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
