//! `/quan-tri/bai-viet/{id}/lich-su`, `…/so-sanh`, `…/khoi-phuc`: what was done to a draft and what it said.

use super::DRAFTS_PATH as LIST;
use super::around::{AtDesk, Done};
use super::drafts::{path_of, title_of, tone};
use crate::accounts::account;
use crate::audit::{Action, Subject};
use crate::entries::section;
use crate::error::{Error, Result};
use crate::newsroom::draft;
use crate::newsroom::moves::{self, Saving};
use crate::newsroom::{difference, history, lock, versions};
use crate::pages::cards;
use crate::pages::templates::{ComparePage, HistoryPage, HistoryStep, VersionLine};
use crate::pages::view::{Badge, Link};
use axum::extract::{Form, Path, Query};
use axum::response::Response;
use serde::Deserialize;
use std::collections::HashMap;
use uuid::Uuid;

/// Most steps and versions shown.
const MOST: u64 = 200;

pub(super) async fn show(at: AtDesk, Path(id): Path<Uuid>) -> Result<Response> {
    let draft = at.draft(id).await?;
    let db = at.site.db.reader();
    let people = people(&at).await?;
    let name = |id: Option<Uuid>| match id {
        Some(id) => people
            .get(&id)
            .cloned()
            .unwrap_or_else(|| "Tài khoản cũ".to_owned()),
        None => "Máy chủ".to_owned(),
    };
    let steps = history::of_draft(db, id, MOST).await?;
    let kept = versions::of_draft(db, id, MOST).await?;
    let path = path_of(id);
    let may_change = at.draft_to_change(id).await.is_ok();
    let newest = kept.first().map(|version| version.number);
    let page = HistoryPage {
        desk: desk(&at, &draft, "Lịch sử và các phiên bản").await?,
        title: title_of(&draft),
        edit_url: path.clone(),
        action: format!("{path}/khoi-phuc"),
        compare_action: format!("{path}/so-sanh"),
        revision: draft.version(),
        steps: steps
            .into_iter()
            .map(|step| HistoryStep {
                act: step
                    .act()
                    .map_or(step.act.clone(), |act| act.done().to_owned()),
                state: step.to_state().map_or_else(Badge::default, |state| {
                    Badge::new(state.label(), tone(state))
                }),
                who: name(step.account_id),
                at: cards::moment(step.at),
                version: step.version,
                comment: step.comment,
            })
            .collect(),
        versions: kept
            .into_iter()
            .map(|version| VersionLine {
                number: version.number,
                who: name(version.account_id),
                at: cards::moment(version.at),
                autosaved: version.autosaved,
                is_newest: Some(version.number) == newest,
                compare_url: (version.number > 1).then(|| {
                    let before = version.number - 1;
                    format!("{path}/so-sanh?tu={before}&den={}", version.number)
                }),
                may_restore: may_change && Some(version.number) != newest,
            })
            .collect(),
    };
    at.answer(&page)
}

/// Which versions are compared.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    tu: i64,
    den: i64,
}

pub(super) async fn compare(
    at: AtDesk,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let draft = at.draft(id).await?;
    let db = at.site.db.reader();
    // Who names none sees the last change.
    let newest = versions::of_draft(db, id, 1).await?;
    let newest = newest.first().map_or(1, |version| version.number);
    let new = if asked.den > 0 { asked.den } else { newest };
    let old = if asked.tu > 0 { asked.tu } else { new - 1 };
    let (old, new) = (old.min(new).max(1), old.max(new));
    let (old, new) = (
        nearest(&at, id, old).await?,
        versions::find(db, id, new).await?,
    );
    let people = people(&at).await?;
    let words = |version: &versions::Model| {
        let who = version.account_id.and_then(|id| people.get(&id));
        let who = who.map_or("", String::as_str);
        format!(
            "Bản {} – {who}, {}",
            version.number,
            cards::moment(version.at).text
        )
    };
    let sections = section::Tree::load(db).await?;
    let fields = difference::between(&old.text()?, &new.text()?, &sections);
    let page = ComparePage {
        desk: desk(&at, &draft, "So sánh hai bản").await?,
        title: title_of(&draft),
        old: words(&old),
        new: words(&new),
        history_url: format!("{}/lich-su", path_of(id)),
        fields,
    };
    at.answer(&page)
}

/// Version `number`, or the last one before it that was not thinned out.
async fn nearest(at: &AtDesk, id: Uuid, number: i64) -> Result<versions::Model> {
    let kept = versions::of_draft(at.site.db.reader(), id, MOST).await?;
    let found = kept.into_iter().find(|version| version.number <= number);
    found.ok_or(Error::NotFound)
}

/// What is sent.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    csrf: String,
    revision: i64,
    number: i64,
}

pub(super) async fn restore(
    at: AtDesk,
    Path(id): Path<Uuid>,
    Form(wanted): Form<Wanted>,
) -> Result<Response> {
    at.user.check_form(&wanted.csrf)?;
    let draft = at.draft_to_change(id).await?;
    let by = at.person(&draft.section);
    let account = at.user.id();
    let now = at.site.clock.now().timestamp_millis();
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let draft = draft::find_locked(tx, id, wanted.revision).await?;
                if lock::take(tx, id, account, now).await?.is_some() {
                    return Err(Error::Conflict(
                        "Người khác đang sửa bài này. Hãy mở bài và lấy quyền sửa trước."
                            .to_owned(),
                    ));
                }
                let text = versions::find(tx, id, wanted.number).await?.text()?;
                let draft = moves::write(tx, draft, text, &by, Saving::ByHand, now).await?;
                let subject = Subject::draft(&draft).now(wanted.number);
                moves::record(tx, Action::DraftRestored, subject, &by, now).await
            })
        })
        .await?;
    Ok(Done::Restored.then(&path_of(id)))
}

/// What stands around a page about one draft.
pub(super) async fn desk(
    at: &AtDesk,
    draft: &draft::Model,
    title: &str,
) -> Result<crate::pages::view::Desk> {
    let mut desk = at.desk(title, LIST).await?;
    desk.breadcrumb = vec![
        Link::new("Tin, bài", LIST),
        Link::new(title_of(draft), path_of(draft.id)),
    ];
    Ok(desk)
}

/// The names of the people who work here.
pub(super) async fn people(at: &AtDesk) -> Result<HashMap<Uuid, String>> {
    let accounts = account::list(at.site.db.reader()).await?;
    Ok(accounts
        .into_iter()
        .map(|account| (account.id, account.name))
        .collect())
}
