//! How members could be reached, how often they were opened, and what they say of themselves.

use super::{Bounds, Members};
use crate::members::history::{self, watch_time};
use crate::probes;
use crate::ranking::input::Input;
use crate::vault;
use sea_orm::{ConnectionTrait, Statement};
use shared::citizens::told;
use shared::clock::from_millis;
use shared::directory::contact_record;
use shared::entries::kinds::day_number;
use shared::error::Result;
use shared::site::Site;
use uuid::Uuid;

/// Ways to reach a unit that have to be told.
pub(crate) const CONTACTS: i64 = 4;
const MINUTE: i64 = 60_000;

pub(super) async fn count(site: &Site, bounds: &Bounds, members: &mut Members) -> Result<()> {
    reached(site, bounds, members).await?;
    seen_from_outside(site, bounds, members).await?;
    views(site, bounds, members).await?;
    stopped(site, bounds, members).await?;
    told_by_members(site, bounds, members).await
}

async fn reached(site: &Site, bounds: &Bounds, members: &mut Members) -> Result<()> {
    let db = site.db.reader();
    let states = history::states_until(db, bounds.end).await?;
    let watched = watch_time::since(db, bounds.begin).await?;
    for member in &mut members.all {
        let Some(changes) = states.get(&member.site) else {
            continue;
        };
        let days = days(bounds, changes, &watched);
        // Day by day, so that the days add up to the sum.
        let reached: i64 = days.iter().map(minutes_reached).sum();
        let expected: i64 = days.iter().map(minutes_expected).sum();
        if expected > 0 {
            member.set(Input::MinutesReached, reached);
            member.set(Input::MinutesExpected, expected);
        }
    }
    Ok(())
}

/// What the public could see of each. Whoever cannot be called from outside is not asked, and not measured.
async fn seen_from_outside(site: &Site, bounds: &Bounds, members: &mut Members) -> Result<()> {
    let sums = probes::record::days(site.db.reader(), bounds.from, bounds.to).await?;
    for (site, kinds) in sums {
        let Some(member) = members.of_site(site) else {
            continue;
        };
        let asked: i64 = kinds.values().map(|sum| sum.asked).sum();
        if asked > 0 {
            member.set(Input::ProbesAsked, asked);
            member.set(Input::ProbesGood, kinds.values().map(|sum| sum.good).sum());
        }
    }
    Ok(())
}

/// Minutes of a day in which a member could be reached.
pub(crate) fn minutes_reached(day: &history::Day) -> i64 {
    (day.online + day.late) / MINUTE
}

/// Minutes of a day in which it was expected to be.
pub(crate) fn minutes_expected(day: &history::Day) -> i64 {
    minutes_reached(day) + day.lost / MINUTE
}

/// The days of a period as a member was on them.
pub(crate) fn days(
    bounds: &Bounds,
    changes: &[(i64, shared::pages::view::LinkState)],
    watched: &[(i64, i64)],
) -> Vec<history::Day> {
    let count = (bounds.to - bounds.from).num_days() + 1;
    let most = u64::try_from(count).unwrap_or_default();
    history::days(changes, watched, from_millis(bounds.end - 1), most)
}

async fn views(site: &Site, bounds: &Bounds, members: &mut Members) -> Result<()> {
    let db = site.db.reader();
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        "SELECT site_id, CAST(SUM(views) AS bigint) FROM view_days \
         WHERE day >= $1 AND day <= $2 GROUP BY site_id",
        [day_number(bounds.from).into(), day_number(bounds.to).into()],
    );
    for row in db.query_all_raw(statement).await? {
        let site: Uuid = row.try_get_by_index(0)?;
        let views: i64 = row.try_get_by_index(1)?;
        if let Some(member) = members.of_site(site) {
            member.set(Input::Views, views);
        }
    }
    Ok(())
}

async fn stopped(site: &Site, bounds: &Bounds, members: &mut Members) -> Result<()> {
    let db = site.db.reader();
    for member in &mut members.all {
        member.set(Input::ScreeningHits, 0);
    }
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        "SELECT site_id, COUNT(*) FROM screening_refusals \
         WHERE site_id IS NOT NULL AND at >= $1 AND at < $2 GROUP BY site_id",
        [bounds.begin.into(), bounds.end.into()],
    );
    for row in db.query_all_raw(statement).await? {
        let site: Uuid = row.try_get_by_index(0)?;
        let hits: i64 = row.try_get_by_index(1)?;
        if let Some(member) = members.of_site(site) {
            member.set(Input::ScreeningHits, hits);
        }
    }
    Ok(())
}

/// How many of the ways to reach a unit are told.
pub(crate) fn contacts_given(told: &contact_record::Model) -> i64 {
    [&told.responsible, &told.address, &told.phone, &told.email]
        .into_iter()
        .flatten()
        .filter(|text| !text.trim().is_empty())
        .fold(0, |count, _| count + 1)
}

async fn told_by_members(site: &Site, bounds: &Bounds, members: &mut Members) -> Result<()> {
    let db = site.db.reader();
    let contacts = contact_record::all(db).await?;
    let cases = told::all(db).await?;
    let drilled: std::collections::HashMap<Uuid, i64> = vault::record::all(db)
        .await?
        .into_iter()
        .filter_map(|vault| {
            let good = vault.report()?.drill.good_at?;
            Some((vault.site_id, good.timestamp_millis()))
        })
        .collect();
    for member in members.all.iter_mut().filter(|member| !member.is_feed) {
        if let Some(contact) = contacts.get(&member.site) {
            member.set(Input::ContactsDue, CONTACTS);
            member.set(Input::ContactsGiven, contacts_given(contact));
        }
        if let Some(told) = cases.get(&member.site) {
            member.set(Input::CasesLate, told.late);
        }
        let is_drilled = drilled
            .get(&member.site)
            .is_some_and(|at| *at >= bounds.begin);
        member.set(Input::DrillsMissed, i64::from(!is_drilled));
    }
    Ok(())
}
