//! Counting what the hub holds of every member for a period: a number of questions that grows neither with the
//! members nor with what is held of other times.
//!
//! What is not known of a member is not among its numbers. Nothing is guessed.

pub mod calendar;
pub(crate) mod published;
pub(crate) mod standing;

use super::group;
use super::input::{Input, Values};
use super::scheme::Scheme;
use super::span::Span;
use chrono::NaiveDate;
use shared::clock::from_millis;
use shared::directory::site_record;
use shared::error::{Error, Result};
use shared::site::Site;
use shared::units::{Tree, attribute};
use shared::vietnamese;
use std::collections::HashMap;
use uuid::Uuid;

/// A member and its raw numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Its unit.
    pub unit: Uuid,
    /// Its site.
    pub site: Uuid,
    /// The unit's name on the last day.
    pub name: String,
    /// The code of the unit's kind.
    pub kind: String,
    /// The code of its group.
    pub group: String,
    /// Whether the hub reads it by feed.
    pub is_feed: bool,
    /// What was counted.
    pub values: Values,
}

/// What is counted, and until when.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The first moment; milliseconds.
    pub begin: i64,
    /// The first moment after it: of a period that lasts, now.
    pub end: i64,
    /// The first day.
    pub from: NaiveDate,
    /// The last day that is counted.
    pub to: NaiveDate,
}

impl Bounds {
    /// Those of `span`, as far as it is over.
    pub fn of(span: &Span, site: &Site) -> Self {
        let (begin, end) = span.bounds();
        let now = site.clock.now().timestamp_millis();
        let end = end.min(now.saturating_add(1));
        let last = vietnamese::local(from_millis((end - 1).max(begin))).date_naive();
        Self {
            begin,
            end: end.max(begin),
            from: span.from,
            to: last.min(span.to),
        }
    }
}

/// Counts all members for `span` by what `scheme` asks.
pub async fn collect(site: &Site, scheme: &Scheme, span: &Span) -> Result<Vec<Counted>> {
    let mut members = members(site, scheme, span).await?;
    let bounds = Bounds::of(span, site);
    published::count(site, scheme, span, &bounds, &mut members).await?;
    calendar::count(site, scheme, span, &bounds, &mut members).await?;
    standing::count(site, &bounds, &mut members).await?;
    Ok(members.all)
}

/// The members that are counted, and the ways to find one.
pub struct Members {
    /// All of them, by name.
    pub all: Vec<Counted>,
    by_unit: HashMap<Uuid, usize>,
    by_site: HashMap<Uuid, usize>,
}

impl Members {
    /// The member whose unit is `unit`.
    pub fn of_unit(&mut self, unit: Uuid) -> Option<&mut Counted> {
        let number = *self.by_unit.get(&unit)?;
        self.all.get_mut(number)
    }

    /// The member whose site is `site`.
    pub fn of_site(&mut self, site: Uuid) -> Option<&mut Counted> {
        let number = *self.by_site.get(&site)?;
        self.all.get_mut(number)
    }
}

impl Counted {
    fn set(&mut self, input: Input, value: i64) {
        self.values.insert(input, value);
    }

    fn add(&mut self, input: Input, value: i64) {
        *self.values.entry(input).or_default() += value;
    }
}

/// The members that take part, with the group each is in on the last day of `span`.
pub async fn members(site: &Site, scheme: &Scheme, span: &Span) -> Result<Members> {
    let db = site.db.reader();
    let attributes = attribute::all(db).await?;
    let tree = Tree::on(span.to, &attributes);
    let mut population: HashMap<Uuid, i64> = HashMap::new();
    let mut gso_codes: HashMap<Uuid, &str> = HashMap::new();
    for one in attributes.iter().filter(|one| one.holds_on(span.to)) {
        if one.name == attribute::Name::GsoCode.as_str() {
            gso_codes.insert(one.unit_id, &one.value);
        }
        if one.name == attribute::Name::Population.as_str()
            && let Ok(people) = one.value.parse()
        {
            population.insert(one.unit_id, people);
        }
    }
    let mut all = Vec::new();
    for member in site_record::all(db).await? {
        if member.id == site.id || !member.is_active() {
            continue;
        }
        let kind = tree
            .get(member.unit_id)
            .map(|unit| unit.kind.clone())
            .unwrap_or_default();
        let code = gso_codes.get(&member.unit_id).copied();
        let Some(group) = group::of(scheme, code, &kind) else {
            return Err(Error::Conflict(
                "Bộ chỉ số không có nhóm cho mọi đơn vị.".to_owned(),
            ));
        };
        let mut counted = Counted {
            unit: member.unit_id,
            site: member.id,
            name: tree.name_of(member.unit_id),
            kind,
            group: group.code.clone(),
            is_feed: member.is_feed(),
            values: Values::new(),
        };
        if let Some(people) = population.get(&member.unit_id) {
            counted.set(Input::Population, *people);
        }
        all.push(counted);
    }
    all.sort_by_cached_key(|member| (vietnamese::fold(&member.name), member.unit));
    let by = |key: fn(&Counted) -> Uuid| {
        let numbered = all.iter().enumerate();
        numbered
            .map(|(number, member)| (key(member), number))
            .collect()
    };
    Ok(Members {
        by_unit: by(|member| member.unit),
        by_site: by(|member| member.site),
        all,
    })
}
