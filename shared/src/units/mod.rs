//! Administrative units and departments: dated attributes and the tree they form.
//!
//! A unit is an id of our own. Its name, kind, parent, official codes and host are attributes with
//! the days on which they held: codes were reused, hosts collide, and how many tiers there are is
//! itself a matter of the date.

pub mod attribute;
pub mod succession;
mod tree;

pub use attribute::{Attribute, Name};
pub use succession::{Heir, heirs, is_heir};
pub use tree::{Tree, Unit};

use crate::error::Result;
use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// The tree of all known units as it was on `day`.
pub async fn tree_on<C: ConnectionTrait>(db: &C, day: NaiveDate) -> Result<Tree> {
    Ok(Tree::on(day, &attribute::all(db).await?))
}

/// `unit` and those above it as they were on `day`: what a rule can ask of one unit, at the cost of its few rows
/// however many units a province has.
pub async fn chain_on<C: ConnectionTrait>(db: &C, day: NaiveDate, unit: Uuid) -> Result<Tree> {
    let mut attributes = Vec::new();
    let mut next = Some(unit);
    for _ in 0..tree::DEEPEST {
        let Some(id) = next else { break };
        let own = attribute::of_units(db, &[id]).await?;
        next = Tree::on(day, &own).get(id).and_then(|unit| unit.parent);
        attributes.extend(own);
    }
    Ok(Tree::on(day, &attributes))
}

/// The units in `units` as they were on `day`, without those above and below them.
pub async fn some_on<C: ConnectionTrait>(db: &C, day: NaiveDate, units: &[Uuid]) -> Result<Tree> {
    Ok(Tree::on(day, &attribute::of_units(db, units).await?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn a_chain_holds_a_unit_and_those_above_it_and_no_neighbour() {
        let site = testing::site().await;
        let [province, district, commune, neighbour] = [1, 2, 3, 4].map(Uuid::from_u128);
        let rows = [
            (province, None),
            (district, Some(province)),
            (commune, Some(district)),
            (neighbour, Some(district)),
        ];
        site.db
            .write(move |tx| {
                Box::pin(async move {
                    for (unit, parent) in rows {
                        let parent =
                            parent.map(|id: Uuid| Attribute::always(Name::Parent, id.to_string()));
                        let name = Attribute::always(Name::Name, unit.to_string());
                        let attributes: Vec<_> = parent.into_iter().chain([name]).collect();
                        attribute::replace(tx, unit, &attributes).await?;
                    }
                    // A loop in the data ends as well.
                    let own = [Attribute::always(Name::Parent, province.to_string())];
                    attribute::replace(tx, province, &own).await
                })
            })
            .await
            .expect("stored");
        let day = "2026-07-01".parse().expect("a day");
        let chain = chain_on(site.db.reader(), day, commune)
            .await
            .expect("reads");
        let mut held: Vec<Uuid> = chain.units().map(|unit| unit.id).collect();
        held.sort();
        assert_eq!(held, [province, district, commune]);
        assert!(chain.is_within(commune, province));
        let unknown = chain_on(site.db.reader(), day, Uuid::nil())
            .await
            .expect("reads");
        assert_eq!(unknown.units().count(), 0);
    }
}
