//! The part of the form that asks for a kind's own fields.

use crate::entries::catalogue::{self, List};
use crate::entries::kinds::{Kind, calendar};
use crate::error::Result;
use crate::media::{intake, kind::Class};
use crate::newsroom::draft::File;
use crate::newsroom::form::{DraftForm, show_date};
use crate::pages::view::{Choice, KindFields, RowFields};
use crate::site::Site;
use chrono::{Days, NaiveDate};

/// Blank lines a week is offered beyond those it has.
const BLANK_ROWS: usize = 3;
/// Lines a new week is offered.
const FIRST_ROWS: usize = 7;

/// What was typed, and what can be chosen.
pub(super) async fn of(site: &Site, form: &DraftForm) -> Result<KindFields> {
    Ok(KindFields {
        kind: form.kind.clone(),
        number: form.document_number.clone(),
        forms: choices(site, List::Forms, &form.document_type, "Chọn hình thức").await?,
        issuer: match form.issuer.is_empty() && form.revision.is_empty() {
            // Most of what a unit publishes it issued itself. Whoever makes a document of it later is
            // offered that as well.
            true => super::super::frame::face(site).owner,
            false => form.issuer.clone(),
        },
        signer: form.signer.clone(),
        signer_position: form.signer_position.clone(),
        fields: choices(site, List::Fields, &form.field, "Không ghi lĩnh vực").await?,
        issued_on: form.issued_on.clone(),
        effective_on: form.effective_on.clone(),
        expires_on: form.expires_on.clone(),
        replaces: form.replaces.clone(),
        amends: form.amends.clone(),
        expires: form.expires.clone(),
        reviewed_on: form.reviewed_on.clone(),
        youtube: form.youtube.clone(),
        video: form.video_kept.clone(),
        video_name: name_of(&form.video_kept),
        video_limit: intake::limit_in_words(site, Class::Video),
        captions: form.captions_kept.clone(),
        captions_name: name_of(&form.captions_kept),
        week_from: form.week_from.clone(),
        week_to: form.week_to.clone(),
        rows: rows(form),
        paste: form.calendar_paste.clone(),
        opens_on: form.opens_on.clone(),
        closes_on: form.closes_on.clone(),
        asker: form.asker.clone(),
        send_to: form.send_to.clone(),
        asked: form.asked.clone(),
        asked_on: form.asked_on.clone(),
        asked_by: form.asked_by.clone(),
        answered_by: match form.answered_by.is_empty() && form.revision.is_empty() {
            // Most of what is asked of a unit it answers itself.
            true => super::super::frame::face(site).owner,
            false => form.answered_by.clone(),
        },
        answered_on: form.answered_on.clone(),
        question_fields: choices(
            site,
            List::Fields,
            &form.question_field,
            "Không ghi lĩnh vực",
        )
        .await?,
        poll_options: form.poll_options.clone(),
        poll_closes_on: form.poll_closes_on.clone(),
        poll_results: !form.poll_results.is_empty(),
    })
}

/// A form that is begun: a week begins on the next Monday.
pub(super) fn begun(kind: Kind, today: NaiveDate) -> DraftForm {
    let mut form = DraftForm {
        kind: kind.as_str().to_owned(),
        ..DraftForm::default()
    };
    if kind == Kind::Calendar {
        let soon = today.checked_add_days(Days::new(4)).unwrap_or(today);
        let (monday, sunday) = calendar::week_of(soon);
        form.week_from = show_date(monday);
        form.week_to = show_date(sunday);
        form.title = format!(
            "Lịch công tác {}",
            calendar::week_in_words(chrono::Datelike::iso_week(&monday).week(), monday, sunday)
        );
    }
    if kind == Kind::Page {
        form.reviewed_on = show_date(today);
    }
    if kind == Kind::Question {
        form.answered_on = show_date(today);
    }
    form
}

/// The terms of a list. What a draft bears and the list has no longer is offered to this draft still.
async fn choices(site: &Site, list: List, chosen: &str, none: &str) -> Result<Vec<Choice>> {
    let terms = catalogue::all(site.db.reader(), list).await?;
    let found = catalogue::find(&terms, chosen).map(|term| term.code.clone());
    let mut choices = vec![Choice::new("", none, chosen.is_empty())];
    for term in &terms {
        let is_chosen = found.as_deref() == Some(term.code.as_str());
        if is_chosen || !term.hidden {
            choices.push(Choice::new(&term.code, &term.name, is_chosen));
        }
    }
    if found.is_none() && !chosen.is_empty() {
        choices.push(Choice::new(chosen, chosen, true));
    }
    Ok(choices)
}

fn rows(form: &DraftForm) -> Vec<RowFields> {
    let text = |all: &[String], number: usize| all.get(number).cloned().unwrap_or_default();
    let count = form.row_content.len();
    let wanted = (count + BLANK_ROWS).max(FIRST_ROWS);
    (0..wanted)
        .map(|number| RowFields {
            number: number + 1,
            on: text(&form.row_on, number),
            time: text(&form.row_time, number),
            content: text(&form.row_content, number),
            who: text(&form.row_who, number),
            place: text(&form.row_where, number),
        })
        .collect()
}

fn name_of(kept: &str) -> String {
    File::of_field(kept).map_or_else(String::new, |file| file.name)
}
