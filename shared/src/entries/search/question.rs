//! What the two databases are asked. They are asked the same, each in its own words.

use super::{Query, words};
use crate::vietnamese::marked_words;
use sea_orm::{DbBackend, Statement, Value};

/// How many of those that hold the words, the newest first, are looked at for whether they hold them
/// together: PostgreSQL has to read each of them for that.
const LOOKED_THROUGH: i64 = 5_000;

/// What an entry must be besides holding the words, in the order in which the results stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tier {
    /// It bears the marks as they were typed.
    pub(super) marked: bool,
    /// It holds the words together, as they were typed.
    pub(super) together: bool,
}

/// Words to be looked for in one of the databases.
pub(super) struct Question<'q> {
    backend: DbBackend,
    query: &'q Query,
    words: Vec<String>,
    marked: Vec<String>,
}

impl<'q> Question<'q> {
    /// None where there is no word in what was typed.
    pub(super) fn new(backend: DbBackend, query: &'q Query) -> Option<Self> {
        let words = words(&query.words);
        let mut marked = marked_words(&query.words);
        marked.truncate(words.len());
        (!words.is_empty()).then_some(Self {
            backend,
            query,
            words,
            marked,
        })
    }

    /// In which order entries come: marks before togetherness, since the one was typed and the other is a
    /// guess. Who types no marks asks for none.
    pub(super) fn tiers(&self) -> Vec<Tier> {
        let both = |marked| [true, false].map(|together| Tier { marked, together });
        match self.marked.is_empty() {
            true => both(false).to_vec(),
            false => [both(true), both(false)].concat(),
        }
    }

    /// Asks for the row below which nobody looks whether words stand together.
    pub(super) fn floor(&self) -> Statement {
        let mut asked = Asked::of(self.backend);
        let words = self.all_words(&mut asked);
        let sql = match self.backend {
            DbBackend::Sqlite => format!(
                "SELECT rowid FROM entry_search WHERE {words} ORDER BY rowid DESC LIMIT 1 OFFSET {LOOKED_THROUGH}"
            ),
            _ => format!(
                "SELECT s.row_id FROM entry_search s WHERE {words} ORDER BY s.row_id DESC LIMIT 1 OFFSET {LOOKED_THROUGH}"
            ),
        };
        asked.statement(sql)
    }

    /// Asks for those of `tier`, row number, kind and time of each: `limit` of them, those first that came
    /// last. Nothing is sorted for that, so that words which stand everywhere cost no more than others.
    pub(super) fn hits(&self, tier: Tier, floor: i64, limit: usize) -> Statement {
        let mut asked = Asked::of(self.backend);
        let mut conditions = match tier.together {
            true => self.together(floor, &mut asked),
            false => vec![self.all_words(&mut asked)],
        };
        if tier.marked {
            conditions.push(self.marks(&mut asked));
        }
        self.narrow(&mut conditions, &mut asked);
        let shown = shown(self.backend);
        let conditions = conditions.join(" AND ");
        let row = match self.backend {
            DbBackend::Sqlite => "s.rowid",
            _ => "s.row_id",
        };
        asked.statement(format!(
            "SELECT e.id, e.kind, e.published_at {shown} AND {conditions} ORDER BY {row} DESC LIMIT {limit}"
        ))
    }

    fn all_words(&self, asked: &mut Asked) -> String {
        match self.backend {
            DbBackend::Sqlite => {
                format!("entry_search MATCH {}", asked.put(fts5(&self.words)))
            }
            _ => format!(
                "s.words @@ to_tsquery('simple', {})",
                asked.put(tsquery(&self.words))
            ),
        }
    }

    fn together(&self, floor: i64, asked: &mut Asked) -> Vec<String> {
        let phrase = self.words.join(" ");
        match self.backend {
            DbBackend::Sqlite => vec![
                format!("entry_search MATCH {}", asked.put(format!("\"{phrase}\""))),
                format!("s.rowid >= {}", asked.put(floor)),
            ],
            _ => vec![
                format!(
                    "s.words @@ phraseto_tsquery('simple', {})",
                    asked.put(phrase)
                ),
                format!("s.row_id >= {}", asked.put(floor)),
            ],
        }
    }

    fn marks(&self, asked: &mut Asked) -> String {
        match self.backend {
            // With a plus the rows are looked up in a list made once; without it SQLite would begin the
            // search for the words anew for each.
            DbBackend::Sqlite => format!(
                "+s.rowid IN (SELECT rowid FROM entry_search_marked WHERE entry_search_marked MATCH {})",
                asked.put(quoted(&self.marked, '"', " "))
            ),
            _ => format!(
                "s.marked @@ {}::tsquery",
                asked.put(quoted(&self.marked, '\'', " & "))
            ),
        }
    }

    fn narrow(&self, conditions: &mut Vec<String>, asked: &mut Asked) {
        let query = self.query;
        if let Some(kind) = &query.kind {
            conditions.push(format!("e.kind = {}", asked.put(kind.clone())));
        }
        if let Some(unit) = query.unit {
            conditions.push(format!("e.unit_id = {}", asked.put(unit)));
        }
        if let Some(from) = query.from {
            conditions.push(format!("e.published_at >= {}", asked.put(from)));
        }
        if let Some(until) = query.until {
            conditions.push(format!("e.published_at < {}", asked.put(until)));
        }
        if !query.sections.is_empty() {
            let sections: Vec<String> = query
                .sections
                .iter()
                .map(|section| asked.put(section.clone()))
                .collect();
            conditions.push(format!("p.section IN ({})", sections.join(", ")));
        }
    }
}

/// Asks in how many entries shown here each of `phrases` stands, in their order and up to `most`.
pub(super) fn how_often(backend: DbBackend, phrases: &[String], most: usize) -> Statement {
    let mut asked = Asked::of(backend);
    let shown = shown(backend);
    let sql = match backend {
        DbBackend::Sqlite => {
            let phrases: Vec<String> = phrases.iter().map(|one| format!("\"{one}\"")).collect();
            let phrases = asked.put(serde_json::Value::from(phrases).to_string());
            format!(
                "SELECT (SELECT COUNT(*) FROM (SELECT 1 {shown} AND entry_search MATCH one.value LIMIT {most})) \
                 FROM json_each({phrases}) one ORDER BY one.key"
            )
        }
        _ => {
            let phrases = asked.put(serde_json::Value::from(phrases.to_vec()).to_string());
            format!(
                "SELECT (SELECT COUNT(*) FROM (SELECT 1 {shown} \
                 AND s.words @@ phraseto_tsquery('simple', one.value) LIMIT {most}) AS few) \
                 FROM jsonb_array_elements_text({phrases}::jsonb) WITH ORDINALITY AS one(value, place) \
                 ORDER BY one.place"
            )
        }
    };
    asked.statement(sql)
}

/// `FROM … WHERE …`: the index `s` with what of it is shown here.
fn shown(backend: DbBackend) -> &'static str {
    match backend {
        // A cross join is made in the order it is written in: SQLite would not know that the index is to lead.
        DbBackend::Sqlite => {
            "FROM entry_search s CROSS JOIN entries e ON e.id = s.rowid \
             CROSS JOIN placements p ON p.entry_id = e.entry_id \
             WHERE e.state = 'live' AND p.state = 'shown'"
        }
        _ => {
            "FROM entry_search s JOIN entries e ON e.id = s.row_id \
             JOIN placements p ON p.entry_id = e.entry_id \
             WHERE e.state = 'live' AND p.state = 'shown'"
        }
    }
}

/// A statement in the making: values are numbered as they are put in.
struct Asked {
    backend: DbBackend,
    values: Vec<Value>,
}

impl Asked {
    fn of(backend: DbBackend) -> Self {
        Self {
            backend,
            values: Vec::new(),
        }
    }

    fn put(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    fn statement(self, sql: String) -> Statement {
        Statement::from_sql_and_values(self.backend, sql, self.values)
    }
}

/// All of `words` for SQLite; the last may be the beginning of one.
pub(super) fn fts5(words: &[String]) -> String {
    format!("{}*", quoted(words, '"', " "))
}

/// All of `words` for PostgreSQL; the last may be the beginning of one.
pub(super) fn tsquery(words: &[String]) -> String {
    format!("{}:*", words.join(" & "))
}

fn quoted(words: &[String], quote: char, between: &str) -> String {
    let words: Vec<String> = words
        .iter()
        .map(|word| format!("{quote}{word}{quote}"))
        .collect();
    words.join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_asked_for_where_they_were_typed() {
        let tiers = |typed: &str| {
            let query = Query {
                words: typed.to_owned(),
                ..Query::default()
            };
            Question::new(DbBackend::Sqlite, &query).map(|question| question.tiers())
        };
        let tier = |marked, together| Tier { marked, together };
        assert_eq!(tiers(" ?! "), None);
        assert_eq!(
            tiers("kon ray"),
            Some(vec![tier(false, true), tier(false, false)])
        );
        assert_eq!(
            tiers("Kon Rẫy"),
            Some(vec![
                tier(true, true),
                tier(true, false),
                tier(false, true),
                tier(false, false)
            ])
        );
    }

    #[test]
    fn words_are_written_as_each_database_reads_them() {
        let words = ["kon".to_owned(), "ra".to_owned()];
        assert_eq!(fts5(&words), "\"kon\" \"ra\"*");
        assert_eq!(tsquery(&words), "kon & ra:*");
        assert_eq!(quoted(&words, '\'', " & "), "'kon' & 'ra'");
    }
}
