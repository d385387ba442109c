//! Many sites in one process: as many members as a province has, on one machine.
//!
//! They are what small communes run at a common host: `member-site serve` with a folder for each. Each
//! sits at the end of a road of its own, which can go bad without the others noticing.

use crate::network::Site;
use crate::province::{NewMember, Province};
use crate::proxy::Proxy;
use crate::records::{self, Records};
use crate::server::Server;
use crate::visitor::Visitor;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Members that share a process.
#[derive(Debug)]
pub struct Crowd {
    /// The process.
    pub server: Server,
    /// The members.
    pub seats: Vec<Seat>,
}

/// One of many.
#[derive(Debug)]
pub struct Seat {
    /// Its site's id.
    pub id: String,
    /// The road to it.
    pub road: Proxy,
    folder: PathBuf,
    site: Site,
    listens: SocketAddr,
}

impl Province {
    /// Has `count` communes join and starts the process they share.
    ///
    /// # Panics
    /// When the hub does not let one of them in.
    pub async fn crowd(&self, count: usize) -> Crowd {
        let mut joined = Vec::new();
        for number in 1..=count {
            let name = format!("xã thứ {number}");
            let new = NewMember::commune(&name);
            let invitation = self.invite(&new).await;
            let listens = match joined.first() {
                None => invitation.host().behind(),
                Some((_, _, listens)) => *listens,
            };
            let server = self
                .answer_at(&invitation, new, listens)
                .await
                .unwrap_or_else(|said| panic!("{name} does not join: {said}"));
            joined.push((invitation, server, listens));
        }
        let mut seats = Vec::new();
        for (invitation, server, listens) in &joined {
            let site = invitation.host();
            seats.push(Seat {
                id: invitation.site.clone(),
                road: Proxy::open(site.public(), *listens).await,
                folder: server.folder().to_owned(),
                site,
                listens: *listens,
            });
        }
        let mut servers = joined.into_iter().map(|(_, server, _)| server);
        let mut server = servers.next().expect("a crowd is at least one");
        server.serve_also(servers.map(|other| other.folder().to_owned()));
        server.start().await;
        Crowd { server, seats }
    }
}

impl Seat {
    /// Somebody at its pages who does not come by the road.
    pub fn visitor(&self) -> Visitor {
        Visitor::new(self.site.base_url(), self.listens)
    }

    /// What it has stored.
    pub async fn records(&self) -> Records {
        Records::read(&records::sqlite(&self.folder.join("site.db"))).await
    }
}
