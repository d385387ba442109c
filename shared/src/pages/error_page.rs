//! Pages for when something went wrong, with the look of the site.

use super::assets;
use super::cards;
use super::frame::{self, Around};
use super::templates::{BareErrorPage, ErrorPage, RecalledPage};
use super::view::{Explanation, Frame, Recall};
use super::visit::Visit;
use crate::error::{self, Renderer, chain};
use crate::problem::ProblemKind;
use crate::site::Site;
use askama::Template;
use std::sync::Arc;

/// Draws the error pages of `site`. Where even the menu cannot be had, a page without it.
pub fn renderer(site: &Arc<Site>) -> Renderer {
    let site = Arc::clone(site);
    Arc::new(move |page| {
        let site = Arc::clone(&site);
        Box::pin(async move { draw(&site, page).await })
    })
}

async fn draw(site: &Site, page: error::ErrorPage) -> String {
    let visit = Visit::new(page.path.clone(), page.cookies.as_ref());
    let mut explanation = explanation(&page);
    if page.kind == ProblemKind::Unavailable && site.profile.shown_by.is_some() {
        "Chức năng này đang tạm ngừng".clone_into(&mut explanation.heading);
        "Trang đang gián đoạn và chỉ được hiển thị tạm để đọc. Đăng nhập, gửi biểu mẫu và các việc khác \
         sẽ làm được khi trang hoạt động trở lại; xin quay lại sau ít phút."
            .clone_into(&mut explanation.text);
    }
    let frame = if page.status.is_server_error() {
        // What broke may be the very thing a frame is loaded from.
        frame::bare(site, visit.display)
    } else {
        match Around::load(site, &visit).await {
            Ok(around) => around.frame,
            Err(error) => {
                tracing::warn!(error = chain(&error), "an error page goes without its menu");
                frame::bare(site, visit.display)
            }
        }
    };
    let language = visit.display.language;
    let drawn = match page.gone {
        Some(gone) => {
            recalled(site, framed(frame, &gone.title, &visit), &gone).render_with_values(&language)
        }
        None => ErrorPage {
            frame: framed(frame, &explanation.heading, &visit),
            explanation: explanation.clone(),
        }
        .render_with_values(&language),
    };
    drawn
        .or_else(|_| {
            BareErrorPage {
                language,
                assets: assets::base().to_owned(),
                explanation: explanation.clone(),
            }
            .render_with_values(&language)
        })
        .unwrap_or(explanation.heading)
}

fn framed(mut frame: Frame, title: &str, visit: &Visit) -> Frame {
    title.clone_into(&mut frame.head.title);
    title.clone_into(&mut frame.here);
    frame.path.clone_from(&visit.path);
    frame.head.noindex = true;
    frame
}

fn recalled(site: &Site, frame: Frame, gone: &error::Gone) -> RecalledPage {
    RecalledPage {
        recall: Recall {
            title: None,
            at: cards::moment(gone.since.timestamp_millis()),
            unit: frame::face(site).owner,
            reason: (!gone.reason.is_empty()).then(|| gone.reason.clone()),
            replacement: None,
        },
        frame,
    }
}

/// The usual words, with what is known of this very case.
fn explanation(page: &error::ErrorPage) -> Explanation {
    let mut explanation = Explanation::of(page.status.as_u16());
    let fields = page.fields.iter().map(|field| field.message.as_str());
    let particular: Vec<&str> = match page.status.as_u16() {
        409 | 422 => std::iter::once(page.message.as_str())
            .chain(fields)
            .collect(),
        _ => fields.collect(),
    };
    if !particular.is_empty() {
        page.title.clone_into(&mut explanation.heading);
        explanation.text = particular.join(" ");
    }
    if page.status.is_server_error()
        && let Some(id) = page.request_id
    {
        explanation.text = format!("{} Mã yêu cầu: {id}.", explanation.text);
    }
    explanation
}
