//! `/quan-tri/thu-hoi/moi`: an entry is found, it is seen where it is, and it is recalled everywhere.

use super::{recall, recalls};
use crate::recall::whereabouts::{self, Has};
use crate::recall::{self as recalling, Order, policy, proposal};
use axum::extract::{Form, Query};
use axum::response::Response;
use serde::Deserialize;
use shared::entries::record;
use shared::error::{Error, Result};
use shared::pages::cards;
use shared::pages::newsroom::around::{AtDesk, Done};
use shared::pages::templates::RecallFormPage;
use shared::pages::view::{FormErrors, Link, RecallWhere};
use shared::screening;
use shared::units::Tree;
use shared::vietnamese::fold;
use uuid::Uuid;

/// The page.
pub(super) const PATH: &str = "/quan-tri/thu-hoi/moi";
/// Most members named that have not received the entry.
const MOST_BEHIND: usize = 20;
/// What is typed where a title has no word.
const NO_TITLE: &str = "thu hồi";

/// The way from an entry to the form that recalls it.
pub(super) fn link(entry: Uuid) -> Link {
    Link::new(
        "Bài đang ở những trang nào, thu hồi",
        format!("{PATH}?bai={entry}"),
    )
}

/// What is to be recalled.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Meant {
    bai: String,
}

pub(super) async fn begin(at: AtDesk, Query(meant): Query<Meant>) -> Result<Response> {
    let found = live(&at, &meant.bai).await?;
    let mut errors = FormErrors::default();
    if found.is_none() && !meant.bai.trim().is_empty() {
        errors.add(
            "bai",
            "Không tìm thấy bài này ở cổng tỉnh, hoặc bài không còn đăng.",
        );
    }
    let filled = Filled {
        entry: meant.bai,
        ..Filled::default()
    };
    at.answer(&form(&at, found, filled, errors).await?)
}

/// What is filled in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filled {
    csrf: String,
    entry: String,
    reason: String,
    basis: String,
    replacement: String,
    erase: String,
    /// The first word of the title.
    word: String,
}

pub(super) async fn order(at: AtDesk, Form(filled): Form<Filled>) -> Result<Response> {
    at.user.check_form(&filled.csrf)?;
    let mut errors = FormErrors::default();
    let Some(found) = live(&at, &filled.entry).await? else {
        errors.add(
            "bai",
            "Không tìm thấy bài này ở cổng tỉnh, hoặc bài không còn đăng.",
        );
        return at.answer_again(&form(&at, None, filled, errors).await?);
    };
    if filled.reason.trim().is_empty() {
        errors.add("reason", "Hãy ghi lý do; bạn đọc sẽ thấy lý do này.");
    }
    let word = word_of(&found.title);
    if !is_word(&filled.word, word) {
        errors.add("word", format!("Hãy gõ chữ “{word}” để xác nhận."));
    }
    let replacement = match filled.replacement.trim() {
        "" => None,
        meant => {
            let instead = live(&at, meant).await?;
            if instead.is_none() {
                errors.add("replacement", "Không tìm thấy bài thay thế ở cổng tỉnh.");
            }
            instead.map(|instead| instead.entry_id)
        }
    };
    if !errors.is_empty() {
        return at.answer_again(&form(&at, Some(found), filled, errors).await?);
    }
    let order = Order {
        entry: found.entry_id,
        reason: filled.reason.clone(),
        basis: Some(filled.basis.clone()),
        erase: !filled.erase.is_empty(),
        replacement,
        by: at.user.account.name.clone(),
        actor: at.user.actor(),
    };
    match carry_out(&at, order).await {
        Ok(Ordered::Recalled(event)) => {
            tracing::info!(
                account.login = at.user.account.login,
                entry.id = %found.entry_id,
                "recall ordered"
            );
            Ok(Done::Recalled.then(&recall::path_of(event)))
        }
        Ok(Ordered::Proposed) => Ok(Done::RecallProposed.then(recalls::PATH)),
        Err(Error::Invalid(lacking)) => {
            let page = form(&at, Some(found), filled, lacking.into()).await?;
            at.answer_again(&page)
        }
        Err(error) => Err(error),
    }
}

/// What became of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ordered {
    /// It goes out: the event that says so.
    Recalled(i64),
    /// It waits for a second person.
    Proposed,
}

/// Carries `order` out for whoever is signed in, or lets it wait for a second person where the province wants one:
/// [`Error::Invalid`] says what the order lacks.
pub(super) async fn carry_out(at: &AtDesk, order: Order) -> Result<Ordered> {
    let policy = policy::of(at.site.db.reader()).await?;
    let ordered = match policy.is_needed(order.erase) {
        true => proposal::propose(&at.site, order, recalls::person(at))
            .await
            .map(|_| Ordered::Proposed),
        false => recalling::order(&at.site, order)
            .await
            .map(|event| Ordered::Recalled(event.id)),
    };
    screening::told(&at.site, at.user.id(), ordered).await
}

/// The entry that is meant, if it can be read.
async fn live(at: &AtDesk, meant: &str) -> Result<Option<record::Model>> {
    let found = match meant.trim() {
        "" => None,
        meant => recalling::find_entry(&at.site, meant).await?,
    };
    Ok(found.filter(record::Model::is_live))
}

/// The word that has to be typed before an entry of this title is recalled.
fn word_of(title: &str) -> &str {
    title
        .split_whitespace()
        .map(|word| word.trim_matches(|letter: char| !letter.is_alphanumeric()))
        .find(|word| !word.is_empty())
        .unwrap_or(NO_TITLE)
}

/// Whether it was typed, with its marks or without.
fn is_word(typed: &str, word: &str) -> bool {
    fold(typed.trim()) == fold(word)
}

async fn form(
    at: &AtDesk,
    found: Option<record::Model>,
    filled: Filled,
    errors: FormErrors,
) -> Result<RecallFormPage> {
    let tree = recalls::tree(at).await?;
    let whereabouts = match &found {
        Some(entry) => where_it_is(at, &tree, entry).await?,
        None => RecallWhere::default(),
    };
    let policy = policy::of(at.site.db.reader()).await?;
    let second_person = match policy {
        policy::SecondPerson::Never => String::new(),
        policy => format!("{}.", policy.label()),
    };
    let word = found.as_ref().map(|entry| word_of(&entry.title).to_owned());
    let mut desk = at.desk("Thu hồi một bài", recalls::PATH).await?;
    desk.breadcrumb = vec![Link::new("Thu hồi", recalls::PATH)];
    Ok(RecallFormPage {
        desk,
        action: PATH.to_owned(),
        found: found.as_ref().map(|entry| recalls::found(&tree, entry)),
        whereabouts,
        word: word.unwrap_or_default(),
        second_person,
        entry: filled.entry,
        reason: filled.reason,
        basis: filled.basis,
        replacement: filled.replacement,
        erase: !filled.erase.is_empty(),
        errors,
    })
}

async fn where_it_is(at: &AtDesk, tree: &Tree, entry: &record::Model) -> Result<RecallWhere> {
    let holders = whereabouts::of(&at.site, entry.entry_id, entry.site_id).await?;
    let count = |has: Has| holders.iter().filter(|holder| holder.has == has).count();
    let (nothing, earlier) = (count(Has::Nothing), count(Has::Earlier));
    let behind = holders.iter().filter(|holder| holder.has != Has::Current);
    Ok(RecallWhere {
        summary: in_words(holders.len(), nothing, earlier),
        behind: behind
            .clone()
            .take(MOST_BEHIND)
            .map(|holder| cards::capitalised(&tree.name_of(holder.unit)))
            .collect(),
        more: behind.count().saturating_sub(MOST_BEHIND),
    })
}

fn in_words(all: usize, nothing: usize, earlier: usize) -> String {
    if all == 0 {
        return "Chưa gửi tới trang thành viên nào; chỉ có ở cổng tỉnh.".to_owned();
    }
    let mut words = format!("Đã tới {} trong {all} trang thành viên", all - nothing);
    if earlier > 0 {
        words.push_str(&format!(", trong đó {earlier} trang còn giữ bản cũ"));
    }
    if nothing > 0 {
        words.push_str(&format!("; {nothing} trang chưa nhận"));
    }
    words.push('.');
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_of_a_title_is_typed_with_or_without_marks() {
        for (title, typed, expected) in [
            ("Danh sách hộ nghèo", "Danh", true),
            ("Danh sách hộ nghèo", " danh ", true),
            ("Danh sách hộ nghèo", "Danh sách", false),
            ("Danh sách hộ nghèo", "", false),
            ("Đăk Rve: lũ quét", "dak", true),
            ("“Ươm” mầm", "uom", true),
            ("— 12 hộ", "12", true),
            ("", "thu hồi", true),
            ("…", "thu hoi", true),
        ] {
            assert_eq!(is_word(typed, word_of(title)), expected, "{title} {typed}");
        }
    }

    #[test]
    fn where_an_entry_is_is_told_in_one_sentence() {
        for (all, nothing, earlier, expected) in [
            (
                0,
                0,
                0,
                "Chưa gửi tới trang thành viên nào; chỉ có ở cổng tỉnh.",
            ),
            (3, 0, 0, "Đã tới 3 trong 3 trang thành viên."),
            (
                45,
                4,
                1,
                "Đã tới 41 trong 45 trang thành viên, trong đó 1 trang còn giữ bản cũ; 4 trang chưa nhận.",
            ),
        ] {
            assert_eq!(in_words(all, nothing, earlier), expected);
        }
    }
}
