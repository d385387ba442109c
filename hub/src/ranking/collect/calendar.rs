//! Sections that must not be empty, and what is to be made public by a day.

use super::{Bounds, Members};
use crate::ranking::disclosure::{self, Occasion, Published, Standing};
use crate::ranking::input::Input;
use crate::ranking::scheme::Scheme;
use crate::ranking::span::{self, Kind, Span};
use crate::ranking::version;
use crate::sections;
use chrono::{Days, NaiveDate};
use sea_orm::{ColumnTrait, DatabaseConnection};
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement};
use shared::citizens::deadline::{KNOWN, day_of};
use shared::entries::record::{Column, Entity, EntryState};
use shared::error::Result;
use shared::pages::cards;
use shared::site::Site;
use shared::vietnamese;
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

pub(super) async fn count(
    site: &Site,
    scheme: &Scheme,
    span: &Span,
    bounds: &Bounds,
    members: &mut Members,
) -> Result<()> {
    let filled = filled(site.db.reader(), scheme, bounds.end).await?;
    let first = Disclosed::read(site, scheme, span, None).await?;
    for member in &mut members.all {
        // Of a portal that is read by feed nobody here knows what else it has.
        if member.is_feed {
            continue;
        }
        let due = scheme.sections.of_kind(&member.kind);
        let there = due
            .iter()
            .filter(|code| filled.has(member.unit, code))
            .count();
        member.set(Input::SectionsDue, whole(due.len()));
        member.set(Input::SectionsFilled, whole(there));
        let standings = first.of(scheme, span, &member.group, member.unit, bounds.to);
        let count = |of: fn(&Standing) -> bool| {
            whole(
                standings
                    .iter()
                    .filter(|(_, standing)| of(standing))
                    .count(),
            )
        };
        let (due, made, on_time) = (
            count(|standing| *standing != Standing::Open),
            count(|standing| matches!(standing, Standing::OnTime(_) | Standing::Late(_))),
            count(|standing| matches!(standing, Standing::OnTime(_))),
        );
        member.set(Input::DisclosuresDue, due);
        member.set(Input::DisclosuresMade, made);
        member.set(Input::DisclosuresOnTime, on_time);
    }
    Ok(())
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// People are reminded from so many days before the day something is due.
const REMIND_BEFORE: Days = Days::new(5);
/// And for so many days after it.
const REMIND_AFTER: Days = Days::new(10);

/// What each unit is to make public in these days and has not, each with the day it is due.
pub async fn reminders(site: &Site) -> Result<HashMap<Uuid, Vec<String>>> {
    let today = vietnamese::local(site.clock.now()).date_naive();
    let span = Span {
        kind: Kind::Month,
        from: today.checked_sub_days(REMIND_AFTER).unwrap_or(today),
        to: today.checked_add_days(REMIND_BEFORE).unwrap_or(today),
    };
    let (scheme, _) = version::current(site.db.reader()).await?;
    let mut groups = scheme.groups.iter();
    // On most days nothing is due anywhere, and nothing is read.
    if groups.all(|group| disclosure::occasions(&scheme, &group.code, &span, &KNOWN).is_empty()) {
        return Ok(HashMap::new());
    }
    let disclosed = Disclosed::read(site, &scheme, &span, None).await?;
    let mut reminders = HashMap::new();
    for member in super::members(site, &scheme, &span).await?.all {
        if member.is_feed {
            continue;
        }
        let due: Vec<String> = disclosed
            .of(&scheme, &span, &member.group, member.unit, today)
            .into_iter()
            .filter(|(_, standing)| matches!(standing, Standing::Missing | Standing::Open))
            .map(|(occasion, _)| {
                format!(
                    "{}, hạn {}",
                    occasion.what.name,
                    cards::day(occasion.due).text
                )
            })
            .collect();
        if !due.is_empty() {
            reminders.insert(member.unit, due);
        }
    }
    Ok(reminders)
}

/// Which mandatory sections of which units have something in them.
pub struct Filled {
    /// The sections that stand for each.
    below: HashMap<String, Vec<String>>,
    there: HashSet<(Uuid, String)>,
}

impl Filled {
    /// Whether `unit` has something in `code`, or below it.
    pub fn has(&self, unit: Uuid, code: &str) -> bool {
        let below = self.below.get(code).map_or(&[][..], Vec::as_slice);
        below
            .iter()
            .any(|code| self.there.contains(&(unit, code.clone())))
    }
}

/// Looks into the mandatory sections of all units, as they were before `end`.
pub async fn filled(db: &DatabaseConnection, scheme: &Scheme, end: i64) -> Result<Filled> {
    let named = scheme
        .sections
        .commune
        .iter()
        .chain(&scheme.sections.department);
    let mut below = HashMap::new();
    for code in named {
        below.insert(code.clone(), sections::with_below(code)?);
    }
    let codes: BTreeSet<&String> = below.values().flatten().collect();
    let mut there = HashSet::new();
    if codes.is_empty() {
        return Ok(Filled { below, there });
    }
    // Asked of each unit and section, so that the index answers however much is in one.
    let list: Vec<String> = (2..codes.len() + 2)
        .map(|number| format!("SELECT CAST(${number} AS text) AS code"))
        .collect();
    let sql = format!(
        "SELECT u.unit_id, s.code FROM (SELECT DISTINCT unit_id FROM sites) u \
         CROSS JOIN ({}) s \
         WHERE EXISTS (SELECT 1 FROM entries e WHERE e.unit_id = u.unit_id AND e.section = s.code \
           AND e.state = 'live' AND e.published_at < $1)",
        list.join(" UNION ALL ")
    );
    let values =
        std::iter::once(end.into()).chain(codes.into_iter().map(|code| code.clone().into()));
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    for row in db.query_all_raw(statement).await? {
        there.insert((row.try_get_by_index(0)?, row.try_get_by_index(1)?));
    }
    Ok(Filled { below, there })
}

/// What was published where disclosures are.
pub struct Disclosed {
    below: HashMap<String, Vec<String>>,
    published: HashMap<Uuid, Vec<(Published, Uuid)>>,
}

impl Disclosed {
    /// Reads what may meet a disclosure that falls due in `span`; of one unit, or of all.
    pub async fn read(
        site: &Site,
        scheme: &Scheme,
        span: &Span,
        unit: Option<Uuid>,
    ) -> Result<Self> {
        let mut below = HashMap::new();
        for one in &scheme.disclosures {
            below.insert(one.section.clone(), sections::with_below(&one.section)?);
        }
        let all = scheme
            .groups
            .iter()
            .flat_map(|group| disclosure::occasions(scheme, &group.code, span, &KNOWN));
        let Some(opens) = all.map(|occasion| occasion.opens).min() else {
            return Ok(Self {
                below,
                published: HashMap::new(),
            });
        };
        let codes: BTreeSet<&String> = below.values().flatten().collect();
        let (_, end) = span.bounds();
        let mut query = Entity::find()
            .select_only()
            .columns([
                Column::UnitId,
                Column::Section,
                Column::Title,
                Column::PublishedAt,
                Column::EntryId,
            ])
            .filter(Column::State.eq(EntryState::Live.as_str()))
            .filter(Column::Section.is_in(codes.into_iter().cloned()))
            .filter(Column::PublishedAt.gte(span::begin_of(opens)))
            .filter(Column::PublishedAt.lt(end))
            .order_by_asc(Column::PublishedAt)
            .order_by_asc(Column::Id);
        if let Some(unit) = unit {
            query = query.filter(Column::UnitId.eq(unit));
        }
        let rows: Vec<(Uuid, String, String, i64, Uuid)> =
            query.into_tuple().all(site.db.reader()).await?;
        let mut published: HashMap<Uuid, Vec<(Published, Uuid)>> = HashMap::new();
        for (unit, section, title, at, entry) in rows {
            let one = Published {
                section,
                title,
                day: day_of(at),
            };
            published.entry(unit).or_default().push((one, entry));
        }
        Ok(Self { below, published })
    }

    /// How `unit` of the group `group` stands on `today` with each that falls due in `span`.
    pub fn of<'a>(
        &self,
        scheme: &'a Scheme,
        span: &Span,
        group: &str,
        unit: Uuid,
        today: NaiveDate,
    ) -> Vec<(Occasion<'a>, Standing)> {
        disclosure::occasions(scheme, group, span, &KNOWN)
            .into_iter()
            .map(|occasion| {
                let first = self
                    .first(&occasion, unit)
                    .map(|(published, _)| published.day);
                let standing = occasion.standing(first, today);
                (occasion, standing)
            })
            .collect()
    }

    /// The first that meets `occasion`, and which entry it is.
    pub fn first(&self, occasion: &Occasion<'_>, unit: Uuid) -> Option<&(Published, Uuid)> {
        let sections = self.below.get(&occasion.what.section)?;
        let published = self.published.get(&unit)?;
        published
            .iter()
            .find(|(published, _)| occasion.is_met_by(published, sections))
    }
}
