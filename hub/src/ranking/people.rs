//! Who wrote how much, and how good: people ranked for the awards of a year, by what their units published.

use super::span::Span;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use shared::error::Result;
use shared::ranking::Points;
use shared::vietnamese::fold;
use std::collections::HashMap;
use uuid::Uuid;

/// An author of a unit, and what was published with that name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Author {
    /// The unit.
    pub unit: Uuid,
    /// The name, as it stands above what was written.
    pub name: String,
    /// Articles and notices.
    pub items: i64,
    /// What of those the province accepted.
    pub accepted: i64,
    /// With which grades: A, B, C.
    pub grades: [i64; 3],
    /// The sum of the grades, in hundredths.
    pub sum: Points,
    /// The place among all.
    pub place: u32,
}

/// What a grade is worth: A, B, C, and what was accepted without one.
const WORTH: [i64; 4] = [300, 200, 100, 100];

/// The authors of the units in `units`, by the sum of grades, by what was accepted, by what was published.
pub async fn rank(db: &DatabaseConnection, span: &Span, units: &[Uuid]) -> Result<Vec<Author>> {
    let (begin, end) = span.bounds();
    // Two who wrote one article are named in one line, and share it as one.
    let sql = "SELECT e.unit_id, e.authors, COALESCE(v.grade, ''), COUNT(*), COUNT(v.id) \
         FROM entries e \
         LEFT JOIN inbox_verdicts v ON v.entry_id = e.entry_id AND v.decision = 'accepted' \
           AND v.id = (SELECT MAX(l.id) FROM inbox_verdicts l \
             WHERE l.entry_id = e.entry_id AND l.decision = 'accepted') \
         WHERE e.state = 'live' AND e.kind IN ('article', 'notice') AND e.source IS NULL \
           AND e.authors IS NOT NULL AND e.authors <> '' \
           AND e.published_at >= $1 AND e.published_at < $2 \
         GROUP BY e.unit_id, e.authors, COALESCE(v.grade, '')";
    let values = [begin.into(), end.into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let known: std::collections::HashSet<Uuid> = units.iter().copied().collect();
    let mut authors: HashMap<(Uuid, String), Author> = HashMap::new();
    for row in db.query_all_raw(statement).await? {
        let unit: Uuid = row.try_get_by_index(0)?;
        let name: String = row.try_get_by_index(1)?;
        let grade: String = row.try_get_by_index(2)?;
        let items: i64 = row.try_get_by_index(3)?;
        let accepted: i64 = row.try_get_by_index(4)?;
        if !known.contains(&unit) {
            continue;
        }
        // The same person is written with and without marks, in capitals and not.
        let author = authors
            .entry((unit, fold(&name)))
            .or_insert_with(|| Author {
                unit,
                name,
                ..Author::default()
            });
        author.items += items;
        author.accepted += accepted;
        let number = ["a", "b", "c"].iter().position(|code| *code == grade);
        if let Some(number) = number {
            author.grades[number] += accepted;
        }
        let worth = WORTH[number.unwrap_or(WORTH.len() - 1)];
        author.sum = author.sum + Points(worth * accepted);
    }
    Ok(placed(authors.into_values().collect()))
}

/// In their order, with their places.
fn placed(mut authors: Vec<Author>) -> Vec<Author> {
    let merit = |author: &Author| (author.sum, author.accepted, author.items);
    authors.sort_by(|one, other| {
        merit(other)
            .cmp(&merit(one))
            .then_with(|| fold(&one.name).cmp(&fold(&other.name)))
            .then(one.unit.cmp(&other.unit))
    });
    let mut before: Option<((Points, i64, i64), u32)> = None;
    for (number, author) in (1..).zip(authors.iter_mut()) {
        let place = match before {
            Some((level, place)) if level == merit(author) => place,
            _ => number,
        };
        author.place = place;
        before = Some((merit(author), place));
    }
    authors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_comes_before_number() {
        let author = |name: &str, items, accepted, sum| Author {
            name: name.to_owned(),
            items,
            accepted,
            sum: Points(sum),
            ..Author::default()
        };
        let ranked = placed(vec![
            author("Y Thử", 90, 0, 0),
            author("A Mẫu", 10, 2, 600),
            author("Nguyễn Văn Ví", 12, 3, 600),
            author("Ô Hai", 10, 2, 600),
        ]);
        let told: Vec<_> = ranked
            .iter()
            .map(|one| (one.place, one.name.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (1, "Nguyễn Văn Ví"),
                (2, "A Mẫu"),
                (2, "Ô Hai"),
                (4, "Y Thử")
            ]
        );
    }
}
