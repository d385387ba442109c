//! The entries, and the decisions about them, behind a number.

use super::Asked;
use crate::ranking::collect::Bounds;
use crate::ranking::collect::published::{LIVELY, STANDING, WEEK, accepted_as, answer, day_from};
use crate::ranking::input::Input;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, JoinType, QueryOrder, QuerySelect, Statement};
use shared::citizens::deadline::{KNOWN, day_of};
use shared::entries::Kind;
use shared::entries::record::{self, Column, Entity, EntryState};
use shared::error::Result;
use shared::newsroom::verdict::{self, Grade};
use shared::pages::cards;
use shared::ranking::rows::{MOST, Row};
use shared::sync::review::ReviewDecision;
use std::collections::{BTreeMap, HashSet};

pub(super) async fn of(
    asked: &Asked<'_>,
    bounds: &Bounds,
    is_feed: bool,
    input: Input,
) -> Result<Vec<Row>> {
    let db = asked.site.db.reader();
    let entries = Entity::find()
        .filter(Column::UnitId.eq(asked.member.unit))
        .filter(Column::State.eq(EntryState::Live.as_str()))
        .filter(Column::PublishedAt.gte(bounds.begin))
        .filter(Column::PublishedAt.lt(bounds.end))
        .order_by_asc(Column::PublishedAt)
        .order_by_asc(Column::Id)
        .limit(MOST)
        .all(db)
        .await?;
    if input == Input::WeeksWithOriginals {
        return Ok(weeks(&entries, bounds, is_feed));
    }
    let with_file = match input {
        Input::Documents | Input::DocumentsComplete => with_file(asked, bounds).await?,
        _ => HashSet::new(),
    };
    let judge = Judge {
        asked,
        is_feed,
        with_file,
    };
    Ok(entries
        .iter()
        .filter_map(|entry| judge.row(entry, input))
        .collect())
}

struct Judge<'a> {
    asked: &'a Asked<'a>,
    is_feed: bool,
    with_file: HashSet<Uuid>,
}

impl Judge<'_> {
    fn row(&self, entry: &record::Model, input: Input) -> Option<Row> {
        let kind = entry.kind();
        let is_own = entry.source.is_none() || self.is_feed;
        let is_news = matches!(kind, Kind::Article | Kind::Notice);
        let is_item = !STANDING.contains(&entry.kind.as_str());
        let row = |note: String, counts: bool| Some(row_of(entry, note, i64::from(counts)));
        let plain = |counts: bool| counts.then(|| row_of(entry, kind.label().to_owned(), 1));
        match input {
            Input::Items => plain(is_item),
            Input::Originals => plain(is_news && is_own),
            Input::Reposts => plain(is_news && !is_own),
            Input::Videos => plain(kind == Kind::Video && is_own),
            Input::EthnicItems => {
                let is_other =
                    !entry.language.starts_with("vi") && !entry.language.starts_with("en");
                plain(is_item && is_other)
            }
            Input::Corrections => {
                let correction = entry.fields()?.correction.filter(|_| is_item)?;
                row(format!("Đính chính: {correction}"), true)
            }
            Input::Questions if kind == Kind::Question => row("Câu hỏi".to_owned(), true),
            Input::QuestionsDated | Input::QuestionsOnTime | Input::AnswerDaysMedian
                if kind == Kind::Question =>
            {
                self.question(entry, input)
            }
            Input::Documents if kind == Kind::Document => row(self.lacking(entry), true),
            Input::DocumentsComplete if kind == Kind::Document => {
                let lacking = self.lacking(entry);
                let is_complete = lacking.is_empty();
                row(
                    if is_complete {
                        "đủ".to_owned()
                    } else {
                        lacking
                    },
                    is_complete,
                )
            }
            Input::DocumentsOnTime if kind == Kind::Document => self.timeliness(entry),
            _ => None,
        }
    }

    fn question(&self, entry: &record::Model, input: Input) -> Option<Row> {
        let fields = entry.fields();
        let (answered, days) = answer(fields.as_ref(), entry.published_at, &KNOWN)?;
        let note = format!(
            "trả lời ngày {}, sau {days} ngày làm việc",
            cards::day(answered).text
        );
        let within = self.asked.scheme.deadlines.question_working_days;
        let amount = match input {
            Input::AnswerDaysMedian => i64::from(days) * 100,
            Input::QuestionsOnTime => i64::from(days <= within),
            _ => 1,
        };
        Some(row_of(entry, note, amount))
    }

    fn timeliness(&self, entry: &record::Model) -> Option<Row> {
        let published = day_of(entry.published_at);
        let Some(issued) = entry.dated_on.and_then(day_from) else {
            return Some(row_of(entry, "thiếu ngày ban hành".to_owned(), 0));
        };
        let last = KNOWN.after(issued, self.asked.scheme.deadlines.document_working_days);
        let is_on_time = published <= last;
        let note = format!(
            "ban hành {}, đăng {}, hạn {}",
            cards::day(issued).text,
            cards::day(published).text,
            cards::day(last).text
        );
        Some(row_of(entry, note, i64::from(is_on_time)))
    }

    /// What a document lacks, in words.
    fn lacking(&self, entry: &record::Model) -> String {
        let is_blank = |text: &Option<String>| text.as_ref().is_none_or(String::is_empty);
        let lacks: Vec<&str> = [
            (is_blank(&entry.number), "số, ký hiệu"),
            (is_blank(&entry.form), "hình thức"),
            (is_blank(&entry.issuer), "cơ quan ban hành"),
            (entry.dated_on.is_none(), "ngày ban hành"),
            (entry.starts_on.is_none(), "ngày có hiệu lực"),
            (!self.with_file.contains(&entry.entry_id), "tệp"),
        ]
        .into_iter()
        .filter_map(|(lacks, what)| lacks.then_some(what))
        .collect();
        match lacks.is_empty() {
            true => String::new(),
            false => format!("thiếu {}", lacks.join(", ")),
        }
    }
}

fn row_of(entry: &record::Model, note: String, amount: i64) -> Row {
    let day = cards::day(day_of(entry.published_at)).text;
    Row {
        title: entry.title.clone(),
        url: Some(entry.url.clone()),
        note: match note.is_empty() {
            true => format!("đăng {day}"),
            false => format!("{note}; đăng {day}"),
        },
        amount,
    }
}

/// The documents of a unit that have a file here.
async fn with_file(asked: &Asked<'_>, bounds: &Bounds) -> Result<HashSet<Uuid>> {
    let db = asked.site.db.reader();
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        "SELECT DISTINCT e.entry_id FROM entries e \
         JOIN entry_media em ON em.entry_id = e.entry_id JOIN media m ON m.hash = em.hash \
         WHERE e.unit_id = $1 AND e.kind = 'document' AND e.published_at >= $2 \
           AND e.published_at < $3 AND m.state = 'here'",
        [
            asked.member.unit.into(),
            bounds.begin.into(),
            bounds.end.into(),
        ],
    );
    let mut found = HashSet::new();
    for row in db.query_all_raw(statement).await? {
        found.insert(row.try_get_by_index(0)?);
    }
    Ok(found)
}

/// One row a week: the first that counts, and how many there are.
fn weeks(entries: &[record::Model], bounds: &Bounds, is_feed: bool) -> Vec<Row> {
    let mut weeks: BTreeMap<i64, (usize, &record::Model)> = BTreeMap::new();
    let counted = entries.iter().filter(|entry| {
        LIVELY.contains(&entry.kind.as_str()) && (entry.source.is_none() || is_feed)
    });
    for entry in counted {
        let week = (entry.published_at - bounds.begin) / WEEK;
        weeks.entry(week).or_insert((0, entry)).0 += 1;
    }
    weeks
        .into_iter()
        .map(|(week, (count, first))| {
            let note = format!("tuần thứ {} của kỳ, {count} mục", week + 1);
            row_of(first, note, 1)
        })
        .collect()
}

pub(super) async fn verdicts(
    asked: &Asked<'_>,
    bounds: &Bounds,
    is_feed: bool,
    input: Input,
) -> Result<Vec<Row>> {
    use verdict::Column as Verdict;
    let db = asked.site.db.reader();
    let relation = verdict::Entity::belongs_to(Entity)
        .from(Verdict::EntryId)
        .to(Column::EntryId)
        .into();
    let found: Vec<(verdict::Model, Option<record::Model>)> = verdict::Entity::find()
        .join(JoinType::InnerJoin, relation)
        .select_also(Entity)
        .filter(Verdict::UnitId.eq(asked.member.unit))
        .filter(Verdict::At.gte(bounds.begin))
        .filter(Verdict::At.lt(bounds.end))
        .order_by_asc(Verdict::At)
        .order_by_asc(Verdict::Id)
        .limit(MOST)
        .all(db)
        .await?;
    let mut rows = Vec::new();
    for (verdict, entry) in found {
        let Some(entry) = entry else { continue };
        let when = cards::moment(verdict.at).text;
        if verdict.decision == ReviewDecision::Returned.as_str() {
            if input == Input::Returned {
                rows.push(row_of(&entry, format!("trả lại lúc {when}"), 1));
            }
            continue;
        }
        let grade = Grade::parse(verdict.grade.as_deref().unwrap_or_default());
        let is_accepted = verdict.decision == ReviewDecision::Accepted.as_str();
        if !is_accepted || accepted_as(grade) != input {
            continue;
        }
        let is_last = verdict::of_entry(db, verdict.entry_id)
            .await?
            .iter()
            .find(|one| one.decision == ReviewDecision::Accepted.as_str())
            .is_some_and(|last| last.id == verdict.id);
        let is_own = entry.source.is_none() || is_feed;
        if is_last && is_own && entry.is_live() {
            rows.push(row_of(&entry, format!("nhận lúc {when}"), 1));
        }
    }
    Ok(rows)
}
