//! How far a key that was taken out of use is still believed: places in logs, fixed by the hub from
//! what it had received before the key was stolen, so that nobody compares clocks.

use crate::error::Result;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryOrder, Set};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The hub's word about what a revoked key signed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// Since when the key is not believed, as people said; for show. Milliseconds since 1970.
    pub since: i64,
    /// When this was decided; a later word replaces an earlier one.
    pub judged_at: i64,
    /// The last place of each log that counts. Of a log that is not named nothing does.
    pub logs: Vec<Through>,
    /// Single places after that which people looked at and trust.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub released: Vec<Place>,
}

/// A log and the last place of it that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Through {
    /// The log.
    pub log: Uuid,
    /// The place.
    pub seq: i64,
}

/// One place in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The log.
    pub log: Uuid,
    /// The place.
    pub seq: i64,
}

/// A [`Cut`], ready to be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cover {
    through: BTreeMap<Uuid, i64>,
    released: BTreeSet<Place>,
}

impl Cover {
    /// Whether what was signed for this place still counts.
    pub fn covers(&self, log: Uuid, seq: i64) -> bool {
        self.through
            .get(&log)
            .is_some_and(|through| seq <= *through)
            || self.released.contains(&Place { log, seq })
    }
}

impl From<&Cut> for Cover {
    fn from(cut: &Cut) -> Self {
        Self {
            through: cut.logs.iter().map(|log| (log.log, log.seq)).collect(),
            released: cut.released.iter().copied().collect(),
        }
    }
}

/// Cuts as stored.
pub mod through {
    use sea_orm::entity::prelude::*;

    /// The last place of a log up to which a key counts.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "key_cuts")]
    pub struct Model {
        /// The key.
        #[sea_orm(primary_key, auto_increment = false)]
        pub key_id: String,
        /// The log.
        #[sea_orm(primary_key, auto_increment = false)]
        pub log_id: Uuid,
        /// The place.
        pub through: i64,
    }

    /// None: joins are written where they are needed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Releases as stored.
pub mod release {
    use sea_orm::entity::prelude::*;

    /// A place after the cut that is trusted.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "key_releases")]
    pub struct Model {
        /// The key.
        #[sea_orm(primary_key, auto_increment = false)]
        pub key_id: String,
        /// The log.
        #[sea_orm(primary_key, auto_increment = false)]
        pub log_id: Uuid,
        /// The place.
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
    }

    /// None: joins are written where they are needed.
    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Stores how far the key `id` is believed, in place of what was known.
pub(super) async fn put(tx: &DatabaseTransaction, id: &str, cut: &Cut) -> Result<()> {
    through::Entity::delete_many()
        .filter(through::Column::KeyId.eq(id))
        .exec(tx)
        .await?;
    release::Entity::delete_many()
        .filter(release::Column::KeyId.eq(id))
        .exec(tx)
        .await?;
    let cover = Cover::from(cut);
    for (log, seq) in cover.through {
        through::Entity::insert(through::ActiveModel {
            key_id: Set(id.to_owned()),
            log_id: Set(log),
            through: Set(seq),
        })
        .exec_without_returning(tx)
        .await?;
    }
    for place in cover.released {
        release::Entity::insert(release::ActiveModel {
            key_id: Set(id.to_owned()),
            log_id: Set(place.log),
            seq: Set(place.seq),
        })
        .exec_without_returning(tx)
        .await?;
    }
    Ok(())
}

/// What is known of the key `id`, of which `since` and `judged_at` are told elsewhere.
pub async fn find<C: ConnectionTrait>(db: &C, id: &str, since: i64, judged_at: i64) -> Result<Cut> {
    let logs = through::Entity::find()
        .filter(through::Column::KeyId.eq(id))
        .order_by_asc(through::Column::LogId)
        .all(db)
        .await?;
    let released = release::Entity::find()
        .filter(release::Column::KeyId.eq(id))
        .order_by_asc(release::Column::LogId)
        .order_by_asc(release::Column::Seq)
        .all(db)
        .await?;
    Ok(Cut {
        since,
        judged_at,
        logs: logs
            .into_iter()
            .map(|cut| Through {
                log: cut.log_id,
                seq: cut.through,
            })
            .collect(),
        released: released
            .into_iter()
            .map(|place| Place {
                log: place.log_id,
                seq: place.seq,
            })
            .collect(),
    })
}
