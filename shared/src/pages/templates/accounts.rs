//! Pages about who may work here.

use crate::entries::body::SafeHtml;
use crate::pages::language::filters;
use crate::pages::view::*;
use askama::Template;

/// `/quan-tri/dang-nhap/ma`: the code after the password.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/second_step.html")]
pub struct SecondStepPage {
    /// Around the page, with nobody signed in.
    pub desk: Desk,
    /// Path to open afterwards.
    pub return_to: String,
    /// What was wrong.
    pub errors: FormErrors,
}

/// `/quan-tri/xac-nhan`: the password or a code once more.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/confirm_self.html")]
pub struct ConfirmSelfPage {
    /// Around the page.
    pub desk: Desk,
    /// Path to open afterwards.
    pub return_to: String,
    /// Whether a code does as well as the password.
    pub has_factor: bool,
    /// What was wrong.
    pub errors: FormErrors,
}

/// A second factor on its way to a telephone.
#[derive(Clone, Debug, Default)]
pub struct FactorToSetUp {
    /// The picture, as the address of an image.
    pub picture: String,
    /// The same as text.
    pub secret: String,
}

/// `/quan-tri/tai-khoan/hai-lop`: setting up a second factor, or what there is of it.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/second_factor.html")]
pub struct SecondFactorPage {
    /// Around the page.
    pub desk: Desk,
    /// Whether this account has to have one.
    pub required: bool,
    /// What is to be set up; none where there is one.
    pub set_up: Option<FactorToSetUp>,
    /// Since when there is one.
    pub since: Option<Stamp>,
    /// Codes on paper that are left.
    pub codes_left: u64,
    /// What was wrong.
    pub errors: FormErrors,
}

/// Something shown once: a link to hand over, codes to write down.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/shown_once.html")]
pub struct ShownOncePage {
    /// Around the page.
    pub desk: Desk,
    /// What it is and what to do with it.
    pub intro: String,
    /// The lines themselves.
    pub lines: Vec<String>,
    /// What happens if it is lost.
    pub warning: String,
    /// Where to go on.
    pub next: Link,
}

/// A browser that is signed in.
#[derive(Clone, Debug, Default)]
pub struct SessionRow {
    /// What ends it, sent as `session`.
    pub id: String,
    /// `Chrome trên Windows`.
    pub browser: String,
    /// The address it signed in from.
    pub address: String,
    /// Since when.
    pub since: Stamp,
    /// Used last.
    pub seen: Stamp,
    /// The one that looks at this page.
    pub is_this: bool,
}

/// `/quan-tri/tai-khoan`: one's own account.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/my_account.html")]
pub struct MyAccountPage {
    /// Around the page.
    pub desk: Desk,
    /// Name at the sign-in.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// What was granted, one role a line.
    pub grants: Vec<String>,
    /// Since when there is a second factor.
    pub factor_since: Option<Stamp>,
    /// Browsers that are signed in.
    pub sessions: Vec<SessionRow>,
    /// The way to link it with the single sign-on, where there is one.
    pub single_sign_on: Option<Link>,
    /// What was wrong.
    pub errors: FormErrors,
}

/// A role and where it is granted, as a field of a form.
#[derive(Clone, Debug, Default)]
pub struct GrantField {
    /// Its id on the page.
    pub id: String,
    /// `Biên tập viên`.
    pub label: String,
    /// What the role is for.
    pub purpose: String,
    /// Not at all, everywhere, or a section.
    pub choices: Vec<Choice>,
}

/// An account in the list.
#[derive(Clone, Debug, Default)]
pub struct PersonRow {
    /// Where it is changed.
    pub url: String,
    /// Name at the sign-in.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// What was granted, in a line.
    pub grants: String,
    /// On, off, or off for being idle.
    pub state: Badge,
    /// Last sign-in.
    pub last_seen: Option<Stamp>,
    /// How the second factor is.
    pub factor: Badge,
    /// Said when it will be switched off soon.
    pub note: Option<String>,
}

/// An invitation nobody took up yet.
#[derive(Clone, Debug, Default)]
pub struct InvitationRow {
    /// What takes it back, sent as `invitation`.
    pub id: String,
    /// Name at the sign-in.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// What will be granted.
    pub grants: String,
    /// Until when it counts.
    pub expires: Stamp,
}

/// `/quan-tri/nguoi-dung`: all accounts.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/people.html")]
pub struct PeoplePage {
    /// Around the page.
    pub desk: Desk,
    /// The accounts.
    pub people: Vec<PersonRow>,
    /// The invitations.
    pub invitations: Vec<InvitationRow>,
    /// Where somebody is invited.
    pub invite_url: String,
    /// Where it is said who may do what.
    pub rights_url: String,
    /// Days after which idle accounts are switched off.
    pub idle_days: i64,
}

/// `/quan-tri/nguoi-dung/moi`: inviting somebody.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/invite.html")]
pub struct InvitePage {
    /// Around the page.
    pub desk: Desk,
    /// Where the form is sent.
    pub action: String,
    /// Login typed before.
    pub login: String,
    /// Name typed before.
    pub name: String,
    /// What to grant.
    pub grants: Vec<GrantField>,
    /// What was wrong.
    pub errors: FormErrors,
}

/// `/quan-tri/nguoi-dung/{account}`: one account.
///
/// The form sends `action` = `grants`, `off`, `on`, `end_sessions` or `reset_factor`.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/person.html")]
pub struct PersonPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the forms are sent.
    pub action: String,
    /// The account.
    pub person: PersonRow,
    /// What it is granted.
    pub grants: Vec<GrantField>,
    /// Browsers that are signed in.
    pub sessions: Vec<SessionRow>,
    /// Whether it may be used.
    pub is_on: bool,
    /// Whether it has a second factor.
    pub has_factor: bool,
    /// What was wrong.
    pub errors: FormErrors,
}

/// `/quan-tri/loi-moi`: taking up an invitation.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/invitation.html")]
pub struct InvitationPage {
    /// Around the page, with nobody signed in.
    pub desk: Desk,
    /// The token of the link, sent back as `token`.
    pub token: String,
    /// Name at the sign-in.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// What will be granted, one role a line.
    pub grants: Vec<String>,
    /// What was wrong.
    pub errors: FormErrors,
}

/// A right and who holds it.
#[derive(Clone, Debug, Default)]
pub struct RightRow {
    /// `Sửa bài của người khác`.
    pub words: String,
    /// Whether a grant for one section is enough.
    pub in_sections: bool,
    /// Its holders, in a line.
    pub roles: String,
    /// Whether whoever looks holds it.
    pub is_mine: bool,
}

/// A role and what it is for.
#[derive(Clone, Debug, Default)]
pub struct RoleRow {
    /// `Biên tập viên`.
    pub label: String,
    /// What it is for.
    pub purpose: String,
    /// People who have it, in a line.
    pub holders: String,
    /// Whether a second factor is asked for.
    pub is_powerful: bool,
}

/// `/quan-tri/huong-dan`: the manual for staff.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/manual.html")]
pub struct ManualPage {
    /// Around the page.
    pub desk: Desk,
    /// Manuals for other people here.
    pub others: Vec<Link>,
    /// The manual, piece by piece.
    pub parts: Vec<ManualPart>,
}

/// A piece of the manual.
#[derive(Clone, Debug)]
pub enum ManualPart {
    /// Where a section begins.
    Heading {
        /// What addresses it within the page.
        id: String,
        /// Its words.
        text: String,
    },
    /// Paragraphs, lists and tables.
    Text(SafeHtml),
    /// A picture of a page.
    Picture {
        /// Its address.
        url: String,
        /// What it shows.
        alt: String,
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
}

/// `/quan-tri/quyen`: who may do what.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/rights.html")]
pub struct RightsPage {
    /// Around the page.
    pub desk: Desk,
    /// The roles.
    pub roles: Vec<RoleRow>,
    /// The rights.
    pub rights: Vec<RightRow>,
}
