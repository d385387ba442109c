//! `/quan-tri/sap-nhap`: what was decided of units, what it changes, and what came of it.

use super::reorganisation_form;
use super::reorganisation_words::{self as words, Names};
use crate::reorganisation::stored::{self, State};
use crate::reorganisation::{Kind, carry_out};
use axum::extract::{Form, Path, Query};
use axum::response::Response;
use serde::Deserialize;
use shared::accounts::Right;
use shared::directory::site_record;
use shared::error::{Error, Result};
use shared::pages::newsroom::around::{AtDesk, Done};
use shared::pages::templates::{ReorganisationPage, ReorganisationsPage};
use shared::pages::view::{Leaf, Link};
use uuid::Uuid;

/// The list.
pub(super) const PATH: &str = "/quan-tri/sap-nhap";
/// One of them.
pub(super) const ONE: &str = "/quan-tri/sap-nhap/{id}";
/// Rows on one page.
const PAGE: u64 = 30;

/// The page of `id`.
pub(super) fn path_of(id: Uuid) -> String {
    ONE.replace("{id}", &id.to_string())
}

/// How many pages on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    trang: u32,
}

pub(super) async fn list(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let db = at.site.db.reader();
    let total = stored::count(db).await?;
    let leaf = Leaf::nearest(asked.trang, total, PAGE);
    let kept = stored::list(db, leaf.offset, PAGE).await?;
    let mut operations = Vec::with_capacity(kept.len());
    for one in &kept {
        operations.push(one.operation()?);
    }
    let names = Names::load(&at.site, &operations.iter().collect::<Vec<_>>()).await?;
    let rows = kept.iter().map(|one| words::row(one, &names));
    let rows = rows.collect::<Result<Vec<_>>>()?;
    let forms = Kind::ALL.map(|kind| {
        let query = [("loai", kind.as_str())];
        Link::new(
            kind.label(),
            shared::pages::newsroom::around::address(reorganisation_form::NEW, query),
        )
    });
    at.answer(&ReorganisationsPage {
        desk: at.desk("Sắp xếp đơn vị", PATH).await?,
        forms: match at.user.may(Right::ManageMembers) {
            true => forms.into(),
            false => Vec::new(),
        },
        rows,
        pagination: leaf.pagination(|number| format!("{PATH}?trang={number}")),
    })
}

pub(super) async fn one(at: AtDesk, Path(id): Path<String>) -> Result<Response> {
    let kept = find(&at, &id).await?;
    let operation = kept.operation()?;
    let names = Names::load(&at.site, &[&operation]).await?;
    let plan = kept.plan()?;
    let may_withdraw = kept.state().is_open() && at.user.may(Right::ManageMembers);
    let mut without_site = Vec::new();
    if kept.state() == State::Done && at.user.may(Right::ManageMembers) {
        for begins in &operation.begins {
            let site = site_record::of_unit(at.site.db.reader(), begins.unit).await?;
            if site.is_none() {
                without_site.push(Link::new(
                    names.of(begins.unit),
                    super::enrol::path_for(begins.unit),
                ));
            }
        }
    }
    let mut desk = at.desk("Lần sắp xếp", PATH).await?;
    desk.breadcrumb = vec![Link::new("Sắp xếp đơn vị", PATH)];
    at.answer(&ReorganisationPage {
        desk,
        action: path_of(kept.id),
        row: words::row(&kept, &names)?,
        may_withdraw,
        plan: words::changes(&at.site, &operation, &plan, &names).await?,
        without_site,
    })
}

async fn find(at: &AtDesk, id: &str) -> Result<stored::Model> {
    let id: Uuid = id.parse().map_err(|_| Error::NotFound)?;
    stored::find(at.site.db.reader(), id)
        .await?
        .ok_or(Error::NotFound)
}

/// What is sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    csrf: String,
    confirm: String,
}

pub(super) async fn withdraw(
    at: AtDesk,
    Path(id): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    at.user.check_form(&sent.csrf)?;
    let kept = find(&at, &id).await?;
    if sent.confirm.is_empty() {
        let why = "Chưa rút: hãy đánh dấu để xác nhận.";
        return Err(Error::Conflict(why.to_owned()));
    }
    carry_out::withdraw(&at.site, kept.id, &at.user.actor()).await?;
    Ok(Done::ReorganisationWithdrawn.then(&path_of(kept.id)))
}
