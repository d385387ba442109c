//! `/quan-tri/bai-viet/{id}/ghi-chu`: the text as readers will see it, and what colleagues say beside it.

use super::around::{AtDesk, Done};
use super::drafts::{badge, path_of, title_of};
use super::versions::{desk, people};
use crate::accounts::Right;
use crate::entries::body;
use crate::error::{Error, FieldError, Result};
use crate::newsroom::notes::{self, New};
use crate::newsroom::{draft, versions};
use crate::pages::cards;
use crate::pages::templates::{NoteLine, NotesPage};
use crate::pages::view::CleanHtml;
use crate::screening;
use axum::extract::{Form, Path};
use axum::response::Response;
use serde::Deserialize;
use uuid::Uuid;

/// What is sent.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    csrf: String,
    action: String,
    note: String,
    quote: String,
    words: String,
}

pub(super) async fn show(at: AtDesk, Path(id): Path<Uuid>) -> Result<Response> {
    let draft = at.draft(id).await?;
    let page = page(&at, &draft, Sent::default(), Vec::new()).await?;
    at.answer(&page)
}

pub(super) async fn write(
    at: AtDesk,
    Path(id): Path<Uuid>,
    Form(sent): Form<Sent>,
) -> Result<Response> {
    at.user.check_form(&sent.csrf)?;
    let draft = at.draft_to_change(id).await?;
    let (account, now) = (at.user.id(), at.site.clock.now().timestamp_millis());
    let told = sent.clone();
    let written = at.site.db.write(move |tx| {
        Box::pin(async move {
            match told.action.as_str() {
                "resolve" | "open" => {
                    let note = told.note.parse().map_err(|_| Error::NotFound)?;
                    let by = (told.action == "resolve").then_some(account);
                    notes::resolve(tx, id, note, by, now).await
                }
                _ => {
                    let kept = versions::of_draft(tx, id, 1).await?;
                    let new = New {
                        version: kept.first().map_or(0, |version| version.number),
                        quote: told.quote,
                        words: told.words,
                        by: account,
                    };
                    notes::add(tx, id, new, now).await.map(|_| ())
                }
            }
        })
    });
    match screening::told(&at.site, account, written.await).await {
        Ok(()) => Ok(Done::Noted.then(&format!("{}/ghi-chu", path_of(id)))),
        Err(Error::Invalid(errors)) => {
            let page = page(&at, &draft, sent, errors).await?;
            at.answer_again(&page)
        }
        Err(error) => Err(error),
    }
}

async fn page(
    at: &AtDesk,
    draft: &draft::Model,
    sent: Sent,
    errors: Vec<FieldError>,
) -> Result<NotesPage> {
    let is_own = draft.written_by == Some(at.user.id());
    let body = draft.body_html();
    let plain = body::plain_text(body.as_str());
    let everything = squeezed(&format!("{}\n{}\n{plain}", draft.title, draft.lead));
    let people = people(at).await?;
    let name = |id: Option<Uuid>| {
        id.and_then(|id| people.get(&id).cloned())
            .unwrap_or_default()
    };
    let notes = notes::of_draft(at.site.db.reader(), draft.id).await?;
    Ok(NotesPage {
        desk: desk(at, draft, "Ghi chú bên bài").await?,
        title: title_of(draft),
        state: badge(draft),
        lead: draft.lead.clone(),
        body: CleanHtml::from_sanitised(body.as_str()),
        edit_url: path_of(draft.id),
        action: format!("{}/ghi-chu", path_of(draft.id)),
        notes: notes
            .into_iter()
            .map(|note| NoteLine {
                id: note.id.to_string(),
                is_there: note
                    .quote
                    .as_ref()
                    .is_none_or(|quote| everything.contains(&squeezed(quote))),
                quote: note.quote,
                words: note.words,
                who: name(note.account_id),
                at: cards::moment(note.at),
                resolved: note.resolved_at.map(|at| {
                    format!(
                        "{} đã xong, {}",
                        name(note.resolved_by),
                        cards::moment(at).text
                    )
                }),
            })
            .collect(),
        may_write: is_own || at.user.may_in(Right::EditOthers, &draft.section),
        quote: sent.quote,
        words: sent.words,
        errors: errors.into(),
    })
}

/// Words with single blanks between them: a passage copied from a page has other line ends than the text.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
