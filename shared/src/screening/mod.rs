//! Screening: what must not be stored, what waits for a second pair of eyes, what is only pointed out.
//!
//! [`screen`] is pure: rules and texts in, findings out. Around it: [`refusals`], that something was not
//! stored and nothing of it; [`holds`], what keeps a draft from moving on; [`files`], read before they are
//! stored; [`arrivals`], what other sites send. It is a net and not a guarantee: it knows marks and
//! numbers, not what is secret.

pub mod arrivals;
pub mod cli;
pub mod corpus;
pub mod files;
mod finding;
pub mod holds;
mod marks;
mod numbers;
mod plain;
mod reading;
pub mod refusals;
pub mod rule_sets;
pub mod rules;
#[cfg(test)]
mod tests;

pub use finding::{Finding, Known, Piece, Place, masked, screen};
pub use reading::{FileWords, Unread, words as words_of_file};
pub use refusals::{Secret, Way};
pub use rules::{Action, Releaser, Rule, RuleSet};

use crate::error::{Error, Result};
use crate::site::Site;
use uuid::Uuid;

/// Makes a site ready to screen: its key, and the telephone everybody may know.
pub(crate) async fn prepare(site: &Site) -> Result<()> {
    holds::key(&site.db).await?;
    rule_sets::note_phone(site).await
}

/// Passes `result` on; if it was refused as secret, that is noted first, by whom and nothing of it.
pub async fn noted<T>(site: &Site, by: Uuid, result: Result<T>) -> Result<T> {
    if let Err(Error::Secret(secret)) = &result {
        secret.record(site, Way::Text, Some(by)).await?;
    }
    result
}

/// The same for a page that asks again: what was refused is what there is to mend in its form.
pub async fn told<T>(site: &Site, by: Uuid, result: Result<T>) -> Result<T> {
    match noted(site, by, result).await {
        Err(Error::Secret(secret)) => Err(Error::Invalid(secret.field_errors())),
        other => other,
    }
}

/// Refuses a text with a secrecy mark that is kept beside drafts, such as a note: [`Error::Secret`].
pub async fn allow_text<C: sea_orm::ConnectionTrait>(
    db: &C,
    field: &'static str,
    text: &str,
) -> Result<()> {
    let rules = rule_sets::current(db).await?;
    let pieces = [Piece::new(Place::Field(field), text)];
    let found = screen(&rules, &Known::default(), &pieces);
    refusals::allow(&rules, &found, &pieces).map_err(Error::Secret)
}

/// The words of a body, in whichever way it was typed: without marks of Markdown, without tags.
fn body_words(typed: &str) -> String {
    let bare: String = typed
        .chars()
        .filter(|c| !matches!(c, '*' | '_' | '`' | '~' | '\\'))
        .collect();
    reading::words_of_markup(&bare)
}
