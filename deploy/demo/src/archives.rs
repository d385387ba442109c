//! The units that are no more: what they published comes to the province, and they go into those that took over, by the
//! same operations an administrator enters.

use crate::content::{Content, Unit};
use crate::province::{self, Layout};
use anyhow::Context;
use chrono::NaiveDate;
use hub::reorganisation::{Ending, Kind, Operation, carry_out};
use shared::audit::Actor;
use shared::log::Lane;
use shared::site::Site;
use shared::sync::outgoing::{self, Share};
use shared::sync::{peer, receive};
use std::sync::Arc;

/// Who entered the operations.
const ENTERED_BY: &str = "Nguyễn Văn Ví";

/// Brings what closed sites published to the hub, as their links would have, and closes them. No site runs meanwhile.
pub async fn close(layout: &Layout, content: &Content) -> anyhow::Result<()> {
    let hub = province::open_hub(&layout.hub.folder).await?;
    for place in &layout.archives {
        let site = province::open_member(&place.folder).await?;
        deliver(&site, &hub)
            .await
            .with_context(|| place.unit.clone())?;
    }
    for operation in operations(content)? {
        let planned = carry_out::look(hub.db.reader(), &operation).await?;
        let plan = planned.map_err(|refusal| anyhow::anyhow!("{refusal}"))?;
        let mark = plan.mark(&operation)?;
        carry_out::enter(&hub, operation, &mark, ENTERED_BY, &Actor::CommandLine).await?;
    }
    Ok(())
}

/// Hands over everything `from` has for its hub.
async fn deliver(from: &Arc<Site>, hub: &Arc<Site>) -> anyhow::Result<()> {
    let sender = peer::find(hub.db.reader(), from.id).await?;
    let sender = sender.context("cổng tỉnh không biết trang này")?;
    let share = Share::of(from, hub.id, true).await?;
    for lane in Lane::ALL {
        let mut after = 0;
        while let Some(batch) = outgoing::next_batch(from, &share, lane, after).await? {
            let bytes = batch.to_bytes("", &from.origin())?;
            receive::receive(hub, &sender, &bytes, None).await?;
            after = batch.through;
        }
    }
    Ok(())
}

/// What was decided of units, one operation a day and legal act; those above come after those below them.
fn operations(content: &Content) -> anyhow::Result<Vec<Operation>> {
    let mut operations: Vec<Operation> = Vec::new();
    for unit in content.units.iter().rev() {
        let Some((day, basis)) = end_of(unit) else {
            continue;
        };
        let into = unit.merged_into().map(|slug| {
            let heir = content.unit(slug);
            heir.map(|heir| heir.id)
                .with_context(|| format!("thiếu đơn vị {slug}"))
        });
        let ending = Ending {
            unit: unit.id,
            into: into.collect::<anyhow::Result<_>>()?,
            archive: None,
        };
        let known = operations
            .iter_mut()
            .find(|one| one.effective_on == day && one.basis == basis);
        match known {
            Some(operation) => operation.ends.push(ending),
            None => operations.push(Operation {
                kind: Kind::Merge,
                effective_on: day,
                basis,
                ends: vec![ending],
                begins: Vec::new(),
            }),
        }
    }
    Ok(operations)
}

/// From when on a unit is no more, and by which act.
fn end_of(unit: &Unit) -> Option<(NaiveDate, String)> {
    let mut changes = unit.changes.iter();
    let merged = changes.find(|change| change.attribute == "merged_into")?;
    Some((merged.from?, merged.basis.clone()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content;

    #[test]
    fn kon_ray_becomes_three_communes_before_its_province_ends() {
        let content = content::load().unwrap_or_else(|error| panic!("{error:#}"));
        let operations = operations(&content).unwrap_or_else(|error| panic!("{error:#}"));
        let [communes, province] = operations.as_slice() else {
            panic!("{operations:?}");
        };
        assert_eq!(communes.ends.len(), 8, "seven units and their district");
        assert!(communes.basis.contains("1677"));
        assert_eq!(province.ends.len(), 1);
    }
}
