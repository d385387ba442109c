//! One portal at run time: identity, keys, storage, clock and client, handed to everything else.

use crate::accounts::{Right, Throttle};
use crate::audit;
use crate::clock::Clock;
use crate::error::Result;
use crate::http_client::Client;
use crate::log::event;
use crate::log::keyring::Keyring;
use crate::log::keys::SigningKey;
use crate::media;
use crate::newsroom::schedule::Timetable;
use crate::pages::page_cache::PageCache;
use crate::pages::view::{DeskItem, Link};
use crate::readership::Readership;
use crate::room::Room;
use crate::storage::Db;
use crate::sync::audience::Audience;
use crate::sync::batch::Batch;
use crate::sync::core::runs::Ticket;
use crate::sync::link::Links;
use crate::{accounts, citizens, entries, face, screening, settings};
use sea_orm::DatabaseTransaction;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::sync::watch;
use url::Url;
use uuid::Uuid;

/// What a portal says of itself on its pages and to its peers.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Where it answers; the origin of every absolute address it writes.
    pub base_url: Url,
    /// Its name, such as "Trang thông tin điện tử xã Kon Braih".
    pub title: String,
    /// The name of its unit, such as "xã Kon Braih".
    pub unit_name: String,
    /// A line below the name.
    pub tagline: Option<String>,
    /// Who answers for it.
    pub responsible: Option<String>,
    /// Postal address.
    pub address: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Whether its content is made up for showing.
    pub is_demo: bool,
    /// Who shows it while it cannot be reached; none where it shows itself.
    pub shown_by: Option<ShownBy>,
}

/// The portal that shows another's pages in that one's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownBy {
    /// Its name, such as "Cổng thông tin điện tử tỉnh Quảng Ngãi".
    pub title: String,
    /// Where it answers, without a slash at the end.
    pub origin: String,
}

/// What differs between a hub and a member where they do the same work. Everything else is a
/// [`Site`], and shared code never asks which one it is in.
#[async_trait::async_trait]
pub trait Role: Send + Sync {
    /// Who is to receive an event of our own.
    async fn recipients(
        &self,
        tx: &DatabaseTransaction,
        site: &Site,
        event: &event::Model,
    ) -> Result<Audience>;

    /// What becomes of an event that came in and had `effect`; `mode` is how the sender sends it.
    async fn take_in(
        &self,
        tx: &DatabaseTransaction,
        site: &Site,
        event: &event::Model,
        mode: Option<entries::Mode>,
        effect: entries::apply::Effect,
    ) -> Result<()>;

    /// What else happens when people here accept another site's entry.
    async fn accepted(
        &self,
        tx: &DatabaseTransaction,
        site: &Site,
        entry: &entries::record::Model,
    ) -> Result<()>;

    /// What is noted when a batch is about to be handed to the peer `to`; whether it arrives, only its
    /// receipt says.
    async fn handed_over(&self, _site: &Site, _to: Uuid, _batch: &Batch) -> Result<()> {
        Ok(())
    }

    /// What follows when the database was found to be an older copy: what it no longer knows of its own
    /// doing has to be made good.
    async fn went_back(&self, _tx: &DatabaseTransaction, _site: &Site) -> Result<()> {
        Ok(())
    }

    /// Whether people here grade what they accept of others.
    fn grades_arrivals(&self) -> bool {
        false
    }

    /// The roles accounts may have here.
    fn account_roles(&self) -> &'static [accounts::Role] {
        accounts::Role::OF_EVERY_SITE
    }

    /// The roles of whoever opens the first account, alone with everything.
    fn first_roles(&self) -> &'static [accounts::Role] {
        &[accounts::Role::ChiefEditor, accounts::Role::Admin]
    }

    /// What follows when people here changed the lists documents are described by.
    async fn lists_changed(&self, _tx: &DatabaseTransaction, _site: &Site) -> Result<()> {
        Ok(())
    }

    /// What else the back office can do with an entry, and the right each needs.
    fn entry_actions(&self, _entry: Uuid) -> Vec<(Right, Link)> {
        Vec::new()
    }

    /// Manuals for people here besides the one for staff.
    fn manuals(&self) -> Vec<Link> {
        Vec::new()
    }

    /// What the back office offers besides what every site has, and the right each needs.
    async fn desk_items(&self, _site: &Site) -> Result<Vec<(Right, DeskItem)>> {
        Ok(Vec::new())
    }
}

/// One portal at run time.
pub struct Site {
    /// Site id.
    pub id: Uuid,
    /// This run of it, told in greetings: two that speak at once are two machines with one folder.
    pub run: Uuid,
    /// The unit whose portal it is.
    pub unit_id: Uuid,
    /// What it says of itself.
    pub profile: Profile,
    /// Its database.
    pub db: Db,
    /// Its time.
    pub clock: Clock,
    /// Its way out.
    pub http: Client,
    /// The key it signs with.
    pub key: Keyring,
    /// Its pictures and files.
    pub media: media::Store,
    /// The room left on its disk.
    pub room: Arc<Room>,
    /// What it does as a hub or as a member.
    pub role: Arc<dyn Role>,
    /// Its links to peers.
    pub links: Links,
    /// How often signing in was tried.
    pub sign_in: Throttle,
    /// The single sign-on, where the settings name one.
    pub openid: std::sync::OnceLock<crate::accounts::openid::Provider>,
    /// What was refused in this minute, for the audit record.
    pub refusals: audit::Refusals,
    /// Whether its clock is to be believed, for what is published at a set time.
    pub timetable: Timetable,
    /// What the hub was last told of the audit record.
    pub told_head: audit::heads::Told,
    /// How often its pages were opened.
    pub readership: Readership,
    /// Its pages as they were drawn last.
    pub pages: PageCache,
    /// What keeps machines from filling the citizen desk.
    pub guard: citizens::guard::Guard,
    /// How it looks.
    pub face: face::Kept,
    stream_id: RwLock<Uuid>,
    has_doubted: AtomicBool,
    /// The ticket each peer gave this run last: by giving it back we show that we are still alive.
    tickets: Mutex<HashMap<Uuid, Ticket>>,
    /// For what is missing in logs of ours: whom we asked, where our whole part and what it holds ended.
    asked: Mutex<HashMap<(Uuid, Uuid), (i64, i64)>>,
    woken: watch::Sender<()>,
}

/// What a [`Site`] is made of.
pub struct Parts {
    /// Site id.
    pub id: Uuid,
    /// The unit whose portal it is.
    pub unit_id: Uuid,
    /// What it says of itself.
    pub profile: Profile,
    /// Its database.
    pub db: Db,
    /// Its time.
    pub clock: Clock,
    /// Its way out.
    pub http: Client,
    /// Its key.
    pub key: SigningKey,
    /// Its pictures and files.
    pub media: media::Store,
    /// The room left on its disk.
    pub room: Room,
    /// What it does as a hub or as a member.
    pub role: Arc<dyn Role>,
}

impl Site {
    /// Puts a site together. Its stream gets an id the first time and keeps it.
    pub async fn assemble(parts: Parts) -> Result<Arc<Self>> {
        let stream_id = settings::stream_id(&parts.db).await?;
        let site = Arc::new(Self {
            id: parts.id,
            run: Uuid::now_v7(),
            unit_id: parts.unit_id,
            profile: parts.profile,
            db: parts.db,
            clock: parts.clock,
            http: parts.http,
            key: Keyring::new(parts.key),
            media: parts.media,
            room: Arc::new(parts.room),
            role: parts.role,
            links: Links::default(),
            sign_in: Throttle::default(),
            openid: std::sync::OnceLock::new(),
            refusals: audit::Refusals::default(),
            timetable: Timetable::default(),
            told_head: audit::heads::Told::default(),
            readership: Readership::default(),
            pages: PageCache::default(),
            guard: citizens::guard::Guard::new()?,
            face: face::Kept::default(),
            stream_id: RwLock::new(stream_id),
            has_doubted: AtomicBool::new(false),
            tickets: Mutex::new(HashMap::new()),
            asked: Mutex::new(HashMap::new()),
            woken: watch::Sender::new(()),
        });
        screening::prepare(&site).await?;
        face::shown::renew(&site).await?;
        Ok(site)
    }

    /// The id of the outgoing stream; new whenever the database was created or restored.
    pub fn stream_id(&self) -> Uuid {
        *self
            .stream_id
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Goes on in the stream `id`, once [`settings::renew_stream_id`] is committed: peers count from the
    /// beginning again.
    pub fn goes_on_in(&self, id: Uuid) {
        *self
            .stream_id
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = id;
    }

    /// Whether to believe a peer that claims a place in our stream we never gave away. A database goes
    /// back in time while nobody runs it, so once a run is enough; and a peer that lies cannot make us
    /// send everything to everybody over and over.
    pub fn doubts_its_stream(&self) -> bool {
        !self.has_doubted.swap(true, Ordering::SeqCst)
    }

    /// The ticket `peer` gave this run last.
    pub fn ticket_of(&self, peer: Uuid) -> Option<Ticket> {
        let tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.get(&peer).copied()
    }

    /// Notes the ticket `peer` gives this run.
    pub fn is_given(&self, peer: Uuid, ticket: Option<Ticket>) {
        let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ticket) = ticket {
            tickets.insert(peer, ticket);
        }
    }

    /// Whether `peer` gave us what it holds of our `log`, with the same ends of what is whole here and of what
    /// it holds: there is nothing more to ask for.
    pub fn was_asked(&self, peer: Uuid, log: Uuid, ends: (i64, i64)) -> bool {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.get(&(peer, log)) == Some(&ends)
    }

    /// Notes that it did.
    pub fn has_asked(&self, peer: Uuid, log: Uuid, ends: (i64, i64)) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.insert((peer, log), ends);
    }

    /// Lets the links and long polls know that the stream may have grown. Called after the commit.
    pub fn wake(&self) {
        self.woken.send_replace(());
    }

    /// Something to wait on until [`wake`](Self::wake) is called.
    pub fn watch(&self) -> watch::Receiver<()> {
        self.woken.subscribe()
    }

    /// The absolute address of a path of this site.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// Scheme, host and port, without a slash at the end.
    pub fn origin(&self) -> String {
        self.profile.base_url.origin().ascii_serialization()
    }
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Site")
            .field("id", &self.id)
            .field("title", &self.profile.title)
            .finish_non_exhaustive()
    }
}
