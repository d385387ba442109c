//! Pages about what the province says above every page.

use crate::pages::language::filters;
use crate::pages::view::*;
use askama::Template;

/// `/tam-ngung`: portals that are or will be out of service.
#[derive(Clone, Debug, Template)]
#[template(path = "outages.html")]
pub struct OutagesPage {
    /// Around the page.
    pub frame: Frame,
    /// What was announced and is not over, this portal first.
    pub notices: Vec<OutageNotice>,
}

/// `/quan-tri/thong-bao-tinh`: the bulletins of the province, at the desk of a member.
#[derive(Clone, Debug, Template)]
#[template(path = "newsroom/bulletins.html")]
pub struct BulletinsHerePage {
    /// Around the page.
    pub desk: Desk,
    /// Where the forms are sent, as `bulletin`.
    pub action: String,
    /// Whether this person may acknowledge.
    pub may_acknowledge: bool,
    /// The newest first.
    pub rows: Vec<BulletinHere>,
    /// The way through the list.
    pub pagination: Pagination,
}

/// `/quan-tri/thong-bao-khan`: what the province says above every page.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/bulletins.html")]
pub struct BulletinsPage {
    /// Around the page.
    pub desk: Desk,
    /// Form of a bulletin.
    pub new_url: String,
    /// Form of an outage.
    pub outage_url: String,
    /// Whether this person may.
    pub may_send: bool,
    /// The newest first.
    pub rows: Vec<BulletinRow>,
    /// The way through the list.
    pub pagination: Pagination,
}

/// `/quan-tri/thong-bao-khan/{bulletin}`: how far each member has come with one version.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/bulletin.html")]
pub struct BulletinPage {
    /// Around the page.
    pub desk: Desk,
    /// The bulletin, in the version looked at.
    pub row: BulletinRow,
    /// As it stands above pages.
    pub line: BulletinLine,
    /// More about an outage.
    pub facts: Vec<Fact>,
    /// Its versions, the newest first.
    pub versions: Vec<BulletinVersion>,
    /// What the members come to.
    pub figures: Vec<Figure>,
    /// The members, those that lack most first.
    pub members: Vec<BulletinMember>,
    /// Form of the next version; none where there is none to be.
    pub change_url: Option<String>,
    /// Page to lift it; none where there is nothing to lift.
    pub lift_url: Option<String>,
    /// The table for programs.
    pub csv_url: String,
}

/// `/quan-tri/thong-bao-khan/moi` and `…/{bulletin}/sua`: a bulletin or an outage is written, looked at, and only then
/// said. Sends csrf, `action` = `preview` or `send`, seen, level, text, issuer, entry, from, until, to, levels, below,
/// units; of an outage unit, reason, instead, urgency.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/bulletin_form.html")]
pub struct BulletinFormPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the form is sent.
    pub action: String,
    /// Whether it is about a portal that is out of service.
    pub is_outage: bool,
    /// Whether it is a later version: whom it is for stands.
    pub is_change: bool,
    /// How much it presses.
    pub levels: Vec<Choice>,
    /// The sentence.
    pub text: String,
    /// Who issues it.
    pub issuer: String,
    /// The entry it leads to, by its id or its address.
    pub entry: String,
    /// From when on, `2026-11-09T14:05`; empty for at once.
    pub from: String,
    /// Until when.
    pub until: String,
    /// Whom it is for.
    pub to: Vec<Choice>,
    /// Kinds of units.
    pub kinds: Vec<Choice>,
    /// Units that have others below them.
    pub below: Vec<Choice>,
    /// All members.
    pub units: Vec<Choice>,
    /// The portal that is out of service.
    pub portals: Vec<Choice>,
    /// Why.
    pub reason: String,
    /// Where to turn meanwhile.
    pub instead: String,
    /// Why it was not announced in time.
    pub urgency: String,
    /// The first day that may be announced today.
    pub earliest: String,
    /// Whom it reaches and how it looks, once that was asked.
    pub preview: Option<BulletinPreview>,
    /// What has to be mended.
    pub errors: FormErrors,
    /// Where to go back to.
    pub cancel_url: String,
}

impl BulletinFormPage {
    /// Whether single members are chosen.
    pub fn names_units(&self) -> bool {
        self.units.iter().any(|unit| unit.chosen)
    }
}

/// `/quan-tri/thong-bao-khan/{bulletin}/go`: whether it is to be lifted. Sends csrf, reason.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/bulletin_lift.html")]
pub struct BulletinLiftPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the form is sent.
    pub action: String,
    /// As it stands above pages.
    pub line: BulletinLine,
    /// Why it is lifted.
    pub reason: String,
    /// What has to be mended.
    pub errors: FormErrors,
    /// Where to go back to.
    pub cancel_url: String,
}
