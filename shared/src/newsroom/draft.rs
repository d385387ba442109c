//! What is being written: text as typed, on its way to an entry.

use super::form::{self, DraftForm, DraftInput};
use super::pictures::{PictureFields, Shown};
use super::workflow::State;
use crate::accounts::Scope;
use crate::entries::Kind;
use crate::entries::body::{Format, SafeHtml};
use crate::entries::item::Source;
use crate::entries::kinds::Own;
use crate::error::{Error, FieldError, Result};
use crate::log::Digest;
use crate::media::Focus;
use crate::vietnamese::fold;
use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{
    Condition, ConnectionTrait, DatabaseTransaction, PaginatorTrait, QueryOrder, QuerySelect, Set,
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

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
    /// [`State`] by name.
    pub state: String,
    /// Title.
    pub title: String,
    /// Lead; empty if none.
    pub lead: String,
    /// Body, in its format.
    pub body: String,
    /// [`Format`] of the body, by name.
    pub body_format: String,
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
    /// Who handed it in last.
    pub handed_in_by: Option<Uuid>,
    /// Who approved it.
    pub approved_by: Option<Uuid>,
    /// Digest of what was approved: exactly this is published.
    pub approved_digest: Option<Vec<u8>>,
    /// Whether its own author approved it.
    pub self_approved: bool,
    /// What readers will be told was mended.
    pub correction: Option<String>,
    /// When it is to be published by itself; milliseconds.
    pub publish_at: Option<i64>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

fn conflict(words: &str) -> Error {
    Error::Conflict(words.to_owned())
}

/// What belongs to one kind of entry or to this site alone, kept as JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Extra {
    /// What its kind has of its own.
    #[serde(flatten)]
    pub own: Own,
    /// When a notice ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<DateTime<Utc>>,
    /// Whether it leads the front page.
    pub featured: bool,
    /// Files to download.
    pub files: Vec<File>,
    /// The pictures of an album, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<Shown>,
    /// Who made the lead picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture_credit: Option<String>,
    /// What lists must not cut off the lead picture.
    #[serde(skip_serializing_if = "Focus::is_centre")]
    pub picture_focus: Focus,
    /// Whether the lead picture shows nothing a reader would miss.
    pub picture_decorates: bool,
}

/// Where media are served, before their digest.
pub const MEDIA: &str = "/media/sha256/";

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

    /// What a form sent back.
    pub fn of_field(sent: &str) -> Option<Self> {
        let (address, name) = sent.split_once(' ')?;
        Some(Self {
            digest: Digest::from_hex(address.strip_prefix(MEDIA)?).ok()?,
            name: form::line(name),
        })
    }
}

impl Model {
    /// Where it is on its way.
    pub fn state(&self) -> State {
        State::parse(&self.state).unwrap_or(State::Draft)
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        Kind::parse(&self.kind).unwrap_or(Kind::Article)
    }

    /// Its body as the public will read it.
    pub fn body_html(&self) -> SafeHtml {
        Format::parse(&self.body_format).render(&self.body)
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

    /// Its lead picture, with all that is said of it.
    pub fn lead_picture(&self) -> Option<Shown> {
        let extra = self.extra();
        Some(Shown {
            alt: self.picture_alt.clone(),
            decorates: extra.picture_decorates,
            caption: self.picture_caption.clone(),
            credit: extra.picture_credit,
            focus: extra.picture_focus,
            ..Shown::new(self.picture_digest()?)
        })
    }

    /// What a form sends back to show that nobody changed the draft meanwhile.
    pub fn version(&self) -> i64 {
        self.updated_at
    }

    /// The form, filled in with what is kept.
    pub fn to_form(&self) -> DraftForm {
        let extra = self.extra();
        let source = self.source();
        let day = |day: Option<NaiveDate>| day.map(form::show_date).unwrap_or_default();
        let mut form = DraftForm {
            revision: self.version().to_string(),
            kind: self.kind.clone(),
            title: self.title.clone(),
            lead: self.lead.clone(),
            body: self.body.clone(),
            body_format: self.body_format.clone(),
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
            picture_credit: extra.picture_credit.unwrap_or_default(),
            picture_focus: extra.picture_focus.as_str().to_owned(),
            picture_decorates: if extra.picture_decorates { "1" } else { "" }.to_owned(),
            pictures: PictureFields::of(&extra.pictures),
            file_kept: extra.files.iter().map(File::to_field).collect(),
            ..DraftForm::default()
        };
        extra.own.write(&mut form);
        form
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
pub const MOST_FILES: usize = 30;

impl Contents {
    /// What a form holds once its uploads are kept; or all there is to mend.
    pub fn of(form: &DraftForm) -> Result<Self, Vec<FieldError>> {
        Self::with(form, form.validate()?)
    }

    /// What a form holds that somebody is still filling in.
    pub fn of_unfinished(form: &DraftForm) -> Result<Self, Vec<FieldError>> {
        Self::with(form, form.unfinished()?)
    }

    fn with(form: &DraftForm, input: DraftInput) -> Result<Self, Vec<FieldError>> {
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
}

/// The drafts that name the medium `digest`.
pub async fn naming<C: ConnectionTrait>(db: &C, digest: Digest) -> Result<Vec<Model>> {
    let hex = digest.hex();
    let named = Condition::any()
        .add(Column::Picture.eq(digest.as_bytes().to_vec()))
        .add(Column::Body.contains(&hex))
        .add(Column::Fields.contains(&hex));
    Ok(Entity::find().filter(named).all(db).await?)
}

/// What stands in place of a title that was erased.
pub const ERASED_TITLE: &str = "Nội dung đã bị xóa theo yêu cầu của tỉnh";

/// A change of `draft` to `state`.
pub(super) fn changed(draft: Model, state: State, now: i64) -> ActiveModel {
    // Two changes within a millisecond, or after the clock was set back, are still two.
    let later = now.max(draft.updated_at + 1);
    let mut change: ActiveModel = draft.into();
    change.state = Set(state.as_str().to_owned());
    change.updated_at = Set(later);
    if !state.is_approved() {
        change.approved_by = Set(None);
        change.approved_digest = Set(None);
        change.self_approved = Set(false);
    }
    if state != State::Scheduled {
        change.publish_at = Set(None);
    }
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

/// The draft each of `entries` was published from, with its section.
pub async fn places_of<C: ConnectionTrait>(
    db: &C,
    entries: &[Uuid],
) -> Result<HashMap<Uuid, (Uuid, String)>> {
    const SOME: usize = 500;
    let mut places = HashMap::new();
    for some in entries.chunks(SOME) {
        let found: Vec<(Uuid, Uuid, String)> = Entity::find()
            .select_only()
            .columns([Column::EntryId, Column::Id, Column::Section])
            .filter(Column::EntryId.is_in(some.iter().copied()))
            .order_by_asc(Column::UpdatedAt)
            .into_tuple()
            .all(db)
            .await?;
        places.extend(
            found
                .into_iter()
                .map(|(entry, id, section)| (entry, (id, section))),
        );
    }
    Ok(places)
}

/// Which drafts to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only in one of these states; in any if there are none.
    pub states: Vec<State>,
    /// Only those begun by this account.
    pub written_by: Option<Uuid>,
    /// Only those this person may see.
    pub seen_by: Option<Sight>,
    /// Only those with these words in the title.
    pub words: String,
}

impl Filter {
    fn select(&self) -> Select<Entity> {
        let mut query = Entity::find();
        if !self.states.is_empty() {
            let names = self.states.iter().map(|state| state.as_str());
            query = query.filter(Column::State.is_in(names));
        }
        if let Some(account) = self.written_by {
            query = query.filter(Column::WrittenBy.eq(account));
        }
        if let Some(sight) = &self.seen_by {
            query = query.filter(sight.condition());
        }
        query
    }
}

/// Which drafts one person may see.
#[derive(Clone, Debug)]
pub struct Sight {
    /// Who.
    pub account: Uuid,
    /// Where they see their own.
    pub own: Scope,
    /// Where they see everybody's.
    pub others: Scope,
}

impl Sight {
    /// Whether `draft` may be seen.
    pub fn covers(&self, draft: &Model) -> bool {
        let is_own = draft.written_by == Some(self.account);
        self.others.covers(&draft.section) || (is_own && self.own.covers(&draft.section))
    }

    fn condition(&self) -> Condition {
        let own = Condition::all()
            .add(Column::WrittenBy.eq(self.account))
            .add(within(&self.own));
        Condition::any().add(within(&self.others)).add(own)
    }
}

/// As [`Scope::covers`] says it.
fn within(scope: &Scope) -> Condition {
    match scope {
        Scope::Whole => Condition::all(),
        Scope::Sections(sections) => {
            let unsorted = scope.is_somewhere().then(String::new);
            Condition::all().add(Column::Section.is_in(sections.iter().cloned().chain(unsorted)))
        }
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

/// How many drafts of `filter` there are in each state, by its name. Words are not looked at.
pub async fn counts<C: ConnectionTrait>(db: &C, filter: &Filter) -> Result<HashMap<String, i64>> {
    let counted: Vec<(String, i64)> = filter
        .select()
        .select_only()
        .column(Column::State)
        .column_as(Column::Id.count(), "how_many")
        .group_by(Column::State)
        .into_tuple()
        .all(db)
        .await?;
    Ok(counted.into_iter().collect())
}
