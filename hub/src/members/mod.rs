//! The member registry: who is invited, who takes part, who is suspended; and how each is and was.

pub mod bundle;
pub mod examination;
pub mod history;
pub mod invitation;
pub mod keys;
pub mod note;
pub mod overview;
pub mod recipients;
pub mod registry;
pub mod silence;
pub mod watch;

/// The desk's page of a member.
pub const PAGE: &str = "/quan-tri/don-vi/{site}";

/// The desk's page of the member `site`.
pub fn page_of(site: uuid::Uuid) -> String {
    PAGE.replace("{site}", &site.to_string())
}
