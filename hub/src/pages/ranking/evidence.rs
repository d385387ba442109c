//! `/quan-tri/xep-hang/minh-chung/{sheet}`: the rows behind one number of a member.

use super::asked::sheet_name;
use super::{period as one, periods, sheet};
use crate::ranking::evidence;
use crate::ranking::input::Input;
use axum::extract::{Path, Query};
use axum::response::Response;
use serde::Deserialize;
use shared::error::{Error, Result};
use shared::pages::cards;
use shared::pages::newsroom::around::{self, AtDesk};
use shared::pages::ranking;
use shared::pages::view::Link;
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
    let rows = evidence::rows(&at.site, &period, &board, member, input).await?;
    let mut desk = at.desk(input.label(), periods::PATH).await?;
    desk.breadcrumb = vec![
        Link::new("Xếp hạng", periods::PATH),
        Link::new(&board.label, one::path_of(period.id)),
        Link::new(
            cards::capitalised(&member.name),
            sheet::path_of(period.id, unit),
        ),
    ];
    let name = cards::capitalised(&member.name);
    at.answer(&ranking::evidence(desk, &name, Ok(&rows)))
}
