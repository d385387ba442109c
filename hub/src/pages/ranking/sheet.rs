//! `/quan-tri/xep-hang/diem/{sheet}`: what one member reached in one period, indicator by indicator, and what is said
//! about it.

use super::asked::{of_sheet, sheet_name};
use super::period::{self as one, place};
use super::{evidence, periods};
use crate::ranking::input::{Input, Values};
use crate::ranking::objection::{self, Outcome, Said};
use crate::ranking::period::{self, State};
use crate::ranking::points::Points;
use crate::ranking::scheme::{Indicator, Measure};
use crate::ranking::score::{Extra, Score};
use crate::ranking::snapshot::{self, Board, Entry};
use axum::extract::{Form, Path};
use axum::response::Response;
use serde::Deserialize;
use shared::accounts::Right;
use shared::error::{Error, Result};
use shared::pages::cards;
use shared::pages::newsroom::around::{AtDesk, Done};
use shared::pages::templates::{
    Grid, GridCell, GridRow, RankingForm, RankingObjection, RankingSheetPage,
};
use shared::pages::view::{Badge, Choice, Figure, FormErrors, Link, Tone};
use shared::screening;
use shared::vietnamese::grouped;
use std::sync::Arc;
use uuid::Uuid;

/// The page.
pub(in crate::pages) const PATH: &str = "/quan-tri/xep-hang/diem/{sheet}";

/// The page of `unit` in `period`.
pub(in crate::pages) fn path_of(period: Uuid, unit: Uuid) -> String {
    PATH.replace("{sheet}", &sheet_name(period, unit))
}

/// The period, its board, and the unit an address names.
pub(super) async fn find(at: &AtDesk, name: &str) -> Result<(period::Model, Board, Uuid)> {
    let (period, unit) = of_sheet(name).ok_or(Error::NotFound)?;
    let db = at.site.db.reader();
    let period = period::find(db, period).await?.ok_or(Error::NotFound)?;
    let board = snapshot::board(db, &at.site, &period).await?;
    board.of_unit(unit).ok_or(Error::NotFound)?;
    Ok((period, board, unit))
}

pub(in crate::pages) async fn show(at: AtDesk, Path(name): Path<String>) -> Result<Response> {
    let found = find(&at, &name).await?;
    let page = page(&at, &found, &Sent::default(), FormErrors::default()).await?;
    at.answer(&page)
}

/// What is sent.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Sent {
    csrf: String,
    action: String,
    indicator: String,
    points: String,
    evidence: String,
    words: String,
    objection: String,
    outcome: String,
    answer: String,
    input: String,
    delta: String,
    reason: String,
}

impl Sent {
    fn said(&self) -> Result<Said> {
        Ok(match self.action.as_str() {
            "self" => Said::SelfScore {
                indicator: self.indicator.clone(),
                points: points(&self.points)
                    .ok_or_else(|| Error::invalid("points", "Hãy ghi điểm, ví dụ 7,5."))?,
                evidence: self.evidence.clone(),
            },
            "object" => Said::Objection {
                indicator: self.indicator.clone(),
                words: self.words.clone(),
            },
            "answer" => Said::Answer {
                objection: self.objection.parse().map_err(|_| Error::NotFound)?,
                outcome: Outcome::parse(&self.outcome)
                    .ok_or_else(|| Error::invalid("outcome", "Hãy chọn quyết định."))?,
                answer: self.answer.clone(),
            },
            "adjust" => Said::Adjustment {
                input: Input::parse(&self.input)
                    .ok_or_else(|| Error::invalid("input", "Hãy chọn số liệu."))?,
                delta: whole(&self.delta).unwrap_or_default(),
                reason: self.reason.clone(),
                objection: self.objection.parse().ok(),
            },
            _ => return Err(Error::invalid("", "Hãy chọn việc cần ghi.")),
        })
    }
}

/// Points as people type them.
fn points(typed: &str) -> Option<Points> {
    serde_json::from_str(&typed.trim().replace(',', ".")).ok()
}

/// A whole number as people type it, with either minus.
fn whole(typed: &str) -> Option<i64> {
    typed.trim().replace('−', "-").replace('.', "").parse().ok()
}

pub(in crate::pages) async fn say(
    at: AtDesk,
    Path(name): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    at.user.check_form(&sent.csrf)?;
    let found = find(&at, &name).await?;
    let (period, unit) = (found.0.id, found.2);
    let said = match sent.said() {
        Ok(said) => keep(&at, period, unit, said).await,
        Err(error) => Err(error),
    };
    match screening::told(&at.site, at.user.id(), said).await {
        Ok(()) => Ok(Done::RankingMoved.then(&path_of(period, unit))),
        Err(Error::Invalid(errors)) => {
            let page = page(&at, &found, &sent, errors.into()).await?;
            at.answer_again(&page)
        }
        Err(error) => Err(error),
    }
}

async fn keep(at: &AtDesk, period: Uuid, unit: Uuid, said: Said) -> Result<()> {
    let site = Arc::clone(&at.site);
    let (by, actor) = (at.user.account.name.clone(), at.user.actor());
    at.site
        .db
        .write(move |tx| {
            Box::pin(
                async move { objection::say(tx, &site, (period, unit), said, &by, &actor).await },
            )
        })
        .await
}

async fn page(
    at: &AtDesk,
    (period, board, unit): &(period::Model, Board, Uuid),
    sent: &Sent,
    errors: FormErrors,
) -> Result<RankingSheetPage> {
    let (member, score) = board.of_unit(*unit).ok_or(Error::NotFound)?;
    let mut desk = at
        .desk(&cards::capitalised(&member.name), periods::PATH)
        .await?;
    desk.breadcrumb = vec![
        Link::new("Xếp hạng", periods::PATH),
        Link::new(&board.label, one::path_of(period.id)),
    ];
    let group = board.scheme.group(&member.group);
    let may_say = period.state() == State::Window && at.user.may(Right::ManageRanking);
    Ok(RankingSheetPage {
        desk,
        facts: vec![
            board.label.clone(),
            group.map(|group| group.name.clone()).unwrap_or_default(),
            format!("xếp loại {}", score.class),
        ],
        figures: figures(score),
        lines: lines(period.id, board, member, score),
        extras: extras(period.id, board, member, score),
        inputs: inputs(period.id, member),
        adjustments: member
            .adjustments
            .iter()
            .map(|one| {
                let sign = if one.delta > 0 { "+" } else { "" };
                format!("{}: {sign}{}. {}", one.input.label(), one.delta, one.reason)
            })
            .collect(),
        objections: objections(board, member),
        may_say,
        indicators: board
            .scheme
            .indicators
            .iter()
            .map(|one| {
                let label = format!("{} {}", one.code, one.name);
                Choice::new(&one.code, label, one.code == sent.indicator)
            })
            .collect(),
        numbers: Input::ALL
            .iter()
            .map(|(input, label, _)| {
                let code = input.code();
                let chosen = code == sent.input;
                Choice::new(code, *label, chosen)
            })
            .collect(),
        outcomes: Outcome::ALL
            .into_iter()
            .map(|one| Choice::new(one.as_str(), one.label(), false))
            .collect(),
        form: RankingForm {
            points: sent.points.clone(),
            evidence: sent.evidence.clone(),
            words: sent.words.clone(),
            delta: sent.delta.clone(),
            reason: sent.reason.clone(),
            answer: sent.answer.clone(),
        },
        action: path_of(period.id, *unit),
        errors,
    })
}

fn figures(score: &Score) -> Vec<Figure> {
    score
        .standings
        .iter()
        .map(|standing| Figure {
            value: standing.points.shown(),
            label: format!(
                "{}: hạng {} toàn tỉnh, {} trong nhóm",
                standing.table.label(),
                place(standing.overall),
                place(standing.in_group)
            ),
        })
        .collect()
}

fn lines(period: Uuid, board: &Board, member: &Entry, score: &Score) -> Grid {
    let heads = [
        "Chỉ số",
        "Số liệu",
        "Đạt",
        "Điểm tối đa",
        "Điểm",
        "Tự đánh giá",
    ];
    let mut grid = Grid::new("Điểm từng chỉ số", &heads);
    let values = member.adjusted();
    for (indicator, line) in board.scheme.indicators.iter().zip(&score.lines) {
        let own = member
            .self_scores
            .iter()
            .find(|one| one.indicator == indicator.code);
        let reached = match line.fraction {
            Some(fraction) => GridCell::new(format!("{} %", fraction.percent().shown())),
            None if indicator.measure == Measure::Declared => GridCell::new("chưa đo"),
            None => GridCell::new("không có số liệu").with("không tính"),
        };
        let mut data = GridCell::new(numbers(indicator, &values));
        if let Some(first) = indicator.measure.inputs().first() {
            data = data.to(evidence::path_of(period, member.unit, *first));
        }
        grid.add(GridRow {
            head: format!("{} {}", indicator.code, indicator.name),
            url: None,
            sub: format!(
                "{}; gốc {} điểm",
                indicator.category.label(),
                indicator.points.shown()
            ),
            cells: vec![
                data,
                reached,
                GridCell::new(line.worth.shown()),
                GridCell::new(line.points.shown()),
                match own {
                    Some(own) => GridCell::new(own.points.shown()).with(&own.evidence),
                    None => GridCell::new("–"),
                },
            ],
        });
    }
    grid
}

/// The numbers an indicator looks at, in words.
fn numbers(indicator: &Indicator, values: &Values) -> String {
    let known = |input: &Input| {
        values
            .get(input)
            .map_or("–".to_owned(), |value| grouped(*value))
    };
    let sum = |inputs: &[Input]| {
        let all: Vec<String> = inputs.iter().map(known).collect();
        all.join(" + ")
    };
    match &indicator.measure {
        Measure::Share { done, of } => format!("{} / {}", sum(done), sum(of)),
        Measure::Quota { count, .. } => {
            let parts: Vec<String> = count
                .iter()
                .map(|(input, percent)| match percent {
                    100 => known(input),
                    percent => format!("{} × {percent} %", known(input)),
                })
                .collect();
            parts.join(" + ")
        }
        Measure::Deduct { each, .. } => {
            let parts: Vec<String> = each
                .iter()
                .map(|(input, points)| format!("{} × {}", known(input), points.shown()))
                .collect();
            format!("trừ {}", parts.join(" + "))
        }
        Measure::Percentile { value, per, .. } => match per {
            Some(per) => format!("{} / {}", known(value), known(per)),
            None => known(value),
        },
        Measure::Declared => "–".to_owned(),
    }
}

fn extras(period: Uuid, board: &Board, member: &Entry, score: &Score) -> Grid {
    let mut grid = Grid::new("Cộng, trừ", &["Khoản", "Số lần", "Điểm"]);
    let row = |name: &str, basis: &str, input: Input, extra: &Extra, points: String| GridRow {
        head: name.to_owned(),
        url: None,
        sub: basis.to_owned(),
        cells: vec![
            GridCell::new(grouped(extra.count)).to(evidence::path_of(period, member.unit, input)),
            GridCell::new(points),
        ],
    };
    for extra in &score.penalties {
        if let Some(one) = board
            .scheme
            .penalties
            .iter()
            .find(|one| one.code == extra.code)
        {
            let points = match one.zero {
                true => "điểm của kỳ bằng 0".to_owned(),
                false => format!("−{}", extra.points.shown()),
            };
            grid.add(row(&one.name, &one.basis, one.input, extra, points));
        }
    }
    for extra in &score.bonuses {
        if let Some(one) = board
            .scheme
            .bonuses
            .iter()
            .find(|one| one.code == extra.code)
        {
            let points = format!("+{}", extra.points.shown());
            grid.add(row(&one.name, &one.basis, one.input, extra, points));
        }
    }
    if !score.bonuses.is_empty() {
        grid.add(GridRow {
            head: "Tổng điểm cộng được tính".to_owned(),
            sub: format!("nhiều nhất {}", board.scheme.bonus_cap.shown()),
            cells: vec![
                GridCell::new(""),
                GridCell::new(format!("+{}", score.bonus.shown())),
            ],
            ..GridRow::default()
        });
    }
    grid
}

fn inputs(period: Uuid, member: &Entry) -> Grid {
    let mut grid = Grid::new(
        "Mọi số liệu đã đếm",
        &["Số liệu", "Đã đếm", "Sau điều chỉnh"],
    );
    let adjusted = member.adjusted();
    for (input, label, _) in Input::ALL {
        let shown = |values: &Values| values.get(&input).map(|value| grouped(*value));
        let (raw, now) = (shown(&member.inputs), shown(&adjusted));
        if raw.is_none() && now.is_none() {
            continue;
        }
        grid.add(GridRow {
            head: label.to_owned(),
            url: Some(evidence::path_of(period, member.unit, input)),
            sub: String::new(),
            cells: vec![
                GridCell::new(raw.unwrap_or_else(|| "–".to_owned())),
                GridCell::new(now.unwrap_or_else(|| "–".to_owned())),
            ],
        });
    }
    grid
}

fn objections(board: &Board, member: &Entry) -> Vec<RankingObjection> {
    member
        .objections
        .iter()
        .map(|one| {
            let outcome = one.outcome.as_deref().and_then(Outcome::parse);
            let tone = match outcome {
                None => Tone::Warning,
                Some(Outcome::Granted | Outcome::Partly) => Tone::Good,
                Some(Outcome::Refused) => Tone::Quiet,
            };
            let name = board.scheme.indicator(&one.indicator);
            RankingObjection {
                id: one.id.to_string(),
                indicator: format!(
                    "{} {}",
                    one.indicator,
                    name.map(|one| one.name.as_str()).unwrap_or_default()
                ),
                words: one.words.clone(),
                outcome: Badge::new(outcome.map_or("Chờ trả lời", Outcome::label), tone),
                answer: one.answer.clone(),
                is_open: outcome.is_none(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_type_them() {
        assert_eq!(points(" 7,5 "), Some(Points(750)));
        assert_eq!(points("7.25"), Some(Points(725)));
        assert_eq!(points("bảy"), None);
        assert_eq!(whole("−1.200"), Some(-1200));
        assert_eq!(whole("3"), Some(3));
        assert_eq!(whole(""), None);
    }
}
