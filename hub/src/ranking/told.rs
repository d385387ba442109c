//! The numbers of one member as the province shows them and tells them: out of a board, purely.

use super::input::{Input, Values};
use super::period;
use super::scheme::{Indicator, Measure, Scheme};
use super::score::{Place, Score};
use super::snapshot::{Board, Entry};
use shared::ranking::sheet::{
    Adjustment, Extra, Line, Number, Objection, Outcome, SelfScore, Sheet, Standing,
};
use uuid::Uuid;

/// The numbers of `unit` in `period`; none if it is not ranked there.
pub fn sheet(board: &Board, period: &period::Model, unit: Uuid) -> Option<Sheet> {
    let (member, score) = board.of_unit(unit)?;
    let scheme = &board.scheme;
    let group = scheme.group(&member.group);
    let values = member.adjusted();
    let place = |place: Place| (place.place, place.of);
    let lines = scheme.indicators.iter().zip(&score.lines);
    Some(Sheet {
        period: period.id,
        label: board.label.clone(),
        state: period.state(),
        window_until: period.window_until(),
        counted_at: period.collected_at.unwrap_or(period.opened_at),
        scheme: scheme.version.clone(),
        basis: scheme.basis.clone(),
        group: group.map(|group| group.name.clone()).unwrap_or_default(),
        class: score.class.clone(),
        standings: score
            .standings
            .iter()
            .map(|standing| Standing {
                table: standing.table.label().to_owned(),
                points: standing.points.0,
                overall: place(standing.overall),
                in_group: place(standing.in_group),
            })
            .collect(),
        lines: lines
            .map(|(indicator, line)| Line {
                code: indicator.code.clone(),
                name: indicator.name.clone(),
                category: indicator.category.label().to_owned(),
                basis: indicator.basis.clone(),
                most: indicator.points.0,
                sum: sum(indicator, &values),
                number: indicator.measure.inputs().first().map(|input| input.code()),
                declared: indicator.measure == Measure::Declared,
                reached: line.fraction.map(|fraction| fraction.percent().0),
                worth: line.worth.0,
                points: line.points.0,
            })
            .collect(),
        extras: extras(scheme, score),
        bonus_cap: (!score.bonuses.is_empty()).then_some(scheme.bonus_cap.0),
        numbers: numbers(member, &values),
        adjustments: member
            .adjustments
            .iter()
            .map(|one| Adjustment {
                label: one.input.label().to_owned(),
                delta: one.delta,
                reason: one.reason.clone(),
            })
            .collect(),
        self_scores: member
            .self_scores
            .iter()
            .map(|one| {
                let score = SelfScore {
                    points: one.points.0,
                    evidence: one.evidence.clone(),
                };
                (one.indicator.clone(), score)
            })
            .collect(),
        objections: member
            .objections
            .iter()
            .map(|one| Objection {
                id: one.id,
                indicator: one.indicator.clone(),
                words: one.words.clone(),
                outcome: one.outcome.as_deref().and_then(Outcome::parse),
                answer: one.answer.clone(),
            })
            .collect(),
        turned_away: Vec::new(),
        url: None,
    })
}

fn extras(scheme: &Scheme, score: &Score) -> Vec<Extra> {
    let penalties = score.penalties.iter().filter_map(|extra| {
        let of = |one: &&super::scheme::Penalty| one.code == extra.code;
        let one = scheme.penalties.iter().find(of)?;
        Some(Extra {
            name: one.name.clone(),
            basis: one.basis.clone(),
            number: one.input.code(),
            count: extra.count,
            points: -extra.points.0,
            voids: one.zero,
        })
    });
    let bonuses = score.bonuses.iter().filter_map(|extra| {
        let of = |one: &&super::scheme::Bonus| one.code == extra.code;
        let one = scheme.bonuses.iter().find(of)?;
        Some(Extra {
            name: one.name.clone(),
            basis: one.basis.clone(),
            number: one.input.code(),
            count: extra.count,
            points: extra.points.0,
            voids: false,
        })
    });
    penalties.chain(bonuses).collect()
}

fn numbers(member: &Entry, adjusted: &Values) -> Vec<Number> {
    let known = Input::ALL.iter().map(|(input, label, _)| Number {
        code: input.code(),
        label: (*label).to_owned(),
        counted: member.inputs.get(input).copied(),
        adjusted: adjusted.get(input).copied(),
    });
    known
        .filter(|one| one.counted.is_some() || one.adjusted.is_some())
        .collect()
}

/// How the number of an indicator is made of what was counted, in words.
fn sum(indicator: &Indicator, values: &Values) -> String {
    let known = |input: &Input| {
        values
            .get(input)
            .map_or("–".to_owned(), |value| input.shown(*value))
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
