//! What became of units that are no more, which units went into one that is, and whose a host name was.

use super::attribute::{self, Model, Name};
use super::tree::DEEPEST;
use crate::error::Result;
use chrono::NaiveDate;
use sea_orm::ConnectionTrait;
use std::collections::HashMap;
use uuid::Uuid;

/// Attributes that say what a unit went into.
pub const WENT_INTO: [Name; 2] = [Name::MergedInto, Name::SplitInto];

/// A unit that another went into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heir {
    /// The unit that is there now.
    pub unit: Uuid,
    /// Since when the first is no more; none where nobody knows.
    pub since: Option<NaiveDate>,
    /// The legal act its end rests on.
    pub basis: Option<String>,
}

/// What `unit` went into by `day`, which may have gone on into others: those that are there, and who takes over
/// first.
pub fn heirs_among(unit: Uuid, day: NaiveDate, attributes: &[Model]) -> Vec<Heir> {
    let mut into: HashMap<Uuid, Vec<&Model>> = HashMap::new();
    for one in attributes {
        let leads_on = WENT_INTO.iter().any(|name| name.as_str() == one.name);
        if leads_on && one.holds_on(day) {
            into.entry(one.unit_id).or_default().push(one);
        }
    }
    let mut heirs: Vec<Heir> = Vec::new();
    for first in into.get(&unit).into_iter().flatten() {
        let since = first.valid_from.as_ref().and_then(|day| day.parse().ok());
        for found in ends_of(first, &into) {
            if found != unit && heirs.iter().all(|known| known.unit != found) {
                heirs.push(Heir {
                    unit: found,
                    since,
                    basis: first.basis.clone(),
                });
            }
        }
    }
    heirs
}

/// Where the way that begins with `first` ends. A loop in the data ends as well, nowhere.
fn ends_of(first: &Model, into: &HashMap<Uuid, Vec<&Model>>) -> Vec<Uuid> {
    let mut ends = Vec::new();
    let mut way = vec![(first, 0)];
    while let Some((step, depth)) = way.pop() {
        let Ok(unit) = step.value.parse::<Uuid>() else {
            continue;
        };
        match into.get(&unit) {
            None => ends.push(unit),
            Some(further) if depth < DEEPEST => {
                way.extend(further.iter().rev().map(|next| (*next, depth + 1)));
            }
            Some(_) => {}
        }
    }
    ends
}

/// What `unit` went into by `day`; nothing while it is there itself.
pub async fn heirs<C: ConnectionTrait>(db: &C, day: NaiveDate, unit: Uuid) -> Result<Vec<Heir>> {
    let mut known = Vec::new();
    let mut asked = vec![unit];
    let mut next = vec![unit];
    for _ in 0..DEEPEST {
        let own: Vec<Model> = attribute::of_units(db, &next)
            .await?
            .into_iter()
            .filter(|one| WENT_INTO.iter().any(|name| name.as_str() == one.name))
            .collect();
        next = own
            .iter()
            .filter_map(|one| one.value.parse().ok())
            .collect();
        next.retain(|unit| !asked.contains(unit));
        asked.extend(&next);
        known.extend(own);
        if next.is_empty() {
            break;
        }
    }
    Ok(heirs_among(unit, day, &known))
}

/// Whether `unit` is what `before` went into.
pub async fn is_heir<C: ConnectionTrait>(
    db: &C,
    day: NaiveDate,
    unit: Uuid,
    before: Uuid,
) -> Result<bool> {
    let heirs = heirs(db, day, before).await?;
    Ok(heirs.iter().any(|heir| heir.unit == unit))
}

/// The units that went into `unit` themselves by `day`.
pub async fn predecessors<C: ConnectionTrait>(
    db: &C,
    day: NaiveDate,
    unit: Uuid,
) -> Result<Vec<Uuid>> {
    let mut units = Vec::new();
    for one in attribute::having(db, &WENT_INTO, &unit.to_string()).await? {
        if one.holds_on(day) && !units.contains(&one.unit_id) {
            units.push(one.unit_id);
        }
    }
    Ok(units)
}

/// Whose the host name `host` was before `day`, who had it last first. Whoever has it now is not among them.
pub async fn former_owners<C: ConnectionTrait>(
    db: &C,
    day: NaiveDate,
    host: &str,
) -> Result<Vec<Uuid>> {
    let host = host.to_ascii_lowercase();
    let mut known = attribute::having(db, &[Name::Host], &host).await?;
    let today = day.to_string();
    known.retain(|one| one.valid_to.as_ref().is_some_and(|to| *to < today));
    known.sort_by(|one, other| other.valid_to.cmp(&one.valid_to));
    let mut units = Vec::new();
    for one in known {
        if !units.contains(&one.unit_id) {
            units.push(one.unit_id);
        }
    }
    Ok(units)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use crate::units::Attribute;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn went(unit: u128, into: u128, since: &str) -> Model {
        Model {
            id: 0,
            unit_id: Uuid::from_u128(unit),
            name: Name::MergedInto.as_str().to_owned(),
            value: Uuid::from_u128(into).to_string(),
            valid_from: Some(since.to_owned()),
            valid_to: None,
            basis: Some(format!("NQ {into}")),
        }
    }

    #[test]
    fn a_unit_is_followed_to_those_that_are_there() {
        let known = [
            went(1, 2, "2025-07-01"),
            went(1, 3, "2025-07-01"),
            went(2, 4, "2030-01-01"),
            // A loop in the data ends nowhere.
            went(8, 9, "2025-07-01"),
            went(9, 8, "2025-07-01"),
        ];
        let heirs = |unit: u128, on: &str| -> Vec<u128> {
            heirs_among(Uuid::from_u128(unit), day(on), &known)
                .iter()
                .map(|heir| heir.unit.as_u128())
                .collect()
        };
        assert_eq!(heirs(1, "2025-06-30"), [0_u128; 0]);
        assert_eq!(heirs(1, "2025-07-01"), [2, 3]);
        assert_eq!(heirs(1, "2030-01-01"), [4, 3]);
        assert_eq!(heirs(3, "2030-01-01"), [0_u128; 0]);
        assert_eq!(heirs(8, "2030-01-01"), [0_u128; 0]);
        let first = &heirs_among(Uuid::from_u128(1), day("2031-01-01"), &known)[0];
        assert_eq!(first.since, Some(day("2025-07-01")));
        assert_eq!(first.basis.as_deref(), Some("NQ 2"));
    }

    #[tokio::test]
    async fn a_host_name_is_known_by_who_had_it_and_when() {
        let site = testing::site().await;
        let [district, commune] = [1, 2].map(Uuid::from_u128);
        let host = |from: Option<&str>, to: Option<&str>| Attribute {
            valid_from: from.map(day),
            valid_to: to.map(day),
            ..Attribute::always(Name::Host, "sontinh.quangngai.example")
        };
        let rows = [
            (district, host(None, Some("2025-06-30"))),
            (commune, host(Some("2025-07-01"), None)),
        ];
        site.db
            .write(move |tx| {
                Box::pin(async move {
                    for (unit, one) in rows {
                        let into = Attribute {
                            valid_from: Some(day("2025-07-01")),
                            ..Attribute::always(Name::MergedInto, commune.to_string())
                        };
                        let own: Vec<Attribute> = match unit == district {
                            true => vec![one, into],
                            false => vec![one],
                        };
                        attribute::replace(tx, unit, &own).await?;
                    }
                    Ok(())
                })
            })
            .await
            .expect("stored");
        let db = site.db.reader();
        let asked = "SonTinh.quangngai.example";
        let before = former_owners(db, day("2025-06-30"), asked).await;
        assert!(before.expect("reads").is_empty());
        let after = former_owners(db, day("2025-07-01"), asked).await;
        assert_eq!(after.expect("reads"), [district]);
        let went = predecessors(db, day("2025-07-01"), commune).await;
        assert_eq!(went.expect("reads"), [district]);
        let now = heirs(db, day("2025-07-01"), district).await.expect("reads");
        assert_eq!(now[0].unit, commune);
        assert!(
            is_heir(db, day("2025-07-01"), commune, district)
                .await
                .expect("reads")
        );
    }
}
