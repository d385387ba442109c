//! Pages about the way of a draft: what was done, what it said, what is said beside it, when it appears.

use super::RoyaltyFields;
use crate::newsroom::difference;
use crate::pages::language::filters;
use crate::pages::view::*;
use askama::Template;

/// One step of a draft.
#[derive(Clone, Debug, Default)]
pub struct HistoryStep {
    /// `Gửi duyệt`.
    pub act: String,
    /// Where it was afterwards.
    pub state: Badge,
    /// Who did it.
    pub who: String,
    /// When.
    pub at: Stamp,
    /// The version it was done to.
    pub version: i64,
    /// What they said.
    pub comment: Option<String>,
}

/// One version of a draft.
#[derive(Clone, Debug, Default)]
pub struct VersionLine {
    /// 1, 2, 3 …
    pub number: i64,
    /// Whose words.
    pub who: String,
    /// When.
    pub at: Stamp,
    /// Saved by itself.
    pub autosaved: bool,
    /// What the draft says now.
    pub is_newest: bool,
    /// What changed in it.
    pub compare_url: Option<String>,
    /// Whether it can be made the newest.
    pub may_restore: bool,
}

/// `/quan-tri/bai-viet/{id}/lich-su`: what was done, and what it said.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/history.html")]
pub struct HistoryPage {
    /// Around the page.
    pub desk: Desk,
    /// The draft.
    pub title: String,
    /// Where it is written.
    pub edit_url: String,
    /// Where restoring is sent, as `number`.
    pub action: String,
    /// Where comparing is asked for, as `tu` and `den`.
    pub compare_action: String,
    /// The draft's version.
    pub revision: i64,
    /// What was done, the newest first.
    pub steps: Vec<HistoryStep>,
    /// What it said, the newest first.
    pub versions: Vec<VersionLine>,
}

/// `/quan-tri/bai-viet/{id}/so-sanh`: what changed between two versions.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/compare.html")]
pub struct ComparePage {
    /// Around the page.
    pub desk: Desk,
    /// The draft.
    pub title: String,
    /// The older version, in words.
    pub old: String,
    /// The newer.
    pub new: String,
    /// Back to all versions.
    pub history_url: String,
    /// What differs.
    pub fields: Vec<difference::Field>,
}

/// A note beside a text.
#[derive(Clone, Debug, Default)]
pub struct NoteLine {
    /// Id, sent as `note`.
    pub id: String,
    /// The passage it is about.
    pub quote: Option<String>,
    /// Whether the passage is still in the text.
    pub is_there: bool,
    /// What is asked.
    pub words: String,
    /// Who asks.
    pub who: String,
    /// When.
    pub at: Stamp,
    /// Who settled it and when; none while it is open.
    pub resolved: Option<String>,
}

/// `/quan-tri/bai-viet/{id}/ghi-chu`: the text, and what is said beside it.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/notes.html")]
pub struct NotesPage {
    /// Around the page.
    pub desk: Desk,
    /// The draft.
    pub title: String,
    /// Where it is on its way.
    pub state: Badge,
    /// Lead.
    pub lead: String,
    /// Body, as readers will see it.
    pub body: CleanHtml,
    /// Where it is written.
    pub edit_url: String,
    /// Where the forms are sent.
    pub action: String,
    /// The notes.
    pub notes: Vec<NoteLine>,
    /// Whether this person may write notes.
    pub may_write: bool,
    /// The passage typed before.
    pub quote: String,
    /// The words typed before.
    pub words: String,
    /// What was wrong.
    pub errors: FormErrors,
}

/// `/quan-tri/bai-viet/{id}/dang`, `…/hen-gio`: when and whether a draft appears.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/release.html")]
pub struct ReleasePage {
    /// Around the page.
    pub desk: Desk,
    /// Where the answer is sent.
    pub action: String,
    /// What is asked.
    pub question: String,
    /// The title of the draft.
    pub subject: String,
    /// What will come of it.
    pub consequences: Vec<String>,
    /// What deserves a second look.
    pub warnings: Vec<String>,
    /// What the reason is for, sent as `reason`; none where there is none to give.
    pub reason_label: Option<String>,
    /// The reason typed before.
    pub reason: String,
    /// The draft's version.
    pub revision: i64,
    /// Whether a time can be set, and whether it has to be.
    pub timing: Timing,
    /// The day, sent as `publish_on`.
    pub publish_on: String,
    /// The time of day, sent as `publish_time`.
    pub publish_time: String,
    /// Whether it is to go ahead of everything that waits; none where that is not asked.
    pub urgent: Option<bool>,
    /// What its authors are paid for it, where that is still to be settled.
    pub royalty: Option<RoyaltyFields>,
    /// The main button.
    pub button: String,
    /// A second one that only approves.
    pub may_only_approve: bool,
    /// Back.
    pub cancel_url: String,
    /// What was wrong.
    pub errors: FormErrors,
}

/// Whether a time can be set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Timing {
    /// No.
    #[default]
    None,
    /// Left empty, it is now.
    MaySet,
    /// It is what is asked.
    MustSet,
}

/// What stands around the form of a draft.
#[derive(Clone, Debug, Default)]
pub struct EntryBeside {
    /// The id a new draft will have, sent as `draft`; empty once there is one.
    pub draft: String,
    /// Who else is editing, and since when.
    pub locked_by: Option<(String, Stamp)>,
    /// What is asked beside the text and not settled: passage and words.
    pub open_notes: Vec<(Option<String>, String)>,
    /// When it is published by itself.
    pub publish_at: Option<Stamp>,
    /// Its versions; empty before there is a draft.
    pub history_url: String,
    /// What is said beside it.
    pub notes_url: String,
    /// Its public page, for staff.
    pub preview_url: String,
}

/// Something that is published by itself.
#[derive(Clone, Debug, Default)]
pub struct ScheduledLine {
    /// Title.
    pub title: String,
    /// Where it is worked on.
    pub url: String,
    /// When it appears.
    pub at: Stamp,
    /// It is due and waits for the clock.
    pub is_held: bool,
}

/// What the province said after looking at an entry.
#[derive(Clone, Debug, Default)]
pub struct PostCheckNote {
    /// Title.
    pub title: String,
    /// Where it is worked on.
    pub url: String,
    /// What was said.
    pub verdict: Badge,
    /// What is to be mended.
    pub reason: Option<String>,
}

/// `/quan-tri/hau-kiem`: what its own author approved, to be looked at afterwards.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/post_checks.html")]
pub struct PostChecksPage {
    /// Around the page.
    pub desk: Desk,
    /// Lists to open.
    pub states: Vec<FilterLink>,
    /// Where the forms are sent, as `entry`, `revision`, `action` and `reason`.
    pub action: String,
    /// Entries, those due first.
    pub rows: Vec<PostCheckRow>,
    /// The way through the list.
    pub pagination: Pagination,
    /// Whether this person may decide.
    pub may_decide: bool,
    /// What was wrong with what was sent.
    pub errors: FormErrors,
}

/// One entry to be looked at.
#[derive(Clone, Debug, Default)]
pub struct PostCheckRow {
    /// Its id.
    pub entry: String,
    /// The revision.
    pub revision: i64,
    /// Title.
    pub title: String,
    /// Where it is read.
    pub url: String,
    /// Whose it is.
    pub unit: String,
    /// Until when.
    pub due: Stamp,
    /// It waits too long.
    pub is_late: bool,
    /// Nobody decided yet.
    pub is_waiting: bool,
    /// What was decided.
    pub verdict: Badge,
    /// What is to be mended.
    pub reason: Option<String>,
}
