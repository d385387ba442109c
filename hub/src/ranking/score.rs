//! From raw numbers to points, classes and places. Pure, in whole numbers alone: whoever has the numbers and the
//! scheme comes to the same.
//!
//! 1. Each indicator is a fraction between 0 and 1, or not measured.
//! 2. The points of what is not measured go to the others of the same member, in proportion, in whole hundredths that
//!    sum to 100: those with the largest remainders get one more.
//! 3. The points of an indicator are its fraction of that, to the nearest hundredth, halves upwards.
//! 4. The sum, with bonuses and less penalties, lies between 0 and 100.
//! 5. A table's score is the share of its points that was reached, as points of 100.

use super::input::{Input, Values};
use super::scheme::{Better, Category, Indicator, Measure, Scheme};
use serde::{Deserialize, Serialize};
use shared::ranking::Points;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// A member that is scored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entrant {
    /// Its unit.
    pub unit: Uuid,
    /// The code of its group.
    pub group: String,
    /// Its numbers, adjusted.
    pub values: Values,
}

/// So many of so many, never more than all.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Fraction {
    /// So many.
    pub number: i64,
    /// Of so many, more than none.
    pub of: i64,
}

impl Fraction {
    fn new(number: i128, of: i128) -> Option<Self> {
        let narrow = |value: i128| i64::try_from(value).ok();
        Some(Self {
            number: narrow(number.clamp(0, of.max(0)))?,
            of: narrow(of).filter(|of| *of > 0)?,
        })
    }

    /// In hundredths of a percent.
    pub fn percent(self) -> Points {
        Points::FULL.share(self.number.into(), self.of.into())
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        let cross = |one: &Self, two: &Self| i128::from(one.number) * i128::from(two.of);
        cross(self, other).cmp(&cross(other, self))
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Fraction {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Fraction {}

/// What a member reached in one indicator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The indicator.
    pub code: String,
    /// The points it is worth for this member, with those of what is not measured; none if it is not measured itself.
    pub worth: Points,
    /// What of it was reached; none if it is not measured.
    pub fraction: Option<Fraction>,
    /// The points that makes.
    pub points: Points,
}

/// A penalty or a bonus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extra {
    /// Which.
    pub code: String,
    /// How often.
    pub count: i64,
    /// The points that costs or gives by itself.
    pub points: Points,
}

/// A table members are ranked in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Table {
    /// All together.
    Total,
    /// One category.
    Of(Category),
}

impl Table {
    /// All, the one of all first.
    pub const ALL: [Self; 5] = [
        Self::Total,
        Self::Of(Category::HoiDap),
        Self::Of(Category::TinBai),
        Self::Of(Category::VanBan),
        Self::Of(Category::KyThuat),
    ];

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Total => "Tổng",
            Self::Of(category) => category.label(),
        }
    }

    /// Its name in addresses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Total => "tong",
            Self::Of(category) => category.code(),
        }
    }

    /// The table of that name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.code() == code)
    }
}

impl From<Table> for String {
    fn from(table: Table) -> Self {
        table.code().to_owned()
    }
}

impl TryFrom<String> for Table {
    type Error = String;

    fn try_from(code: String) -> Result<Self, String> {
        Self::parse(&code).ok_or_else(|| format!("no table {code}"))
    }
}

/// Where a member stands among others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its place.
    pub place: u32,
    /// Of so many.
    pub of: u32,
}

/// How a member stands in one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Which.
    pub table: Table,
    /// Of 100.
    pub points: Points,
    /// In the whole province.
    pub overall: Place,
    /// In its group.
    pub in_group: Place,
}

/// The score of a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Its unit.
    pub unit: Uuid,
    /// Its group.
    pub group: String,
    /// What it reached, as the scheme lists it.
    pub lines: Vec<Line>,
    /// What it lost.
    pub penalties: Vec<Extra>,
    /// What it got besides.
    pub bonuses: Vec<Extra>,
    /// All bonuses, no more than there may be.
    pub bonus: Points,
    /// Whether nothing is left of it.
    pub is_void: bool,
    /// The sum.
    pub total: Points,
    /// What that is called.
    pub class: String,
    /// How it stands in each table it is in.
    pub standings: Vec<Standing>,
}

impl Score {
    /// How it stands in `table`; none where nothing of it is measured.
    pub fn standing(&self, table: Table) -> Option<&Standing> {
        self.standings.iter().find(|one| one.table == table)
    }

    /// What it reached in the indicator `code`.
    pub fn line(&self, code: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.code == code)
    }

    fn fraction(&self, code: &str) -> Option<Fraction> {
        self.line(code).and_then(|line| line.fraction)
    }
}

/// Scores `entrants` by `scheme` for a period of so many months, in their order.
pub fn score(scheme: &Scheme, months: u32, entrants: &[Entrant]) -> Vec<Score> {
    let cohorts = Cohorts::of(scheme, entrants);
    let mut scores: Vec<Score> = entrants
        .iter()
        .map(|entrant| one(scheme, months, entrant, &cohorts))
        .collect();
    for table in Table::ALL {
        rank(scheme, table, &mut scores);
    }
    scores
}

fn one(scheme: &Scheme, months: u32, entrant: &Entrant, cohorts: &Cohorts) -> Score {
    let fractions: Vec<Option<Fraction>> = scheme
        .indicators
        .iter()
        .map(|indicator| reached(scheme, months, indicator, entrant, cohorts))
        .collect();
    let worths = worths(scheme, &fractions);
    let lines: Vec<Line> = scheme
        .indicators
        .iter()
        .zip(fractions.iter().zip(&worths))
        .map(|(indicator, (fraction, worth))| Line {
            code: indicator.code.clone(),
            worth: *worth,
            fraction: *fraction,
            points: fraction.map_or(Points(0), |fraction| {
                worth.share(fraction.number.into(), fraction.of.into())
            }),
        })
        .collect();
    let count = |input: Input| {
        entrant
            .values
            .get(&input)
            .copied()
            .unwrap_or_default()
            .max(0)
    };
    let penalties: Vec<Extra> = scheme
        .penalties
        .iter()
        .map(|penalty| {
            let lost = Points(penalty.each.0.saturating_mul(count(penalty.input)));
            Extra {
                code: penalty.code.clone(),
                count: count(penalty.input),
                points: penalty.cap.map_or(lost, |cap| lost.min(cap)),
            }
        })
        .filter(|extra| extra.count > 0)
        .collect();
    let bonuses: Vec<Extra> = scheme
        .bonuses
        .iter()
        .map(|bonus| Extra {
            code: bonus.code.clone(),
            count: count(bonus.input),
            points: Points(bonus.each.0.saturating_mul(count(bonus.input))),
        })
        .filter(|extra| extra.count > 0)
        .collect();
    let all = |extras: &[Extra]| extras.iter().map(|extra| extra.points).sum::<Points>();
    let bonus = all(&bonuses).min(scheme.bonus_cap);
    let is_void = scheme
        .penalties
        .iter()
        .any(|penalty| penalty.zero && count(penalty.input) > 0);
    let sum = lines.iter().map(|line| line.points).sum::<Points>() + bonus - all(&penalties);
    let total = match is_void {
        true => Points(0),
        false => sum.clamp(Points(0), Points::FULL),
    };
    let class = scheme.classes.iter().find(|class| total >= class.from);
    Score {
        unit: entrant.unit,
        group: entrant.group.clone(),
        lines,
        penalties,
        bonuses,
        bonus,
        is_void,
        total,
        class: class.map(|class| class.name.clone()).unwrap_or_default(),
        standings: Vec::new(),
    }
}

/// What of an indicator a member reached.
fn reached(
    scheme: &Scheme,
    months: u32,
    indicator: &Indicator,
    entrant: &Entrant,
    cohorts: &Cohorts,
) -> Option<Fraction> {
    let known = |input: &Input| {
        entrant
            .values
            .get(input)
            .map(|value| i128::from((*value).max(0)))
    };
    match &indicator.measure {
        Measure::Declared => None,
        Measure::Share { done, of } => {
            let sum = |inputs: &[Input]| inputs.iter().filter_map(known).sum::<i128>();
            Fraction::new(sum(done), sum(of))
        }
        Measure::Quota { count, quota } => {
            let mut is_known = false;
            let mut weighed = 0;
            for (input, percent) in count {
                if let Some(value) = known(input) {
                    is_known = true;
                    weighed += value * i128::from(*percent);
                }
            }
            let quota = scheme.group(&entrant.group)?.quotas.get(*quota);
            let wanted = i128::from(quota) * i128::from(months) * 100;
            Fraction::new(weighed, wanted).filter(|_| is_known)
        }
        Measure::Deduct { each, needs } => {
            if let Some(needs) = needs {
                known(needs).filter(|value| *value > 0)?;
            }
            let lost: i128 = each
                .iter()
                .map(|(input, points)| known(input).unwrap_or_default() * i128::from(points.0))
                .sum();
            let all = i128::from(indicator.points.0);
            Fraction::new(all - lost, all)
        }
        Measure::Percentile { .. } => cohorts.reached(indicator, entrant),
    }
}

/// The values of all who are compared, by indicator and group, in their order.
struct Cohorts {
    values: HashMap<(String, String), Vec<Fraction>>,
}

impl Cohorts {
    fn of(scheme: &Scheme, entrants: &[Entrant]) -> Self {
        let mut values: HashMap<(String, String), Vec<Fraction>> = HashMap::new();
        for indicator in &scheme.indicators {
            for entrant in entrants {
                if let Some(value) = compared(&indicator.measure, entrant) {
                    let key = (indicator.code.clone(), entrant.group.clone());
                    values.entry(key).or_default().push(value);
                }
            }
        }
        for cohort in values.values_mut() {
            cohort.sort();
        }
        Self { values }
    }

    /// The share of the group that is no better, with the member itself.
    fn reached(&self, indicator: &Indicator, entrant: &Entrant) -> Option<Fraction> {
        let own = compared(&indicator.measure, entrant)?;
        let key = (indicator.code.clone(), entrant.group.clone());
        let cohort = self.values.get(&key)?;
        let Measure::Percentile { better, .. } = indicator.measure else {
            return None;
        };
        let no_better = match better {
            Better::More => cohort.partition_point(|other| *other <= own),
            Better::Less => cohort.len() - cohort.partition_point(|other| *other < own),
        };
        Fraction::new(no_better as i128, cohort.len() as i128)
    }
}

/// What is compared of a member: any value by a whole number, unlike what is reached.
fn compared(measure: &Measure, entrant: &Entrant) -> Option<Fraction> {
    let Measure::Percentile { value, per, .. } = measure else {
        return None;
    };
    let known = |input: &Input| entrant.values.get(input).copied();
    Some(Fraction {
        number: known(value)?.max(0),
        of: match per {
            Some(per) => known(per).filter(|of| *of > 0)?,
            None => 1,
        },
    })
}

/// What each indicator is worth, in hundredths that sum to 100 over those that are measured.
fn worths(scheme: &Scheme, fractions: &[Option<Fraction>]) -> Vec<Points> {
    let of = |number: usize| match fractions.get(number) {
        Some(Some(_)) => scheme.indicators[number].points.0,
        _ => 0,
    };
    let count = scheme.indicators.len();
    let measured: i64 = (0..count).map(of).sum();
    if measured == 0 {
        return vec![Points(0); count];
    }
    let mut worths: Vec<i64> = (0..count)
        .map(|number| of(number) * Points::FULL.0 / measured)
        .collect();
    let left = Points::FULL.0 - worths.iter().sum::<i64>();
    let mut by_remainder: Vec<usize> = (0..count).filter(|number| of(*number) > 0).collect();
    by_remainder.sort_by_key(|number| {
        (
            std::cmp::Reverse(of(*number) * Points::FULL.0 % measured),
            *number,
        )
    });
    for number in by_remainder
        .into_iter()
        .take(usize::try_from(left).unwrap_or_default())
    {
        worths[number] += 1;
    }
    worths.into_iter().map(Points).collect()
}

/// The points of a score in a table; none where nothing of it is measured.
fn points_in(scheme: &Scheme, table: Table, score: &Score) -> Option<Points> {
    let is_in = |code: &str| match table {
        Table::Total => true,
        Table::Of(category) => scheme
            .indicator(code)
            .is_some_and(|indicator| indicator.category == category),
    };
    let lines = score.lines.iter().filter(|line| is_in(&line.code));
    let (reached, worth) = lines
        .filter(|line| line.fraction.is_some())
        .fold((Points(0), Points(0)), |(reached, worth), line| {
            (reached + line.points, worth + line.worth)
        });
    if worth.0 == 0 {
        return None;
    }
    Some(match table {
        Table::Total => score.total,
        Table::Of(_) if score.is_void => Points(0),
        Table::Of(_) => Points::FULL.share(reached.0.into(), worth.0.into()),
    })
}

/// Gives every score that is in `table` its places.
fn rank(scheme: &Scheme, table: Table, scores: &mut [Score]) {
    let mut ranked: Vec<(usize, Points)> = scores
        .iter()
        .enumerate()
        .filter_map(|(number, score)| Some((number, points_in(scheme, table, score)?)))
        .collect();
    let order = |one: &(usize, Points), other: &(usize, Points)| {
        let ties = scheme.ties.iter().map(|code| {
            let fraction = |number: usize| scores[number].fraction(code);
            fraction(other.0).cmp(&fraction(one.0))
        });
        let first = other.1.cmp(&one.1);
        ties.fold(first, Ordering::then)
    };
    ranked.sort_by(|one, other| order(one, other).then(one.0.cmp(&other.0)));
    let overall = places(&ranked, &order);
    let mut by_group: BTreeMap<&str, Vec<(usize, Points)>> = BTreeMap::new();
    for entry in &ranked {
        by_group
            .entry(&scores[entry.0].group)
            .or_default()
            .push(*entry);
    }
    let in_group: HashMap<usize, Place> = by_group
        .values()
        .flat_map(|group| group.iter().map(|entry| entry.0).zip(places(group, &order)))
        .collect();
    let standings: Vec<(usize, Standing)> = ranked
        .iter()
        .zip(overall)
        .filter_map(|((number, points), overall)| {
            let in_group = *in_group.get(number)?;
            let standing = Standing {
                table,
                points: *points,
                overall,
                in_group,
            };
            Some((*number, standing))
        })
        .collect();
    for (number, standing) in standings {
        scores[number].standings.push(standing);
    }
}

/// The places of what is in order: who is level shares one, and the next is as far on as there are before it.
fn places<T>(ranked: &[T], order: &impl Fn(&T, &T) -> Ordering) -> Vec<Place> {
    let of = u32::try_from(ranked.len()).unwrap_or(u32::MAX);
    let mut places: Vec<Place> = Vec::with_capacity(ranked.len());
    for (number, entry) in ranked.iter().enumerate() {
        let level = number
            .checked_sub(1)
            .filter(|before| order(&ranked[*before], entry) == Ordering::Equal);
        let place = match level {
            Some(before) => places[before].place,
            None => u32::try_from(number + 1).unwrap_or(u32::MAX),
        };
        places.push(Place { place, of });
    }
    places
}

#[cfg(test)]
#[path = "score_tests.rs"]
mod tests;
