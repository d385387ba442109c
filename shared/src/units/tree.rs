use super::attribute::{Model, Name};
use chrono::NaiveDate;
use std::collections::HashMap;
use uuid::Uuid;

/// A unit as it was on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its id.
    pub id: Uuid,
    /// Full name; the id where none is known.
    pub name: String,
    /// Name without its kind; the full name where none is known.
    pub short_name: String,
    /// Code of its kind; empty where none is known.
    pub kind: String,
    /// The unit above it.
    pub parent: Option<Uuid>,
    /// Host name of its portal.
    pub host: Option<String>,
    /// It is no more: its names, its kind and the unit above it are the last it had. So whoever received something
    /// as one of many goes on being one of them, and is told when that is taken back.
    pub is_former: bool,
}

/// All units and who is above whom, on one day.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    units: HashMap<Uuid, Unit>,
}

/// A chain longer than this is a loop in the data.
pub(super) const DEEPEST: usize = 16;

impl Tree {
    /// Builds the tree of `day` from all attributes.
    pub fn on(day: NaiveDate, attributes: &[Model]) -> Self {
        let mut values: HashMap<Uuid, HashMap<&str, &str>> = HashMap::new();
        let mut last: HashMap<(Uuid, &str), &Model> = HashMap::new();
        let today = day.to_string();
        for attribute in attributes {
            let of_unit = values.entry(attribute.unit_id).or_default();
            if attribute.holds_on(day) {
                of_unit.insert(&attribute.name, &attribute.value);
            } else if attribute.valid_to.as_ref().is_some_and(|to| *to < today) {
                let known = last.entry((attribute.unit_id, &attribute.name));
                known
                    .and_modify(|known| {
                        if known.valid_to <= attribute.valid_to {
                            *known = attribute;
                        }
                    })
                    .or_insert(attribute);
            }
        }
        let units = values
            .into_iter()
            .map(|(id, values)| {
                let value = |name: Name| values.get(name.as_str()).map(|value| (*value).to_owned());
                let once = |name: Name| {
                    let known = last.get(&(id, name.as_str()));
                    known.map(|known| known.value.clone())
                };
                let (now, before) = (value(Name::Name), once(Name::Name));
                let is_former = now.is_none() && before.is_some();
                let held = |name: Name| value(name).or_else(|| once(name).filter(|_| is_former));
                let name = now.or(before).unwrap_or_else(|| id.to_string());
                let unit = Unit {
                    id,
                    short_name: held(Name::ShortName).unwrap_or_else(|| name.clone()),
                    name,
                    kind: held(Name::Kind).unwrap_or_default(),
                    parent: held(Name::Parent).and_then(|parent| parent.parse().ok()),
                    host: value(Name::Host),
                    is_former,
                };
                (id, unit)
            })
            .collect();
        Self { units }
    }

    /// The unit `id`.
    pub fn get(&self, id: Uuid) -> Option<&Unit> {
        self.units.get(&id)
    }

    /// The full name of `id`, or its id where none is known.
    pub fn name_of(&self, id: Uuid) -> String {
        self.get(id)
            .map_or_else(|| id.to_string(), |unit| unit.name.clone())
    }

    /// Whether `unit` is `top` or below it.
    pub fn is_within(&self, unit: Uuid, top: Uuid) -> bool {
        self.chain(unit).any(|id| id == top)
    }

    /// `unit` and those above it, nearest first.
    pub fn chain(&self, unit: Uuid) -> impl Iterator<Item = Uuid> + '_ {
        std::iter::successors(Some(unit), |id| self.get(*id).and_then(|unit| unit.parent))
            .take(DEEPEST)
    }

    /// All units, in no order.
    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.units.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(
        unit: u128,
        name: Name,
        value: &str,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Model {
        Model {
            id: 0,
            unit_id: Uuid::from_u128(unit),
            name: name.as_str().to_owned(),
            value: value.to_owned(),
            valid_from: from.map(str::to_owned),
            valid_to: to.map(str::to_owned),
            basis: None,
        }
    }

    #[test]
    fn three_tiers_until_june_2025_and_two_after() {
        let [province, district, commune] = [1, 2, 3].map(Uuid::from_u128);
        let (old, new) = (Some("2025-06-30"), Some("2025-07-01"));
        let attributes = [
            attribute(1, Name::Name, "tỉnh Kon Tum", None, old),
            attribute(1, Name::Name, "tỉnh Quảng Ngãi", new, None),
            attribute(2, Name::Name, "huyện Kon Rẫy", None, old),
            attribute(2, Name::Parent, &province.to_string(), None, old),
            attribute(3, Name::Name, "xã Tân Lập", None, old),
            attribute(3, Name::Name, "xã Kon Braih", new, None),
            attribute(3, Name::Parent, &district.to_string(), None, old),
            attribute(3, Name::Parent, &province.to_string(), new, None),
        ];
        let day = |text: &str| text.parse().expect("a day");

        let before = Tree::on(day("2025-06-30"), &attributes);
        assert_eq!(before.name_of(commune), "xã Tân Lập");
        assert_eq!(
            before.chain(commune).collect::<Vec<_>>(),
            [commune, district, province]
        );

        let after = Tree::on(day("2025-07-01"), &attributes);
        assert_eq!(after.name_of(commune), "xã Kon Braih");
        assert_eq!(
            after.chain(commune).collect::<Vec<_>>(),
            [commune, province]
        );
        assert!(after.is_within(commune, province));
        assert!(!after.is_within(commune, district));
    }

    #[test]
    fn a_unit_that_is_no_more_is_called_as_it_was_last() {
        let attributes = [
            attribute(1, Name::Name, "xã Kon Braih", None, Some("2025-06-30")),
            attribute(1, Name::Name, "xã Tân Lập", None, Some("2010-01-01")),
            attribute(1, Name::Kind, "xa", None, Some("2025-06-30")),
            attribute(2, Name::Name, "xã Kon Braih", Some("2025-07-01"), None),
        ];
        let day = |text: &str| text.parse().expect("a day");
        let after = Tree::on(day("2026-01-01"), &attributes);
        let former = after.get(Uuid::from_u128(1)).expect("is known");
        assert_eq!(
            (former.name.as_str(), former.kind.as_str()),
            ("xã Kon Braih", "xa")
        );
        assert!(former.is_former);
        assert!(
            after
                .get(Uuid::from_u128(2))
                .is_some_and(|unit| !unit.is_former)
        );
        // Nobody has a name before they are there.
        let before = Tree::on(day("2025-06-30"), &attributes);
        assert_eq!(
            before.name_of(Uuid::from_u128(2)),
            Uuid::from_u128(2).to_string()
        );
    }

    #[test]
    fn a_loop_in_the_data_does_not_loop_the_program() {
        let [a, b] = [1, 2].map(Uuid::from_u128);
        let attributes = [
            attribute(1, Name::Parent, &b.to_string(), None, None),
            attribute(2, Name::Parent, &a.to_string(), None, None),
        ];
        let tree = Tree::on("2026-01-01".parse().expect("a day"), &attributes);
        assert!(!tree.is_within(a, Uuid::from_u128(3)));
    }
}
