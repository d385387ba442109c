//! The views a member tells its hub of, in greetings: figures of days, nothing else.
//!
//! Each figure is all of that day so far, so that a greeting may come twice, late or never: what is told next
//! says it again.

use super::record;
use crate::entries::kinds::day_number;
use crate::error::Result;
use crate::site::Site;
use crate::vietnamese;
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Days told, today the last; and days looked at in what others tell.
pub const MOST_DAYS: usize = 7;
/// How many days back a told day may lie: a member whose clock is behind is heard, old days are not written anew.
const OLDEST: u64 = 31;
/// More views than all portals of a province have on a day.
const MOST_VIEWS: i64 = 1_000_000_000;

/// A day and how often public pages were opened on it so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DayViews {
    /// The day in Vietnam.
    pub day: NaiveDate,
    /// How often.
    pub count: i64,
}

/// What this site has to tell.
pub async fn own(site: &Site) -> Result<Vec<DayViews>> {
    let today = vietnamese::local(site.clock.now()).date_naive();
    let days: Vec<NaiveDate> = (0..MOST_DAYS as u64)
        .rev()
        .filter_map(|back| today.checked_sub_days(Days::new(back)))
        .collect();
    let first = days.first().copied().unwrap_or(today);
    let known = record::days_of(site.db.reader(), site.id, first).await?;
    let known: BTreeMap<i64, i64> = known.into_iter().collect();
    let told = days.into_iter().filter_map(|day| {
        let count = *known.get(&day_number(day))?;
        Some(DayViews { day, count })
    });
    Ok(told.collect())
}

/// Of what was `told`, what is believed on `today`: each day once, as the database orders days, with the larger
/// figure where it was told twice.
pub fn believed(told: &[DayViews], today: NaiveDate) -> Vec<(i64, i64)> {
    let first = today.checked_sub_days(Days::new(OLDEST)).unwrap_or(today);
    // Clocks differ, and midnight may be over there already.
    let last = today.checked_add_days(Days::new(1)).unwrap_or(today);
    let mut days = BTreeMap::new();
    for told in told.iter().take(MOST_DAYS) {
        if (first..=last).contains(&told.day) && (1..=MOST_VIEWS).contains(&told.count) {
            let views: &mut i64 = days.entry(day_number(told.day)).or_default();
            *views = told.count.max(*views);
        }
    }
    days.into_iter().collect()
}

/// Reads what a greeting tells. Whatever is not of the form is left out: figures are no reason not to hear a
/// peer.
pub fn leniently<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<DayViews>, D::Error> {
    let serde_json::Value::Array(told) = serde_json::Value::deserialize(from)? else {
        return Ok(Vec::new());
    };
    Ok(told
        .into_iter()
        .take(MOST_DAYS)
        .filter_map(|told| serde_json::from_value(told).ok())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, Deserialize)]
    struct Said {
        #[serde(default, deserialize_with = "leniently")]
        views: Vec<DayViews>,
    }

    #[test]
    fn figures_that_cannot_be_are_left_out_and_the_rest_is_believed() {
        let today = "2026-11-23".parse().expect("a day");
        let day = |day: &str, count: i64| json!({"day": day, "count": count});
        let many: Vec<_> = (1..=30)
            .map(|number| day(&format!("2026-11-{number:02}"), 5))
            .collect();
        for (said, believed_of_it) in [
            (json!({}), vec![]),
            (json!({"views": null}), vec![]),
            (json!({"views": "nhiều"}), vec![]),
            (json!({"views": {"day": "2026-11-23", "count": 4}}), vec![]),
            (json!({"views": []}), vec![]),
            (
                json!({"views": [day("2026-11-23", 1_250), day("2026-11-22", 7)]}),
                vec![(20_261_122, 7), (20_261_123, 1_250)],
            ),
            // A member of a later version may say more.
            (
                json!({"views": [{"day": "2026-11-23", "count": 3, "people": 2}]}),
                vec![(20_261_123, 3)],
            ),
            // Each by itself: one that is none does not take the others with it.
            (
                json!({"views": [
                    3, null, [], {"day": "2026-11-23"}, {"day": "hôm nay", "count": 9},
                    {"day": "2026-11-21", "count": "9"}, day("2026-11-20", 8),
                ]}),
                vec![(20_261_120, 8)],
            ),
            (
                json!({"views": [
                    day("2026-11-23", 0), day("2026-11-22", -5), day("2026-11-21", i64::MIN),
                    day("2026-11-20", i64::MAX), {"day": "2026-11-19", "count": 1e300},
                    {"day": "2026-11-18", "count": 2.5}, {"day": "2026-11-17", "count": u64::MAX},
                ]}),
                vec![],
            ),
            // Tomorrow at most, and no history.
            (
                json!({"views": [
                    day("2026-11-24", 1), day("2026-11-25", 2), day("2026-10-23", 3),
                    day("2026-10-22", 4), day("9999-12-31", 5), day("-0001-01-01", 6),
                    day("+262142-12-31", 7),
                ]}),
                vec![(20_261_023, 3), (20_261_124, 1)],
            ),
            // Twice: PostgreSQL takes a row once in a statement.
            (
                json!({"views": [day("2026-11-23", 9), day("2026-11-23", 12), day("2026-11-23", 4)]}),
                vec![(20_261_123, 12)],
            ),
            (
                json!({"views": many}),
                (1..=7).map(|number| (20_261_100 + number, 5)).collect(),
            ),
        ] {
            let told: Said = serde_json::from_value(said.clone()).expect("a greeting all the same");
            assert_eq!(believed(&told.views, today), believed_of_it, "{said}");
        }
    }
}
