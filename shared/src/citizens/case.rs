//! Cases as they are kept: opened, carried on, heard of from other sites.

use super::code::Receipt;
use super::deadline::{self, KNOWN};
use super::letter::{self, CaseLetter, Head};
use super::sealed::SealKey;
use super::thread::{self, Act, Message, Picture, Rating, Standing, State};
use super::{message_record, picture_record};
use crate::directory::revocation;
use crate::entries::apply::Effect;
use crate::error::{Error, Result};
use crate::log::{Digest, event};
use crate::site::Site;
use crate::sync::peer;
use crate::{units, vietnamese};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    Condition, ConnectionTrait, DatabaseTransaction, PaginatorTrait, QueryOrder, QuerySelect, Set,
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What a case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A question to be answered, in public if who asked agrees (hỏi – đáp).
    Question,
    /// A report of something to be mended, or a proposal (phản ánh, kiến nghị); private.
    Feedback,
    /// A tip about a crime or misconduct, for one office alone (tố giác, tin báo).
    Tip,
    /// What somebody says of a draft that is open to comment, for the unit that asks (góp ý dự thảo); private.
    Comment,
}

impl Kind {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Feedback => "feedback",
            Self::Tip => "tip",
            Self::Comment => "comment",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Question, Self::Feedback, Self::Tip, Self::Comment]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }

    /// As people say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Question => "Câu hỏi",
            Self::Feedback => "Phản ánh, kiến nghị",
            Self::Tip => "Tin báo kín",
            Self::Comment => "Góp ý dự thảo",
        }
    }

    /// How a case of this kind stands, as people say it.
    pub fn state_label(self, state: State) -> &'static str {
        match (self, state) {
            (Self::Comment, State::Answered) => "Đã tiếp thu, giải trình",
            (Self::Comment, State::Declined) => "Không tiếp thu, đã giải trình",
            (Self::Comment, State::InHand) => "Đang nghiên cứu",
            _ => state.label(),
        }
    }

    /// Whether an answer is owed within so many days. Comments are answered when the draft is, and when a tip
    /// is, is no matter of a portal.
    pub fn has_term(self) -> bool {
        matches!(self, Self::Question | Self::Feedback)
    }
}

/// A stored case.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "cases")]
pub struct Model {
    /// Its id, the same at every site.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// [`Kind`] by name.
    pub kind: String,
    /// The unit at whose site somebody asked.
    pub origin_unit: Uuid,
    /// The unit that is to answer.
    pub holder: Uuid,
    /// [`State`] by name.
    pub state: String,
    /// What it is about, in a line.
    pub subject: String,
    /// Where it is.
    pub place: Option<String>,
    /// Who asks.
    pub asker: Option<String>,
    /// How to reach them.
    pub contact: Option<String>,
    /// Whether question and answer may be published.
    pub may_publish: bool,
    /// What the receipt is known by, where somebody asked.
    pub code_digest: Option<Vec<u8>>,
    /// Of a comment: the entry it is on.
    pub entry_id: Option<Uuid>,
    /// Of a tip: the office it is sealed to.
    pub office: Option<Uuid>,
    /// Of a tip: what answers are sealed to.
    pub reply_key: Option<Vec<u8>>,
    /// When somebody asked; milliseconds.
    pub asked_at: i64,
    /// When something was said last; milliseconds.
    pub changed_at: i64,
    /// When it was answered or declined; milliseconds.
    pub closed_at: Option<i64>,
    /// The last day to answer, as 2026-12-18.
    pub due_on: String,
    /// An answer that is being written.
    pub draft: Option<String>,
    /// Who wrote it.
    pub draft_by: Option<Uuid>,
    /// The draft of an entry that publishes it.
    pub published_as: Option<Uuid>,
    /// [`Rating`] by name: what who asked says of the latest answer.
    pub satisfaction: Option<String>,
    /// To which unit everything about it was handed because the unit at whose site somebody asked is no more.
    pub handed_to: Option<Uuid>,
}

/// None: joins are written where they are needed.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What it is.
    pub fn kind(&self) -> Kind {
        Kind::parse(&self.kind).unwrap_or(Kind::Question)
    }

    /// How it stands.
    pub fn state(&self) -> State {
        State::parse(&self.state).unwrap_or(State::Waiting)
    }

    /// What who asked says of the latest answer.
    pub fn satisfaction(&self) -> Option<Rating> {
        Rating::parse(self.satisfaction.as_deref()?)
    }

    /// The last day to answer.
    pub fn due_on(&self) -> chrono::NaiveDate {
        self.due_on.parse().unwrap_or_default()
    }

    /// To whom answers to a tip are sealed.
    pub fn reply_key(&self) -> Option<SealKey> {
        SealKey::from_slice(self.reply_key.as_deref()?).ok()
    }

    /// What other sites are told of it besides its messages.
    pub fn head(&self) -> Result<Head> {
        Ok(Head {
            kind: self.kind(),
            origin: self.origin_unit,
            entry: self.entry_id,
            subject: self.subject.clone(),
            place: self.place.clone(),
            asker: self.asker.clone(),
            contact: self.contact.clone(),
            may_publish: self.may_publish,
            office: self.office,
            reply_key: self.reply_key(),
        })
    }

    /// What the receipt is known by, for the unit it was handed to and for nobody else.
    pub fn receipt_for(&self, unit: Uuid) -> Result<Option<Digest>> {
        let digest = self.code_digest.as_deref();
        let digest = digest.filter(|_| self.handed_to == Some(unit));
        Ok(digest
            .map(Digest::from_slice)
            .transpose()
            .map_err(anyhow::Error::new)?)
    }
}

/// What somebody asks.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The case, minted with the form, so that a form that is sent twice asks once.
    pub id: Uuid,
    /// What is known of it.
    pub head: Head,
    /// Whose it is to answer.
    pub to: Uuid,
    /// What is asked.
    pub words: Words,
    /// Pictures.
    pub pictures: Vec<Picture>,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    /// For whoever may read the case.
    Plain(String),
    /// For one key alone. The id is that of the message, to which the words are bound.
    Sealed(Uuid, Vec<u8>),
}

/// What is said by somebody at this site.
#[derive(Clone, Debug)]
pub struct Said {
    /// What it does.
    pub act: Act,
    /// What it says.
    pub words: Words,
    /// To whom it is passed on.
    pub to: Option<Uuid>,
    /// Whether the answer is enough.
    pub rating: Option<Rating>,
    /// Who says it, if not who asked.
    pub by: Option<Uuid>,
}

/// Opens a case; its receipt. None if the form was sent before, whose receipt was given then.
pub async fn open(
    tx: &DatabaseTransaction,
    site: &Site,
    asked: Asked,
    receipt: &Receipt,
) -> Result<bool> {
    if find(tx, asked.id).await?.is_some() {
        return Ok(false);
    }
    let now = site.clock.now().timestamp_millis();
    insert_head(
        tx,
        asked.id,
        &asked.head,
        asked.to,
        Some(receipt.digest()),
        now,
    )
    .await?;
    let said = Said {
        act: Act::Asked,
        words: asked.words,
        to: Some(asked.to),
        rating: None,
        by: None,
    };
    write(tx, site, asked.id, said, asked.pictures).await?;
    Ok(true)
}

/// Says something about `case`, here, and to whom it concerns elsewhere.
pub async fn say(tx: &DatabaseTransaction, site: &Site, case: Uuid, said: Said) -> Result<Message> {
    write(tx, site, case, said, Vec::new()).await
}

async fn write(
    tx: &DatabaseTransaction,
    site: &Site,
    case: Uuid,
    said: Said,
    pictures: Vec<Picture>,
) -> Result<Message> {
    let before = of_case(tx, case).await?;
    let was = thread::standing(&before);
    let (id, words, sealed) = match said.words {
        Words::Plain(words) => (Uuid::now_v7(), words, None),
        Words::Sealed(id, sealed) => (id, String::new(), Some(sealed)),
    };
    let message = Message {
        id,
        number: thread::next_number(&before),
        unit: site.unit_id,
        act: said.act,
        words,
        sealed,
        to: said.to,
        rating: said.rating,
        at: site.clock.now().timestamp_millis(),
        pictures,
    };
    keep(tx, case, &message, said.by, None).await?;
    stand_again(tx, case).await?;
    let kept = find(tx, case).await?.ok_or(Error::NotFound)?;
    let thread = of_case(tx, case).await?;
    for unit in concerned(&kept, was) {
        let share = letter::share_of(&thread, &message, unit);
        letter::send(tx, site, &kept, share, unit).await?;
    }
    Ok(message)
}

/// The units that have to hear what is said about `case`: where it was asked, and whose it is.
fn concerned(case: &Model, was: Option<Standing>) -> Vec<Uuid> {
    let mut units = vec![case.origin_unit, case.holder];
    units.extend(was.map(|was| was.holder));
    units.sort_unstable();
    units.dedup();
    units
}

/// Takes in what another site says about a case. What comes from our hub is believed; what a member says to
/// its hub as far as it may say it.
pub async fn hear(
    tx: &DatabaseTransaction,
    site: &Site,
    event: &event::Model,
    letter: &CaseLetter,
) -> Result<Effect> {
    let upstream = peer::upstream(tx).await?;
    let is_from_hub = upstream.is_some_and(|hub| hub.site_id == event.site_id);
    let known = everything(tx, letter.case).await?;
    let told = letter.messages.clone();
    let case = find(tx, letter.case).await?;
    let was_handed_to = case.as_ref().and_then(|case| case.handed_to);
    let may_hand_over =
        is_from_hub || event.unit_id == letter.head.origin || was_handed_to == Some(event.unit_id);
    let receipt = match may_hand_over {
        true => new_receipt(tx, letter, case.as_ref()).await?,
        false => None,
    };
    let news = match is_from_hub {
        true => told
            .into_iter()
            .filter(|message| known.iter().all(|other| other.id != message.id))
            .collect(),
        false => {
            let origin = case
                .as_ref()
                .map_or(letter.head.origin, |case| case.origin_unit);
            let today = vietnamese::local(site.clock.now()).date_naive();
            // Who asked goes on at the site of the unit that took over.
            let origin = match units::is_heir(tx, today, event.unit_id, origin).await? {
                true => event.unit_id,
                false => origin,
            };
            thread::news(&known, told, event.unit_id, origin)
        }
    };
    if news.is_empty() && receipt.is_none() {
        return Ok(Effect::Stale);
    }
    if case.is_none() {
        let (head, now) = (&letter.head, site.clock.now().timestamp_millis());
        insert_head(tx, letter.case, head, letter.addressee, None, now).await?;
    }
    for message in &news {
        keep(tx, letter.case, message, None, Some(event.id)).await?;
    }
    if let Some(receipt) = receipt {
        let passes_on = letter.addressee != site.unit_id;
        let handed_to = passes_on.then_some(letter.addressee);
        note_handed(tx, letter.case, Some(receipt), handed_to).await?;
    }
    stand_again(tx, letter.case).await?;
    Ok(Effect::Current)
}

/// What the receipt of a case is known by that a letter hands over, if that is new here. A digest that is another
/// case's already is nobody's receipt.
async fn new_receipt(
    tx: &DatabaseTransaction,
    letter: &CaseLetter,
    case: Option<&Model>,
) -> Result<Option<Digest>> {
    let Some(receipt) = letter.receipt else {
        return Ok(None);
    };
    if let Some(case) = case
        && let Some(known) = &case.code_digest
    {
        // It goes on to the next, where the one that took over is no more either.
        let goes_on = case.handed_to.is_some_and(|to| to != letter.addressee);
        return Ok((goes_on && *known == receipt.as_bytes()).then_some(receipt));
    }
    let taken = Entity::find()
        .filter(Column::CodeDigest.eq(receipt.as_bytes().to_vec()))
        .one(tx)
        .await?;
    Ok(taken.is_none().then_some(receipt))
}

/// Notes to whom a case was handed, and what its receipt is known by where that comes with it.
pub async fn note_handed(
    tx: &DatabaseTransaction,
    case: Uuid,
    receipt: Option<Digest>,
    to: Option<Uuid>,
) -> Result<()> {
    let kept = find(tx, case).await?.ok_or(Error::NotFound)?;
    let mut row: ActiveModel = kept.into();
    if let Some(receipt) = receipt {
        row.code_digest = Set(Some(receipt.as_bytes().to_vec()));
    }
    row.handed_to = Set(to);
    row.update(tx).await?;
    Ok(())
}

/// Cases whose receipts are known here and that nobody was handed yet; at most `most`.
pub async fn not_handed<C: ConnectionTrait>(db: &C, most: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::CodeDigest.is_not_null())
        .filter(Column::HandedTo.is_null())
        .order_by_asc(Column::Id)
        .limit(most)
        .all(db)
        .await?)
}

/// Cases that `unit` is to answer and whose receipts its own site does not know.
pub async fn open_from_elsewhere<C: ConnectionTrait>(db: &C, unit: Uuid) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::Holder.eq(unit))
        .filter(Column::State.is_in(State::OPEN.map(State::as_str)))
        .filter(Column::OriginUnit.ne(unit))
        .filter(
            Condition::any()
                .add(Column::HandedTo.is_null())
                .add(Column::HandedTo.ne(unit)),
        )
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

async fn insert_head(
    tx: &DatabaseTransaction,
    id: Uuid,
    head: &Head,
    holder: Uuid,
    code_digest: Option<Digest>,
    now: i64,
) -> Result<()> {
    Entity::insert(ActiveModel {
        id: Set(id),
        kind: Set(head.kind.as_str().to_owned()),
        origin_unit: Set(head.origin),
        entry_id: Set(head.entry),
        holder: Set(holder),
        state: Set(State::Waiting.as_str().to_owned()),
        subject: Set(head.subject.clone()),
        place: Set(head.place.clone()),
        asker: Set(head.asker.clone()),
        contact: Set(head.contact.clone()),
        may_publish: Set(head.may_publish),
        code_digest: Set(code_digest.map(|digest| digest.as_bytes().to_vec())),
        office: Set(head.office),
        reply_key: Set(head.reply_key.map(|key| key.as_bytes().to_vec())),
        asked_at: Set(now),
        changed_at: Set(now),
        closed_at: Set(None),
        due_on: Set(String::new()),
        draft: Set(None),
        draft_by: Set(None),
        published_as: Set(None),
        satisfaction: Set(None),
        handed_to: Set(None),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

async fn keep(
    tx: &DatabaseTransaction,
    case: Uuid,
    message: &Message,
    account: Option<Uuid>,
    event: Option<i64>,
) -> Result<()> {
    let row = message_record::ActiveModel {
        id: Set(message.id),
        case_id: Set(case),
        number: Set(message.number),
        unit: Set(message.unit),
        act: Set(message.act.as_str().to_owned()),
        words: Set(message.words.clone()),
        sealed: Set(message.sealed.clone()),
        to_unit: Set(message.to),
        rating: Set(message.rating.map(|rating| rating.as_str().to_owned())),
        at: Set(message.at),
        account_id: Set(account),
        event_id: Set(event),
    };
    message_record::Entity::insert(row)
        .on_conflict(
            OnConflict::column(message_record::Column::Id)
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    for (position, one) in (0_i64..).zip(&message.pictures) {
        let row = picture_record::ActiveModel {
            id: Set(Uuid::now_v7()),
            message_id: Set(message.id),
            position: Set(position),
            bytes: Set(one.bytes.clone()),
            width: Set(one.width.into()),
            height: Set(one.height.into()),
        };
        picture_record::Entity::insert(row)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

/// Lets `case` stand as its messages make it, as far as the letters they came with have an effect.
pub async fn stand_again(tx: &DatabaseTransaction, case: Uuid) -> Result<()> {
    let Some(kept) = find(tx, case).await? else {
        return Ok(());
    };
    let thread = of_case(tx, case).await?;
    let Some(standing) = thread::standing(&thread) else {
        return Ok(());
    };
    let closed = thread
        .iter()
        .rev()
        .find(|message| matches!(message.act, Act::Answered | Act::Declined))
        .map(|message| message.at)
        .filter(|_| !standing.state.is_open());
    let mut row: ActiveModel = kept.into();
    row.state = Set(standing.state.as_str().to_owned());
    row.holder = Set(standing.holder);
    row.closed_at = Set(closed);
    let satisfaction = thread::satisfaction(&thread);
    row.satisfaction = Set(satisfaction.map(|rating| rating.as_str().to_owned()));
    row.due_on = Set(deadline::due_on(&thread, &KNOWN).to_string());
    row.asked_at = Set(thread.first().map_or(0, |first| first.at));
    row.changed_at = Set(thread.last().map_or(0, |last| last.at));
    row.update(tx).await?;
    Ok(())
}

/// The case `id`.
pub async fn find<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// The case of a receipt that was given here.
pub async fn of_receipt<C: ConnectionTrait>(db: &C, receipt: &Receipt) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::CodeDigest.eq(receipt.digest().as_bytes().to_vec()))
        .one(db)
        .await?)
}

/// The messages of `case` that have an effect, in order, with their pictures.
pub async fn of_case<C: ConnectionTrait>(db: &C, case: Uuid) -> Result<Vec<Message>> {
    let without = revocation::without_effect(case);
    let found = message_record::Entity::find()
        .filter(message_record::Column::CaseId.eq(case))
        .filter(
            Condition::any()
                .add(message_record::Column::EventId.is_null())
                .add(message_record::Column::EventId.not_in_subquery(without)),
        )
        .all(db)
        .await?;
    with_pictures(db, found).await
}

/// The messages of `case`, also those whose letters have no effect.
async fn everything<C: ConnectionTrait>(db: &C, case: Uuid) -> Result<Vec<Message>> {
    let found = message_record::Entity::find()
        .filter(message_record::Column::CaseId.eq(case))
        .all(db)
        .await?;
    with_pictures(db, found).await
}

async fn with_pictures<C: ConnectionTrait>(
    db: &C,
    rows: Vec<message_record::Model>,
) -> Result<Vec<Message>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut pictures: HashMap<Uuid, Vec<Picture>> = HashMap::new();
    if !ids.is_empty() {
        let found = picture_record::Entity::find()
            .filter(picture_record::Column::MessageId.is_in(ids))
            .order_by_asc(picture_record::Column::Position)
            .all(db)
            .await?;
        for one in found {
            pictures.entry(one.message_id).or_default().push(Picture {
                bytes: one.bytes,
                width: u32::try_from(one.width).unwrap_or(1),
                height: u32::try_from(one.height).unwrap_or(1),
            });
        }
    }
    let messages = rows.into_iter().filter_map(|row| {
        Some(Message {
            act: Act::parse(&row.act)?,
            pictures: pictures.remove(&row.id).unwrap_or_default(),
            id: row.id,
            number: row.number,
            unit: row.unit,
            words: row.words,
            sealed: row.sealed,
            to: row.to_unit,
            rating: row.rating.as_deref().and_then(Rating::parse),
            at: row.at,
        })
    });
    Ok(thread::in_order(messages))
}

/// The messages that came with the letter `event`, in order.
pub async fn of_event<C: ConnectionTrait>(db: &C, event: i64) -> Result<Vec<Message>> {
    let found = message_record::Entity::find()
        .filter(message_record::Column::EventId.eq(event))
        .all(db)
        .await?;
    with_pictures(db, found).await
}

/// Which cases to look at.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Of these kinds.
    pub kinds: &'static [Kind],
    /// In these states.
    pub states: Vec<State>,
    /// That this unit is to answer; without one, those that another is.
    pub holder: Holder,
    /// Comments on this entry alone.
    pub entry: Option<Uuid>,
}

/// Whose cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Of this unit.
    Is(Uuid),
    /// Asked at this unit's site, to be answered elsewhere.
    AskedHere(Uuid),
}

impl Filter {
    fn select(&self) -> Select<Entity> {
        let kinds = self.kinds.iter().map(|kind| kind.as_str());
        let states = self.states.iter().map(|state| state.as_str());
        let select = Entity::find()
            .filter(Column::Kind.is_in(kinds))
            .filter(Column::State.is_in(states));
        let select = match self.entry {
            Some(entry) => select.filter(Column::EntryId.eq(entry)),
            None => select,
        };
        match self.holder {
            Holder::Is(unit) => select.filter(Column::Holder.eq(unit)),
            Holder::AskedHere(unit) => select
                .filter(Column::OriginUnit.eq(unit))
                .filter(Column::Holder.ne(unit)),
        }
    }
}

/// How many there are.
pub async fn count<C: ConnectionTrait>(db: &C, filter: &Filter) -> Result<u64> {
    Ok(filter.select().count(db).await?)
}

/// How many there are whose last day is before `today`.
pub async fn count_late<C: ConnectionTrait>(
    db: &C,
    filter: &Filter,
    today: chrono::NaiveDate,
) -> Result<u64> {
    Ok(filter
        .select()
        .filter(Column::DueOn.lt(today.to_string()))
        .count(db)
        .await?)
}

/// How many cases of `filter` there are on each entry, by how they stand.
pub async fn count_by_entry<C: ConnectionTrait>(
    db: &C,
    filter: &Filter,
) -> Result<Vec<(Uuid, State, i64)>> {
    let counted: Vec<(Uuid, String, i64)> = filter
        .select()
        .filter(Column::EntryId.is_not_null())
        .select_only()
        .column(Column::EntryId)
        .column(Column::State)
        .column_as(Column::Id.count(), "cases")
        .group_by(Column::EntryId)
        .group_by(Column::State)
        .into_tuple()
        .all(db)
        .await?;
    Ok(counted
        .into_iter()
        .filter_map(|(entry, state, count)| Some((entry, State::parse(&state)?, count)))
        .collect())
}

/// How many cases of `filter` were closed from `from` to before `to` (milliseconds), by what who asked says of
/// the answer; without a word of theirs under none.
pub async fn closed_between<C: ConnectionTrait>(
    db: &C,
    filter: &Filter,
    from: i64,
    to: i64,
) -> Result<Vec<(Option<Rating>, i64)>> {
    let counted: Vec<(Option<String>, i64)> = filter
        .select()
        .filter(Column::ClosedAt.gte(from))
        .filter(Column::ClosedAt.lt(to))
        .select_only()
        .column(Column::Satisfaction)
        .column_as(Column::Id.count(), "cases")
        .group_by(Column::Satisfaction)
        .into_tuple()
        .all(db)
        .await?;
    let rating = |name: Option<String>| Rating::parse(name.as_deref()?);
    Ok(counted
        .into_iter()
        .map(|(name, count)| (rating(name), count))
        .collect())
}

/// What is due first comes first; among those that are closed, what was closed last.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    filter: &Filter,
    offset: u64,
    limit: u64,
) -> Result<Vec<Model>> {
    let is_open = filter.states.iter().any(|state| state.is_open());
    let select = match is_open {
        true => filter.select().order_by_asc(Column::DueOn),
        false => filter.select().order_by_desc(Column::ClosedAt),
    };
    Ok(select
        .order_by_asc(Column::Id)
        .offset(offset)
        .limit(limit)
        .all(db)
        .await?)
}

/// Keeps an answer that is being written; none takes it away.
pub async fn keep_draft(
    tx: &DatabaseTransaction,
    case: Uuid,
    words: Option<String>,
    by: Uuid,
) -> Result<()> {
    let kept = find(tx, case).await?.ok_or(Error::NotFound)?;
    let mut row: ActiveModel = kept.into();
    row.draft_by = Set(words.as_ref().map(|_| by));
    row.draft = Set(words);
    row.update(tx).await?;
    Ok(())
}

/// Notes the draft of an entry that is to publish `case`.
pub async fn note_published(tx: &DatabaseTransaction, case: Uuid, draft: Uuid) -> Result<()> {
    let kept = find(tx, case).await?.ok_or(Error::NotFound)?;
    let mut row: ActiveModel = kept.into();
    row.published_as = Set(Some(draft));
    row.update(tx).await?;
    Ok(())
}

/// The picture at `position` of the message `message`, and the case it belongs to.
pub async fn picture<C: ConnectionTrait>(
    db: &C,
    message: Uuid,
    position: i64,
) -> Result<Option<(Uuid, Vec<u8>)>> {
    let Some(of) = message_record::Entity::find_by_id(message).one(db).await? else {
        return Ok(None);
    };
    let found = picture_record::Entity::find()
        .filter(picture_record::Column::MessageId.eq(message))
        .filter(picture_record::Column::Position.eq(position))
        .one(db)
        .await?;
    Ok(found.map(|picture| (of.case_id, picture.bytes)))
}

/// Forgets cases that were closed before `before`: messages, pictures, who asked, and the contents of the
/// letters about them. How many; at most `most`.
pub async fn forget(tx: &DatabaseTransaction, before: i64, most: u64, now: i64) -> Result<u64> {
    let over = Entity::find()
        .filter(Column::ClosedAt.lt(before))
        .limit(most)
        .all(tx)
        .await?;
    for case in &over {
        let ids: Vec<Uuid> = message_record::Entity::find()
            .select_only()
            .column(message_record::Column::Id)
            .filter(message_record::Column::CaseId.eq(case.id))
            .into_tuple()
            .all(tx)
            .await?;
        picture_record::Entity::delete_many()
            .filter(picture_record::Column::MessageId.is_in(ids))
            .exec(tx)
            .await?;
        message_record::Entity::delete_many()
            .filter(message_record::Column::CaseId.eq(case.id))
            .exec(tx)
            .await?;
        let letters = event::Entity::find()
            .filter(event::Column::EntryId.eq(case.id))
            .filter(event::Column::Kind.eq(crate::log::EventKind::LetterCase.as_str()))
            .all(tx)
            .await?;
        for letter in letters {
            if let Some(hash) = &letter.content_hash {
                let digest = Digest::from_slice(hash).map_err(anyhow::Error::new)?;
                crate::log::content::erase(tx, digest, now).await?;
            }
        }
        Entity::delete_by_id(case.id).exec(tx).await?;
    }
    Ok(over.len() as u64)
}
