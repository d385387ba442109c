//! `/quan-tri/don-vi/song`: the table of members kept up to date while somebody looks at it (server-sent events).

use super::members::{self, Asked};
use crate::members::overview::{Member, Overview};
use crate::members::watch::{Follower, Watch};
use askama::Template;
use axum::extract::Extension;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use shared::error::Result;
use shared::pages::cards;
use shared::pages::newsroom::around::AtDesk;
use shared::pages::templates::MemberRowPart;
use shared::pages::view::{LinkState, MemberRow};
use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// The address.
pub(super) const PATH: &str = "/quan-tri/don-vi/song";
/// Who still looks after so long asks again: whether they may is seen anew.
const LONGEST: Duration = Duration::from_secs(600);

/// A table that somebody looks at.
struct Shown {
    asked: Asked,
    looks: Follower,
    /// The rows as they were last sent. They keep their places: whoever reads the table does not lose theirs.
    rows: Vec<(Uuid, MemberRow)>,
    states: HashMap<Uuid, LinkState>,
    ends: Instant,
}

pub(super) async fn follow(at: AtDesk, Extension(watch): Extension<Watch>) -> Result<Response> {
    let asked = Asked::of(&at.visit);
    let mut looks = watch.follow();
    let overview = watch.seen(&at.site).await?;
    looks.skip();
    let shown = Shown {
        rows: rows(&asked, &overview),
        states: states(&overview),
        asked,
        looks,
        ends: Instant::now() + LONGEST,
    };
    let alive = KeepAlive::new().interval(Duration::from_secs(15));
    Ok(Sse::new(events(shown)).keep_alive(alive).into_response())
}

/// What changes in the table, until it is too old or the hub stops.
fn events(shown: Shown) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(Some(shown), |shown| async move {
        let mut shown = shown?;
        let next = tokio::time::timeout_at(shown.ends, shown.looks.next()).await;
        let overview = next.ok()??;
        let change = shown.take(&overview);
        let event = match change {
            Some(change) => Event::default().event("rows").data(change.to_string()),
            // Other members: the page is asked for again.
            None => return Some((Ok(Event::default().event("again").data("1")), None)),
        };
        Some((Ok(event), Some(shown)))
    })
}

impl Shown {
    /// What `overview` changes: rows, figures, what is to be said. `None` if somebody came or went.
    fn take(&mut self, overview: &Overview) -> Option<serde_json::Value> {
        if overview.members.len() != self.states.len() {
            return None;
        }
        let members: HashMap<Uuid, &Member> = overview
            .members
            .iter()
            .map(|member| (member.site, member))
            .collect();
        let mut changed: Vec<(String, String)> = Vec::new();
        for (site, row) in &mut self.rows {
            let new = self.asked.row(members.get(site)?, overview.made_at);
            if *row == new {
                continue;
            }
            let part = MemberRowPart { row: new.clone() };
            changed.push((new.url.clone(), part.render().ok()?));
            *row = new;
        }
        let figures: Vec<String> = members::figures(overview)
            .into_iter()
            .map(|figure| figure.value)
            .collect();
        let at = members::seen_at(overview);
        Some(serde_json::json!({
            "at": [at.iso, at.text],
            "figures": figures,
            "rows": changed,
            "said": self.said(overview),
        }))
    }

    /// Who is in another state than before, in words for whoever does not see the table.
    fn said(&mut self, overview: &Overview) -> String {
        const MOST: usize = 3;
        let before = std::mem::replace(&mut self.states, states(overview));
        let changed: Vec<String> = overview
            .members
            .iter()
            .filter(|member| {
                before
                    .get(&member.site)
                    .is_some_and(|state| *state != member.state)
            })
            .map(|member| {
                let name = cards::capitalised(&member.name);
                format!("{name}: {}.", member.state.word())
            })
            .collect();
        let mut said = changed
            .iter()
            .take(MOST)
            .cloned()
            .collect::<Vec<_>>()
            .join(" ");
        if changed.len() > MOST {
            said.push_str(&format!(
                " Và {} đơn vị khác đổi trạng thái.",
                changed.len() - MOST
            ));
        }
        said
    }
}

fn rows(asked: &Asked, overview: &Overview) -> Vec<(Uuid, MemberRow)> {
    let members = asked.on_page(overview).into_iter();
    members
        .map(|member| (member.site, asked.row(member, overview.made_at)))
        .collect()
}

fn states(overview: &Overview) -> HashMap<Uuid, LinkState> {
    let members = overview.members.iter();
    members.map(|member| (member.site, member.state)).collect()
}
