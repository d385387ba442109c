//! `/quan-tri/sang-loc`: what screening holds, who let what pass and why, and that something with a secrecy
//! mark was not stored.

use super::around::{AtDesk, Done, PAGE, address, offset, pagination};
use super::drafts::path_of;
use crate::accounts::{Right, account};
use crate::audit::{self, Action, Kind, Subject};
use crate::directory::site_record;
use crate::error::{Error, FieldError, Result};
use crate::newsroom::draft;
use crate::pages::cards;
use crate::pages::templates::ScreeningPage;
use crate::pages::view::{DeskNote, FilterLink, FormErrors, HeldRow, SecretRow};
use crate::screening::holds::{self, State};
use crate::screening::{Releaser, RuleSet, Way, refusals, rule_sets};
use crate::vietnamese::grouped;
use axum::extract::{Form, Query};
use axum::response::Response;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Deserialize;
use std::collections::HashMap;
use uuid::Uuid;

/// The page.
pub(super) const PATH: &str = "/quan-tri/sang-loc";

/// The lists of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum List {
    #[default]
    Open,
    Released,
    Secret,
}

impl List {
    const ALL: [Self; 3] = [Self::Open, Self::Released, Self::Secret];

    fn name(self) -> &'static str {
        match self {
            Self::Open => "",
            Self::Released => "da-cho-qua",
            Self::Secret => "khong-luu",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Open => "Đang giữ",
            Self::Released => "Đã cho qua",
            Self::Secret => "Không lưu vì có dấu mật",
        }
    }
}

/// Which, and how many pages on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    muc: String,
    trang: u32,
}

pub(super) async fn list(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let list = List::ALL.into_iter().find(|list| list.name() == asked.muc);
    let page = page(
        &at,
        list.unwrap_or_default(),
        asked.trang,
        FormErrors::default(),
    )
    .await?;
    at.answer(&page)
}

/// Letting one pass.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Decided {
    csrf: String,
    id: i64,
    why: String,
}

pub(super) async fn release(at: AtDesk, Form(decided): Form<Decided>) -> Result<Response> {
    at.user.check_form(&decided.csrf)?;
    let (id, by, holds) = (decided.id, at.user.id(), held_by(&at));
    let why = decided.why.clone();
    let now = at.site.clock.now().timestamp_millis();
    let actor = at.user.actor();
    let released = at
        .site
        .db
        .write(move |tx| {
            Box::pin(async move {
                crate::screening::allow_text(tx, "why", &why).await?;
                holds::release(tx, id, by, &holds, &why, now).await?;
                let subject = Subject::of(Kind::Finding, id);
                audit::record(tx, &actor, Action::ScreeningReleased, subject, now).await
            })
        })
        .await;
    match crate::screening::told(&at.site, by, released).await {
        Ok(()) => {
            tracing::info!(
                account.login = at.user.account.login,
                hold.id = id,
                "let pass what screening held"
            );
            Ok(Done::LetPass.then(PATH))
        }
        Err(Error::Invalid(errors)) => again(&at, decided, errors).await,
        Err(Error::Conflict(words)) => again(&at, decided, vec![FieldError::new("", words)]).await,
        Err(error) => Err(error),
    }
}

async fn again(at: &AtDesk, decided: Decided, errors: Vec<FieldError>) -> Result<Response> {
    let mut page = page(at, List::Open, 1, errors.into()).await?;
    let id = decided.id.to_string();
    if let Some(row) = page.held.iter_mut().find(|row| row.id == id) {
        row.why = decided.why;
    }
    at.answer_again(&page)
}

/// What this person is among those who let things pass.
fn held_by(at: &AtDesk) -> Vec<Releaser> {
    let mut held = Vec::new();
    if at.user.may(Right::Publish) {
        held.push(Releaser::Approver);
    }
    if at.user.may(Right::ReleaseHold) {
        held.push(Releaser::SecrecyOfficer);
    }
    held
}

/// How many findings wait, for whoever may let them pass.
pub(super) async fn waiting(at: &AtDesk) -> Result<Option<u64>> {
    if !at.user.may(Right::SeeHolds) {
        return Ok(None);
    }
    Ok(Some(holds::count(at.site.db.reader(), State::Open).await?))
}

async fn page(at: &AtDesk, list: List, number: u32, errors: FormErrors) -> Result<ScreeningPage> {
    let db = at.site.db.reader();
    let rules = rule_sets::current(db).await?;
    let people: HashMap<Uuid, String> = account::list(db)
        .await?
        .into_iter()
        .map(|account| (account.id, account.name))
        .collect();
    let counts = [
        holds::count(db, State::Open).await?,
        holds::count(db, State::Released).await?,
        refusals::count(db).await?,
    ];
    let total = counts[list as usize];
    let (mut held, mut secrets) = (Vec::new(), Vec::new());
    match list {
        List::Open => held = rows(at, State::Open, number, &rules, &people).await?,
        List::Released => held = rows(at, State::Released, number, &rules, &people).await?,
        List::Secret => secrets = refused(at, number, &people).await?,
    }
    let query = [("muc", list.name())];
    Ok(ScreeningPage {
        desk: at.desk("Sàng lọc", PATH).await?,
        action: PATH.to_owned(),
        states: List::ALL
            .into_iter()
            .zip(counts)
            .map(|(one, count)| FilterLink {
                label: one.label().to_owned(),
                url: address(
                    PATH,
                    Some(("muc", one.name())).filter(|(_, name)| !name.is_empty()),
                ),
                count: grouped(i64::try_from(count).unwrap_or(i64::MAX)),
                current: one == list,
            })
            .collect(),
        held,
        secrets,
        rules: rules.label(),
        basis: rules
            .rules
            .iter()
            .map(|rule| {
                let label = format!("{} {} ({})", rule.code, rule.name, rule.action.label());
                DeskNote::new(label, rule.legal_basis.clone())
            })
            .collect(),
        pagination: pagination(PATH, &query, number.max(1), total),
        errors,
    })
}

async fn rows(
    at: &AtDesk,
    state: State,
    number: u32,
    rules: &RuleSet,
    people: &HashMap<Uuid, String>,
) -> Result<Vec<HeldRow>> {
    let db = at.site.db.reader();
    let found = holds::page(db, state, offset(number), PAGE).await?;
    let ids = found.iter().map(|row| row.draft_id);
    let drafts: HashMap<Uuid, draft::Model> = draft::Entity::find()
        .filter(draft::Column::Id.is_in(ids))
        .all(db)
        .await?
        .into_iter()
        .map(|draft| (draft.id, draft))
        .collect();
    let name = |id: Option<Uuid>| {
        id.and_then(|id| people.get(&id).cloned())
            .unwrap_or_default()
    };
    let held = held_by(at);
    Ok(found
        .into_iter()
        .map(|row| {
            let draft = drafts.get(&row.draft_id);
            let releasers = holds::releasers(rules, &row.rule);
            let labels: Vec<&str> = releasers.iter().map(|releaser| releaser.label()).collect();
            let rule = rules.rule(&row.rule);
            let author = draft.and_then(|draft| draft.written_by);
            HeldRow {
                id: row.id.to_string(),
                title: draft.map(|draft| draft.title.clone()).unwrap_or_default(),
                url: path_of(row.draft_id),
                author: name(author),
                rule: match rule {
                    Some(rule) => format!("{} {}", rule.code, rule.name),
                    None => "G0 Không đọc được chữ trong tệp".to_owned(),
                },
                place: row.place,
                excerpt: row.excerpt.trim().to_owned(),
                reason: match rule {
                    Some(rule) => rule.reason.clone(),
                    None => {
                        "Hãy mở tệp, đọc từng trang, rồi xác nhận không có nội dung mật.".to_owned()
                    }
                },
                at: cards::moment(row.found_at),
                who: labels.join(" hoặc "),
                may_release: releasers.iter().any(|releaser| held.contains(releaser))
                    && (author != Some(at.user.id()) || row.rule == holds::UNREAD),
                why: String::new(),
                decided: row.decided_at.map(|when| {
                    format!(
                        "{} cho qua, {}. Lý do: {}",
                        name(row.decided_by),
                        cards::moment(when).text,
                        row.why.clone().unwrap_or_default()
                    )
                }),
            }
        })
        .collect())
}

async fn refused(
    at: &AtDesk,
    number: u32,
    people: &HashMap<Uuid, String>,
) -> Result<Vec<SecretRow>> {
    let db = at.site.db.reader();
    let today = crate::vietnamese::local(at.site.clock.now()).date_naive();
    let tree = crate::units::tree_on(db, today).await?;
    let mut rows = Vec::new();
    for row in refusals::page(db, offset(number), PAGE).await? {
        let who = match (row.account_id, row.site_id) {
            (Some(account), _) => people.get(&account).cloned(),
            (None, Some(site)) => site_record::find(db, site)
                .await?
                .map(|site| tree.name_of(site.unit_id)),
            (None, None) => None,
        };
        let others = row
            .entry_id
            .map(|entry| at.others(entry))
            .unwrap_or_default();
        rows.push(SecretRow {
            at: cards::moment(row.at),
            who: who.unwrap_or_else(|| "Không rõ".to_owned()),
            way: Way::in_words(&row.way).to_owned(),
            rule: format!("{}, {}", row.rule, row.rules),
            hash: row
                .hash
                .iter()
                .take(6)
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            recall_url: others.into_iter().next().map(|link| link.url),
        });
    }
    Ok(rows)
}
