//! The numbers a member is ranked by, as tables: the same at the province and at the member.

use super::cards;
use super::templates::{
    Grid, GridCell, GridRow, RankingEvidencePage, RankingObjection, RankingPiece, RankingReached,
};
use super::view::{Badge, Choice, Desk, Figure, Tone};
use crate::ranking::Points;
use crate::ranking::rows::Rows;
use crate::ranking::sheet::{Outcome, Sheet, State};
use crate::vietnamese::grouped;

/// How far a period has come.
pub fn badge(state: State) -> Badge {
    let tone = match state {
        State::Open => Tone::Info,
        State::Window => Tone::Warning,
        State::Frozen => Tone::Quiet,
        State::Published => Tone::Good,
    };
    Badge::new(state.label(), tone)
}

/// `3/37`.
pub fn place((place, of): (u32, u32)) -> String {
    format!("{place}/{of}")
}

/// All of `sheet`; `rows_of` leads to the rows behind a number, and `chosen` is the indicator something is said about.
pub fn reached(
    sheet: &Sheet,
    rows_of: impl Fn(&str) -> Option<String>,
    chosen: &str,
) -> RankingReached {
    RankingReached {
        figures: figures(sheet),
        lines: lines(sheet, &rows_of),
        extras: extras(sheet, &rows_of),
        inputs: numbers(sheet, &rows_of),
        adjustments: adjustments(sheet),
        objections: objections(sheet),
        indicators: indicators(sheet, chosen),
    }
}

/// What it comes to in each table.
fn figures(sheet: &Sheet) -> Vec<Figure> {
    let standings = sheet.standings.iter().map(|standing| Figure {
        value: standing.points().shown(),
        label: format!(
            "{}: hạng {} toàn tỉnh, {} trong nhóm",
            standing.table,
            place(standing.overall),
            place(standing.in_group)
        ),
    });
    standings.collect()
}

/// What it reached, indicator by indicator.
fn lines(sheet: &Sheet, rows_of: impl Fn(&str) -> Option<String>) -> Grid {
    let heads = [
        "Chỉ số",
        "Số liệu",
        "Đạt",
        "Điểm tối đa",
        "Điểm",
        "Tự đánh giá",
    ];
    let mut grid = Grid::new("Điểm từng chỉ số", &heads);
    for line in &sheet.lines {
        let reached = match line.reached {
            Some(reached) => GridCell::new(format!("{} %", Points(reached).shown())),
            None if line.declared => GridCell::new("chưa đo"),
            None => GridCell::new("không có số liệu").with("không tính"),
        };
        let mut data = GridCell::new(line.sum.clone());
        data.url = line.number.as_deref().and_then(&rows_of);
        grid.add(GridRow {
            head: format!("{} {}", line.code, line.name),
            url: None,
            sub: format!("{}; gốc {} điểm", line.category, Points(line.most).shown()),
            cells: vec![
                data,
                reached,
                GridCell::new(Points(line.worth).shown()),
                GridCell::new(Points(line.points).shown()),
                match sheet.self_scores.get(&line.code) {
                    Some(own) => GridCell::new(Points(own.points).shown()).with(&own.evidence),
                    None => GridCell::new("–"),
                },
            ],
        });
    }
    grid
}

/// What it lost and got besides.
fn extras(sheet: &Sheet, rows_of: impl Fn(&str) -> Option<String>) -> Grid {
    let mut grid = Grid::new("Cộng, trừ", &["Khoản", "Số lần", "Điểm"]);
    for extra in &sheet.extras {
        let mut count = GridCell::new(grouped(extra.count));
        count.url = rows_of(&extra.number);
        grid.add(GridRow {
            head: extra.name.clone(),
            url: None,
            sub: extra.basis.clone(),
            cells: vec![count, GridCell::new(extra.shown())],
        });
    }
    if let Some(cap) = sheet.bonus_cap {
        let given = sheet.extras.iter().map(|extra| extra.points.max(0));
        let given: i64 = given.sum();
        grid.add(GridRow {
            head: "Tổng điểm cộng được tính".to_owned(),
            sub: format!("nhiều nhất {}", Points(cap).shown()),
            cells: vec![
                GridCell::new(""),
                GridCell::new(format!("+{}", Points(given.min(cap)).shown())),
            ],
            ..GridRow::default()
        });
    }
    grid
}

/// All numbers that were counted.
fn numbers(sheet: &Sheet, rows_of: impl Fn(&str) -> Option<String>) -> Grid {
    let mut grid = Grid::new(
        "Mọi số liệu đã đếm",
        &["Số liệu", "Đã đếm", "Sau điều chỉnh"],
    );
    let shown = |value: Option<i64>| GridCell::new(value.map_or("–".to_owned(), grouped));
    for number in &sheet.numbers {
        grid.add(GridRow {
            head: number.label.clone(),
            url: rows_of(&number.code),
            sub: String::new(),
            cells: vec![shown(number.counted), shown(number.adjusted)],
        });
    }
    grid
}

/// What was adjusted, line by line.
fn adjustments(sheet: &Sheet) -> Vec<String> {
    let lines = sheet.adjustments.iter().map(|one| {
        let sign = if one.delta > 0 { "+" } else { "" };
        format!("{}: {sign}{}. {}", one.label, one.delta, one.reason)
    });
    lines.collect()
}

/// The indicators to choose from, `chosen` among them.
fn indicators(sheet: &Sheet, chosen: &str) -> Vec<Choice> {
    let all = sheet.lines.iter();
    all.map(|line| Choice::new(&line.code, title(sheet, &line.code), line.code == chosen))
        .collect()
}

/// The indicator `code` with its name.
pub fn title(sheet: &Sheet, code: &str) -> String {
    match sheet.line(code) {
        Some(line) => format!("{code} {}", line.name),
        None => code.to_owned(),
    }
}

/// What it objects to, with the answers.
fn objections(sheet: &Sheet) -> Vec<RankingObjection> {
    let all = sheet.objections.iter().map(|one| RankingObjection {
        id: one.id.to_string(),
        indicator: title(sheet, &one.indicator),
        words: one.words.clone(),
        outcome: outcome(one.outcome),
        answer: one.answer.clone(),
        is_open: one.outcome.is_none(),
    });
    all.collect()
}

fn outcome(outcome: Option<Outcome>) -> Badge {
    let tone = match outcome {
        None => Tone::Warning,
        Some(Outcome::Granted | Outcome::Partly) => Tone::Good,
        Some(Outcome::Refused) => Tone::Quiet,
    };
    Badge::new(outcome.map_or("Chờ trả lời", Outcome::label), tone)
}

/// The page of the rows behind a number of `member`, or of why they are not to be had.
pub fn evidence(desk: Desk, member: &str, rows: Result<Rows, String>) -> RankingEvidencePage {
    let rows = match rows {
        Ok(rows) => rows,
        Err(why) => {
            return RankingEvidencePage {
                desk,
                summary: member.to_owned(),
                notice: None,
                trouble: Some(why.trim_end_matches('.').to_owned()),
                rows: Vec::new(),
            };
        }
    };
    let counted = rows.counted.map_or("chưa có".to_owned(), grouped);
    let when = rows.counted_at.map(|at| cards::moment(at).text);
    let when = when.map_or(String::new(), |when| format!(", đếm lúc {when}"));
    RankingEvidencePage {
        desk,
        summary: format!("{member}: {counted}{when}"),
        notice: differs(&rows),
        trouble: None,
        rows: rows
            .rows
            .into_iter()
            .map(|row| RankingPiece {
                title: row.title,
                url: row.url,
                note: row.note,
                amount: match row.amount {
                    0 => Badge::new("không tính", Tone::Quiet),
                    amount => Badge::new(grouped(amount), Tone::Good),
                },
            })
            .collect(),
    }
}

/// That what is held now comes to something else than what was counted.
fn differs(rows: &Rows) -> Option<String> {
    let held = rows.held?;
    let counted = rows.counted.filter(|counted| *counted != held)?;
    Some(format!(
        "Khi đếm là {}; những gì cổng tỉnh đang giữ bây giờ cộng lại là {}. Có mục đã bị gỡ hoặc thay đổi sau đó; điểm vẫn theo số đã đếm.",
        grouped(counted),
        grouped(held)
    ))
}
