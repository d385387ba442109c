//! The shapes of the content files.

use chrono::{DateTime, FixedOffset, NaiveDate};
use hub::sections::Tree;
use serde::Deserialize;
use uuid::Uuid;

/// An administrative unit or department, present or past.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Its own id for good; codes, names and hosts change.
    pub id: Uuid,
    /// The name of its folder of articles, and how other files refer to it.
    pub slug: String,
    /// Its full name.
    pub name: String,
    /// Its name without the kind.
    pub short_name: String,
    /// What it is: `tinh`, `so`, `xa`, `phuong`, `dac_khu`, `huyen`, `thi_tran`, … Data, not a closed list.
    pub kind: String,
    /// What kind of site it has.
    pub role: SiteRole,
    /// Which section tree its site uses.
    pub tree: Tree,
    /// The slug of the unit above it.
    pub parent: Option<String>,
    /// Its statistical code. Codes were reused for other units.
    pub gso_code: Option<String>,
    /// Its electronic identifier.
    pub agency_eid: Option<String>,
    /// The host name of its site.
    pub host: Option<String>,
    /// The name of its site.
    pub site_name: Option<String>,
    /// The line under the site's name.
    pub tagline: String,
    /// Other spellings in use.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// How many people live there.
    pub population: Option<u32>,
    /// Its area in square kilometres.
    pub area_km2: Option<f64>,
    /// The first day it existed in this form.
    pub from: Option<NaiveDate>,
    /// Its last day.
    pub until: Option<NaiveDate>,
    /// Dated attributes besides those above.
    #[serde(default, rename = "change")]
    pub changes: Vec<Change>,
}

impl Unit {
    /// The slugs of the units that took it over, in the order of the file.
    pub fn merged_into(&self) -> impl Iterator<Item = &str> {
        let mergers = self
            .changes
            .iter()
            .filter(|change| change.attribute == "merged_into");
        mergers.map(|change| change.value.as_str())
    }
}

/// How the site of a unit looks.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteFace {
    /// The slug of the unit.
    pub unit: String,
    /// What it chose.
    pub face: shared::face::Face,
    /// A banner, whose picture is painted.
    pub banner: Option<SiteBanner>,
}

/// A banner before it is painted.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteBanner {
    /// What is painted.
    pub subject: String,
    /// What it says, for who does not see it.
    pub alt: String,
    /// Where it leads.
    pub link: String,
}

/// An attribute of a unit that holds, or held, from one day to another.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Which attribute: `name`, `gso_code`, `merged_into`, …
    pub attribute: String,
    /// Its value; for `merged_into` the slug of the unit that took over.
    pub value: String,
    /// The first day it holds.
    pub from: Option<NaiveDate>,
    /// The last day it holds.
    pub until: Option<NaiveDate>,
    /// The decision behind it.
    pub basis: Option<String>,
}

/// How a unit takes part in the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteRole {
    /// The province's own server, itself a site.
    Hub,
    /// A native site.
    Member,
    /// A site on foreign software, read by its feed.
    Feed,
    /// A unit that no longer exists.
    Closed,
    /// A unit that no longer exists, whose site can still be read.
    Archive,
}

impl SiteRole {
    /// Whether the unit no longer exists.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Closed | Self::Archive)
    }

    /// Whether it has or had a site of ours, to sign in to.
    pub fn is_native(self) -> bool {
        matches!(self, Self::Hub | Self::Member | Self::Archive)
    }
}

/// An invented member of a site's staff.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The slug of the unit.
    pub unit: String,
    /// The name to sign in with, unique within the unit.
    pub login: String,
    /// The full name, as it stands under articles.
    pub name: String,
    /// What the account may do.
    pub role: Role,
}

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Writes and submits.
    Contributor,
    /// Edits the work of others.
    Editor,
    /// Approves and publishes.
    Approver,
    /// Runs the site.
    Admin,
}

/// The kind of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// News and features.
    Article,
    /// A legal document.
    Document,
    /// A notice, usually with an end.
    Notice,
    /// A standing page.
    Page,
    /// Pictures in their order.
    Album,
    /// A video.
    Video,
    /// The appointments of a week.
    Calendar,
    /// A draft that is open to comment.
    Consultation,
    /// A question with its answer.
    Question,
    /// Answers to choose from.
    Poll,
}

/// One entry of the past year.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The slug of the unit that published it: the name of its folder.
    #[serde(skip)]
    pub unit: String,
    /// The file it came from.
    #[serde(skip)]
    pub file: String,
    /// Its title.
    pub title: String,
    /// Its kind.
    pub kind: Kind,
    /// The slug of its section.
    pub section: String,
    /// When it was published.
    pub published: DateTime<FixedOffset>,
    /// Who wrote it.
    pub author: String,
    /// The paragraph in front of the body.
    pub lead: String,
    /// The language of the text.
    #[serde(default = "vietnamese")]
    pub language: String,
    /// Free tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Where it was taken from, when it is a repost.
    pub source: Option<String>,
    /// Its pictures, the first one on top.
    #[serde(default)]
    pub pictures: Vec<Picture>,
    /// When a notice stops being current.
    pub expires: Option<DateTime<FixedOffset>>,
    /// What a legal document must state.
    pub document: Option<Document>,
    /// Where a video is shown.
    pub video: Option<Video>,
    /// A week.
    pub calendar: Option<Week>,
    /// Until when comments are taken.
    pub consultation: Option<Consultation>,
    /// What a citizen asked; the body is the answer.
    pub question: Option<Question>,
    /// What can be chosen.
    pub poll: Option<Poll>,
    /// When a standing page was last read through.
    pub reviewed_on: Option<NaiveDate>,
    /// The body in Markdown.
    #[serde(skip)]
    pub body: String,
}

/// A short item published while the demo runs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlowEntry {
    /// The file it came from.
    #[serde(skip)]
    pub file: String,
    /// The slug of the unit that publishes it.
    pub unit: String,
    /// Its title.
    pub title: String,
    /// Its kind.
    pub kind: Kind,
    /// The slug of its section.
    pub section: String,
    /// Who wrote it.
    pub author: String,
    /// The paragraph in front of the body.
    pub lead: String,
    /// Free tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Its pictures, the first one on top.
    #[serde(default)]
    pub pictures: Vec<Picture>,
    /// The body in Markdown.
    #[serde(skip)]
    pub body: String,
}

/// A picture to paint for an entry.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picture {
    /// What [`pictures::paint`] is asked for.
    pub subject: String,
    /// The line under it.
    pub caption: String,
    /// What it shows, for those who do not see it.
    pub alt: String,
}

/// What a legal document must state.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Number and symbol.
    pub number: String,
    /// Its form, such as "Quyết định".
    pub form: String,
    /// Who issued it.
    pub issuer: String,
    /// Who signed it.
    pub signer: String,
    /// The day it was issued.
    pub issued_on: NaiveDate,
    /// The day it takes effect.
    pub effective_on: NaiveDate,
    /// What it is about.
    pub field: String,
    /// What it says, in one sentence.
    #[serde(rename = "abstract")]
    pub summary: String,
    /// As what the signer signed.
    pub signer_position: Option<String>,
    /// The numbers of documents of the same office it replaces.
    #[serde(default)]
    pub replaces: Vec<String>,
}

/// Where a video is shown.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Video {
    /// Its address at YouTube.
    pub youtube: String,
}

/// The appointments of a week.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Week {
    /// Its first day.
    pub from: NaiveDate,
    /// Its last day.
    pub to: NaiveDate,
    /// What there is to do.
    pub rows: Vec<shared::entries::kinds::calendar::Row>,
}

/// Until when comments are taken, and where.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consultation {
    /// The first day.
    pub opens_on: NaiveDate,
    /// The last day.
    pub closes_on: NaiveDate,
    /// Who asks.
    pub asker: String,
    /// Where comments go.
    pub send_to: String,
}

/// What a citizen asked, and who answered.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// All that was asked.
    pub asked: String,
    /// When.
    pub asked_on: NaiveDate,
    /// Who asked, by initials.
    pub asker: String,
    /// Who answers.
    pub answerer: String,
    /// When.
    pub answered_on: NaiveDate,
    /// What it is about.
    pub field: String,
}

/// What can be chosen, and until when.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Poll {
    /// The answers.
    pub options: Vec<String>,
    /// The last day.
    pub closes_on: NaiveDate,
    /// Whether results are shown before it is over.
    pub results_before_end: bool,
}

fn vietnamese() -> String {
    "vi".to_owned()
}

impl From<Role> for shared::accounts::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Contributor => Self::Contributor,
            Role::Editor => Self::Editor,
            Role::Approver => Self::Approver,
            Role::Admin => Self::Admin,
        }
    }
}
