//! What is decided of units, and from which day on.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What an operation is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Units go into others (sáp nhập).
    Merge,
    /// A unit goes into several (chia tách).
    Split,
    /// A unit goes on under another name, kind or code (đổi tên).
    Rename,
    /// A portal answers elsewhere (đổi tên miền).
    Move,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Merge, Self::Split, Self::Rename, Self::Move];

    /// Its name in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Split => "split",
            Self::Rename => "rename",
            Self::Move => "move",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// As people say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Merge => "Sáp nhập",
            Self::Split => "Chia tách",
            Self::Rename => "Đổi tên",
            Self::Move => "Đổi tên miền",
        }
    }

    /// Whether units come to an end by it.
    pub fn ends_units(self) -> bool {
        matches!(self, Self::Merge | Self::Split)
    }
}

/// What is decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// What it is called.
    pub kind: Kind,
    /// The first day it holds.
    pub effective_on: NaiveDate,
    /// The legal act it rests on.
    pub basis: String,
    /// Units that are no more, and what they went into.
    #[serde(default)]
    pub ends: Vec<Ending>,
    /// Units that begin, or go on with something changed.
    #[serde(default)]
    pub begins: Vec<Beginning>,
}

/// A unit that is no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// Which.
    pub unit: Uuid,
    /// What it went into; the first takes over what it was asked.
    pub into: Vec<Uuid>,
    /// Where its archive answers from then on, without a slash at the end; where its portal did if nothing is said.
    #[serde(default)]
    pub archive: Option<String>,
}

/// A unit that begins, or goes on with something changed: what is not said stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beginning {
    /// Which; an id minted for it if it is new.
    pub unit: Uuid,
    /// Full name, such as "xã Kon Braih".
    #[serde(default)]
    pub name: Option<String>,
    /// Code of its kind.
    #[serde(default)]
    pub kind: Option<String>,
    /// Statistics office code.
    #[serde(default)]
    pub gso_code: Option<String>,
    /// The unit above it.
    #[serde(default)]
    pub parent: Option<Uuid>,
    /// Where its portal answers, without a slash at the end.
    #[serde(default)]
    pub base_url: Option<String>,
}
