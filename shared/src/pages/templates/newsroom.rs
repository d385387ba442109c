//! Pages for the people who write, approve and publish.

use crate::pages::view::*;
use askama::Template;

/// `/quan-tri/dang-nhap`: signing in.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/sign_in.html")]
pub struct SignInPage {
    /// Around the page, with nobody signed in.
    pub desk: Desk,
    /// Account name typed before.
    pub username: String,
    /// Path to open afterwards.
    pub return_to: String,
    /// What was wrong.
    pub errors: FormErrors,
}

/// `/quan-tri/khoi-tao`: opening the first account.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/set_up.html")]
pub struct SetUpPage {
    /// Around the page, with nobody signed in.
    pub desk: Desk,
    /// One-time code typed before.
    pub code: String,
    /// Login typed before.
    pub login: String,
    /// Name typed before.
    pub name: String,
    /// What was wrong.
    pub errors: FormErrors,
}

/// `/quan-tri`: what there is to do, and how the link to the other side is.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/dashboard.html")]
pub struct DashboardPage {
    /// Around the page.
    pub desk: Desk,
    /// Things to do.
    pub tasks: Vec<Task>,
    /// The link to the province; none on the hub itself.
    pub link: Option<LinkHealth>,
    /// Entries this person worked on last.
    pub recent: Vec<DeskEntry>,
}

/// `/quan-tri/bai-viet`: entries by state.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/entries.html")]
pub struct EntriesPage {
    /// Around the page.
    pub desk: Desk,
    /// States, with how many each holds.
    pub states: Vec<FilterLink>,
    /// Words searched for.
    pub query: String,
    /// Entries of this page.
    pub entries: Vec<DeskEntry>,
    /// The way through the list.
    pub pagination: Pagination,
}

/// `/quan-tri/bai-viet/moi`, `/quan-tri/bai-viet/{id}`: writing an entry.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/entry_form.html")]
pub struct EntryFormPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the form is sent.
    pub action: String,
    /// Its state; none for a new entry.
    pub state: Option<Badge>,
    /// Revision edited, so that two people do not overwrite each other; 0 for a new entry.
    pub revision: i64,
    /// What was typed.
    pub fields: EntryFields,
    /// What is wrong with it.
    pub errors: FormErrors,
    /// Text typed but not yet kept, so leaving must ask even before the first key.
    pub unsaved: bool,
    /// What the approver asked for when it was sent back, or why the province recalled it.
    pub note: Option<DeskNote>,
    /// What this person may do with it now, the main one first.
    pub actions: Vec<FormAction>,
    /// Where the public reads it.
    pub public_url: Option<String>,
    /// Page to confirm taking it off; none when that is not possible.
    pub withdraw_url: Option<String>,
    /// Largest upload in bytes, and in words: `10 MB`.
    pub upload_limit: (u64, String),
}

/// Asking once more before something readers will notice: publishing, withdrawing, returning.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/confirm.html")]
pub struct ConfirmPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the form is sent.
    pub action: String,
    /// The question: `Đăng bài này?`
    pub question: String,
    /// Title of the entry.
    pub subject: String,
    /// What will happen, one sentence each.
    pub consequences: Vec<String>,
    /// What deserves a second look: no picture text, possible personal data.
    pub warnings: Vec<String>,
    /// Label of the field asking why; none when no reason is needed. Sent as `reason`.
    pub reason_label: Option<String>,
    /// Reason typed before.
    pub reason: String,
    /// Revision seen, sent back as `revision`.
    pub revision: i64,
    /// Label of the button: a verb.
    pub button: String,
    /// It takes something away from readers.
    pub dangerous: bool,
    /// Where to go instead.
    pub cancel_url: String,
    /// What was wrong.
    pub errors: FormErrors,
}

/// `/quan-tri/hop-den`: entries from the other side, waiting for a decision.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/inbox.html")]
pub struct InboxPage {
    /// Around the page.
    pub desk: Desk,
    /// Waiting, taken, returned.
    pub states: Vec<FilterLink>,
    /// Items of this page.
    pub items: Vec<InboxItem>,
    /// The way through the list.
    pub pagination: Pagination,
}

/// `/quan-tri/hop-den/{id}`: reading one and deciding.
///
/// The form sends `action` = `take`, `take_edited`, `return` or `skip`, with `section`, `lead`,
/// `headline`, `featured` and `reason`.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/inbox_item.html")]
pub struct InboxItemPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the form is sent.
    pub action: String,
    /// The item.
    pub item: InboxItem,
    /// Its body.
    pub body: CleanHtml,
    /// Its files.
    pub attachments: Vec<Attachment>,
    /// Revision seen, sent back as `revision`.
    pub revision: i64,
    /// Sections it may be put in.
    pub sections: Vec<Choice>,
    /// Own headline typed before; empty keeps the original.
    pub headline: String,
    /// Own introduction typed before.
    pub lead: String,
    /// Put at the head of the front page.
    pub featured: bool,
    /// Reason typed before.
    pub reason: String,
    /// What was wrong.
    pub errors: FormErrors,
    /// It has been decided already, and how; the form is not shown.
    pub decided: Option<String>,
    /// What else may be done with it here.
    pub others: Vec<Link>,
}

/// `/quan-tri/da-gui`: what became of entries sent to the province.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/sent.html")]
pub struct SentPage {
    /// Around the page.
    pub desk: Desk,
    /// All, under way, published, returned.
    pub states: Vec<FilterLink>,
    /// Items of this page.
    pub items: Vec<SentItem>,
    /// The way through the list.
    pub pagination: Pagination,
}

/// Any back-office page that cannot be shown.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/error.html")]
pub struct DeskErrorPage {
    /// Around the page.
    pub desk: Desk,
    /// Why, and a way on.
    pub explanation: Explanation,
}
