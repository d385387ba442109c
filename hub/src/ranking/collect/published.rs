//! What units published, and what the province made of it.

use super::{Bounds, Members};
use crate::ranking::input::Input;
use crate::ranking::scheme::Scheme;
use crate::ranking::span::Span;
use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult, Statement};
use shared::citizens::deadline::{DaysOff, KNOWN, day_of};
use shared::entries::item::Fields;
use shared::error::Result;
use shared::newsroom::verdict::Grade;
use shared::site::Site;
use shared::sync::review::ReviewDecision;
use std::collections::HashMap;
use uuid::Uuid;

/// A week.
pub(crate) const WEEK: i64 = 7 * 86_400_000;
/// From a moment to the day in Vietnam it lies on.
const AHEAD: i64 = 7 * 3_600_000;
const DAY: i64 = 86_400_000;

/// What counts as written for the public, week by week.
pub(crate) const LIVELY: [&str; 4] = ["article", "notice", "album", "video"];
/// What stands for itself and is no news.
pub(crate) const STANDING: [&str; 2] = ["page", "calendar"];

pub(super) async fn count(
    site: &Site,
    scheme: &Scheme,
    span: &Span,
    bounds: &Bounds,
    members: &mut Members,
) -> Result<()> {
    let db = site.db.reader();
    for member in &mut members.all {
        for input in [
            Input::Items,
            Input::Originals,
            Input::Reposts,
            Input::WeeksWithOriginals,
            Input::Videos,
            Input::EthnicItems,
            Input::Corrections,
            Input::Documents,
            Input::DocumentsComplete,
            Input::DocumentsOnTime,
            Input::AcceptedA,
            Input::AcceptedB,
            Input::AcceptedC,
            Input::AcceptedUngraded,
            Input::Returned,
            Input::Questions,
            Input::QuestionsDated,
            Input::QuestionsOnTime,
        ] {
            member.set(input, 0);
        }
        member.set(Input::Weeks, span.weeks());
    }
    kinds(db, bounds, members).await?;
    weeks(db, bounds, members).await?;
    documents(db, bounds, members).await?;
    timeliness(db, scheme, bounds, members).await?;
    questions(db, scheme, bounds, members).await?;
    verdicts(db, bounds, members).await
}

async fn rows(db: &DatabaseConnection, sql: &str, bounds: &Bounds) -> Result<Vec<QueryResult>> {
    let values = [bounds.begin.into(), bounds.end.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(db.query_all_raw(statement).await?)
}

async fn kinds(db: &DatabaseConnection, bounds: &Bounds, members: &mut Members) -> Result<()> {
    let sql = "SELECT e.unit_id, e.kind, COUNT(*), \
           COUNT(CASE WHEN e.source IS NULL THEN 1 END), \
           COUNT(CASE WHEN e.fields LIKE '%\"correction\":%' THEN 1 END), \
           COUNT(CASE WHEN e.language NOT LIKE 'vi%' AND e.language NOT LIKE 'en%' THEN 1 END) \
         FROM entries e \
         WHERE e.state = 'live' AND e.published_at >= $1 AND e.published_at < $2 \
         GROUP BY e.unit_id, e.kind";
    for row in rows(db, sql, bounds).await? {
        let unit: Uuid = row.try_get_by_index(0)?;
        let kind: String = row.try_get_by_index(1)?;
        let [all, own, corrected, ethnic] = numbers(&row, 2)?;
        let Some(member) = members.of_unit(unit) else {
            continue;
        };
        if STANDING.contains(&kind.as_str()) {
            continue;
        }
        // What the hub reads from a portal names that portal as its source.
        let own = if member.is_feed { all } else { own };
        member.add(Input::Items, all);
        member.add(Input::Corrections, corrected);
        member.add(Input::EthnicItems, ethnic);
        match kind.as_str() {
            "article" | "notice" => {
                member.add(Input::Originals, own);
                member.add(Input::Reposts, all - own);
            }
            "video" => member.add(Input::Videos, own),
            _ => {}
        }
    }
    Ok(())
}

fn numbers<const N: usize>(row: &QueryResult, first: usize) -> Result<[i64; N]> {
    let mut numbers = [0; N];
    for (place, number) in numbers.iter_mut().enumerate() {
        *number = row.try_get_by_index(first + place)?;
    }
    Ok(numbers)
}

async fn weeks(db: &DatabaseConnection, bounds: &Bounds, members: &mut Members) -> Result<()> {
    let week = format!("(e.published_at - {}) / {WEEK}", bounds.begin);
    let lively = LIVELY.join("', '");
    let sql = format!(
        "SELECT e.unit_id, {week}, COUNT(CASE WHEN e.source IS NULL THEN 1 END) \
         FROM entries e \
         WHERE e.state = 'live' AND e.published_at >= $1 AND e.published_at < $2 \
           AND e.kind IN ('{lively}') \
         GROUP BY e.unit_id, {week}"
    );
    for row in rows(db, &sql, bounds).await? {
        let unit: Uuid = row.try_get_by_index(0)?;
        let [own] = numbers(&row, 2)?;
        if let Some(member) = members.of_unit(unit)
            && (own > 0 || member.is_feed)
        {
            member.add(Input::WeeksWithOriginals, 1);
        }
    }
    Ok(())
}

/// A document is complete with number, form, issuer, days, and a file that is here.
const COMPLETE: &str = "e.number IS NOT NULL AND e.number <> '' AND e.form IS NOT NULL AND e.form <> '' \
     AND e.issuer IS NOT NULL AND e.issuer <> '' AND e.dated_on IS NOT NULL AND e.starts_on IS NOT NULL \
     AND EXISTS (SELECT 1 FROM entry_media em JOIN media m ON m.hash = em.hash \
       WHERE em.entry_id = e.entry_id AND m.state = 'here')";

async fn documents(db: &DatabaseConnection, bounds: &Bounds, members: &mut Members) -> Result<()> {
    let sql = format!(
        "SELECT e.unit_id, COUNT(*), COUNT(CASE WHEN {COMPLETE} THEN 1 END) \
         FROM entries e \
         WHERE e.kind = 'document' AND e.state = 'live' \
           AND e.published_at >= $1 AND e.published_at < $2 \
         GROUP BY e.unit_id"
    );
    for row in rows(db, &sql, bounds).await? {
        let unit: Uuid = row.try_get_by_index(0)?;
        let [all, complete] = numbers(&row, 1)?;
        if let Some(member) = members.of_unit(unit) {
            member.set(Input::Documents, all);
            member.set(Input::DocumentsComplete, complete);
        }
    }
    Ok(())
}

async fn timeliness(
    db: &DatabaseConnection,
    scheme: &Scheme,
    bounds: &Bounds,
    members: &mut Members,
) -> Result<()> {
    let day = format!("(e.published_at + {AHEAD}) / {DAY}");
    let sql = format!(
        "SELECT e.unit_id, COALESCE(e.dated_on, 0), {day}, COUNT(*) \
         FROM entries e \
         WHERE e.kind = 'document' AND e.state = 'live' \
           AND e.published_at >= $1 AND e.published_at < $2 \
         GROUP BY e.unit_id, COALESCE(e.dated_on, 0), {day}"
    );
    let within = scheme.deadlines.document_working_days;
    let mut last_days: HashMap<i64, Option<NaiveDate>> = HashMap::new();
    for row in rows(db, &sql, bounds).await? {
        let unit: Uuid = row.try_get_by_index(0)?;
        let [dated_on, published, count] = numbers(&row, 1)?;
        let last = *last_days
            .entry(dated_on)
            .or_insert_with(|| day_from(dated_on).map(|day| KNOWN.after(day, within)));
        let published = day_of(published * DAY);
        if let Some(member) = members.of_unit(unit)
            && last.is_some_and(|last| published <= last)
        {
            member.add(Input::DocumentsOnTime, count);
        }
    }
    Ok(())
}

/// A day as the database orders it, 20261129, as a day.
pub(crate) fn day_from(number: i64) -> Option<NaiveDate> {
    let part = |value: i64| u32::try_from(value).ok();
    let year = i32::try_from(number / 10_000).ok()?;
    NaiveDate::from_ymd_opt(year, part(number / 100 % 100)?, part(number % 100)?)
}

/// How a question was answered: on which day, and within how many working days if it says when it was asked.
pub(crate) fn answer(
    fields: Option<&Fields>,
    published_at: i64,
    days_off: &DaysOff,
) -> Option<(NaiveDate, u32)> {
    let question = fields?.question.as_ref()?;
    let answered = question.answered_on.unwrap_or_else(|| day_of(published_at));
    let asked = question.asked_on?;
    Some((answered, days_off.between(asked, answered)))
}

async fn questions(
    db: &DatabaseConnection,
    scheme: &Scheme,
    bounds: &Bounds,
    members: &mut Members,
) -> Result<()> {
    let sql = "SELECT e.unit_id, e.fields, e.published_at FROM entries e \
         WHERE e.kind = 'question' AND e.state = 'live' \
           AND e.published_at >= $1 AND e.published_at < $2";
    let mut took: HashMap<Uuid, Vec<i64>> = HashMap::new();
    for row in rows(db, sql, bounds).await? {
        let unit: Uuid = row.try_get_by_index(0)?;
        let fields: Option<String> = row.try_get_by_index(1)?;
        let published_at: i64 = row.try_get_by_index(2)?;
        let Some(member) = members.of_unit(unit) else {
            continue;
        };
        member.add(Input::Questions, 1);
        let fields: Option<Fields> = fields.and_then(|text| serde_json::from_str(&text).ok());
        let Some((_, days)) = answer(fields.as_ref(), published_at, &KNOWN) else {
            continue;
        };
        member.add(Input::QuestionsDated, 1);
        if days <= scheme.deadlines.question_working_days {
            member.add(Input::QuestionsOnTime, 1);
        }
        took.entry(unit).or_default().push(i64::from(days));
    }
    for (unit, mut days) in took {
        if let Some(member) = members.of_unit(unit)
            && let Some(median) = median_hundredths(&mut days)
        {
            member.set(Input::AnswerDaysMedian, median);
        }
    }
    Ok(())
}

/// The median of whole numbers, in hundredths.
fn median_hundredths(numbers: &mut [i64]) -> Option<i64> {
    numbers.sort_unstable();
    let middle = numbers.len() / 2;
    let upper = numbers.get(middle)?;
    match numbers.len() % 2 {
        1 => Some(upper * 100),
        _ => Some((numbers.get(middle - 1)? + upper) * 50),
    }
}

async fn verdicts(db: &DatabaseConnection, bounds: &Bounds, members: &mut Members) -> Result<()> {
    // An entry that was accepted again after it was mended counts once, as it was accepted last.
    let sql = "SELECT v.unit_id, v.decision, COALESCE(v.grade, ''), COUNT(*), \
           COUNT(CASE WHEN e.source IS NULL THEN 1 END) \
         FROM inbox_verdicts v JOIN entries e ON e.entry_id = v.entry_id \
         WHERE v.at >= $1 AND v.at < $2 AND v.decision IN ('accepted', 'returned') \
           AND (v.decision = 'returned' OR (e.state = 'live' AND NOT EXISTS ( \
             SELECT 1 FROM inbox_verdicts l \
             WHERE l.entry_id = v.entry_id AND l.decision = 'accepted' AND l.id > v.id))) \
         GROUP BY v.unit_id, v.decision, COALESCE(v.grade, '')";
    for row in rows(db, sql, bounds).await? {
        let unit: Uuid = row.try_get_by_index(0)?;
        let decision: String = row.try_get_by_index(1)?;
        let grade: String = row.try_get_by_index(2)?;
        let [all, own] = numbers(&row, 3)?;
        let Some(member) = members.of_unit(unit) else {
            continue;
        };
        if decision == ReviewDecision::Returned.as_str() {
            member.add(Input::Returned, all);
            continue;
        }
        let counted = if member.is_feed { all } else { own };
        member.add(accepted_as(Grade::parse(&grade)), counted);
    }
    Ok(())
}

/// What an accepted entry is counted as.
pub(crate) fn accepted_as(grade: Option<Grade>) -> Input {
    match grade {
        Some(Grade::A) => Input::AcceptedA,
        Some(Grade::B) => Input::AcceptedB,
        Some(Grade::C) => Input::AcceptedC,
        None => Input::AcceptedUngraded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_in_the_middle() {
        for (mut numbers, expected) in [
            (vec![], None),
            (vec![3], Some(300)),
            (vec![9, 1], Some(500)),
            (vec![4, 1], Some(250)),
            (vec![20, 1, 3], Some(300)),
        ] {
            assert_eq!(median_hundredths(&mut numbers), expected);
        }
    }

    #[test]
    fn a_day_of_the_database_is_a_day() {
        assert_eq!(
            day_from(20_261_129).map(|day| day.to_string()).as_deref(),
            Some("2026-11-29")
        );
        assert_eq!(day_from(0), None);
        assert_eq!(day_from(20_261_332), None);
    }
}
