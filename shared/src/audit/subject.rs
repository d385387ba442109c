//! What something was done to, and what it was before and after.
//!
//! A name is taken from an account or a site, never from a form; entries and drafts are named by id
//! alone, and a change is told in words of the program. So nothing secret fits in, and nothing that may
//! have to be erased.

use crate::accounts::{account, invitation};
use crate::directory::site_record;
use crate::entries::record;
use crate::log::Digest;
use crate::newsroom::draft;
use axum::extract::MatchedPath;
use std::fmt::Display;
use uuid::Uuid;

/// Longest title kept, in characters.
const LONGEST_TITLE: usize = 200;

/// What kind of thing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An account.
    Account,
    /// A session of an account.
    Session,
    /// An invitation to open an account.
    Invitation,
    /// A draft.
    Draft,
    /// An entry that is or was published.
    Entry,
    /// A picture or file.
    Medium,
    /// A finding of the screening.
    Finding,
    /// An item that was refused on its way.
    Refusal,
    /// Another site: a member, or the hub.
    Site,
    /// A key of a site.
    Key,
    /// A route.
    Route,
    /// A feed that is read.
    Feed,
    /// A setting.
    Setting,
    /// A backup, or what is kept in a vault.
    Backup,
    /// A whole site as one file.
    Archive,
    /// A page of the back office.
    Page,
    /// What a citizen asked, reported or told.
    Case,
    /// Something wrong at a member, or who is told of it.
    Alert,
    /// What the province says above every page.
    Bulletin,
    /// A month's statement of royalties; its number is the month.
    Royalties,
    /// Somebody who is paid.
    Payee,
    /// A period that is ranked, or the scheme it is ranked by.
    Ranking,
    /// A merger, a split, a new name or host of units.
    Reorganisation,
    /// This record itself.
    Audit,
}

impl Kind {
    const ALL: [(Self, &str, &str); 24] = [
        (Self::Account, "account", "tài khoản"),
        (Self::Session, "session", "phiên đăng nhập"),
        (Self::Invitation, "invitation", "lời mời"),
        (Self::Draft, "draft", "bài đang soạn"),
        (Self::Entry, "entry", "bài đã đăng"),
        (Self::Medium, "medium", "ảnh, tệp"),
        (Self::Finding, "finding", "kết quả rà soát"),
        (Self::Refusal, "refusal", "mục bị từ chối"),
        (Self::Site, "site", "trang"),
        (Self::Key, "key", "khóa"),
        (Self::Route, "route", "tuyến tin"),
        (Self::Feed, "feed", "nguồn tin"),
        (Self::Setting, "setting", "cấu hình"),
        (Self::Backup, "backup", "bản sao lưu"),
        (Self::Archive, "archive", "gói lưu trữ"),
        (Self::Page, "page", "chức năng"),
        (Self::Case, "case", "câu hỏi, phản ánh"),
        (Self::Alert, "alert", "cảnh báo"),
        (Self::Bulletin, "bulletin", "thông báo của tỉnh"),
        (Self::Royalties, "royalties", "bảng kê nhuận bút"),
        (Self::Payee, "payee", "người nhận nhuận bút"),
        (Self::Ranking, "ranking", "kỳ chấm điểm"),
        (Self::Reorganisation, "reorganisation", "lần sắp xếp đơn vị"),
        (Self::Audit, "audit", "nhật ký thao tác"),
    ];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|row| row.0 == self)
            .map_or("", |row| row.1)
    }

    /// What people call the kind of that name.
    pub fn in_words(name: &str) -> &'static str {
        Self::ALL
            .iter()
            .find(|row| row.1 == name)
            .map_or("mục", |row| row.2)
    }
}

/// What names a thing: an id, a number, a digest, or a word of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Id {
    /// A row by id.
    Uuid(Uuid),
    /// A row by number.
    Number(i64),
    /// Content by hash.
    Digest(Digest),
    /// A name in the program, such as that of a setting.
    Word(&'static str),
}

impl From<Uuid> for Id {
    fn from(id: Uuid) -> Self {
        Self::Uuid(id)
    }
}

impl From<i64> for Id {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<Digest> for Id {
    fn from(digest: Digest) -> Self {
        Self::Digest(digest)
    }
}

impl From<&'static str> for Id {
    fn from(word: &'static str) -> Self {
        Self::Word(word)
    }
}

impl Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Uuid(id) => id.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Digest(digest) => f.write_str(&digest.hex()),
            Self::Word(word) => f.write_str(word),
        }
    }
}

/// A row whose name may be in the record.
pub trait Titled {
    /// Its name.
    fn title(&self) -> &str;
}

impl Titled for account::Model {
    fn title(&self) -> &str {
        &self.login
    }
}

impl Titled for invitation::Model {
    fn title(&self) -> &str {
        &self.login
    }
}

impl Titled for site_record::Model {
    fn title(&self) -> &str {
        &self.title
    }
}

/// One side of a change, in words of the program or a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Words, such as the label of a role or a state.
    Word(&'static str),
    /// A number.
    Number(i64),
    /// On or off.
    Switch(bool),
}

impl From<&'static str> for Value {
    fn from(word: &'static str) -> Self {
        Self::Word(word)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(on: bool) -> Self {
        Self::Switch(on)
    }
}

impl Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Number(number) => number.fmt(f),
            Self::Switch(true) => f.write_str("bật"),
            Self::Switch(false) => f.write_str("tắt"),
        }
    }
}

/// What something was done to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    pub(super) what: Option<(Kind, Id)>,
    pub(super) title: Option<String>,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
}

impl Subject {
    /// Nothing in particular.
    pub fn none() -> Self {
        Self::default()
    }

    /// The `kind` named by `id`.
    pub fn of(kind: Kind, id: impl Into<Id>) -> Self {
        Self {
            what: Some((kind, id.into())),
            ..Self::default()
        }
    }

    /// A page of the back office, by the pattern of its path, which holds nothing of the request.
    pub fn page(pattern: &MatchedPath) -> Self {
        Self {
            what: Some((Kind::Page, Id::Word(""))),
            title: Some(pattern.as_str().to_owned()),
            ..Self::default()
        }
    }

    /// An account, by its login.
    pub fn account(account: &account::Model) -> Self {
        Self::of(Kind::Account, account.id).titled(account)
    }

    /// A draft. Its title is looked up when the record is read: what is erased is erased here too.
    pub fn draft(draft: &draft::Model) -> Self {
        Self::of(Kind::Draft, draft.id)
    }

    /// An entry held here. Its title is looked up when the record is read.
    pub fn entry(entry: &record::Model) -> Self {
        Self::of(Kind::Entry, entry.entry_id)
    }

    /// Another site, by its name.
    pub fn site(site: &site_record::Model) -> Self {
        Self::of(Kind::Site, site.id).titled(site)
    }

    /// The same with the name of `row`, shortened and on one line.
    #[must_use]
    pub fn titled(mut self, row: &impl Titled) -> Self {
        let one_line = row
            .title()
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c });
        self.title = Some(one_line.take(LONGEST_TITLE).collect());
        self
    }

    /// The same with what it was and what it is now.
    #[must_use]
    pub fn change(mut self, before: impl Into<Value>, after: impl Into<Value>) -> Self {
        self.before = Some(before.into());
        self.after = Some(after.into());
        self
    }

    /// The same with what it is now.
    #[must_use]
    pub fn now(mut self, after: impl Into<Value>) -> Self {
        self.after = Some(after.into());
        self
    }
}
