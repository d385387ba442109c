//! Drafts moved on: each a piece of a transaction that judges, changes the draft, and keeps who did it
//! and what it said then.

use super::draft::{self, Contents};
use super::history::{self, Step};
use super::text::Text;
use super::workflow::{self, Act, Powers, Rules, State, Who};
use super::{notes, versions};
use crate::accounts::{CurrentUser, Right, account, grant};
use crate::audit::{self, Action, Actor, Connection, SessionId, Subject};
use crate::clock;
use crate::entries::record;
use crate::error::{Error, Result};
use crate::screening::{self, holds};
use crate::vietnamese;
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Set};

/// Who acts, and what they may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// The account; none for what the site does by itself.
    pub id: Option<Uuid>,
    /// What their roles let them do.
    pub powers: Powers,
    /// The session they act in, for the audit record.
    pub session: Option<SessionId>,
    /// From where.
    pub connection: Connection,
}

impl Person {
    /// Whoever is signed in, about entries of `section`.
    pub fn of(user: &CurrentUser, section: &str) -> Self {
        let may = |right| user.may_in(right, section);
        Self {
            id: Some(user.id()),
            powers: Powers {
                edits: may(Right::EditOthers),
                returns: may(Right::Return),
                proposes: may(Right::ProposePublish),
                approves: may(Right::Publish),
                corrects: may(Right::Correct),
                schedules: may(Right::Schedule),
                withdraws: may(Right::Withdraw),
            },
            session: Some(SessionId::of(&user.session)),
            connection: user.connection,
        }
    }

    /// Somebody who writes and hands in.
    pub fn writer(id: Uuid) -> Self {
        Self {
            id: Some(id),
            powers: Powers::default(),
            session: None,
            connection: Connection::default(),
        }
    }

    /// Somebody who may do everything with a draft.
    pub fn approver(id: Uuid) -> Self {
        Self {
            id: Some(id),
            powers: Powers::ALL,
            session: None,
            connection: Connection::default(),
        }
    }

    /// The site itself, doing what somebody decided before.
    pub fn site() -> Self {
        Self {
            id: None,
            powers: Powers::ALL,
            session: None,
            connection: Connection::default(),
        }
    }
}

/// What the workflow asks about `by` and `draft`.
pub async fn who<C: ConnectionTrait>(db: &C, draft: &draft::Model, by: &Person) -> Result<Who> {
    let is_public = record::find(db, draft.entry_id)
        .await?
        .is_some_and(|entry| entry.is_live());
    let is_theirs = |account: Option<Uuid>| account.is_some() && account == by.id;
    Ok(Who {
        is_own: is_theirs(draft.written_by) || is_theirs(draft.handed_in_by),
        powers: by.powers,
        is_public,
    })
}

/// The rules of this site as it is staffed now. Who looks after accounts or machines alone writes
/// nothing and approves nothing.
pub async fn rules<C: ConnectionTrait>(db: &C) -> Result<Rules> {
    let people = grant::count_holders(db, Right::WriteDraft).await?;
    Ok(Rules::of(people))
}

/// Begins a draft.
pub async fn begin(
    tx: &DatabaseTransaction,
    contents: Contents,
    by: Uuid,
    now: i64,
) -> Result<draft::Model> {
    let by = Person::writer(by);
    begin_as(tx, Uuid::now_v7(), contents, &by, false, now).await
}

/// Begins the draft `id`.
pub async fn begin_as(
    tx: &DatabaseTransaction,
    id: Uuid,
    contents: Contents,
    by: &Person,
    autosaved: bool,
    now: i64,
) -> Result<draft::Model> {
    let mut new = draft::ActiveModel {
        id: Set(id),
        entry_id: Set(Uuid::now_v7()),
        state: Set(State::Draft.as_str().to_owned()),
        note: Set(None),
        published_rev: Set(0),
        written_by: Set(by.id),
        created_at: Set(now),
        updated_at: Set(now),
        handed_in_by: Set(None),
        approved_by: Set(None),
        approved_digest: Set(None),
        self_approved: Set(false),
        correction: Set(None),
        publish_at: Set(None),
        ..Default::default()
    };
    Text::of_contents(contents)?.write(&mut new);
    holds::allow(tx, &new).await?;
    let draft = new.insert(tx).await?;
    holds::keep_up(tx, &draft, now).await?;
    versions::keep(tx, &draft, by.id, autosaved, now).await?;
    record(tx, Action::DraftBegun, Subject::draft(&draft), by, now).await?;
    Ok(draft)
}

/// How a text came to be saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saving {
    /// Somebody pressed a button.
    ByHand,
    /// The page did it by itself.
    ByItself,
}

/// Changes the text of a draft, unless somebody else did since it was at `version`. What changes nothing
/// leaves everything as it is, an approval included.
pub async fn save(
    tx: &DatabaseTransaction,
    id: Uuid,
    version: i64,
    contents: Contents,
    by: &Person,
    saving: Saving,
    now: i64,
) -> Result<draft::Model> {
    let draft = draft::find_locked(tx, id, version).await?;
    write(tx, draft, Text::of_contents(contents)?, by, saving, now).await
}

/// Makes `text` what `draft` says.
pub async fn write(
    tx: &DatabaseTransaction,
    draft: draft::Model,
    text: Text,
    by: &Person,
    saving: Saving,
    now: i64,
) -> Result<draft::Model> {
    let autosaved = saving == Saving::ByItself;
    if Text::of(&draft) == text {
        if !autosaved {
            versions::keep(tx, &draft, by.id, false, now).await?;
        }
        return Ok(draft);
    }
    let (id, from) = (draft.id, draft.state());
    let who = who(tx, &draft, by).await?;
    let to = workflow::step(from, Act::Save, &who, &rules(tx).await?)?;
    // What was there before versions were kept is kept before it is gone.
    versions::keep_first(tx, &draft).await?;
    let mut change = draft::changed(draft, to, now);
    text.write(&mut change);
    holds::allow(tx, &change).await?;
    let draft = change.update(tx).await?;
    holds::keep_up(tx, &draft, now).await?;
    // Of what saves itself every few seconds, the first in an hour is worth a record.
    let is_recorded = !autosaved || versions::is_away(tx, id, by.id, now).await?;
    let kept = versions::keep(tx, &draft, by.id, autosaved, now).await?;
    if is_recorded {
        record(tx, Action::DraftEdited, Subject::draft(&draft), by, now).await?;
    }
    if from != to {
        note(tx, &draft, Act::Save, from, kept, by, None, now).await?;
    }
    Ok(draft)
}

/// Does `act`, with words for whoever is next. Approving and publishing are in
/// [`publish`](super::publish): they look at what is published.
pub async fn go(
    tx: &DatabaseTransaction,
    draft: draft::Model,
    act: Act,
    by: &Person,
    comment: Option<&str>,
    now: i64,
) -> Result<draft::Model> {
    change(tx, draft, act, by, comment, now, |change| match act {
        Act::Submit => {
            change.handed_in_by = Set(by.id);
            change.note = Set(None);
        }
        Act::Return | Act::Recall => change.note = Set(comment.map(str::to_owned)),
        Act::Unpublish => change.note = Set(None),
        _ => {}
    })
    .await
}

/// How far ahead a time may be set.
const LONGEST_WAIT_MS: i64 = 366 * 24 * 3600 * 1000;

/// Sets the time `at` which what is approved of `draft` is published by itself, or sets another.
pub async fn schedule(
    tx: &DatabaseTransaction,
    draft: draft::Model,
    at: i64,
    by: &Person,
    now: i64,
) -> Result<draft::Model> {
    if at <= now {
        let words = "Giờ này đã qua. Hãy chọn giờ sau, hoặc đăng ngay.";
        return Err(Error::invalid("publish_on", words));
    }
    if at > now + LONGEST_WAIT_MS {
        let words = "Chỉ hẹn được trong vòng một năm.";
        return Err(Error::invalid("publish_on", words));
    }
    let when = vietnamese::local(clock::from_millis(at)).format("%d/%m/%Y %H:%M");
    let said = format!("Đăng lúc {when}");
    change(tx, draft, Act::Schedule, by, Some(&said), now, |change| {
        change.publish_at = Set(Some(at));
    })
    .await
}

/// Does `act`, and `also` with the row.
pub(super) async fn change(
    tx: &DatabaseTransaction,
    draft: draft::Model,
    act: Act,
    by: &Person,
    comment: Option<&str>,
    now: i64,
    also: impl FnOnce(&mut draft::ActiveModel),
) -> Result<draft::Model> {
    let from = draft.state();
    let who = who(tx, &draft, by).await?;
    let to = workflow::step(from, act, &who, &rules(tx).await?)?;
    if let Some(words) = comment {
        screening::allow_text(tx, "reason", words).await?;
    }
    let kept = versions::keep(tx, &draft, draft.written_by, false, draft.updated_at).await?;
    let mut change = draft::changed(draft, to, now);
    also(&mut change);
    let draft = change.update(tx).await?;
    note(tx, &draft, act, from, kept, by, comment, now).await?;
    Ok(draft)
}

#[expect(clippy::too_many_arguments, reason = "the columns of one row")]
async fn note(
    tx: &DatabaseTransaction,
    draft: &draft::Model,
    act: Act,
    from: State,
    version: i64,
    by: &Person,
    comment: Option<&str>,
    at: i64,
) -> Result<()> {
    let step = Step {
        draft_id: draft.id,
        act,
        from,
        to: draft.state(),
        version,
        by: by.id,
        comment,
        at,
    };
    history::note(tx, step).await?;
    let action = match act {
        // Recorded where it is written.
        Act::Save => return Ok(()),
        Act::Submit => Action::DraftSubmitted,
        Act::Return => Action::DraftReturned,
        Act::Propose => Action::DraftForwarded,
        Act::Approve => Action::DraftApproved,
        Act::Schedule => Action::DraftScheduled,
        Act::Unschedule => Action::ScheduleCancelled,
        Act::Publish => Action::Published,
        Act::Correct => Action::Corrected,
        Act::Unpublish => Action::Withdrawn,
        Act::Recall => Action::Recalled,
        Act::Reinstate => Action::DraftReinstated,
        Act::Archive => Action::DraftArchived,
        Act::Unarchive => Action::DraftUnarchived,
    };
    let subject = Subject::draft(draft).change(from.label(), draft.state().label());
    record(tx, action, subject, by, at).await
}

/// Puts what `by` did to a draft into the audit record: never what the draft says.
pub(crate) async fn record(
    tx: &DatabaseTransaction,
    action: Action,
    subject: Subject,
    by: &Person,
    at: i64,
) -> Result<()> {
    let account = match by.id {
        Some(id) => account::find(tx, id).await?,
        None => None,
    };
    let actor = match account {
        Some(account) => Actor::Person {
            account: account.id,
            login: account.login,
            session: by.session,
            connection: by.connection,
        },
        None => Actor::System,
    };
    audit::record(tx, &actor, action, subject, at).await
}

/// Erases everything that was ever written in `draft` or said about it, and says why.
pub async fn erase(
    tx: &DatabaseTransaction,
    draft: draft::Model,
    reason: &str,
    now: i64,
) -> Result<draft::Model> {
    versions::erase(tx, draft.id).await?;
    notes::erase(tx, draft.id).await?;
    history::erase(tx, draft.id).await?;
    let from = draft.state();
    let mut change = draft::changed(draft, State::Recalled, now);
    let nothing = Text {
        kind: change.kind.clone().take().unwrap_or_default(),
        section: change.section.clone().take().unwrap_or_default(),
        language: change.language.clone().take().unwrap_or_default(),
        title: draft::ERASED_TITLE.to_owned(),
        ..Text::default()
    };
    nothing.write(&mut change);
    change.correction = Set(None);
    change.note = Set(Some(format!("Tỉnh đã xóa hẳn bài này. Lý do: {reason}")));
    let draft = change.update(tx).await?;
    let kept = versions::keep(tx, &draft, None, false, now).await?;
    note(
        tx,
        &draft,
        Act::Recall,
        from,
        kept,
        &Person::site(),
        None,
        now,
    )
    .await?;
    Ok(draft)
}
