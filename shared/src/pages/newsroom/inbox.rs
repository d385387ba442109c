//! `/quan-tri/hop-den`: what other units sent, read and decided upon.

use super::around::{self, AtDesk, Done, PAGE};
use super::write::{attachment, section_choices};
use crate::accounts::Scope;
use crate::audit::{self, Action, Kind, Subject};
use crate::entries::record::EntryState;
use crate::entries::{Item, MediaRole, Placing, record, section};
use crate::error::{Error, Result};
use crate::log::Digest;
use crate::media;
use crate::newsroom::inbox::{self, Arrival, Decision, Taking};
use crate::newsroom::verdict::{self, Grade};
use crate::pages::cards;
use crate::pages::templates::{InboxItemPage, InboxPage};
use crate::pages::view::{
    Attachment, Badge, Choice, CleanHtml, FilterLink, FormErrors, InboxItem, Link, Origin, Picture,
    Tone,
};
use crate::screening;
use crate::vietnamese;
use axum::extract::{Form, Path, Query};
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

const PATH: &str = "/quan-tri/hop-den";

/// The lists there are: where arrivals stand, in addresses and in words.
const STATES: [(Placing, &str, &str); 4] = [
    (Placing::Inbox, "", "Đang chờ"),
    (Placing::Shown, "da-nhan", "Đã nhận"),
    (Placing::Returned, "tra-lai", "Đã trả lại"),
    (Placing::Skipped, "bo-qua", "Đã bỏ qua"),
];

/// Which, of whom, and how many pages on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    #[serde(rename = "trang-thai")]
    state: String,
    #[serde(rename = "don-vi")]
    unit: String,
    trang: u32,
}

pub(super) async fn list(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let (placing, code, _) = STATES
        .into_iter()
        .find(|(_, code, _)| *code == asked.state)
        .unwrap_or(STATES[0]);
    let offset = around::offset(asked.trang);
    let unit = asked.unit.parse().ok();
    let listed = inbox::list(&at.site, placing, unit, offset, PAGE).await?;
    let sections = section::Tree::load(at.site.db.reader()).await?;
    let mut items = Vec::new();
    for arrival in &listed.arrivals {
        items.push(line_of(&at, &sections, arrival).await?);
    }
    let unit_query = unit.map(|unit| unit.to_string()).unwrap_or_default();
    let query = [("trang-thai", code), ("don-vi", unit_query.as_str())];
    let page = InboxPage {
        desk: at.desk("Hộp đến", PATH).await?,
        states: states(&at, placing).await?,
        state: code.to_owned(),
        senders: senders(&listed.senders, unit),
        items,
        pagination: around::pagination(PATH, &query, asked.trang, listed.total),
    };
    at.answer(&page)
}

/// Whose arrivals can be looked at alone: nothing to choose where all are of one unit.
fn senders(senders: &[inbox::Sender], chosen: Option<Uuid>) -> Vec<Choice> {
    if senders.len() < 2 && chosen.is_none() {
        return Vec::new();
    }
    let all = Choice::new("", "Mọi đơn vị", chosen.is_none());
    let each = senders.iter().map(|sender| {
        let label = format!("{} ({})", sender.name, vietnamese::grouped(sender.count));
        Choice::new(sender.unit.to_string(), label, chosen == Some(sender.unit))
    });
    [all].into_iter().chain(each).collect()
}

async fn states(at: &AtDesk, current: Placing) -> Result<Vec<FilterLink>> {
    let mut links = Vec::new();
    for (placing, code, label) in STATES {
        let count = inbox::count(at.site.db.reader(), placing).await?;
        let query = Some(("trang-thai", code)).filter(|_| !code.is_empty());
        links.push(FilterLink {
            label: label.to_owned(),
            url: around::address(PATH, query),
            count: vietnamese::grouped(i64::try_from(count).unwrap_or(i64::MAX)),
            current: placing == current,
        });
    }
    Ok(links)
}

pub(super) async fn show(at: AtDesk, Path(id): Path<Uuid>) -> Result<Response> {
    let arrival = inbox::find(&at.site, id).await?.ok_or(Error::NotFound)?;
    let form = DecisionForm {
        revision: arrival.entry.rev,
        section: arrival.placement.section.clone(),
        ..DecisionForm::default()
    };
    let page = page(&at, &arrival, form, FormErrors::default()).await?;
    at.answer(&page)
}

/// The form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct DecisionForm {
    csrf: String,
    revision: i64,
    action: String,
    section: String,
    headline: String,
    lead: String,
    featured: String,
    grade: String,
    reason: String,
}

impl DecisionForm {
    fn decision(&self) -> Result<Decision> {
        let plain = Taking {
            section: self.section.clone(),
            featured: !self.featured.is_empty(),
            grade: Grade::parse(&self.grade),
            ..Taking::default()
        };
        match self.action.as_str() {
            "take" => Ok(Decision::Accept(plain)),
            "take_edited" if self.headline.trim().is_empty() && self.lead.trim().is_empty() => Err(
                Error::invalid("lead", "Hãy viết lời dẫn hoặc tiêu đề của trang này."),
            ),
            "take_edited" => Ok(Decision::Accept(Taking {
                title: self.headline.clone(),
                lead: self.lead.clone(),
                ..plain
            })),
            "return" => Ok(Decision::Return {
                reason: self.reason.clone(),
            }),
            "skip" => Ok(Decision::Skip),
            _ => Err(Error::invalid("", "Hãy chọn nhận, trả lại hoặc bỏ qua.")),
        }
    }
}

pub(super) async fn decide(
    at: AtDesk,
    Path(id): Path<Uuid>,
    Form(form): Form<DecisionForm>,
) -> Result<Response> {
    at.user.check_form(&form.csrf)?;
    let arrival = inbox::find(&at.site, id).await?.ok_or(Error::NotFound)?;
    let decided = carry_out(&at, id, &form).await;
    match screening::told(&at.site, at.user.id(), decided).await {
        Ok(done) => {
            at.site.wake();
            Ok(done.then(PATH))
        }
        Err(Error::Invalid(errors)) => {
            let page = page(&at, &arrival, form, errors.into()).await?;
            at.answer_again(&page)
        }
        Err(error) => Err(error),
    }
}

async fn carry_out(at: &AtDesk, id: Uuid, form: &DecisionForm) -> Result<Done> {
    let decision = form.decision()?;
    let (done, action) = match &decision {
        Decision::Accept(_) => (Done::Accepted, Action::InboxAccepted),
        Decision::Return { .. } => (Done::Returned, Action::InboxReturned),
        Decision::Skip => (Done::Skipped, Action::InboxSkipped),
    };
    let actor = at.user.actor();
    let (site, by, rev) = (Arc::clone(&at.site), at.user.id(), form.revision);
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                inbox::decide(tx, &site, id, rev, decision, by).await?;
                let now = site.clock.now().timestamp_millis();
                audit::record(tx, &actor, action, Subject::of(Kind::Entry, id), now).await
            })
        })
        .await?;
    tracing::info!(
        account.login = at.user.account.login,
        entry.id = %id,
        ?done,
        "decided upon an arrival"
    );
    Ok(done)
}

async fn page(
    at: &AtDesk,
    arrival: &Arrival,
    form: DecisionForm,
    errors: FormErrors,
) -> Result<InboxItemPage> {
    let db = at.site.db.reader();
    let sections = section::Tree::load(db).await?;
    let content = record::content_of(db, &arrival.entry).await?;
    let item = content
        .map(|content| Item::read(&content, arrival.entry.entry_id))
        .transpose()
        .map_err(anyhow::Error::new)?;
    let html = item.as_ref().map(Item::reading);
    let mut desk = at.desk(&arrival.entry.title, PATH).await?;
    desk.breadcrumb = vec![Link::new("Hộp đến", PATH)];
    // A section of theirs that is none of ours has to be chosen anew.
    let chosen = sections
        .get(&form.section)
        .map_or("", |section| &section.code);
    Ok(InboxItemPage {
        desk,
        action: path_of(arrival.entry.entry_id),
        item: line_of(at, &sections, arrival).await?,
        body: CleanHtml::from_sanitised(html.unwrap_or_default()),
        attachments: item.as_ref().map(files_of).unwrap_or_default(),
        revision: form.revision,
        sections: section_choices(&sections, &Scope::Whole, chosen),
        headline: form.headline,
        lead: form.lead,
        featured: !form.featured.is_empty(),
        grades: grades(at, &form.grade),
        reason: form.reason,
        can_return: inbox::can_be_told(db, &arrival.entry).await?,
        errors,
        decided: decided(arrival, graded(db, arrival).await?),
        others: at.others(arrival.entry.entry_id),
    })
}

/// What an arrival can be graded with; nothing where nobody grades.
fn grades(at: &AtDesk, chosen: &str) -> Vec<Choice> {
    if !at.site.role.grades_arrivals() {
        return Vec::new();
    }
    let grades = Grade::ALL
        .into_iter()
        .map(|grade| Choice::new(grade.as_str(), grade.label(), chosen == grade.as_str()));
    std::iter::once(Choice::new("", "Không phân loại", chosen.is_empty()))
        .chain(grades)
        .collect()
}

/// The grade an arrival was taken with.
async fn graded<C: sea_orm::ConnectionTrait>(db: &C, arrival: &Arrival) -> Result<Option<Grade>> {
    let verdicts = verdict::of_entry(db, arrival.entry.entry_id).await?;
    let last = verdicts.into_iter().next();
    Ok(last.and_then(|last| Grade::parse(last.grade.as_deref()?)))
}

fn files_of(item: &Item) -> Vec<Attachment> {
    item.attachments
        .iter()
        .filter(|file| file.role == MediaRole::File)
        .map(|file| {
            let name = file.title.as_deref().unwrap_or("Tệp đính kèm");
            let own = format!("/media/sha256/{}", file.sha256.hex());
            attachment(name, own, file.size_in_bytes)
        })
        .collect()
}

async fn line_of(at: &AtDesk, sections: &section::Tree, arrival: &Arrival) -> Result<InboxItem> {
    let entry = &arrival.entry;
    Ok(InboxItem {
        url: path_of(entry.entry_id),
        title: entry.title.clone(),
        lead: entry.lead.clone(),
        picture: picture_of(at, entry).await?,
        origin: Origin {
            unit: arrival.unit.clone(),
            url: Some(entry.url.clone()),
        },
        section: sections
            .get(&entry.section)
            .map_or_else(|| entry.section.clone(), |section| section.name.clone()),
        arrived: cards::moment(arrival.placement.arrived_at),
        badge: badge(arrival),
    })
}

async fn picture_of(at: &AtDesk, entry: &record::Model) -> Result<Option<Picture>> {
    let Some(digest) = entry
        .picture
        .as_deref()
        .and_then(|hash| Digest::from_slice(hash).ok())
    else {
        return Ok(None);
    };
    let medium = media::record::find(at.site.db.reader(), digest).await?;
    let alt = entry.picture_alt.clone().unwrap_or_default();
    Ok(medium.and_then(|medium| cards::picture(&medium, alt)))
}

fn badge(arrival: &Arrival) -> Option<Badge> {
    let placement = &arrival.placement;
    if arrival.entry.state() == EntryState::Recalled {
        return Some(Badge::new("Tỉnh đã thu hồi", Tone::Bad));
    }
    if !arrival.entry.is_live() {
        return Some(Badge::new("Đã gỡ ở nguồn", Tone::Bad));
    }
    if placement.state == Placing::Inbox.as_str() {
        let came_again = placement.reason.is_some();
        return came_again.then(|| Badge::new("Đã sửa, gửi lại", Tone::Info));
    }
    let (placing, _, label) = STATES
        .into_iter()
        .find(|(placing, _, _)| placing.as_str() == placement.state)?;
    let tone = match placing {
        Placing::Shown => Tone::Good,
        Placing::Returned => Tone::Warning,
        Placing::Inbox | Placing::Skipped => Tone::Quiet,
    };
    Some(Badge::new(label, tone))
}

/// What was decided, by whom and when; none while it waits.
fn decided(arrival: &Arrival, grade: Option<Grade>) -> Option<String> {
    if !arrival.entry.is_live() {
        let mut words = match arrival.entry.state() {
            EntryState::Recalled => "Tỉnh đã thu hồi bài này.",
            _ => "Đơn vị gửi đã gỡ bài này.",
        }
        .to_owned();
        if let Some(reason) = &arrival.entry.reason {
            words.push_str(&format!(" Lý do: {reason}"));
        }
        return Some(words);
    }
    let placement = &arrival.placement;
    let (_, _, label) = STATES
        .into_iter()
        .find(|(placing, _, _)| placing.as_str() == placement.state)
        .filter(|(placing, _, _)| *placing != Placing::Inbox)?;
    let mut words = label.to_owned();
    if let Some(grade) = grade.filter(|_| placement.state == Placing::Shown.as_str()) {
        words.push_str(&format!(", {}", grade.in_words()));
    }
    if let Some(person) = &arrival.decided_by {
        words.push_str(&format!(" bởi {person}"));
    }
    if let Some(at) = placement.decided_at {
        words.push_str(&format!(", {}", cards::moment(at).text));
    }
    if let Some(reason) = &placement.reason {
        words.push_str(&format!(". Lý do: {reason}"));
    }
    Some(words)
}

fn path_of(entry_id: Uuid) -> String {
    format!("{PATH}/{entry_id}")
}
