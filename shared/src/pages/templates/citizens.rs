//! Pages of the citizen desk, for citizens and for the offices that answer.

use crate::citizens::Kind;
use crate::pages::language::filters;
use crate::pages::view::*;
use askama::Template;

/// A question, a report, a tip or a comment being written.
#[derive(Clone, Debug, Template)]
#[template(path = "citizens/ask.html")]
pub struct AskPage {
    /// Around the page.
    pub frame: Frame,
    /// What it is.
    pub kind: Kind,
    /// What the page is called.
    pub name: &'static str,
    /// What becomes of what is sent.
    pub intro: &'static str,
    /// Where it is sent.
    pub action: String,
    /// The draft that is commented on.
    pub draft: Option<Link>,
    /// Why nothing is taken in now.
    pub closed: Option<String>,
    /// What tells forms made here from others.
    pub form: String,
    /// Units to turn to.
    pub choices: Vec<Choice>,
    /// Offices to tell.
    pub offices: Vec<Choice>,
    /// As typed.
    pub subject: String,
    /// As typed.
    pub words: String,
    /// As typed.
    pub place: String,
    /// As typed.
    pub asker: String,
    /// As typed.
    pub contact: String,
    /// Whether question and answer may be published.
    pub may_publish: bool,
    /// What has to be mended.
    pub errors: FormErrors,
}

/// What was sent is here, and by what it is found again.
#[derive(Clone, Debug, Template)]
#[template(path = "citizens/receipt.html")]
pub struct ReceiptPage {
    /// Around the page.
    pub frame: Frame,
    /// The receipt; none where it was given before.
    pub code: Option<String>,
    /// Who answers.
    pub to: String,
    /// By when.
    pub due: Option<Stamp>,
    /// Whether it is a tip.
    pub is_tip: bool,
    /// Where to look.
    pub follow: &'static str,
}

/// Which receipt.
#[derive(Clone, Debug, Template)]
#[template(path = "citizens/follow.html")]
pub struct FollowPage {
    /// Around the page.
    pub frame: Frame,
    /// As typed.
    pub typed: String,
    /// What has to be mended.
    pub errors: FormErrors,
}

/// A case, as who asked sees it.
#[derive(Clone, Debug, Template)]
#[template(path = "citizens/case.html")]
pub struct CasePage {
    /// Around the page.
    pub frame: Frame,
    /// What it is.
    pub kind: &'static str,
    /// What it is about.
    pub subject: String,
    /// How it stands.
    pub state: &'static str,
    /// By when an answer is owed.
    pub due: Option<String>,
    /// What was said.
    pub lines: Vec<ThreadLine>,
    /// The receipt, to add something.
    pub code: String,
    /// As typed.
    pub words: String,
    /// What who asked can say of the answer, once there is one.
    pub ratings: Vec<Choice>,
    /// What was done just now.
    pub done: Option<&'static str>,
    /// What has to be mended.
    pub errors: FormErrors,
}

/// One message of a thread.
#[derive(Clone, Debug, Default)]
pub struct ThreadLine {
    /// Who says it.
    pub who: String,
    /// What it does.
    pub act: String,
    /// When.
    pub at: Stamp,
    /// What it says.
    pub words: String,
    /// Whether an office says it.
    pub is_of_office: bool,
    /// Pictures the reader may see.
    pub pictures: Vec<ThreadPicture>,
    /// Pictures there are.
    pub picture_count: usize,
}

/// A picture that goes with a message.
#[derive(Clone, Debug, Default)]
pub struct ThreadPicture {
    /// Its address.
    pub src: String,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// What it is.
    pub alt: String,
}

/// `/quan-tri/nguoi-dan`: what people asked and reported.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/cases.html")]
pub struct CasesPage {
    /// Around the page.
    pub desk: Desk,
    /// The lists there are.
    pub states: Vec<FilterLink>,
    /// How content people are, period by period.
    pub satisfaction: Vec<SatisfactionRow>,
    /// The cases.
    pub items: Vec<CaseItem>,
    /// The way through the list.
    pub pagination: Pagination,
}

/// How many cases were answered in a period, and what people said of the answers.
#[derive(Clone, Debug, Default)]
pub struct SatisfactionRow {
    /// `Tháng này`.
    pub period: &'static str,
    /// How many were answered.
    pub answered: String,
    /// How many said that it is enough.
    pub satisfied: String,
    /// How many said neither.
    pub neutral: String,
    /// How many said that it is not.
    pub dissatisfied: String,
    /// Those who are satisfied among all who said anything.
    pub percent: Option<String>,
}

/// One case in a list.
#[derive(Clone, Debug, Default)]
pub struct CaseItem {
    /// Its page.
    pub url: String,
    /// What it is about.
    pub subject: String,
    /// What it is.
    pub kind: &'static str,
    /// How it stands.
    pub state: Badge,
    /// By when an answer is owed.
    pub due: Option<Badge>,
    /// Where it was asked, if elsewhere; where it is, if passed on.
    pub unit: Option<String>,
    /// Who asks.
    pub asker: Option<String>,
    /// When it was asked.
    pub asked: Stamp,
    /// What who asked says of the answer.
    pub satisfaction: Option<Badge>,
}

/// `/quan-tri/gop-y`: the drafts that were commented on.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/commented.html")]
pub struct CommentedPage {
    /// Around the page.
    pub desk: Desk,
    /// The drafts.
    pub drafts: Vec<CommentedDraft>,
}

/// A draft that was commented on.
#[derive(Clone, Debug, Default)]
pub struct CommentedDraft {
    /// Its comments.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Whether it is open still.
    pub stage: Option<Badge>,
    /// How many comments there are.
    pub total: String,
    /// How many wait for an answer.
    pub waiting: String,
}

/// `/quan-tri/gop-y/{id}`: the comments on one draft.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/comments.html")]
pub struct CommentsPage {
    /// Around the page.
    pub desk: Desk,
    /// The draft as readers see it, if it is shown here.
    pub draft_url: Option<String>,
    /// All of them as a table.
    pub csv_url: String,
    /// The lists there are.
    pub states: Vec<FilterLink>,
    /// The comments.
    pub items: Vec<CommentItem>,
    /// The way through the list.
    pub pagination: Pagination,
}

/// A comment in a list.
#[derive(Clone, Debug, Default)]
pub struct CommentItem {
    /// Its page.
    pub url: String,
    /// Who comments.
    pub who: String,
    /// When.
    pub at: Stamp,
    /// At whose site, if elsewhere.
    pub origin: Option<String>,
    /// How it begins.
    pub beginning: String,
    /// How it stands.
    pub state: Badge,
}

/// `/quan-tri/nguoi-dan/{id}`: one case, and what can be done about it.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/case.html")]
pub struct CaseDeskPage {
    /// Around the page.
    pub desk: Desk,
    /// What it is.
    pub kind: &'static str,
    /// Whether it is a comment on a draft, which is accepted or not.
    pub is_comment: bool,
    /// What it is about.
    pub subject: String,
    /// How it stands.
    pub state: Badge,
    /// By when an answer is owed.
    pub due: Option<Badge>,
    /// What else is known: a name and what it is.
    pub facts: Vec<Fact>,
    /// What was said.
    pub lines: Vec<ThreadLine>,
    /// Where the forms go.
    pub action: String,
    /// Whether this unit is to answer, and this person may write.
    pub may_write: bool,
    /// Whether this person may send.
    pub may_send: bool,
    /// Whether an answer is owed.
    pub is_open: bool,
    /// The answer as far as it is written.
    pub words: String,
    /// Who wrote it.
    pub draft_by: Option<String>,
    /// To whom it can be passed on.
    pub units: Vec<Choice>,
    /// Why it is passed on, as typed.
    pub reason: String,
    /// Whether it can be published: it is answered, and who asked agrees.
    pub may_publish: bool,
    /// The draft that publishes it.
    pub published_url: Option<String>,
    /// What has to be mended.
    pub errors: FormErrors,
}

/// `/quan-tri/tin-bao`: tips for the office at this site.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/tips.html")]
pub struct TipsPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the forms go.
    pub action: &'static str,
    /// The key tips are sealed to, and how it is compared on the telephone.
    pub key: Option<(String, String)>,
    /// Where a key is made.
    pub key_url: &'static str,
    /// How many wait.
    pub waiting: u64,
    /// The tips, once they are opened.
    pub opened: Option<Vec<OpenedTip>>,
    /// What has to be mended.
    pub errors: FormErrors,
}

/// A tip that was opened.
#[derive(Clone, Debug, Default)]
pub struct OpenedTip {
    /// Its id.
    pub id: String,
    /// At whose site it was told.
    pub origin: String,
    /// How it stands.
    pub state: Badge,
    /// What was said.
    pub lines: Vec<ThreadLine>,
}

/// `/quan-tri/tin-bao/khoa`: a new key for the office.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/tip_key.html")]
pub struct TipKeyPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the form goes.
    pub action: &'static str,
    /// Whether there is one already.
    pub has_key: bool,
}
