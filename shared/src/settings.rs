//! What a site knows of itself and keeps in its database, by name.

use crate::error::Result;
use crate::storage::Db;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QuerySelect, Set};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A stored setting.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "settings")]
pub struct Model {
    /// Its name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Its value, JSON.
    pub value: String,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

const STREAM: &str = "stream_id";

/// The setting `name`, if it was ever set.
pub async fn get<T: DeserializeOwned, C: ConnectionTrait>(db: &C, name: &str) -> Result<Option<T>> {
    read(Entity::find_by_id(name.to_owned()).one(db).await?)
}

/// The same, where it is about to be changed: nobody else changes it until the transaction ends.
pub async fn get_to_change<T: DeserializeOwned>(
    tx: &DatabaseTransaction,
    name: &str,
) -> Result<Option<T>> {
    let found = Entity::find_by_id(name.to_owned()).lock_exclusive();
    read(found.one(tx).await?)
}

fn read<T: DeserializeOwned>(found: Option<Model>) -> Result<Option<T>> {
    let value = found.map(|setting| serde_json::from_str(&setting.value));
    Ok(value.transpose().map_err(anyhow::Error::new)?)
}

/// Sets `name`.
pub async fn set<T: Serialize, C: ConnectionTrait>(db: &C, name: &str, value: &T) -> Result<()> {
    Entity::insert(ActiveModel {
        name: Set(name.to_owned()),
        value: Set(serde_json::to_string(value).map_err(anyhow::Error::new)?),
    })
    .on_conflict(
        OnConflict::column(Column::Name)
            .update_column(Column::Value)
            .to_owned(),
    )
    .exec_without_returning(db)
    .await?;
    Ok(())
}

/// The id of the outgoing stream; minted the first time it is asked for.
pub async fn stream_id(db: &Db) -> Result<Uuid> {
    match get(db.reader(), STREAM).await? {
        Some(id) => Ok(id),
        None => {
            db.write(|tx| Box::pin(async move { renew_stream_id(tx).await }))
                .await
        }
    }
}

/// Mints a new id for the outgoing stream, in the transaction that makes it another stream.
pub async fn renew_stream_id(tx: &DatabaseTransaction) -> Result<Uuid> {
    let id = Uuid::now_v7();
    set(tx, STREAM, &id).await?;
    Ok(id)
}
