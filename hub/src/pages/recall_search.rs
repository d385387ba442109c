//! `/quan-tri/thu-hoi/tim`: everything that says something, or shows a medium, found and taken back by one order.
//!
//! What is looked for may be what nobody is to read: it never stands in an address or in the log.

use super::recall_form::{self, Ordered};
use super::recalls as list;
use crate::recall::Order;
use crate::recall::search::{self, Hit, Sought};
use axum::response::Response;
use axum_extra::extract::Form;
use serde::Deserialize;
use shared::error::{Error, Result};
use shared::pages::cards;
use shared::pages::newsroom::around::{AtDesk, Done};
use shared::pages::templates::RecallSearchPage;
use shared::pages::view::{FormErrors, Link, RecallHit};
use shared::vietnamese;
use std::collections::HashSet;
use uuid::Uuid;

/// The page.
pub(super) const PATH: &str = "/quan-tri/thu-hoi/tim";

/// What is filled in. The names of the fields are the form's.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filled {
    csrf: String,
    /// `find` or `recall`.
    action: String,
    q: String,
    entry: Vec<Uuid>,
    reason: String,
    basis: String,
    erase: String,
    /// How many are to be taken back, typed by hand.
    count: String,
}

pub(super) async fn begin(at: AtDesk) -> Result<Response> {
    let page = page(&at, Filled::default(), None, FormErrors::default()).await?;
    at.answer(&page)
}

pub(super) async fn decide(at: AtDesk, Form(filled): Form<Filled>) -> Result<Response> {
    at.user.check_form(&filled.csrf)?;
    let found = match look(&at, &filled.q).await {
        Ok(found) => found,
        Err(Error::Invalid(lacking)) => {
            return at.answer_again(&page(&at, filled, None, lacking.into()).await?);
        }
        Err(error) => return Err(error),
    };
    if filled.action != "recall" {
        return at.answer(&page(&at, filled, Some(found), FormErrors::default()).await?);
    }
    let errors = lacking(&filled, &found.0);
    if !errors.is_empty() {
        return at.answer_again(&page(&at, filled, Some(found), errors).await?);
    }
    let erase = !filled.erase.is_empty();
    let (mut recalled, mut proposed) = (0_usize, 0_usize);
    for entry in &filled.entry {
        let order = Order {
            entry: *entry,
            reason: filled.reason.clone(),
            basis: Some(filled.basis.clone()),
            erase,
            replacement: None,
            by: at.user.account.name.clone(),
            actor: at.user.actor(),
        };
        match recall_form::carry_out(&at, order).await {
            Ok(Ordered::Recalled(_)) => recalled += 1,
            Ok(Ordered::Proposed) => proposed += 1,
            // Somebody was faster: it is gone, as it was meant to be.
            Err(Error::Conflict(_) | Error::NotFound) => {}
            Err(Error::Invalid(lacking)) => {
                // What was taken back before this one stays so, and is not among what is found any more.
                let found = look(&at, &filled.q).await?;
                return at.answer_again(&page(&at, filled, Some(found), lacking.into()).await?);
            }
            Err(error) => return Err(error),
        }
    }
    tracing::info!(
        account.login = at.user.account.login,
        recalled,
        proposed,
        "everything that said something was recalled"
    );
    let done = match proposed {
        0 => Done::Recalled,
        _ => Done::RecallProposed,
    };
    Ok(done.then(list::PATH))
}

async fn look(at: &AtDesk, typed: &str) -> Result<(Vec<Hit>, bool)> {
    let sought = Sought::parse(typed)?;
    search::find(at.site.db.reader(), &sought).await
}

fn lacking(filled: &Filled, found: &[Hit]) -> FormErrors {
    let mut errors = FormErrors::default();
    let known: HashSet<Uuid> = found.iter().map(|hit| hit.entry.entry_id).collect();
    if filled.entry.is_empty() {
        errors.add("entries", "Hãy đánh dấu ít nhất một bài.");
    }
    if !filled.entry.iter().all(|entry| known.contains(entry)) {
        errors.add("entries", "Danh sách đã đổi. Hãy xem lại rồi đánh dấu.");
    }
    if filled.reason.trim().is_empty() {
        errors.add("reason", "Hãy ghi lý do; bạn đọc sẽ thấy lý do này.");
    }
    let said = Sought::parse(&filled.q).is_ok_and(|sought| sought.is_said_in(&filled.reason));
    if said {
        errors.add(
            "reason",
            "Lý do nhắc lại chính điều cần thu hồi. Hãy viết cách khác.",
        );
    }
    if filled.count.trim() != filled.entry.len().to_string() {
        let count = filled.entry.len();
        errors.add(
            "count",
            format!("Đang đánh dấu {count} bài. Hãy gõ đúng số ấy để xác nhận."),
        );
    }
    errors
}

async fn page(
    at: &AtDesk,
    filled: Filled,
    found: Option<(Vec<Hit>, bool)>,
    errors: FormErrors,
) -> Result<RecallSearchPage> {
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let tree = shared::units::tree_on(at.site.db.reader(), today).await?;
    let mut desk = at.desk("Tìm để thu hồi", list::PATH).await?;
    desk.breadcrumb = vec![Link::new("Thu hồi", list::PATH)];
    let is_more = found.as_ref().is_some_and(|(_, is_more)| *is_more);
    let was_asked = found.is_some();
    // All are meant, unless somebody chose.
    let all = filled.action != "recall";
    let hits = found.map(|(hits, _)| hits).unwrap_or_default();
    Ok(RecallSearchPage {
        desk,
        action: PATH.to_owned(),
        q: filled.q,
        was_asked,
        is_more,
        hits: hits
            .into_iter()
            .map(|hit| RecallHit {
                id: hit.entry.entry_id.to_string(),
                chosen: all || filled.entry.contains(&hit.entry.entry_id),
                unit: cards::capitalised(&tree.name_of(hit.entry.unit_id)),
                at: cards::moment(hit.entry.published_at),
                title: hit.entry.title,
                url: hit.entry.url,
                context: hit.context,
            })
            .collect(),
        reason: filled.reason,
        basis: filled.basis,
        erase: !filled.erase.is_empty(),
        errors,
        cancel_url: list::PATH.to_owned(),
    })
}
