//! `/quan-tri/xep-hang/minh-chung/{sheet}`: the rows behind one number of a member.

use super::asked::{of_sheet, sheet_name};
use super::{period as one, periods, sheet};
use crate::ranking::evidence;
use crate::ranking::input::Input;
use crate::ranking::period::{self, sheet::Entity as Sheet};
use axum::extract::{Path, Query};
use axum::response::Response;
use sea_orm::EntityTrait;
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
    let (period, unit) = of_sheet(&name).ok_or(Error::NotFound)?;
    let db = at.site.db.reader();
    let period = period::find(db, period).await?.ok_or(Error::NotFound)?;
    let found = Sheet::find_by_id((period.id, unit)).one(db).await?;
    let found = found.ok_or(Error::NotFound)?;
    let name = cards::capitalised(&found.name);
    let input = Input::parse(&asked.input).unwrap_or(Input::Items);
    let rows = evidence::rows(&at.site, &period, found, input).await?;
    let mut desk = at.desk(input.label(), periods::PATH).await?;
    desk.breadcrumb = vec![
        Link::new("Xếp hạng", periods::PATH),
        Link::new(period.span()?.label(), one::path_of(period.id)),
        Link::new(&name, sheet::path_of(period.id, unit)),
    ];
    at.answer(&ranking::evidence(desk, &name, Ok(rows)))
}
