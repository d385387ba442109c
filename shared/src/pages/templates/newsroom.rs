//! Pages for the people who write, approve and publish.

use super::{EntryBeside, PostCheckNote, ScheduledLine};
use crate::pages::language::filters;
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
    /// The way through the single sign-on, where there is one.
    pub single_sign_on: Option<Link>,
    /// What was wrong.
    pub errors: FormErrors,
}

/// `/quan-tri/tai-khoan-cua-toi/mot-lan`: linking one's own account with the single sign-on.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/single_sign_on.html")]
pub struct SingleSignOnPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the form is sent.
    pub action: String,
    /// What the single sign-on is called.
    pub label: String,
    /// The account is linked.
    pub is_linked: bool,
    /// The name under which its owner is expected.
    pub expected: Option<String>,
    /// Where to go on, having begun to link.
    pub onward: Option<String>,
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
    /// Why what is due has to wait: the server's time now, and whether this person may confirm it.
    pub clock_doubt: Option<(Stamp, bool)>,
    /// Bulletins of the province that nobody here acknowledged.
    pub bulletins: Vec<BulletinHere>,
    /// Whether this person may acknowledge them.
    pub may_acknowledge: bool,
    /// What is published by itself, the earliest first.
    pub scheduled: Vec<ScheduledLine>,
    /// What the province said of entries that their authors approved.
    pub post_checks: Vec<PostCheckNote>,
    /// What was published this month.
    pub figures: Vec<Figure>,
    /// What was published this month of what is meant, kind by kind.
    pub goals: Vec<Goal>,
    /// Whether this person sets what is meant.
    pub may_set_goals: bool,
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
    /// The list that is open, sent as `trang-thai`.
    pub state: String,
    /// Whether only one's own are shown, sent as `cua-toi`; none for who sees no others.
    pub mine: Option<bool>,
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
    /// What stands around the form.
    pub beside: EntryBeside,
    /// Its state; none for a new entry.
    pub state: Option<Badge>,
    /// Revision edited, so that two people do not overwrite each other; 0 for a new entry.
    pub revision: i64,
    /// What was typed.
    pub fields: EntryFields,
    /// What is wrong with it.
    pub errors: FormErrors,
    /// What was typed bears a secrecy mark: the browser's own copy is erased too.
    pub is_secret: bool,
    /// What screening found in what is kept: what holds it first, then what is only pointed out.
    pub held: Vec<DeskNote>,
    /// Text typed but not yet kept, so leaving must ask even before the first key.
    pub unsaved: bool,
    /// What the approver asked for when it was sent back, or why the province recalled it.
    pub note: Option<DeskNote>,
    /// What this person may do with it now, the main one first.
    pub actions: Vec<FormAction>,
    /// Where the public reads it.
    pub public_url: Option<String>,
    /// What else this person may do with what is public.
    pub others: Vec<Link>,
    /// Page to confirm taking it off; none when that is not possible.
    pub withdraw_url: Option<String>,
    /// Largest upload in bytes, and in words: `10 MB`.
    pub upload_limit: (u64, String),
    /// Where a Word file is sent to begin with; none once there is a draft.
    pub import_url: Option<String>,
    /// Whose unsaved text a browser keeps under this name.
    pub local_key: String,
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
    /// The state asked for, as in addresses; empty: what waits.
    pub state: String,
    /// Whose arrivals can be looked at alone; empty where there is nothing to choose.
    pub senders: Vec<Choice>,
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
    /// What it can be graded with, sent as `grade`; nothing where nobody grades.
    pub grades: Vec<Choice>,
    /// Reason typed before.
    pub reason: String,
    /// Its authors can be told what to mend.
    pub can_return: bool,
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

/// `/quan-tri/nhat-ky`: who did what, when and from where.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/audit.html")]
pub struct AuditPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the filter is sent.
    pub action: String,
    /// What the list is narrowed to.
    pub filter: AuditFilter,
    /// Records of this page, the newest first.
    pub rows: Vec<AuditRow>,
    /// What the last check of the chain came to.
    pub verdict: AuditVerdict,
    /// The same as files.
    pub exports: Vec<Link>,
    /// The way through the list.
    pub pagination: Pagination,
}

/// `/quan-tri/nguoi-doc`: which pages readers find least useful.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/readers_say.html")]
pub struct ReadersSayPage {
    /// Around the page.
    pub desk: Desk,
    /// Over how many days it goes.
    pub days: u64,
    /// The pages, the least useful first.
    pub rows: Vec<ReadersSayRow>,
}

/// A page that readers said something of.
#[derive(Clone, Debug, Default)]
pub struct ReadersSayRow {
    /// Its title.
    pub title: String,
    /// Where it is read.
    pub url: String,
    /// What it is.
    pub kind: &'static str,
    /// When it was published.
    pub published: Stamp,
    /// How many it helped, formatted.
    pub useful: String,
    /// How many it did not.
    pub useless: String,
    /// Where it is mended, by whoever may see its draft.
    pub edit_url: Option<String>,
}

/// `/quan-tri/chi-tieu`: how many entries are meant for a month.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/quota.html")]
pub struct QuotaPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the form is sent.
    pub action: String,
    /// One number for each kind.
    pub rows: Vec<QuotaRow>,
    /// What was wrong.
    pub errors: FormErrors,
}

/// How many entries of one kind are meant.
#[derive(Clone, Debug)]
pub struct QuotaRow {
    /// What the number is sent as.
    pub field: &'static str,
    /// The kind.
    pub label: &'static str,
    /// The number, as typed.
    pub value: String,
}

/// `/quan-tri/danh-muc`: sections, forms and fields.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/lists.html")]
pub struct ListsPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the forms are sent.
    pub action: String,
    /// The lists there are.
    pub lists: Vec<FilterLink>,
    /// The code of the one shown, sent back as `ds`.
    pub list: String,
    /// What it is called.
    pub label: String,
    /// Whether this is the province's own site.
    pub is_province: bool,
    /// What it holds.
    pub rows: Vec<ListRow>,
    /// Name typed before.
    pub name: String,
    /// Where a section may lie; none for other lists.
    pub parents: Vec<Choice>,
    /// What a new one may stand for.
    pub stands_for: Vec<Choice>,
    /// What units use that stands for nothing of the province's.
    pub unmapped: Vec<UnmappedRow>,
    /// What was wrong.
    pub errors: FormErrors,
}

/// `/quan-tri/hop-den/tu-nhan`: sections whose arrivals are taken without asking.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/auto_take.html")]
pub struct AutoTakePage {
    /// Around the page.
    pub desk: Desk,
    /// Where the forms are sent.
    pub action: String,
    /// Those there are.
    pub rows: Vec<AutoTakeRow>,
    /// Sections of what arrives.
    pub sections: Vec<Choice>,
    /// Sections it may be put in.
    pub placed_in: Vec<Choice>,
    /// What was wrong.
    pub errors: FormErrors,
}

/// `/quan-tri/sang-loc`: what screening holds, what was let pass, what was not stored.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/screening.html")]
pub struct ScreeningPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the forms are sent, as `id` and `why`.
    pub action: String,
    /// The lists there are.
    pub states: Vec<FilterLink>,
    /// Held, or let pass.
    pub held: Vec<HeldRow>,
    /// Not stored.
    pub secrets: Vec<SecretRow>,
    /// Name and version of the rules.
    pub rules: String,
    /// The rules, as people read them: code and name, then what follows and on which basis.
    pub basis: Vec<DeskNote>,
    /// The way through the list.
    pub pagination: Pagination,
    /// What was wrong with it.
    pub errors: FormErrors,
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

/// `/quan-tri/thu-vien`: pictures, files and videos.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/library.html")]
pub struct LibraryPage {
    /// Around the page.
    pub desk: Desk,
    /// Classes, and what nothing shows.
    pub filters: Vec<FilterLink>,
    /// Words searched for.
    pub query: String,
    /// The class chosen, sent back with the words.
    pub class: String,
    /// How much is used.
    pub quota: QuotaBar,
    /// The limits, in words.
    pub limits: String,
    /// What was not taken of what was sent.
    pub errors: FormErrors,
    /// Uploads of this page.
    pub items: Vec<LibraryCard>,
    /// The way through the list.
    pub pagination: Pagination,
}

/// How much of what may be kept is used.
#[derive(Clone, Debug, Default)]
pub struct QuotaBar {
    /// Bytes used.
    pub used: u64,
    /// Bytes that may be used.
    pub limit: u64,
    /// Bytes from which on it is said that it gets full.
    pub warn_at: u64,
    /// For people.
    pub text: String,
}

/// An upload in a list.
#[derive(Clone, Debug, Default)]
pub struct LibraryCard {
    /// Where it is described.
    pub url: String,
    /// A small picture of it; none of files and videos.
    pub thumb: Option<Picture>,
    /// `PDF`, `MP4`.
    pub format: String,
    /// What it is called.
    pub name: String,
    /// What else there is to know in a list: size, and whether something shows it.
    pub about: String,
    /// Whether a picture still lacks its description.
    pub lacks_alt: bool,
}

/// `/quan-tri/thu-vien/{hash}`: one upload, and what is said of it.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/library_item.html")]
pub struct LibraryItemPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the form is sent.
    pub action: String,
    /// The picture.
    pub picture: Option<Picture>,
    /// The address of a video.
    pub video: Option<String>,
    /// The file itself.
    pub file: Attachment,
    /// When and by whom it was uploaded.
    pub added: String,
    /// What it is called.
    pub name: String,
    /// What a picture shows.
    pub alt: String,
    /// Whether it only decorates.
    pub decorates: bool,
    /// The line under it.
    pub caption: String,
    /// Who made it.
    pub credit: String,
    /// What lists must not cut off.
    pub focus: Vec<Choice>,
    /// Whether it stays when nothing shows it.
    pub is_kept: bool,
    /// Entries that show it.
    pub uses: Vec<Link>,
    /// Where it is removed; none while something shows it.
    pub remove_url: Option<String>,
    /// What was wrong.
    pub errors: FormErrors,
}
