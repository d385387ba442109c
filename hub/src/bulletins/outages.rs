//! The portals that are out of service now, as was announced: nobody is to be alarmed for them.

use sea_orm::ConnectionTrait;
use shared::bulletins::record;
use shared::error::Result;
use std::collections::HashMap;
use uuid::Uuid;

/// When each is expected back, by unit; milliseconds.
pub async fn by_unit<C: ConnectionTrait>(db: &C, now: i64) -> Result<HashMap<Uuid, i64>> {
    let told = record::to_come(db, now).await?;
    let mut back = HashMap::new();
    for outage in told.iter().filter_map(|one| one.bulletin.outage.as_ref()) {
        if outage.is_on(now) {
            let known = back.entry(outage.unit).or_insert(outage.until);
            *known = outage.until.max(*known);
        }
    }
    Ok(back)
}
