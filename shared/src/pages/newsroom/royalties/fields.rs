//! The fields an entry is graded with, on the page it is approved at and on one of their own.

use crate::accounts::account;
use crate::entries::record;
use crate::error::Error;
use crate::error::Result;
use crate::newsroom::draft;
use crate::pages::newsroom::around::AtDesk;
use crate::pages::templates::{RoyaltyAuthorRow, RoyaltyFields};
use crate::pages::view::Choice;
use crate::royalties::grade::form::{
    CHILDREN, COEFFICIENT, GENRE, HARDSHIP, LANGUAGE, NAME, PARTS, ROWS, TRANSLATION, WHO,
};
use crate::royalties::grade::{self, Given, Typed, Who};
use crate::royalties::open::day_of;
use crate::royalties::rates::{Range, Regime};
use crate::royalties::{is_paid, person, versions};
use crate::vietnamese;
use std::collections::HashSet;
use uuid::Uuid;

/// The regime `draft` is graded by: that of the day it was first published, or of today.
pub(super) async fn regime(at: &AtDesk, draft: &draft::Model) -> Result<Regime> {
    let db = at.site.db.reader();
    let entry = record::find(db, draft.entry_id).await?;
    let day = match entry {
        Some(entry) => day_of(entry.published_at),
        None => vietnamese::local(at.site.clock.now()).date_naive(),
    };
    let rates = versions::in_force(db).await?.rates;
    let regime = rates.regime_on(day).or(rates.regimes.first()).cloned();
    regime.ok_or_else(|| anyhow::anyhow!("the rates have no regime").into())
}

/// What was typed about `draft`, read by the rates of its day; nothing of what is no work.
pub(in crate::pages::newsroom) async fn read(
    at: &AtDesk,
    draft: &draft::Model,
    typed: &Typed,
) -> Result<Option<Given>> {
    if !is_paid(draft.kind()) {
        return Ok(None);
    }
    let regime = regime(at, draft).await?;
    typed.read(&regime).map_err(Error::Invalid)
}

/// The fields for `draft`, as they were `typed` or else as it was graded; none if there is nothing to grade any
/// more: it is no work, or it was paid.
pub(in crate::pages::newsroom) async fn of(
    at: &AtDesk,
    draft: &draft::Model,
    typed: Option<Typed>,
) -> Result<Option<RoyaltyFields>> {
    let db = at.site.db.reader();
    let graded = grade::find(db, draft.entry_id).await?;
    let is_settled = graded.as_ref().is_some_and(|one| one.settled_in.is_some());
    if is_settled || !is_paid(draft.kind()) {
        return Ok(None);
    }
    let people = person::by_id(db).await?;
    let typed = match (typed, &graded) {
        (Some(typed), _) => typed,
        (None, Some(graded)) => {
            let shares = grade::shares_of(db, &[draft.entry_id]).await?;
            let shares = shares.get(&draft.entry_id).map_or(&[][..], Vec::as_slice);
            Typed::of(graded, shares, &people)
        }
        (None, None) => Typed::blank(draft.written_by),
    };
    let regime = regime(at, draft).await?;
    let known = known(at, people.into_values().collect()).await?;
    Ok(Some(filled(&regime, &typed, &known, graded.is_some())))
}

/// Everybody who can be chosen: accounts that are on, and whoever was named before.
async fn known(at: &AtDesk, people: Vec<person::Model>) -> Result<Vec<(String, String)>> {
    let with_account: HashSet<Uuid> = people.iter().filter_map(|one| one.account_id).collect();
    let accounts = account::list(at.site.db.reader()).await?;
    let accounts = accounts
        .into_iter()
        .filter(|account| account.active && !with_account.contains(&account.id))
        .map(|account| (account.name, Who::Account(account.id).code()));
    let people = people
        .into_iter()
        .map(|person| (person.name.clone(), Who::of_person(&person).code()));
    let mut all: Vec<(String, String)> = accounts.chain(people).collect();
    all.sort();
    Ok(all)
}

fn filled(
    regime: &Regime,
    typed: &Typed,
    known: &[(String, String)],
    is_graded: bool,
) -> RoyaltyFields {
    let genre = typed.get(GENRE);
    let none = Choice::new("", "Không chấm lúc này", genre.is_empty());
    let genres = regime.genres.iter().map(|one| {
        let label = format!("{} (hệ số {} – {})", one.name, one.least, one.most);
        Choice::new(one.code.as_str(), label, one.code == genre)
    });
    let range = |range: Range| format!("{} – {} %, để trống nếu không", range.least, range.most);
    let rows = (0..ROWS).map(|row| {
        let chosen = typed.in_row(WHO, row);
        let nobody = Choice::new("", "–", chosen.is_empty());
        let people = known
            .iter()
            .map(|(name, code)| Choice::new(code.as_str(), name.as_str(), code == chosen));
        RoyaltyAuthorRow {
            number: row,
            label: (row + 1).to_string(),
            people: std::iter::once(nobody).chain(people).collect(),
            name: typed.in_row(NAME, row).to_owned(),
            parts: typed.in_row(PARTS, row).to_owned(),
        }
    });
    let text = |name: &str| typed.get(name).to_owned();
    RoyaltyFields {
        is_graded,
        regime: regime.name.clone(),
        genres: std::iter::once(none).chain(genres).collect(),
        coefficient: text(COEFFICIENT),
        children: text(CHILDREN),
        children_hint: range(regime.children),
        language: text(LANGUAGE),
        language_hint: range(regime.language),
        hardship: text(HARDSHIP),
        hardship_hint: range(regime.hardship),
        translation: text(TRANSLATION),
        translation_hint: range(regime.translation),
        authors: rows.collect(),
    }
}
