//! `/quan-tri/xep-hang/diem/{sheet}`: what one member reached in one period, indicator by indicator, and what is said
//! about it.

use super::asked::{of_sheet, sheet_name};
use super::period as one;
use super::{evidence, periods};
use crate::ranking::input::Input;
use crate::ranking::objection::{self, Outcome, Said};
use crate::ranking::period::{self, State};
use crate::ranking::snapshot::{self, Board};
use crate::ranking::told;
use axum::extract::{Form, Path};
use axum::response::Response;
use serde::Deserialize;
use shared::accounts::Right;
use shared::error::{Error, Result};
use shared::pages::cards;
use shared::pages::newsroom::around::{AtDesk, Done};
use shared::pages::ranking;
use shared::pages::templates::{RankingForm, RankingSheetPage};
use shared::pages::view::{Choice, FormErrors, Link};
use shared::ranking::Points;
use shared::screening;
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
                points: Points::typed(&self.points)
                    .ok_or_else(|| Error::invalid("points", "Hãy ghi điểm, ví dụ 7,5."))?,
                evidence: self.evidence.clone(),
            },
            "object" => Said::Objection {
                id: Uuid::now_v7(),
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
    let (member, _) = board.of_unit(*unit).ok_or(Error::NotFound)?;
    let sheet = told::sheet(board, period, *unit).ok_or(Error::NotFound)?;
    let mut desk = at
        .desk(&cards::capitalised(&member.name), periods::PATH)
        .await?;
    desk.breadcrumb = vec![
        Link::new("Xếp hạng", periods::PATH),
        Link::new(&board.label, one::path_of(period.id)),
    ];
    let may_say = period.state() == State::Window && at.user.may(Right::ManageRanking);
    let evidence = |number: &str| {
        let input = Input::parse(number)?;
        Some(evidence::path_of(period.id, *unit, input))
    };
    Ok(RankingSheetPage {
        desk,
        facts: vec![
            sheet.label.clone(),
            sheet.group.clone(),
            format!("xếp loại {}", sheet.class),
        ],
        reached: ranking::reached(&sheet, evidence, &sent.indicator),
        may_say,
        inputs: Input::ALL
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_type_them() {
        assert_eq!(whole("−1.200"), Some(-1200));
        assert_eq!(whole("3"), Some(3));
        assert_eq!(whole(""), None);
    }
}
