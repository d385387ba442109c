//! Units and their sites as the province enters them.

use super::invitation::{self, Code};
use super::keys;
use crate::recall::progress;
use sea_orm::DatabaseTransaction;
use shared::audit::{self, Action, Actor, Subject};
use shared::directory::{Mode, SiteDescription, State, key_record, site_record};
use shared::entries::catalogue;
use shared::error::{Error, Result};
use shared::log::keys::PublicKey;
use shared::log::{EventKind, NewEvent, append};
use shared::problem::{Problem, ProblemKind};
use shared::site::Site;
use shared::sync::peer::{self, LinkMode, PeerState};
use shared::units::{
    self,
    attribute::{self, Attribute, Name},
};
use shared::vietnamese;
use std::sync::Arc;
use url::Url;
use uuid::Uuid;

/// A unit and its site about to become a member.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// The unit's id, if it has one already.
    pub unit: Option<Uuid>,
    /// What holds of the unit; nothing where all is known of it already.
    pub attributes: Vec<Attribute>,
    /// How its portal takes part.
    pub mode: Mode,
    /// Where its portal answers.
    pub base_url: Url,
    /// What its portal calls itself.
    pub title: String,
}

impl NewMember {
    /// A unit given by its name, kind and the unit above it.
    pub fn named(name: &str, kind: &str, parent: Uuid, base_url: Url, title: &str) -> Self {
        let short = name
            .split_once(' ')
            .filter(|(first, _)| {
                first.chars().next().is_some_and(char::is_lowercase) || kind == "xa"
            })
            .map_or(name, |(_, rest)| rest);
        Self {
            unit: None,
            attributes: vec![
                Attribute::always(Name::Name, name),
                Attribute::always(Name::ShortName, short),
                Attribute::always(Name::Kind, kind),
                Attribute::always(Name::Parent, parent.to_string()),
            ],
            mode: Mode::Native,
            base_url,
            title: title.to_owned(),
        }
    }
}

/// Enters a unit and its site. A native one is invited and gets a code; a feed takes part at once.
pub async fn add(site: &Arc<Site>, new: NewMember, by: &Actor) -> Result<(Uuid, Option<Code>)> {
    let by = by.clone();
    let ids = (Uuid::now_v7(), new.unit.unwrap_or_else(Uuid::now_v7));
    let code = (new.mode == Mode::Native).then(|| Code::mint(&site.key.id()));
    let kept = code.clone();
    let inner = Arc::clone(site);
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let (site_id, unit_id) = ids;
                let now = inner.clock.now().timestamp_millis();
                if !new.attributes.is_empty() {
                    attribute::replace(tx, unit_id, &new.attributes).await?;
                }
                let state = if kept.is_some() {
                    State::Invited
                } else {
                    State::Active
                };
                let record = site_record::Model {
                    id: site_id,
                    unit_id,
                    mode: new.mode.as_str().to_owned(),
                    state: state.as_str().to_owned(),
                    base_url: origin(&new.base_url),
                    title: new.title,
                    described_at: now,
                };
                site_record::put(tx, record.clone()).await?;
                match &kept {
                    Some(code) => invitation::keep(tx, site_id, code, now).await?,
                    None => describe(tx, &inner, &record).await?,
                }
                let subject = Subject::site(&record);
                audit::record(tx, &by, Action::MemberInvited, subject, now).await
            })
        })
        .await?;
    site.wake();
    Ok((ids.0, code))
}

/// Tells everybody what is known of a site.
pub async fn describe(
    tx: &DatabaseTransaction,
    site: &Site,
    record: &site_record::Model,
) -> Result<()> {
    append(tx, site, description_of(tx, site, record).await?).await?;
    Ok(())
}

/// What everybody is told of a site.
pub async fn description_of(
    tx: &DatabaseTransaction,
    site: &Site,
    record: &site_record::Model,
) -> Result<NewEvent> {
    let mut description = SiteDescription::load(tx, record).await?;
    if record.id == site.id {
        description.lists = Some(catalogue::as_province(tx).await?);
    }
    Ok(NewEvent {
        kind: EventKind::SiteDescribed,
        lane: EventKind::SiteDescribed.lane(),
        unit: site.unit_id,
        entry: None,
        rev: 0,
        content: Some(description.to_content()?),
        to: None,
    })
}

/// Mints a new code for a site that is known: one that never came, or one that is to introduce
/// another key because it has lost its own or because that was stolen.
pub async fn invite_again(site: &Arc<Site>, site_id: Uuid, by: &Actor) -> Result<Code> {
    let by = by.clone();
    let code = Code::mint(&site.key.id());
    let kept = code.clone();
    let inner = Arc::clone(site);
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let record = site_record::find(tx, site_id)
                    .await?
                    .ok_or(Error::NotFound)?;
                let state = record.state.as_str();
                let may_come = !record.is_feed()
                    && record.id != inner.id
                    && [State::Invited, State::Active, State::Closed]
                        .map(State::as_str)
                        .contains(&state);
                if !may_come || is_no_more(tx, &inner, &record).await? {
                    let why = "Chỉ cấp lại mã cho trang dùng phần mềm này, không đang tạm dừng.";
                    return Err(Error::Conflict(why.to_owned()));
                }
                let now = inner.clock.now().timestamp_millis();
                invitation::keep(tx, site_id, &kept, now).await?;
                let subject = Subject::site(&record);
                audit::record(tx, &by, Action::MemberReinvited, subject, now).await
            })
        })
        .await?;
    Ok(code)
}

/// What an invited site says of itself.
#[derive(Clone, Debug)]
pub struct Introduction {
    /// The code it was given.
    pub code: String,
    /// Its key.
    pub key: PublicKey,
    /// Where it answers; none for a site that is rebuilt and is reached as before.
    pub base_url: Option<Url>,
    /// How it wants to be reached.
    pub link: LinkMode,
}

/// Takes an invited site in: its key and address are stored, everybody is told, and a link begins. A site
/// that is rebuilt keeps what it had, and the key it had before asks no more.
pub async fn take_in(
    tx: &DatabaseTransaction,
    site: &Site,
    introduction: &Introduction,
) -> Result<site_record::Model> {
    let now = site.clock.now().timestamp_millis();
    if let Some(record) = taken_in(tx, introduction, now).await? {
        return Ok(record);
    }
    let site_id = invitation::use_up(tx, &introduction.code, now).await?;
    let Some(mut record) = site_record::find(tx, site_id).await? else {
        return Err(Error::NotFound);
    };
    if record.state == State::Suspended.as_str() || is_no_more(tx, site, &record).await? {
        return Err(ProblemKind::SiteSuspended.into());
    }
    record.state = State::Active.as_str().to_owned();
    let known_peer = peer::find(tx, site_id).await?;
    match (&introduction.base_url, known_peer) {
        (Some(url), _) => {
            record.base_url = origin(url);
            peer::put(tx, site_id, peer::Role::Member, introduction.link, now).await?;
        }
        (None, Some(_)) => {}
        (None, None) => {
            let detail = "Trang mới phải cho biết địa chỉ của mình.";
            return Err(Problem::new(ProblemKind::Malformed).detail(detail).into());
        }
    }
    // It may have been closed.
    peer::set_state(tx, site_id, PeerState::Active).await?;
    record.described_at = now;
    site_record::put(tx, record.clone()).await?;
    keys::introduce(tx, site_id, &introduction.key, now).await?;
    // With the code the site has proved itself anew: whatever key it had before asks no more.
    key_record::retire_others(tx, site_id, &introduction.key.id(), now - 1).await?;
    describe(tx, site, &record).await?;
    let subject = Subject::site(&record);
    audit::record(tx, &Actor::System, Action::MemberJoined, subject, now).await?;
    Ok(record)
}

/// Whether it is the archive of a unit that went into others: nobody could speak for that any more.
async fn is_no_more(
    tx: &DatabaseTransaction,
    site: &Site,
    record: &site_record::Model,
) -> Result<bool> {
    if !record.is_closed() {
        return Ok(false);
    }
    let today = vietnamese::local(site.clock.now()).date_naive();
    let heirs = units::heirs(tx, today, record.unit_id).await?;
    Ok(!heirs.is_empty())
}

/// The site that was taken in by this code with this key before: our answer was lost on the way.
async fn taken_in(
    tx: &DatabaseTransaction,
    introduction: &Introduction,
    now: i64,
) -> Result<Option<site_record::Model>> {
    let Some(site_id) = invitation::used(tx, &introduction.code, now).await? else {
        return Ok(None);
    };
    let known = key_record::find(tx, &[introduction.key.id()]).await?;
    let is_its_key = known
        .iter()
        .any(|key| key.site_id == site_id && key.valid_to.is_none() && key.revoked_at.is_none());
    if !is_its_key {
        return Ok(None);
    }
    site_record::find(tx, site_id).await
}

/// Suspends a member or lets it go on. Nothing of it is lost: cursors stay where they are.
pub async fn set_suspended(
    site: &Arc<Site>,
    site_id: Uuid,
    suspended: bool,
    by: &Actor,
) -> Result<()> {
    let by = by.clone();
    let inner = Arc::clone(site);
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let Some(mut record) = site_record::find(tx, site_id).await? else {
                    return Err(Error::NotFound);
                };
                if record.is_closed() {
                    let why = "Trang này đã đóng; chỉ mời lại thì mới hoạt động.";
                    return Err(Error::Conflict(why.to_owned()));
                }
                let (state, peer_state) = match suspended {
                    true => (State::Suspended, PeerState::Suspended),
                    false => (State::Active, PeerState::Active),
                };
                record.state = state.as_str().to_owned();
                record.described_at = inner.clock.now().timestamp_millis();
                site_record::put(tx, record.clone()).await?;
                peer::set_state(tx, site_id, peer_state).await?;
                describe(tx, &inner, &record).await?;
                let action = match suspended {
                    true => Action::MemberSuspended,
                    false => Action::MemberResumed,
                };
                audit::record(tx, &by, action, Subject::site(&record), record.described_at).await
            })
        })
        .await?;
    site.wake();
    Ok(())
}

/// Ends the membership of a site: its keys sign nothing more, it is neither heard nor served, and nobody waits for
/// it. What it published stays where it is. An invitation lets it come again.
pub async fn close(site: &Arc<Site>, site_id: Uuid, by: &Actor) -> Result<()> {
    let by = by.clone();
    let inner = Arc::clone(site);
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let found = site_record::find(tx, site_id).await?;
                let mut record = found
                    .filter(|record| record.id != inner.id && !record.is_closed())
                    .ok_or(Error::NotFound)?;
                let now = inner.clock.now().timestamp_millis();
                record.state = State::Closed.as_str().to_owned();
                record.described_at = now;
                site_record::put(tx, record.clone()).await?;
                peer::set_state(tx, site_id, PeerState::Suspended).await?;
                key_record::retire_all(tx, site_id, now).await?;
                invitation::take_back(tx, site_id).await?;
                progress::let_go(tx, site_id).await?;
                describe(tx, &inner, &record).await?;
                audit::record(tx, &by, Action::MemberClosed, Subject::site(&record), now).await
            })
        })
        .await?;
    site.wake();
    Ok(())
}

/// Scheme, host and port of an address, without a slash at the end.
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}
