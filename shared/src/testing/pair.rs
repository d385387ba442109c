//! A hub and a member that know each other and answer on sockets of their own; what is pushed between
//! them is pushed by the test, batch by batch.

use super::{HUB, Setup, TestSite, ToUpstream};
use crate::directory::{Mode as SiteMode, SiteDescription, State, key_record, site_record};
use crate::entries::{Mode, apply};
use crate::error::Result;
use crate::log::{EventKind, Lane, NewEvent, append, event};
use crate::media;
use crate::site::{Role, Site};
use crate::sync::cursor::{self, Direction};
use crate::sync::outgoing::{self, Share};
use crate::sync::peer::{self, LinkMode};
use crate::sync::{Audience, Outcome, Selector, api, link, receive};
use axum::Router;
use sea_orm::{DatabaseTransaction, EntityTrait};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::task::AbortHandle;
use uuid::Uuid;

/// The two of them.
pub struct Pair {
    /// The hub; passes everything on to everybody.
    pub hub: TestSite,
    /// The member.
    pub member: TestSite,
    servers: Vec<AbortHandle>,
}

impl Drop for Pair {
    fn drop(&mut self) {
        for server in &self.servers {
            server.abort();
        }
    }
}

/// A hub and a member.
pub async fn pair() -> Pair {
    let (at_hub, hub) = stand(Setup::default().role(ToEverybody)).await;
    let (at_member, member) = stand(Setup::default().role(ToUpstream)).await;
    know(&hub, &hub, None).await;
    know(&hub, &member, Some(peer::Role::Member)).await;
    know(&member, &member, None).await;
    know(&member, &hub, Some(peer::Role::Upstream)).await;
    let servers = vec![serve(at_hub, &hub), serve(at_member, &member)];
    // Nothing regular goes to a member before the directory.
    describe(&hub, member.id).await;
    push(&hub, &member).await;
    Pair {
        hub,
        member,
        servers,
    }
}

async fn stand(setup: Setup) -> (tokio::net::TcpListener, TestSite) {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = tokio::net::TcpListener::bind(any).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let site = setup.base_url(&format!("http://{address}")).site().await;
    site.db
        .write(|tx| {
            Box::pin(async move {
                peer::Entity::delete_by_id(HUB).exec(tx).await?;
                Ok(())
            })
        })
        .await
        .expect("forgets the usual hub");
    (listener, site)
}

fn serve(listener: tokio::net::TcpListener, site: &Arc<Site>) -> AbortHandle {
    let (api, _) = api::routes().with_state(Arc::clone(site)).split_for_parts();
    let routes: Router = media::serve::routes()
        .with_state(Arc::clone(site))
        .merge(api);
    let server = async move { axum::serve(listener, routes).await };
    tokio::spawn(server).abort_handle()
}

/// Makes `other` and its key known to `site`, perhaps as a peer.
pub async fn know(site: &Arc<Site>, other: &Arc<Site>, role: Option<peer::Role>) {
    let key = other.key.public_key();
    let record = site_record::Model {
        id: other.id,
        unit_id: other.unit_id,
        mode: SiteMode::Native.as_str().to_owned(),
        state: State::Active.as_str().to_owned(),
        base_url: other.origin(),
        title: other.profile.title.clone(),
        described_at: 0,
    };
    site.db
        .write(move |tx| {
            Box::pin(async move {
                let id = record.id;
                site_record::put(tx, record).await?;
                key_record::put(tx, id, &key, 0, None, None).await?;
                match role {
                    Some(role) => peer::put(tx, id, role, LinkMode::Push, 0).await,
                    None => Ok(()),
                }
            })
        })
        .await
        .expect("known");
}

/// Has the hub say what it knows of a site.
async fn describe(hub: &Arc<Site>, id: Uuid) {
    let inner = Arc::clone(hub);
    let described = hub.db.write(move |tx| {
        Box::pin(async move {
            let known = site_record::find(tx, id).await?;
            let known = known.ok_or_else(|| anyhow::anyhow!("no site {id}"))?;
            let new = NewEvent {
                kind: EventKind::SiteDescribed,
                lane: EventKind::SiteDescribed.lane(),
                unit: inner.unit_id,
                entry: None,
                rev: 0,
                content: Some(SiteDescription::load(tx, &known).await?.to_content()?),
                to: None,
            };
            append(tx, &inner, new).await
        })
    });
    described.await.expect("described");
}

/// `of` as a peer of `site`.
pub async fn peer_of(site: &Site, of: &Site) -> peer::Model {
    let found = peer::find(site.db.reader(), of.id).await.expect("reads");
    found.expect("a peer")
}

/// Delivers all that `from` has for `to`, as a link would; how many events were accepted.
pub async fn push(from: &Arc<Site>, to: &Arc<Site>) -> usize {
    let of_to = peer_of(from, to).await;
    let of_from = peer_of(to, from).await;
    let mut accepted = 0;
    for lane in Lane::ALL {
        loop {
            let share = Share::of(from, to.id, of_to.is_upstream()).await;
            let share = share.expect("a share");
            let held = cursor::get(from.db.reader(), to.id, Direction::Out, lane).await;
            let after = held.expect("reads").position_in(from.stream_id());
            let batch = outgoing::next_batch(from, &share, lane, after).await;
            let Some(batch) = batch.expect("reads") else {
                break;
            };
            let bytes = batch.to_bytes("", &from.origin()).expect("JSON");
            let receipt = receive::receive(to, &of_from, &bytes, None).await;
            let receipt = receipt.expect("a receipt");
            accepted += receipt
                .outcomes
                .iter()
                .filter(|item| item.outcome == Outcome::Accepted)
                .count();
            link::acknowledge(from, to.id, &receipt, batch.head)
                .await
                .expect("acknowledged");
        }
    }
    accepted
}

/// A hub that sends its own words and everybody's to everybody, letters to whom they are for.
pub struct ToEverybody;

#[async_trait::async_trait]
impl Role for ToEverybody {
    async fn recipients(
        &self,
        _tx: &DatabaseTransaction,
        _site: &Site,
        event: &event::Model,
    ) -> Result<Audience> {
        Ok(match event.signed_header()?.header.to {
            Some(unit) => Audience::of(Selector::Unit(unit), Mode::Suggested),
            None => Audience::of(Selector::Everyone, Mode::Suggested),
        })
    }

    async fn take_in(
        &self,
        tx: &DatabaseTransaction,
        site: &Site,
        event: &event::Model,
        _mode: Option<Mode>,
        effect: apply::Effect,
    ) -> Result<()> {
        if effect != apply::Effect::Current {
            return Ok(());
        }
        let everybody = Audience::of(Selector::Everyone, Mode::Suggested);
        outgoing::enqueue(tx, site, event, event.lane()?, &everybody).await
    }

    async fn accepted(
        &self,
        _tx: &DatabaseTransaction,
        _site: &Site,
        _entry: &crate::entries::record::Model,
    ) -> Result<()> {
        Ok(())
    }
}
