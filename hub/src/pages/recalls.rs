//! `/quan-tri/thu-hoi`: what the province recalled, what waits for a second person, and the rule for that.

use super::{recall, recall_form, recall_search};
use crate::recall::policy::{self, SecondPerson};
use crate::recall::progress::{self, case};
use crate::recall::proposal;
use axum::extract::{Form, Query};
use axum::response::Response;
use serde::Deserialize;
use shared::accounts::Right;
use shared::entries::recall as told;
use shared::entries::record;
use shared::error::{Error, Result};
use shared::pages::cards;
use shared::pages::newsroom::around::{AtDesk, Done};
use shared::pages::templates::RecallsPage;
use shared::pages::view::{
    Badge, Choice, Leaf, Link, RecallFound, RecallLifted, RecallProposal, RecallRow, Tone,
};
use shared::screening;
use shared::units::Tree;
use shared::vietnamese;
use std::collections::HashMap;
use uuid::Uuid;

/// The page.
pub(super) const PATH: &str = "/quan-tri/thu-hoi";
/// Rows on one page.
const PAGE: u64 = 30;
/// Most proposals shown.
const MOST_PROPOSALS: u64 = 100;

/// How many pages on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    trang: u32,
}

pub(super) async fn list(at: AtDesk, Query(asked): Query<Asked>) -> Result<Response> {
    let db = at.site.db.reader();
    let total = progress::count_cases(db).await?;
    let leaf = Leaf::nearest(asked.trang, total, PAGE);
    let tree = tree(&at).await?;
    let cases = progress::cases(db, leaf.offset, PAGE).await?;
    let holds = policy::of(db).await?;
    let choice = |one: SecondPerson| Choice::new(one.as_str(), one.label(), one == holds);
    let policies = match at.user.may(Right::ManageMembers) {
        true => SecondPerson::ALL.map(choice).to_vec(),
        false => Vec::new(),
    };
    at.answer(&RecallsPage {
        desk: at.desk("Thu hồi", PATH).await?,
        order_url: recall_form::PATH.to_owned(),
        search_url: recall_search::PATH.to_owned(),
        action: PATH.to_owned(),
        may_order: at.user.may(Right::Recall),
        proposals: proposals(&at, &tree).await?,
        policies,
        policy: holds.label().to_owned(),
        rows: rows(&at, &tree, &cases).await?,
        pagination: leaf.pagination(|number| format!("{PATH}?trang={number}")),
    })
}

/// What is decided. The names of the fields are the form's.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filled {
    csrf: String,
    /// `confirm`, `drop` or `policy`.
    action: String,
    id: Option<Uuid>,
    policy: String,
}

pub(super) async fn decide(at: AtDesk, Form(filled): Form<Filled>) -> Result<Response> {
    at.user.check_form(&filled.csrf)?;
    match (filled.action.as_str(), filled.id) {
        ("confirm", Some(id)) => {
            let confirmed = proposal::confirm(&at.site, id, person(&at)).await;
            let event = screening::told(&at.site, at.user.id(), confirmed).await?;
            Ok(Done::Recalled.then(&recall::path_of(event.id)))
        }
        ("drop", Some(id)) => {
            proposal::drop(&at.site, id, person(&at)).await?;
            Ok(Done::RecallDropped.then(PATH))
        }
        ("policy", _) => {
            at.user.require(Right::ManageMembers)?;
            let unknown = || Error::invalid("policy", "Hãy chọn một quy định.");
            let second = SecondPerson::parse(&filled.policy).ok_or_else(unknown)?;
            let (actor, now) = (at.user.actor(), at.site.clock.now().timestamp_millis());
            let set = at.site.db.write(move |tx| {
                Box::pin(async move { policy::set(tx, second, &actor, now).await })
            });
            set.await?;
            Ok(Done::Saved.then(PATH))
        }
        _ => Err(Error::invalid(
            "action",
            "Hãy bấm một trong các nút của trang.",
        )),
    }
}

/// Whoever is signed in, as a recall names them.
pub(super) fn person(at: &AtDesk) -> proposal::Person {
    proposal::Person {
        account: at.user.id(),
        name: at.user.account.name.clone(),
        actor: at.user.actor(),
    }
}

pub(super) async fn tree(at: &AtDesk) -> Result<Tree> {
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    shared::units::tree_on(at.site.db.reader(), today).await
}

async fn proposals(at: &AtDesk, tree: &Tree) -> Result<Vec<RecallProposal>> {
    let db = at.site.db.reader();
    let open = proposal::open(db, MOST_PROPOSALS).await?;
    let ids: Vec<Uuid> = open.iter().map(|one| one.entry_id).collect();
    let mut entries: HashMap<Uuid, record::Model> = record::find_many(db, &ids)
        .await?
        .into_iter()
        .map(|entry| (entry.entry_id, entry))
        .collect();
    Ok(open
        .into_iter()
        .filter_map(|one| {
            let entry = entries.remove(&one.entry_id)?;
            Some(RecallProposal {
                id: one.id.to_string(),
                found: found(tree, &entry),
                reason: one.reason,
                basis: one.basis,
                erase: one.erase,
                by: one.proposer,
                at: cards::moment(one.proposed_at),
                may_confirm: one.proposed_by != at.user.id(),
            })
        })
        .collect())
}

/// An entry as somebody about to recall it sees it.
pub(super) fn found(tree: &Tree, entry: &record::Model) -> RecallFound {
    RecallFound {
        title: entry.title.clone(),
        unit: cards::capitalised(&tree.name_of(entry.unit_id)),
        url: entry.url.clone(),
    }
}

/// The rows of `cases`, in four queries however many there are.
pub(super) async fn rows(
    at: &AtDesk,
    tree: &Tree,
    cases: &[case::Model],
) -> Result<Vec<RecallRow>> {
    let db = at.site.db.reader();
    let events: Vec<i64> = cases.iter().map(|case| case.event_id).collect();
    let tallies = progress::tally(db, &events).await?;
    let told: HashMap<i64, told::Model> = told::of_events(db, &events)
        .await?
        .into_iter()
        .map(|told| (told.event_id, told))
        .collect();
    let instead = told.values().filter_map(|told| told.replacement);
    let named: Vec<Uuid> = cases
        .iter()
        .map(|case| case.entry_id)
        .chain(instead)
        .collect();
    let entries: HashMap<Uuid, record::Model> = record::find_many(db, &named)
        .await?
        .into_iter()
        .map(|entry| (entry.entry_id, entry))
        .collect();
    let is_live = |id: &Uuid| entries.get(id).filter(|entry| entry.is_live());
    let rows = cases.iter().map(|case| {
        let told = told.get(&case.event_id);
        let (gone, total) = tallies.get(&case.event_id).copied().unwrap_or_default();
        let tone = match gone == total {
            true => Tone::Good,
            false => Tone::Bad,
        };
        let lifted = case.lifted_at.map(|lifted| RecallLifted {
            at: cards::moment(lifted),
            by: case.lifted_by.clone().unwrap_or_default(),
            why: case.lifted_why.clone().unwrap_or_default(),
            is_back: is_live(&case.entry_id).is_some(),
        });
        let replacement = told.and_then(|told| told.replacement);
        RecallRow {
            url: recall::path_of(case.event_id),
            title: case.title.clone(),
            unit: tree.name_of(case.unit_id),
            reason: told.map(|told| told.reason.clone()).unwrap_or_default(),
            basis: told.and_then(|told| told.basis.clone()),
            erase: told.is_some_and(|told| told.erase),
            at: cards::moment(case.ordered_at),
            by: case.ordered_by.clone(),
            progress: Badge::new(format!("Sạch ở {gone}/{total} trang"), tone),
            replacement: replacement
                .as_ref()
                .and_then(is_live)
                .map(|entry| Link::new(entry.title.clone(), entry.url.clone())),
            lifted,
        }
    });
    Ok(rows.collect())
}
