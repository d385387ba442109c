//! What is being written: text as typed, on its way to an entry.

use super::form::{self, DraftForm, DraftInput};
use crate::entries::Kind;
use crate::entries::item::Source;
use crate::error::{Error, FieldError, Result};
use crate::log::Digest;
use crate::vietnamese::fold;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, PaginatorTrait, QueryOrder, QuerySelect, Set};
use serde::{Deserialize, Serialize};

/// A stored draft.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "drafts")]
pub struct Model {
    /// Draft id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The entry it is or will be.
    pub entry_id: Uuid,
    /// [`Kind`] by name.
    pub kind: String,
    /// [`DraftState`] by name.
    pub state: String,
    /// Title.
    pub title: String,
    /// Lead; empty if none.
    pub lead: String,
    /// Body, Markdown.
    pub body: String,
    /// Code of its section.
    pub section: String,
    /// BCP 47.
    pub language: String,
    /// Authors, separated by commas.
    pub authors: String,
    /// [`Source`] as JSON.
    pub source: Option<String>,
    /// [`Extra`] as JSON.
    pub fields: Option<String>,
    /// Digest of the lead picture.
    pub picture: Option<Vec<u8>>,
    /// What it shows.
    pub picture_alt: Option<String>,
    /// The line under it.
    pub picture_caption: Option<String>,
    /// What the approver asked for when it was sent back.
    pub note: Option<String>,
    /// The revision it was last published as; 0 before the first.
    pub published_rev: i64,
    /// Who began it.
    pub written_by: Option<Uuid>,
    /// When it was begun; milliseconds.
    pub created_at: i64,
    /// When it was last changed; milliseconds, and never the same twice.
    pub updated_at: i64,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Where a draft is on its way to the public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DraftState {
    /// Being written.
    Writing,
    /// Handed in for approval.
    Submitted,
    /// Sent back with a note.
    Returned,
    /// What the public reads.
    Published,
    /// Was public and was taken back.
    Withdrawn,
    /// Was public, and the province took it back everywhere.
    Recalled,
}

impl DraftState {
    /// All states, in the order lists offer them.
    pub const ALL: [Self; 6] = [
        Self::Writing,
        Self::Submitted,
        Self::Returned,
        Self::Published,
        Self::Withdrawn,
        Self::Recalled,
    ];

    /// Its name in the database and in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Writing => "writing",
            Self::Submitted => "submitted",
            Self::Returned => "returned",
            Self::Published => "published",
            Self::Withdrawn => "withdrawn",
            Self::Recalled => "recalled",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Writing => "Nháp",
            Self::Submitted => "Chờ duyệt",
            Self::Returned => "Cần sửa",
            Self::Published => "Đã đăng",
            Self::Withdrawn => "Đã gỡ",
            Self::Recalled => "Tỉnh thu hồi",
        }
    }

    /// After the text was changed. What was handed in or sent back stays so.
    #[must_use]
    pub fn save(self) -> Self {
        match self {
            Self::Published | Self::Withdrawn | Self::Recalled => Self::Writing,
            other => other,
        }
    }

    /// After it was handed in.
    pub fn submit(self) -> Result<Self> {
        match self {
            Self::Writing | Self::Returned | Self::Withdrawn | Self::Recalled => {
                Ok(Self::Submitted)
            }
            Self::Submitted => Err(conflict("Bài đã được gửi duyệt rồi.")),
            Self::Published => Err(conflict("Bài đã được đăng.")),
        }
    }

    /// After the approver asked for changes.
    pub fn send_back(self) -> Result<Self> {
        match self {
            Self::Submitted => Ok(Self::Returned),
            _ => Err(conflict("Chỉ trả lại được bài đang chờ duyệt.")),
        }
    }

    /// After the entry was taken back.
    #[must_use]
    pub fn withdraw(self) -> Self {
        Self::Withdrawn
    }
}

fn conflict(words: &str) -> Error {
    Error::Conflict(words.to_owned())
}

/// What belongs to one kind of entry or to this site alone, kept as JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Extra {
    /// A document's fields, as far as they are filled in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
    /// When a notice ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<DateTime<Utc>>,
    /// Whether it leads the front page.
    pub featured: bool,
    /// Files to download.
    pub files: Vec<File>,
}

/// The fields of a document being written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Document {
    /// Số, ký hiệu.
    pub number: String,
    /// Hình thức.
    pub form: String,
    /// Cơ quan ban hành.
    pub issuer: String,
    /// Người ký.
    pub signer: Option<String>,
    /// Lĩnh vực.
    pub field: Option<String>,
    /// Ngày ban hành.
    pub issued_on: Option<NaiveDate>,
    /// Ngày có hiệu lực.
    pub effective_on: Option<NaiveDate>,
}

/// Where media are served, before their digest.
const MEDIA: &str = "/media/sha256/";

/// A file of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// The name its author gave it.
    pub name: String,
}

impl File {
    /// Where it is served.
    pub fn address(&self) -> String {
        format!("{MEDIA}{}", self.digest.hex())
    }

    /// As a form sends it back: its address, a blank, its name.
    pub fn to_field(&self) -> String {
        format!("{} {}", self.address(), self.name)
    }

    fn of_field(sent: &str) -> Option<Self> {
        let (address, name) = sent.split_once(' ')?;
        Some(Self {
            digest: Digest::from_hex(address.strip_prefix(MEDIA)?).ok()?,
            name: form::line(name),
        })
    }
}

impl Model {
    /// Where it is on its way.
    pub fn state(&self) -> DraftState {
        DraftState::parse(&self.state).unwrap_or(DraftState::Writing)
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        Kind::parse(&self.kind).unwrap_or(Kind::Article)
    }

    /// What belongs to its kind.
    pub fn extra(&self) -> Extra {
        self.fields
            .as_deref()
            .and_then(|json| serde_json::from_str(json).ok())
            .unwrap_or_default()
    }

    /// Where it was taken from.
    pub fn source(&self) -> Option<Source> {
        serde_json::from_str(self.source.as_deref()?).ok()
    }

    /// Its authors.
    pub fn author_names(&self) -> Vec<String> {
        self.authors
            .split(", ")
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// Its lead picture.
    pub fn picture_digest(&self) -> Option<Digest> {
        Digest::from_slice(self.picture.as_deref()?).ok()
    }

    /// What a form sends back to show that nobody changed the draft meanwhile.
    pub fn version(&self) -> i64 {
        self.updated_at
    }

    /// The form, filled in with what is kept.
    pub fn to_form(&self) -> DraftForm {
        let extra = self.extra();
        let document = extra.document.unwrap_or_default();
        let source = self.source();
        let day = |day: Option<NaiveDate>| day.map(form::show_date).unwrap_or_default();
        DraftForm {
            revision: self.version().to_string(),
            kind: self.kind.clone(),
            title: self.title.clone(),
            lead: self.lead.clone(),
            body: self.body.clone(),
            section: self.section.clone(),
            language: self.language.clone(),
            author: self.authors.clone(),
            source: source
                .as_ref()
                .map(|source| source.name.clone())
                .unwrap_or_default(),
            source_url: source.and_then(|source| source.url).unwrap_or_default(),
            expires: day(extra.expires.map(form::last_day)),
            featured: if extra.featured { "1" } else { "" }.to_owned(),
            picture_kept: self
                .picture_digest()
                .map(|digest| digest.hex())
                .unwrap_or_default(),
            picture_alt: self.picture_alt.clone().unwrap_or_default(),
            picture_caption: self.picture_caption.clone().unwrap_or_default(),
            document_number: document.number,
            document_type: document.form,
            issuer: document.issuer,
            signer: document.signer.unwrap_or_default(),
            field: document.field.unwrap_or_default(),
            issued_on: day(document.issued_on),
            effective_on: day(document.effective_on),
            file_kept: extra.files.iter().map(File::to_field).collect(),
            ..DraftForm::default()
        }
    }
}

impl DraftForm {
    /// The picture that stays.
    pub fn picture(&self) -> Option<Digest> {
        Digest::from_hex(&self.picture_kept)
            .ok()
            .filter(|_| self.drop_picture.is_empty())
    }

    /// The files that stay.
    pub fn files(&self) -> Vec<File> {
        self.file_kept
            .iter()
            .filter_map(|sent| File::of_field(sent))
            .filter(|file| !self.drop_file.contains(&file.address()))
            .collect()
    }
}

/// Everything of a draft that people decide: what they typed, and its media.
#[derive(Clone, Debug)]
pub struct Contents {
    /// What they typed.
    pub input: DraftInput,
    /// The lead picture.
    pub picture: Option<Digest>,
    /// The files.
    pub files: Vec<File>,
}

/// Most files of a draft.
const MOST_FILES: usize = 30;

impl Contents {
    /// What a form holds once its uploads are kept; or all there is to mend.
    pub fn of(form: &DraftForm) -> Result<Self, Vec<FieldError>> {
        let input = form.validate()?;
        let files = form.files();
        if files.len() > MOST_FILES {
            return Err(vec![FieldError::new("file", "Mỗi bài có tối đa 30 tệp.")]);
        }
        Ok(Self {
            input,
            picture: form.picture(),
            files,
        })
    }

    fn write(self, change: &mut ActiveModel) -> Result<()> {
        let Self {
            input,
            picture,
            files,
        } = self;
        let extra = Extra {
            files,
            ..input.extra
        };
        let source = input.source.as_ref().map(serde_json::to_string).transpose();
        change.kind = Set(input.kind.as_str().to_owned());
        change.title = Set(input.title);
        change.lead = Set(input.lead);
        change.body = Set(input.body);
        change.section = Set(input.section);
        change.language = Set(input.language);
        change.authors = Set(input.authors.join(", "));
        change.source = Set(source.map_err(anyhow::Error::new)?);
        change.fields = Set(Some(
            serde_json::to_string(&extra).map_err(anyhow::Error::new)?,
        ));
        change.picture = Set(picture.map(|digest| digest.as_bytes().to_vec()));
        change.picture_alt = Set(input.picture_alt);
        change.picture_caption = Set(input.picture_caption);
        Ok(())
    }
}

/// Begins a draft.
pub async fn create(
    tx: &DatabaseTransaction,
    contents: Contents,
    by: Uuid,
    now: i64,
) -> Result<Model> {
    let mut new = ActiveModel {
        id: Set(Uuid::now_v7()),
        entry_id: Set(Uuid::now_v7()),
        state: Set(DraftState::Writing.as_str().to_owned()),
        note: Set(None),
        published_rev: Set(0),
        written_by: Set(Some(by)),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    contents.write(&mut new)?;
    Ok(new.insert(tx).await?)
}

/// Changes a draft, unless somebody else did since it was at `version`.
pub async fn save(
    tx: &DatabaseTransaction,
    id: Uuid,
    version: i64,
    contents: Contents,
    now: i64,
) -> Result<Model> {
    let draft = find_locked(tx, id, version).await?;
    let state = draft.state().save();
    let mut change = changed(draft, state, now);
    contents.write(&mut change)?;
    Ok(change.update(tx).await?)
}

/// Moves a draft on to `state`, with a note for its author.
pub async fn set_state(
    tx: &DatabaseTransaction,
    draft: Model,
    state: DraftState,
    note: Option<String>,
    now: i64,
) -> Result<Model> {
    let mut change = changed(draft, state, now);
    change.note = Set(note);
    Ok(change.update(tx).await?)
}

/// Notes that `draft` is now public as revision `rev`.
pub async fn set_published(
    tx: &DatabaseTransaction,
    draft: Model,
    rev: i64,
    now: i64,
) -> Result<Model> {
    let mut change = changed(draft, DraftState::Published, now);
    change.note = Set(None);
    change.published_rev = Set(rev);
    Ok(change.update(tx).await?)
}

/// What stands in place of a title that was erased.
pub const ERASED_TITLE: &str = "Nội dung đã bị xóa theo yêu cầu của tỉnh";

/// Erases everything that was written in `draft`, and says why.
pub async fn erase(
    tx: &DatabaseTransaction,
    draft: Model,
    reason: &str,
    now: i64,
) -> Result<Model> {
    let mut change = changed(draft, DraftState::Recalled, now);
    change.title = Set(ERASED_TITLE.to_owned());
    change.lead = Set(String::new());
    change.body = Set(String::new());
    change.authors = Set(String::new());
    change.source = Set(None);
    change.fields = Set(None);
    change.picture = Set(None);
    change.picture_alt = Set(None);
    change.picture_caption = Set(None);
    change.note = Set(Some(format!("Tỉnh đã xóa hẳn bài này. Lý do: {reason}")));
    Ok(change.update(tx).await?)
}

fn changed(draft: Model, state: DraftState, now: i64) -> ActiveModel {
    // Two changes within a millisecond, or after the clock was set back, are still two.
    let later = now.max(draft.updated_at + 1);
    let mut change: ActiveModel = draft.into();
    change.state = Set(state.as_str().to_owned());
    change.updated_at = Set(later);
    change
}

/// The draft `id`, locked until the transaction ends, if it still is at `version`.
pub async fn find_locked(tx: &DatabaseTransaction, id: Uuid, version: i64) -> Result<Model> {
    let draft = Entity::find_by_id(id)
        .lock_exclusive()
        .one(tx)
        .await?
        .ok_or(Error::NotFound)?;
    if draft.version() != version {
        return Err(conflict(
            "Bài này vừa được người khác sửa. Hãy mở lại bài trong một thẻ khác, chép phần bạn vừa viết sang rồi lưu.",
        ));
    }
    Ok(draft)
}

/// The draft `id`.
pub async fn find<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// The draft an entry of ours was published from.
pub async fn of_entry<C: ConnectionTrait>(db: &C, entry_id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::EntryId.eq(entry_id))
        .order_by_desc(Column::UpdatedAt)
        .one(db)
        .await?)
}

/// Which drafts to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<DraftState>,
    /// Only those begun by this account.
    pub written_by: Option<Uuid>,
    /// Only those with these words in the title.
    pub words: String,
}

impl Filter {
    fn select(&self) -> Select<Entity> {
        let mut query = Entity::find();
        if let Some(state) = self.state {
            query = query.filter(Column::State.eq(state.as_str()));
        }
        if let Some(account) = self.written_by {
            query = query.filter(Column::WrittenBy.eq(account));
        }
        query
    }
}

/// Drafts, the one changed last first, and how many there are in all.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    filter: &Filter,
    offset: u64,
    limit: u64,
) -> Result<(Vec<Model>, u64)> {
    let words = fold(&filter.words);
    if words.trim().is_empty() {
        let total = filter.select().count(db).await?;
        let page = filter
            .select()
            .order_by_desc(Column::UpdatedAt)
            .offset(offset)
            .limit(limit)
            .all(db)
            .await?;
        return Ok((page, total));
    }
    // Neither database folds Vietnamese as people type it; the titles of one site are few.
    let titles: Vec<(Uuid, String)> = filter
        .select()
        .select_only()
        .columns([Column::Id, Column::Title])
        .order_by_desc(Column::UpdatedAt)
        .into_tuple()
        .all(db)
        .await?;
    let found: Vec<Uuid> = titles
        .into_iter()
        .filter(|(_, title)| {
            let title = fold(title);
            words.split_whitespace().all(|word| title.contains(word))
        })
        .map(|(id, _)| id)
        .collect();
    let total = found.len() as u64;
    let skip = usize::try_from(offset).unwrap_or(usize::MAX);
    let take = usize::try_from(limit).unwrap_or(usize::MAX);
    let ids = found.into_iter().skip(skip).take(take);
    let page = Entity::find()
        .filter(Column::Id.is_in(ids))
        .order_by_desc(Column::UpdatedAt)
        .all(db)
        .await?;
    Ok((page, total))
}

/// How many drafts of `filter` there are.
pub async fn count<C: ConnectionTrait>(db: &C, filter: &Filter) -> Result<u64> {
    Ok(filter.select().count(db).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use DraftState::*;

    #[test]
    fn a_draft_moves_only_where_it_can() {
        for (state, saved, submit, send_back) in [
            (Writing, Writing, Some(Submitted), None),
            (Submitted, Submitted, None, Some(Returned)),
            (Returned, Returned, Some(Submitted), None),
            (Published, Writing, None, None),
            (Withdrawn, Writing, Some(Submitted), None),
            (Recalled, Writing, Some(Submitted), None),
        ] {
            assert_eq!(state.save(), saved, "{state:?}");
            assert_eq!(state.submit().ok(), submit, "{state:?}");
            assert_eq!(state.send_back().ok(), send_back, "{state:?}");
            assert_eq!(DraftState::parse(state.as_str()), Some(state));
        }
    }
}
