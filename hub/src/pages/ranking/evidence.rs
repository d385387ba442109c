//! `/quan-tri/xep-hang/minh-chung/{sheet}`: the rows behind one number of a member.

use super::asked::sheet_name;
use super::{period as one, periods, sheet};
use crate::ranking::evidence::{self, Asked as Question};
use crate::ranking::input::{Evidence, Input};
use axum::extract::{Path, Query};
use axum::response::Response;
use serde::Deserialize;
use shared::error::{Error, Result};
use shared::pages::cards;
use shared::pages::newsroom::around::{self, AtDesk};
use shared::pages::templates::{RankingEvidencePage, RankingPiece};
use shared::pages::view::{Badge, Link, Tone};
use shared::vietnamese::grouped;
use uuid::Uuid;

/// The page.
pub(in crate::pages) const PATH: &str = "/quan-tri/xep-hang/minh-chung/{sheet}";

/// The page of what `input` of `unit` in `period` was counted from.
pub(super) fn path_of(period: Uuid, unit: Uuid, input: Input) -> String {
    let path = PATH.replace("{sheet}", &sheet_name(period, unit));
    around::address(&path, [("so-lieu", input.code().as_str())])
}

/// Which number.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Asked {
    #[serde(rename = "so-lieu")]
    input: String,
}

pub(in crate::pages) async fn show(
    at: AtDesk,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let (period, board, unit) = sheet::find(&at, &name).await?;
    let input = Input::parse(&asked.input).unwrap_or(Input::Items);
    let (member, _) = board.of_unit(unit).ok_or(Error::NotFound)?;
    let question = Question {
        site: &at.site,
        scheme: &board.scheme,
        span: &board.span,
        member,
    };
    let pieces = evidence::of(question, input).await?;
    let counted = member.inputs.get(&input).copied();
    let sum: i64 = pieces.iter().map(|piece| piece.amount).sum();
    let mut desk = at.desk(input.label(), periods::PATH).await?;
    desk.breadcrumb = vec![
        Link::new("Xếp hạng", periods::PATH),
        Link::new(&board.label, one::path_of(period.id)),
        Link::new(
            cards::capitalised(&member.name),
            sheet::path_of(period.id, unit),
        ),
    ];
    let when = period
        .collected_at
        .map(|at| format!(", đếm lúc {}", cards::moment(at).text))
        .unwrap_or_default();
    let shown = |value: Option<i64>| value.map_or("chưa có".to_owned(), grouped);
    at.answer(&RankingEvidencePage {
        desk,
        summary: format!(
            "{}: {}{when}",
            cards::capitalised(&member.name),
            shown(counted)
        ),
        differs: differs(input, counted, sum),
        rows: pieces
            .into_iter()
            .map(|piece| RankingPiece {
                title: piece.title,
                url: piece.url,
                note: piece.note,
                amount: match piece.amount {
                    0 => Badge::new("không tính", Tone::Quiet),
                    amount => Badge::new(grouped(amount), Tone::Good),
                },
            })
            .collect(),
    })
}

/// That what is held now comes to something else than what was counted.
fn differs(input: Input, counted: Option<i64>, sum: i64) -> Option<String> {
    // Half of what took no longer is no sum; what only people find has no rows.
    let is_sum = input != Input::AnswerDaysMedian
        && !(input.evidence() == Evidence::Fact && counted.is_none());
    let counted = counted.filter(|counted| is_sum && *counted != sum)?;
    Some(format!(
        "Khi đếm là {}; những gì cổng tỉnh đang giữ bây giờ cộng lại là {}. Có mục đã bị gỡ hoặc thay đổi sau đó; điểm vẫn theo số đã đếm.",
        grouped(counted),
        grouped(sum)
    ))
}
