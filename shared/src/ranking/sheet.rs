//! What a member reached in a period, with every number it was reckoned from: the same for the page of the province,
//! the letter to the member and the page there.

use super::points::Points;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How far a period has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its numbers may be counted anew at any time.
    Open,
    /// Its numbers stand; members score themselves and object.
    Window,
    /// All of it is written down and signed.
    Frozen,
    /// Everybody may see it.
    Published,
}

impl State {
    const ALL: [(Self, &str, &str); 4] = [
        (Self::Open, "open", "Đang thu thập"),
        (Self::Window, "window", "Tự đánh giá, giải trình"),
        (Self::Frozen, "frozen", "Đã chốt"),
        (Self::Published, "published", "Đã công bố"),
    ];

    /// Its name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|row| row.0 == self)
            .map_or("", |row| row.1)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|row| row.0 == self)
            .map_or("", |row| row.2)
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|row| row.1 == name).map(|row| row.0)
    }
}

/// What becomes of an objection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is right.
    Granted,
    /// Some of it is right.
    Partly,
    /// It is not.
    Refused,
}

impl Outcome {
    /// All.
    pub const ALL: [Self; 3] = [Self::Granted, Self::Partly, Self::Refused];

    /// Its name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Partly => "partly",
            Self::Refused => "refused",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Granted => "Chấp nhận",
            Self::Partly => "Chấp nhận một phần",
            Self::Refused => "Không chấp nhận",
        }
    }

    /// The outcome of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

/// The numbers of one member in one period. Points and percents are hundredths, in whole numbers: a fraction has no
/// canonical form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// The period.
    pub period: Uuid,
    /// What it is called.
    pub label: String,
    /// How far it has come.
    pub state: State,
    /// The last day the member may object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_until: Option<NaiveDate>,
    /// When its numbers were counted; milliseconds.
    pub counted_at: i64,
    /// The version of the scheme.
    pub scheme: String,
    /// What the scheme rests on.
    pub basis: String,
    /// The name of the group it is compared with.
    pub group: String,
    /// What its sum is called.
    pub class: String,
    /// How it stands in each table it is in.
    pub standings: Vec<Standing>,
    /// What it reached, as the scheme lists it.
    pub lines: Vec<Line>,
    /// What it lost and got besides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extras: Vec<Extra>,
    /// The most all bonuses count; none without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bonus_cap: Option<i64>,
    /// All numbers that were counted.
    pub numbers: Vec<Number>,
    /// What was adjusted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
    /// What it gave itself, by indicator.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub self_scores: BTreeMap<String, SelfScore>,
    /// What it objected to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objections: Vec<Objection>,
    /// What it said and was not taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turned_away: Vec<TurnedAway>,
    /// Where everybody sees the period, once it is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// How it stands in one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Which table.
    pub table: String,
    /// Of 100, in hundredths.
    pub points: i64,
    /// Its place in the province, and of how many.
    pub overall: (u32, u32),
    /// Its place in its group, and of how many.
    pub in_group: (u32, u32),
}

/// What it reached in one indicator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The indicator.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// The table it belongs to.
    pub category: String,
    /// The rule it rests on.
    pub basis: String,
    /// The points it has in the scheme.
    pub most: i64,
    /// How its number is made of what was counted: `12 / 15`.
    pub sum: String,
    /// The first number of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Whether nobody is measured by it.
    #[serde(default)]
    pub declared: bool,
    /// The share that was reached, in hundredths of a percent; none if it is not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<i64>,
    /// The points it is worth for this member, with those of what is not measured.
    pub worth: i64,
    /// The points that makes.
    pub points: i64,
}

/// A penalty or a bonus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extra {
    /// What it is called.
    pub name: String,
    /// The rule it rests on.
    pub basis: String,
    /// What was counted.
    pub number: String,
    /// How often.
    pub count: i64,
    /// The points it gives, or takes if less than nothing.
    pub points: i64,
    /// Whether it leaves nothing of the whole sum.
    #[serde(default)]
    pub voids: bool,
}

/// A number that was counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number {
    /// Its name.
    pub code: String,
    /// What people call it.
    pub label: String,
    /// What was counted; none if nothing is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<i64>,
    /// With what was adjusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adjusted: Option<i64>,
}

/// An adjustment beside a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// What the number is called.
    pub label: String,
    /// By how much.
    pub delta: i64,
    /// Why.
    pub reason: String,
}

/// A score it gave itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfScore {
    /// How much, in hundredths.
    pub points: i64,
    /// What shows it.
    pub evidence: String,
}

/// An objection and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    /// Its id.
    pub id: Uuid,
    /// About which indicator.
    pub indicator: String,
    /// What it says.
    pub words: String,
    /// What became of it; none while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// What was said too late, or cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnedAway {
    /// What.
    pub id: Uuid,
    /// Why, for people.
    pub why: String,
}

impl Sheet {
    /// Most rows of any sort.
    const MOST: usize = 1_000;

    /// The indicator `code`.
    pub fn line(&self, code: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.code == code)
    }

    /// Whether the member may say something about it on `today`.
    pub fn is_window_open(&self, today: NaiveDate) -> bool {
        self.state == State::Window && self.window_until.is_none_or(|until| today <= until)
    }

    /// The sum.
    pub fn total(&self) -> Option<&Standing> {
        self.standings.first()
    }

    /// Whether it is within bounds; else why not.
    pub fn check(&self) -> Result<(), String> {
        let counts = [
            self.standings.len(),
            self.lines.len(),
            self.extras.len(),
            self.numbers.len(),
            self.adjustments.len(),
            self.self_scores.len(),
            self.objections.len(),
            self.turned_away.len(),
        ];
        if counts.iter().any(|count| *count > Self::MOST) {
            return Err(format!("nhiều hơn {} dòng", Self::MOST));
        }
        let is_web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        match self.url.as_ref().is_none_or(is_web) {
            true => Ok(()),
            false => Err("địa chỉ công bố không phải http hoặc https".to_owned()),
        }
    }
}

impl Standing {
    /// Of 100.
    pub fn points(&self) -> Points {
        Points(self.points)
    }
}

impl Extra {
    /// What it gives or takes, with its sign.
    pub fn shown(&self) -> String {
        match self.voids {
            true => "điểm của kỳ bằng 0".to_owned(),
            false if self.points < 0 => format!("−{}", Points(-self.points).shown()),
            false => format!("+{}", Points(self.points).shown()),
        }
    }
}
