//! Who is to receive an event, as a rule rather than a list: a member that joins tomorrow is in the
//! audience of yesterday's event if the rule says so.

use crate::entries::Mode;
use crate::log::Digest;
use crate::units::Tree;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A stored audience; the same rule is stored once.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audiences")]
pub struct Model {
    /// Row number.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// Digest of the rule.
    #[sea_orm(unique)]
    pub digest: Vec<u8>,
    /// [`Audience`] as JSON.
    pub rule: String,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A set of sites, described.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selector {
    /// Every member.
    Everyone,
    /// The hub above this site.
    Upstream,
    /// The portal of one unit.
    Unit(Uuid),
    /// The portals of a unit and of all units below it.
    Subtree(Uuid),
    /// The portals of all units of one kind, such as `xa`.
    Level(String),
}

/// A set of sites and how they receive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Delivery {
    /// Who.
    pub to: Selector,
    /// How.
    pub mode: Mode,
}

/// All who are to receive an event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Audience(BTreeSet<Delivery>);

/// A site that may be in an audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Its unit.
    pub unit: Uuid,
    /// Whether it is the hub above us.
    pub is_upstream: bool,
}

impl Audience {
    /// Nobody.
    pub fn nobody() -> Self {
        Self::default()
    }

    /// One set of sites.
    pub fn of(to: Selector, mode: Mode) -> Self {
        Self(BTreeSet::from([Delivery { to, mode }]))
    }

    /// Adds a set of sites.
    pub fn add(&mut self, to: Selector, mode: Mode) {
        self.0.insert(Delivery { to, mode });
    }

    /// Those in either.
    #[must_use]
    pub fn union(mut self, other: &Self) -> Self {
        self.0.extend(other.0.iter().cloned());
        self
    }

    /// The part that names `unit` and nothing wider.
    #[must_use]
    pub fn only_unit(&self, unit: Uuid) -> Self {
        let named = |delivery: &&Delivery| delivery.to == Selector::Unit(unit);
        Self(self.0.iter().filter(named).cloned().collect())
    }

    /// Whether it names this very set of sites.
    pub fn names(&self, set: &Selector) -> bool {
        self.0.iter().any(|delivery| delivery.to == *set)
    }

    /// The units it names, if it names nothing wider.
    pub fn units_alone(&self) -> Option<BTreeSet<Uuid>> {
        self.0
            .iter()
            .map(|delivery| match delivery.to {
                Selector::Unit(unit) => Some(unit),
                _ => None,
            })
            .collect()
    }

    /// The sets of sites it names.
    pub fn sets(&self) -> impl Iterator<Item = &Selector> {
        self.0.iter().map(|delivery| &delivery.to)
    }

    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How `site` receives, if it does: the strongest of all ways that fit.
    pub fn mode_for(&self, site: &Membership, tree: &Tree) -> Option<Mode> {
        self.0
            .iter()
            .filter(|delivery| delivery.to.selects(site, tree))
            .map(|delivery| delivery.mode)
            .max()
    }

    /// The canonical rule and its digest.
    pub fn to_rule(&self) -> crate::error::Result<(Digest, String)> {
        let bytes = crate::log::canonical::to_canonical(self).map_err(anyhow::Error::new)?;
        let digest = Digest::of(&bytes);
        Ok((
            digest,
            String::from_utf8(bytes).map_err(anyhow::Error::new)?,
        ))
    }
}

impl Selector {
    /// Whether `site` is in the set.
    pub fn selects(&self, site: &Membership, tree: &Tree) -> bool {
        match self {
            Self::Upstream => site.is_upstream,
            Self::Everyone => !site.is_upstream,
            Self::Unit(unit) => site.unit == *unit,
            Self::Subtree(top) => tree.is_within(site.unit, *top),
            Self::Level(kind) => tree
                .get(site.unit)
                .is_some_and(|unit| unit.kind == *kind && !site.is_upstream),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::attribute::{Model as Attribute, Name};

    fn tree() -> Tree {
        let attribute = |unit: u128, name: Name, value: String| Attribute {
            id: 0,
            unit_id: Uuid::from_u128(unit),
            name: name.as_str().to_owned(),
            value,
            valid_from: None,
            valid_to: None,
            basis: None,
        };
        let province = Uuid::from_u128(1).to_string();
        Tree::on(
            "2026-11-23".parse().expect("a day"),
            &[
                attribute(1, Name::Kind, "tinh".to_owned()),
                attribute(2, Name::Kind, "xa".to_owned()),
                attribute(2, Name::Parent, province.clone()),
                attribute(3, Name::Kind, "so".to_owned()),
                attribute(3, Name::Parent, province),
            ],
        )
    }

    #[test]
    fn a_rule_selects_and_the_strongest_mode_wins() {
        let [province, commune, department] = [1, 2, 3].map(Uuid::from_u128);
        let member = |unit| Membership {
            unit,
            is_upstream: false,
        };
        let hub = Membership {
            unit: province,
            is_upstream: true,
        };
        let tree = tree();
        let cases = [
            (Selector::Everyone, [false, true, true]),
            (Selector::Upstream, [true, false, false]),
            (Selector::Unit(commune), [false, true, false]),
            (Selector::Subtree(province), [true, true, true]),
            (Selector::Level("xa".to_owned()), [false, true, false]),
        ];
        for (selector, expected) in cases {
            let selected = [hub, member(commune), member(department)]
                .map(|site| selector.selects(&site, &tree));
            assert_eq!(selected, expected, "{selector:?}");
        }
        let audience = Audience::of(Selector::Everyone, Mode::Suggested).union(&Audience::of(
            Selector::Level("xa".to_owned()),
            Mode::Mandatory,
        ));
        assert_eq!(
            audience.mode_for(&member(commune), &tree),
            Some(Mode::Mandatory)
        );
        assert_eq!(
            audience.mode_for(&member(department), &tree),
            Some(Mode::Suggested)
        );
        assert_eq!(audience.mode_for(&hub, &tree), None);
    }

    #[test]
    fn the_same_rule_has_the_same_digest_however_it_was_built() {
        let mut one = Audience::of(Selector::Everyone, Mode::Suggested);
        one.add(Selector::Upstream, Mode::Mandatory);
        let mut other = Audience::of(Selector::Upstream, Mode::Mandatory);
        other.add(Selector::Everyone, Mode::Suggested);
        assert_eq!(
            one.to_rule().expect("a rule"),
            other.to_rule().expect("a rule")
        );
    }
}
