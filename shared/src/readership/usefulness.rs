//! Whether readers found a page useful: a yes or a no each, counted by entry and day as numbers.

use crate::entries::kinds::day_number;
use crate::entries::listing;
use crate::error::Result;
use chrono::{Days, NaiveDate};
use sea_orm::ConnectionTrait;
use sea_orm::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// How many days of answers are kept.
pub const DAYS: u64 = 400;
/// Rows written by one statement.
const ROWS: usize = 500;

/// What a reader says of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It helped.
    Useful,
    /// It did not.
    Useless,
}

impl Verdict {
    /// What the buttons of a page send.
    pub fn parse(said: &str) -> Option<Self> {
        match said {
            "co" => Some(Self::Useful),
            "khong" => Some(Self::Useless),
            _ => None,
        }
    }
}

/// How many readers said what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// That a page helped.
    pub useful: i64,
    /// That it did not.
    pub useless: i64,
}

impl Verdicts {
    /// Counts one more.
    pub fn note(&mut self, verdict: Verdict) {
        let figure = match verdict {
            Verdict::Useful => &mut self.useful,
            Verdict::Useless => &mut self.useless,
        };
        *figure = figure.saturating_add(1);
    }

    /// Takes in what `other` counted.
    pub fn add(&mut self, other: Self) {
        self.useful = self.useful.saturating_add(other.useful);
        self.useless = self.useless.saturating_add(other.useless);
    }

    /// How many of a thousand it does not help, as far as these few say. One voice alone is drawn
    /// towards the middle, so that it does not outweigh twenty.
    fn uselessness(self) -> i64 {
        let all = self.useful.saturating_add(self.useless);
        self.useless.saturating_add(1).saturating_mul(1_000) / all.saturating_add(2)
    }
}

/// The `most` that help least, the worst first; what nobody complained of is not among them.
pub fn least_useful(
    all: impl IntoIterator<Item = (Uuid, Verdicts)>,
    most: usize,
) -> Vec<(Uuid, Verdicts)> {
    let complained = all.into_iter().filter(|(_, verdicts)| verdicts.useless > 0);
    let mut ranked: Vec<_> = complained.collect();
    ranked.sort_by_key(|(entry, verdicts)| {
        (
            Reverse(verdicts.uselessness()),
            Reverse(verdicts.useless),
            *entry,
        )
    });
    ranked.truncate(most);
    ranked
}

/// A stored day.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "usefulness_days")]
pub struct Model {
    /// The day in Vietnam, as the database orders days.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: i64,
    /// Which entry.
    #[sea_orm(primary_key, auto_increment = false)]
    pub entry_id: Uuid,
    /// How many said it helped.
    pub useful: i64,
    /// How many said it did not.
    pub useless: i64,
}

/// None: nothing is joined with it.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Adds what was `said` to what stands there, by day and entry.
pub async fn add<C: ConnectionTrait>(db: &C, said: &BTreeMap<(i64, Uuid), Verdicts>) -> Result<()> {
    let more = |column: Column| Expr::col((Entity, column)).add(Expr::col(("excluded", column)));
    let all: Vec<_> = said.iter().collect();
    for some in all.chunks(ROWS) {
        let rows = some.iter().map(|((day, entry), verdicts)| ActiveModel {
            day: Set(*day),
            entry_id: Set(*entry),
            useful: Set(verdicts.useful),
            useless: Set(verdicts.useless),
        });
        Entity::insert_many(rows)
            .on_conflict(
                OnConflict::columns([Column::Day, Column::EntryId])
                    .value(Column::Useful, more(Column::Useful))
                    .value(Column::Useless, more(Column::Useless))
                    .to_owned(),
            )
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// What readers said since `first` of each entry that is shown here.
pub async fn since<C: ConnectionTrait>(
    db: &C,
    first: NaiveDate,
) -> Result<HashMap<Uuid, Verdicts>> {
    let days = Entity::find()
        .filter(Column::Day.gte(day_number(first)))
        .filter(Column::EntryId.in_subquery(listing::shown_ids()))
        .all(db)
        .await?;
    let mut all: HashMap<Uuid, Verdicts> = HashMap::new();
    for day in days {
        all.entry(day.entry_id).or_default().add(Verdicts {
            useful: day.useful,
            useless: day.useless,
        });
    }
    Ok(all)
}

/// Forgets on `today` the days whose time is over; how many.
pub async fn forget_old<C: ConnectionTrait>(db: &C, today: NaiveDate) -> Result<u64> {
    let first = today.checked_sub_days(Days::new(DAYS)).unwrap_or(today);
    let forgotten = Entity::delete_many()
        .filter(Column::Day.lt(day_number(first)))
        .exec(db)
        .await?;
    Ok(forgotten.rows_affected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_helps_least_comes_first_and_one_voice_does_not_outweigh_twenty() {
        let of = |useful: i64, useless: i64| Verdicts { useful, useless };
        let id = Uuid::from_u128;
        let all = [
            (id(1), of(40, 0)),
            (id(2), of(0, 1)),
            (id(3), of(2, 18)),
            (id(4), of(90, 10)),
            (id(5), of(0, 0)),
            (id(6), of(0, 1)),
        ];
        let ranked = least_useful(all, 20);
        let order: Vec<_> = ranked.iter().map(|(entry, _)| entry.as_u128()).collect();
        assert_eq!(order, [3, 2, 6, 4]);
        assert_eq!(least_useful(all, 2).len(), 2);
        assert_eq!(
            least_useful([(id(1), of(i64::MAX, i64::MAX))], 1).len(),
            1,
            "no figure is too large"
        );
    }

    #[test]
    fn only_what_a_button_sends_is_a_verdict() {
        assert_eq!(Verdict::parse("co"), Some(Verdict::Useful));
        assert_eq!(Verdict::parse("khong"), Some(Verdict::Useless));
        assert_eq!(Verdict::parse(""), None);
        assert_eq!(Verdict::parse("Co"), None);
    }
}
