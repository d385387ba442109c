//! Pages for those who run the province's hub.

use crate::pages::language::filters;
use crate::pages::view::*;
use askama::Template;

/// `/quan-tri/don-vi`: every member and how it is.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/members.html")]
pub struct MembersPage {
    /// Around the page.
    pub desk: Desk,
    /// When the members were looked at.
    pub made_at: Stamp,
    /// What the whole province comes to.
    pub figures: Vec<Figure>,
    /// States to narrow to.
    pub states: Vec<FilterLink>,
    /// Kinds of units to narrow to.
    pub kinds: Vec<Choice>,
    /// Words searched for.
    pub query: String,
    /// What the forms carry on: names and values.
    pub kept: Vec<(String, String)>,
    /// The heads of the columns, each with the way to sort by it.
    pub heads: Vec<ColumnHead>,
    /// All columns there are, and which were chosen.
    pub columns: Vec<Choice>,
    /// How many members were found.
    pub total: String,
    /// Members of this page.
    pub rows: Vec<MemberRow>,
    /// The way through the list.
    pub pagination: Pagination,
    /// Where the table is kept up to date.
    pub live_url: String,
    /// Those that have left, with where they are invited again.
    pub closed: Vec<Link>,
    /// The table for programs.
    pub csv_url: String,
    /// The table for offices.
    pub xlsx_url: String,
    /// Page to add a member.
    pub enrol_url: String,
}

/// One row of that table, as it is sent to who looks at it.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/member_row.html")]
pub struct MemberRowPart {
    /// The member.
    pub row: MemberRow,
}

/// `/quan-tri/don-vi/{site}`: one member.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/member.html")]
pub struct MemberPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the forms are sent, with `action` = `note`, `look`, `examine`, `quota`, `suspend`, `resume` or `close`.
    pub action: String,
    /// Where its portal answers.
    pub url: String,
    /// How its link is.
    pub state: LinkState,
    /// When it was looked at.
    pub seen_at: Stamp,
    /// Since when.
    pub since: Option<Stamp>,
    /// What keeps the link from working, and what can be done.
    pub trouble: Option<String>,
    /// What is known of it.
    pub facts: Vec<MemberFact>,
    /// In which share of the time it could be reached: `99,87 %`.
    pub reachable: Option<String>,
    /// Its last days, the oldest first.
    pub days: Vec<DayBar>,
    /// How far each lane is, both ways; none for a portal read by feed.
    pub lanes: Vec<LaneRow>,
    /// What the public sees of it.
    pub probes: Vec<ProbeLine>,
    /// Whether this person may have it looked at now.
    pub may_look: bool,
    /// The last examination of the way to it.
    pub examined: Option<Examined>,
    /// Whether this person may have it examined.
    pub may_examine: bool,
    /// How full its vault is; none for who has none.
    pub vault: Option<VaultRoom>,
    /// How many entries of each kind its unit has published.
    pub kinds: Vec<Figure>,
    /// Refused items that stand.
    pub refused: Vec<RefusedLine>,
    /// Where they are tried again or set aside.
    pub refused_url: String,
    /// What happened to it, the newest first.
    pub events: Vec<MemberEvent>,
    /// Other pages about it.
    pub links: Vec<Link>,
    /// Whether this person may stop the exchange with it.
    pub may_suspend: bool,
    /// Whether it is stopped.
    pub is_suspended: bool,
    /// Whether this person may end its membership.
    pub may_close: bool,
    /// The name of its unit.
    pub unit_name: String,
    /// Whether this person may settle something about it.
    pub may_note: bool,
    /// Who settled that last, and when.
    pub changed: Option<String>,
    /// What is settled.
    pub form: MemberForm,
    /// What was wrong.
    pub errors: FormErrors,
    /// The table.
    pub members_url: String,
}

/// `/quan-tri/don-vi/moi`: a new unit and its site.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/enrol.html")]
pub struct EnrolPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the form is sent.
    pub action: String,
    /// The unit, sent as `unit`, where it is known and only its portal is new.
    pub unit: String,
    /// Name of the unit, sent as `name`.
    pub name: String,
    /// Kinds of unit, sent as `unit_kind`.
    pub unit_kinds: Vec<Choice>,
    /// Code of the General Statistics Office, sent as `gso_code`.
    pub gso_code: String,
    /// Public address of the site, sent as `host`.
    pub host: String,
    /// How it will be connected (`native`, `feed`), sent as `connection`.
    pub connections: Vec<Choice>,
    /// Address of the feed, when it has its own system; sent as `feed_url`.
    pub feed_url: String,
    /// Contact at the unit, sent as `contact`.
    pub contact: String,
    /// What was wrong.
    pub errors: FormErrors,
}

/// After enrolling: the code that is shown once.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/enrolled.html")]
pub struct EnrolledPage {
    /// Around the page.
    pub desk: Desk,
    /// Name of the unit.
    pub name: String,
    /// The one-time code.
    pub code: String,
    /// Until when it may be used.
    pub expires: Stamp,
    /// What to type on the member's server.
    pub command: String,
    /// All that is needed there, in one file; none where it is there already.
    pub bundle_url: Option<String>,
    /// The member's page on the desk.
    pub member_url: String,
}

/// `/quan-tri/canh-bao`: what is wrong at members. The buttons send `id`, or `id=all`.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/alerts.html")]
pub struct AlertsPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the buttons send.
    pub action: String,
    /// What is wrong.
    pub open: Vec<AlertRow>,
    /// What was.
    pub over: Vec<AlertRow>,
    /// What was written of it lately.
    pub messages: Vec<SentRow>,
    /// Whether anybody is told.
    pub has_recipients: bool,
    /// The way to who is told, for who may change that.
    pub recipients: Option<Link>,
    /// Whether whoever is signed in may say that they know.
    pub may_know: bool,
    /// How much nobody knows of.
    pub unknown: usize,
}

/// `/quan-tri/canh-bao/noi-nhan`: who is told. The buttons send `id` and `action` = `test`, `switch` or `remove`.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/alert_recipients.html")]
pub struct RecipientsPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the buttons send.
    pub action: String,
    /// Where one is added.
    pub new_url: String,
    /// Somebody is to be written to, and no mail server is named.
    pub lacks_mail: bool,
    /// Who is told.
    pub rows: Vec<RecipientRow>,
}

/// `/quan-tri/canh-bao/noi-nhan/moi`: one is added. Sends `name`, `channel`, `address`, `after`, `quiet_from`, `quiet_to`.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/alert_recipient_form.html")]
pub struct RecipientFormPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the form is sent.
    pub action: String,
    /// Whether a mail server is named.
    pub has_mail: bool,
    /// How they are told.
    pub channels: Vec<Choice>,
    /// After how long.
    pub after: Vec<Choice>,
    /// What is filled in.
    pub fields: RecipientFields,
    /// What was wrong.
    pub errors: FormErrors,
    /// The list.
    pub cancel_url: String,
}

/// `/quan-tri/tuyen-tin`: which entries travel to whom.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/routes.html")]
pub struct RoutesPage {
    /// Around the page.
    pub desk: Desk,
    /// Where switching is sent, as `id`.
    pub action: String,
    /// Rules, in the order they are tried.
    pub routes: Vec<RouteRow>,
    /// Where a new one is written.
    pub new_url: String,
}

/// `/quan-tri/tuyen-tin/moi`, `/quan-tri/tuyen-tin/{route}`: a route is written, and looked at before it is in force.
///
/// The form sends `name`, `from`, `sections`, `kinds`, `to` and what belongs to it (`levels`, `below`, `units`), `mode`,
/// `moment`, `lane`, and `action` = `preview`, or `save` with `seen`.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/route_form.html")]
pub struct RouteFormPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the form is sent.
    pub action: String,
    /// What people call it; one is made where this is empty.
    pub name: String,
    /// Whose entries.
    pub from: Vec<Choice>,
    /// Only these sections; all if none is chosen.
    pub sections: Vec<Choice>,
    /// Only these kinds; all if none is chosen.
    pub kinds: Vec<Choice>,
    /// To whom.
    pub to: Vec<Choice>,
    /// To units of these kinds.
    pub levels: Vec<Choice>,
    /// To this unit and those below it.
    pub below: Vec<Choice>,
    /// To these units.
    pub units: Vec<Choice>,
    /// How it is shown there.
    pub modes: Vec<Choice>,
    /// When it is sent.
    pub moments: Vec<Choice>,
    /// Ahead of what waits, or not.
    pub lanes: Vec<Choice>,
    /// What was wrong.
    pub errors: FormErrors,
    /// What it would do; none before that was asked.
    pub preview: Option<RoutePreview>,
    /// The list.
    pub cancel_url: String,
}

impl RouteFormPage {
    /// Whether some kinds are chosen: what is in force is never folded away.
    fn narrows_kinds(&self) -> bool {
        any(&self.kinds)
    }

    /// The same of sections.
    fn narrows_sections(&self) -> bool {
        any(&self.sections)
    }

    /// The same of units.
    fn names_units(&self) -> bool {
        any(&self.units)
    }
}

fn any(choices: &[Choice]) -> bool {
    choices.iter().any(|choice| choice.chosen)
}

/// `/quan-tri/don-vi/{site}/khoa`: the keys of a member.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/keys.html")]
pub struct KeysPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the forms are sent, with `action` = `revoke` or `invite`.
    pub action: String,
    /// The unit.
    pub name: String,
    /// Its keys, the newest first.
    pub keys: Vec<KeyRow>,
    /// Whether one of them can be revoked.
    pub revocable: bool,
    /// Whether the site needs a code to introduce another key.
    pub needs_code: bool,
    /// The moment proposed, as a clock in Vietnam shows it.
    pub since: String,
    /// What was wrong.
    pub errors: FormErrors,
    /// The member table.
    pub members_url: String,
}

/// `/quan-tri/cach-ly`: what a revocation left without effect.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/quarantine.html")]
pub struct QuarantinePage {
    /// Around the page.
    pub desk: Desk,
    /// Where the forms are sent, as `id` and `action` = `release` or `leave`.
    pub action: String,
    /// The events, the newest first.
    pub rows: Vec<QuarantineRow>,
    /// The way through the list.
    pub pagination: Pagination,
}

/// `/quan-tri/tu-choi`: what was not taken, and why.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/refused.html")]
pub struct RefusedPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the forms are sent, as `id` and `action` = `retry`, `resend` or `dismiss`.
    pub action: String,
    /// Refused items of this page, the newest first.
    pub rows: Vec<RefusedRow>,
    /// The way through the list.
    pub pagination: Pagination,
}

/// `/quan-tri/don-vi/nhat-ky`: whether members' audit records are the ones they told of.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/audit_heads.html")]
pub struct AuditHeadsPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the forms are sent, as `id`.
    pub action: String,
    /// Whether this person may settle a mismatch.
    pub may_settle: bool,
    /// The members, those with a mismatch first.
    pub rows: Vec<AuditHeadRow>,
}

/// `/quan-tri/thu-hoi`: what the province recalled.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/recalls.html")]
pub struct RecallsPage {
    /// Around the page.
    pub desk: Desk,
    /// Page to recall something.
    pub order_url: String,
    /// Where everything that says something is found.
    pub search_url: String,
    /// Where proposals are decided and the rule is set: `action` = `confirm`, `drop` or `policy`.
    pub action: String,
    /// Whether this person may.
    pub may_order: bool,
    /// What waits for a second person, the oldest first.
    pub proposals: Vec<RecallProposal>,
    /// Who has to confirm what, sent as `policy`; empty for whoever may not set it.
    pub policies: Vec<Choice>,
    /// The rule that holds.
    pub policy: String,
    /// Recalls of this page, the newest first.
    pub rows: Vec<RecallRow>,
    /// The way through the list.
    pub pagination: Pagination,
}

/// `/quan-tri/thu-hoi/tim`: everything that says something, found and taken back. Sends `q`; then besides `entry`s,
/// `reason`, `basis`, `erase` and `count`; `action` = `find` or `recall`.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/recall_search.html")]
pub struct RecallSearchPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the forms are sent.
    pub action: String,
    /// What is looked for.
    pub q: String,
    /// Whether it was.
    pub was_asked: bool,
    /// There is more than is shown.
    pub is_more: bool,
    /// What says it.
    pub hits: Vec<RecallHit>,
    /// Why, for readers.
    pub reason: String,
    /// The act it rests on.
    pub basis: String,
    /// Nothing of it is to be left at its origin either.
    pub erase: bool,
    /// What was wrong.
    pub errors: FormErrors,
    /// The list of recalls.
    pub cancel_url: String,
}

/// `/quan-tri/thu-hoi/{recall}`: how far each site has come with one recall.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/recall.html")]
pub struct RecallPage {
    /// Around the page.
    pub desk: Desk,
    /// The recall.
    pub row: RecallRow,
    /// The sites, those that lack most first.
    pub sites: Vec<RecallSiteRow>,
    /// The report as CSV and as a workbook.
    pub csv_url: String,
    /// The same as a workbook.
    pub xlsx_url: String,
    /// Where the form that takes the recall back is sent; none if it cannot be or this person may not.
    pub lift_url: Option<String>,
    /// Why it is taken back, sent as `why`.
    pub why: String,
    /// What was wrong.
    pub errors: FormErrors,
}

/// `/quan-tri/thu-hoi/moi`: what is to be recalled, and why. Sends `entry`, `reason`, `basis`, `replacement`, `erase` and
/// `word`; before something is found, `bai` by GET.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/recall_form.html")]
pub struct RecallFormPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the form is sent.
    pub action: String,
    /// Its id or the address of its page, sent as `entry`.
    pub entry: String,
    /// What is found there, once it was looked for.
    pub found: Option<RecallFound>,
    /// Where that is.
    pub whereabouts: RecallWhere,
    /// What is to be read instead, sent as `replacement`.
    pub replacement: String,
    /// The word that has to be typed, sent as `word`.
    pub word: String,
    /// Whether a second person has to confirm: for what is erased, for everything.
    pub second_person: String,
    /// Why, sent as `reason`.
    pub reason: String,
    /// The legal act, sent as `basis`.
    pub basis: String,
    /// Whether its origin is to keep nothing either, sent as `erase`.
    pub erase: bool,
    /// What was wrong.
    pub errors: FormErrors,
}

/// `/quan-tri/noi-nhan-tin`: the offices that tips go to.
#[derive(Clone, Debug, Template)]
#[template(path = "hub/tip_offices.html")]
pub struct TipOfficesPage {
    /// Around the page.
    pub desk: Desk,
    /// Where the forms go.
    pub action: &'static str,
    /// The offices.
    pub rows: Vec<TipOfficeRow>,
    /// The units whose site an office may read at.
    pub units: Vec<Choice>,
    /// As typed.
    pub name: String,
    /// As typed.
    pub about: String,
    /// As typed.
    pub key: String,
    /// What has to be mended.
    pub errors: FormErrors,
}

/// One office.
#[derive(Clone, Debug, Default)]
pub struct TipOfficeRow {
    /// Its unit.
    pub unit: String,
    /// Where it reads.
    pub site: String,
    /// How its key is compared on the telephone.
    pub print: String,
    /// What it is called.
    pub name: String,
    /// What it is to be told.
    pub about: String,
}
