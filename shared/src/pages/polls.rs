//! Voting in a poll, and what it came to: on the page of the poll, at the site where it was born.

use super::cards;
use super::entry_page::{Sight, sight};
use super::kind_parts::{Poll, PollLine, Results};
use crate::entries::item::PollFields;
use crate::entries::kinds::consultation::Stage;
use crate::entries::listing::Listed;
use crate::error::{Error, Result};
use crate::readership::{person, votes};
use crate::room::Want;
use crate::server::ClientIp;
use crate::site::Site;
use crate::vietnamese;
use axum::extract::{Extension, Form, Path, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

/// Where a choice is sent, with the id of the entry.
pub const VOTE: &str = "/lua-chon/{id}";
/// Where the page answers that it was heard.
pub const PLACE: &str = "binh-chon";

/// What a button sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chosen {
    #[serde(rename = "lua-chon")]
    choice: String,
}

/// Counts a choice, and leads back to the page. Whoever chooses again the same day is thanked again, and not
/// counted: programs learn nothing.
pub async fn vote(
    State(site): State<Arc<Site>>,
    Path(id): Path<Uuid>,
    peer: Option<Extension<ClientIp>>,
    headers: HeaderMap,
    Form(chosen): Form<Chosen>,
) -> Result<Response> {
    let Sight::Shown(listed) = sight(&site, id).await? else {
        return Err(Error::NotFound);
    };
    let fields = listed.entry.fields().and_then(|fields| fields.poll);
    let fields = fields.filter(|_| counts_here(&site, &listed));
    let fields = fields.ok_or(Error::NotFound)?;
    if fields.stage(today(&site)) == Stage::Closed {
        let day = fields.closes_on.format("%d/%m/%Y");
        let over = format!(
            "Cuộc bình chọn đã kết thúc, hết ngày {day}. Lựa chọn gửi sau không được tính."
        );
        return Err(Error::invalid("lua-chon", over));
    }
    if !fields.options.contains(&chosen.choice) {
        let gone = "Các lựa chọn vừa được sửa. Hãy mở lại trang bình chọn rồi chọn.";
        return Err(Error::invalid("lua-chon", gone));
    }
    let peer = peer.map(|Extension(ClientIp(address))| address);
    let now = site.clock.now();
    site.room.admit(0, Want::Growth)?;
    if let Some(browser) = person::says(&headers)
        && site.readership.admits(peer, browser, id, now)
    {
        let choice = chosen.choice;
        site.db
            .write(move |tx| Box::pin(async move { votes::add(tx, id, &choice).await }))
            .await?;
    }
    let back = format!("{}?da-chon=1#{PLACE}", listed.entry.path());
    let headers: [(HeaderName, String); 2] = [
        (header::LOCATION, back),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// Whether votes in a poll are counted at this site: it was born here, and this is that site itself.
fn counts_here(site: &Site, listed: &Listed) -> bool {
    !listed.is_copy(site.id) && site.profile.shown_by.is_none()
}

/// Fills in what `poll` takes and tells at this site.
pub(super) async fn fill_in(
    site: &Site,
    listed: &Listed,
    fields: &PollFields,
    poll: &mut Poll,
) -> Result<()> {
    let entry = &listed.entry;
    if !counts_here(site, listed) {
        poll.original = Some(entry.url.clone());
        return Ok(());
    }
    let today = today(site);
    if fields.stage(today) != Stage::Closed {
        poll.action = Some(VOTE.replace("{id}", &entry.entry_id.to_string()));
    }
    if fields.shows_results(today) {
        let found = votes::of(site.db.reader(), entry.entry_id).await?;
        poll.results = Some(results(&votes::tally(&fields.options, &found)));
    }
    Ok(())
}

fn results(tally: &votes::Tally) -> Results {
    let lines = tally.lines.iter().map(|(option, votes, share)| PollLine {
        option: option.clone(),
        votes: vietnamese::grouped(*votes),
        percent: percent(*share),
        share: *share,
    });
    Results {
        total: vietnamese::grouped(tally.total),
        lines: lines.collect(),
    }
}

/// `33,3%` of 333 in a thousand.
fn percent(share: i64) -> String {
    match (share / 10, share % 10) {
        (whole, 0) => format!("{whole}%"),
        (whole, tenth) => format!("{whole},{tenth}%"),
    }
}

/// A poll as its page begins: what is asked, until when.
pub(super) fn begun(fields: &PollFields, today: NaiveDate) -> Poll {
    Poll {
        stage: super::kind_parts::stage(fields.stage(today)),
        closes: cards::day(fields.closes_on),
        options: fields.options.clone(),
        ..Poll::default()
    }
}

fn today(site: &Site) -> NaiveDate {
    vietnamese::local(site.clock.now()).date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_written_as_people_here_write_them() {
        for (share, written) in [(0, "0%"), (333, "33,3%"), (500, "50%"), (1_000, "100%")] {
            assert_eq!(percent(share), written);
        }
    }
}
