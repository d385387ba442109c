//! Reports of a month, a quarter, six or nine months or a year: what units published, how they answered, how often they
//! were opened, and their places, each of how many. All of it is what rankings count: there are no other figures.

use crate::ranking::input::{Input, Values};
use crate::ranking::period::{self, State};
use crate::ranking::score::{Score, Table};
use crate::ranking::snapshot::{self, Board, Entry};
use crate::ranking::span::Span;
use crate::ranking::version;
use chrono::{DateTime, Utc};
use shared::clock::from_millis;
use shared::error::Result;
use shared::site::Site;

/// A report.
#[derive(Clone, Debug)]
pub struct Report {
    /// All it is made of.
    pub board: Board,
    /// Whether that was frozen, and when it was counted.
    pub source: Source,
}

/// What a report is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A ranking that was frozen.
    Frozen(DateTime<Utc>),
    /// What the hub holds now.
    Now(DateTime<Utc>),
}

/// The report of `span`: of what was frozen for it, or of what there is now.
pub async fn of(site: &Site, span: Span) -> Result<Report> {
    let db = site.db.reader();
    let known = period::of_span(db, &span).await?;
    if let Some(period) = known.filter(|period| period.state() >= State::Frozen) {
        return Ok(Report {
            board: snapshot::board(db, site, &period).await?,
            source: Source::Frozen(from_millis(period.frozen_at.unwrap_or(period.opened_at))),
        });
    }
    let (scheme, _) = version::current(db).await?;
    Ok(Report {
        board: snapshot::now(site, scheme, span).await?,
        source: Source::Now(site.clock.now()),
    })
}

/// What a report says of one unit, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Articles and notices.
    pub news: i64,
    /// Those of them it wrote itself.
    pub originals: i64,
    /// Documents.
    pub documents: i64,
    /// Those of them published in time.
    pub documents_on_time: i64,
    /// Questions answered in public.
    pub questions: i64,
    /// Those that say when they were asked.
    pub questions_dated: i64,
    /// Those of them answered in time.
    pub questions_on_time: i64,
    /// How often pages were opened; none where nobody tells.
    pub views: Option<i64>,
    /// What the province accepted.
    pub accepted: i64,
    /// That a state secret was published.
    pub secrets_published: i64,
    /// That personal data leaked.
    pub data_leaks: i64,
}

impl Figures {
    /// Those of a member.
    pub fn of(member: &Entry) -> Self {
        let values: Values = member.adjusted();
        let of = |input: Input| values.get(&input).copied().unwrap_or_default();
        let accepted = [
            Input::AcceptedA,
            Input::AcceptedB,
            Input::AcceptedC,
            Input::AcceptedUngraded,
        ];
        Self {
            news: of(Input::Originals) + of(Input::Reposts),
            originals: of(Input::Originals),
            documents: of(Input::Documents),
            documents_on_time: of(Input::DocumentsOnTime),
            questions: of(Input::Questions),
            questions_dated: of(Input::QuestionsDated),
            questions_on_time: of(Input::QuestionsOnTime),
            views: values.get(&Input::Views).copied(),
            accepted: accepted.into_iter().map(of).sum(),
            secrets_published: of(Input::SecretsPublished),
            data_leaks: of(Input::DataLeaks),
        }
    }

    /// Those of two together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            news: self.news + other.news,
            originals: self.originals + other.originals,
            documents: self.documents + other.documents,
            documents_on_time: self.documents_on_time + other.documents_on_time,
            questions: self.questions + other.questions,
            questions_dated: self.questions_dated + other.questions_dated,
            questions_on_time: self.questions_on_time + other.questions_on_time,
            views: match (self.views, other.views) {
                (None, None) => None,
                (one, two) => Some(one.unwrap_or_default() + two.unwrap_or_default()),
            },
            accepted: self.accepted + other.accepted,
            secrets_published: self.secrets_published + other.secrets_published,
            data_leaks: self.data_leaks + other.data_leaks,
        }
    }
}

impl Report {
    /// The members with their figures and scores, the best of all first; who is not ranked last.
    pub fn rows(&self) -> Vec<(&Entry, Figures, &Score)> {
        let members = self.board.members.iter().zip(&self.board.scores);
        let mut rows: Vec<_> = members
            .map(|(member, score)| (member, Figures::of(member), score))
            .collect();
        rows.sort_by_key(|(_, _, score)| {
            let standing = score.standing(Table::Total);
            standing.map_or(u32::MAX, |standing| standing.overall.place)
        });
        rows
    }

    /// What all comes to.
    pub fn totals(&self) -> Figures {
        let members = self.board.members.iter().map(Figures::of);
        members.fold(Figures::default(), Figures::with)
    }
}
