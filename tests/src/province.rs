//! A province: its hub, and the units that join it.

use crate::faulty_peer::FaultyPeer;
use crate::foreign_portal::ForeignPortal;
use crate::network::Site;
use crate::postgres;
use crate::proxy::Proxy;
use crate::records::{self, Records};
use crate::server::{Grounds, Server};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// The database of a hub. Members always have SQLite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// A file in its folder.
    Sqlite,
    /// A database of its own in the run's cluster.
    Postgres,
}

/// What stands in front of a site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Front {
    /// Nothing: it listens where it is found.
    #[default]
    Open,
    /// A road that can be cut.
    Proxy,
    /// A router that lets nobody in: it can call, and cannot be called.
    Nat,
}

/// A province with a running hub.
#[derive(Debug)]
pub struct Province {
    grounds: Arc<Grounds>,
    database: Option<String>,
    /// The hub.
    pub hub: Server,
    /// The road to it, if it was founded behind one.
    pub road: Option<Proxy>,
}

/// A unit that is to join.
#[derive(Clone, Copy, Debug)]
pub struct NewMember<'a> {
    /// Its full name.
    pub name: &'a str,
    /// The code of its kind.
    pub kind: &'a str,
    /// Whether it asks for what the hub has, or is called.
    pub link: &'a str,
    /// What stands in front of it.
    pub front: Front,
}

impl<'a> NewMember<'a> {
    /// A commune that can be called.
    pub fn commune(name: &'a str) -> Self {
        Self {
            name,
            kind: "xa",
            link: "push",
            front: Front::Open,
        }
    }

    /// A commune behind a router that lets nobody in.
    pub fn behind_nat(name: &'a str) -> Self {
        Self {
            link: "pull",
            front: Front::Nat,
            ..Self::commune(name)
        }
    }

    /// A commune at the end of a road that can be cut.
    pub fn behind_proxy(name: &'a str) -> Self {
        Self {
            front: Front::Proxy,
            ..Self::commune(name)
        }
    }
}

/// A unit that has joined, and its running site.
#[derive(Debug)]
pub struct Member {
    /// Its site.
    pub server: Server,
    /// Its site's id.
    pub id: String,
    /// The road to it, if there is one that can be cut.
    pub road: Option<Proxy>,
}

impl Deref for Member {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl DerefMut for Member {
    fn deref_mut(&mut self) -> &mut Server {
        &mut self.server
    }
}

/// An invitation, as `hub invite` prints it.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// The site's id.
    pub site: String,
    /// The one-time code.
    pub code: String,
    host: Site,
}

impl Invitation {
    /// The host it is for.
    pub(crate) fn host(&self) -> Site {
        self.host
    }
}

impl Province {
    /// Founds a province and starts its hub.
    pub async fn found(backend: Backend) -> Self {
        Self::found_behind(backend, Front::Open).await
    }

    /// Founds a province whose hub has something in front of it.
    pub async fn found_behind(backend: Backend, front: Front) -> Self {
        let database = (backend == Backend::Postgres).then(postgres::database);
        Self::found_with(database, front).await
    }

    /// Founds a province whose hub keeps its records at a PostgreSQL address of the story's own.
    pub async fn found_at(database: String) -> Self {
        Self::found_with(Some(database), Front::Open).await
    }

    async fn found_with(database: Option<String>, front: Front) -> Self {
        let grounds = Grounds::take();
        let site = grounds.network.host();
        let listen = listen_address(site, front);
        let hub = Server::new("hub", "hub", site, listen, &grounds);
        let (base_url, listen) = (site.base_url().to_string(), listen.to_string());
        let private = site.private().to_string();
        let mut arguments = vec![
            "init",
            "--unit-name",
            "tỉnh Quảng Ngãi",
            "--base-url",
            &base_url,
            "--listen",
            &listen,
            "--private-listen",
            &private,
        ];
        if let Some(database) = &database {
            arguments.extend(["--database", database]);
        }
        hub.command_says(&arguments).await;
        let mut province = Self {
            grounds,
            database,
            hub,
            road: road(site, front).await,
        };
        province.hub.start().await;
        province
    }

    /// Invites a unit, to a host of its own on the province's network.
    pub async fn invite(&self, new: &NewMember<'_>) -> Invitation {
        let host = self.grounds.network.host();
        let base_url = host.base_url();
        let arguments = [
            "invite",
            "--name",
            new.name,
            "--kind",
            new.kind,
            "--base-url",
            base_url.as_str(),
        ];
        let said = self.hub.command_says(&arguments).await;
        let between = |before: &str, after: &str| {
            let (_, rest) = said.split_once(before)?;
            rest.split_once(after).map(|(found, _)| found.to_owned())
        };
        Invitation {
            site: between("(mã trang ", ")").expect("the id of the site"),
            code: between("--code ", " ").expect("a code"),
            host,
        }
    }

    /// Has a commune join and starts its site.
    pub async fn commune(&self, name: &str) -> Member {
        self.join(NewMember::commune(name)).await
    }

    /// Has a unit join and starts its site.
    ///
    /// # Panics
    /// When the hub does not let it in.
    pub async fn join(&self, new: NewMember<'_>) -> Member {
        let invitation = self.invite(&new).await;
        let mut member = self
            .answer(&invitation, new)
            .await
            .unwrap_or_else(|said| panic!("{} does not join: {said}", new.name));
        member.start().await;
        member
    }

    /// Has a unit answer an invitation; its site does not run yet. Or what the command says instead.
    pub async fn answer(
        &self,
        invitation: &Invitation,
        new: NewMember<'_>,
    ) -> Result<Member, String> {
        let listen = listen_address(invitation.host, new.front);
        Ok(Member {
            server: self.answer_at(invitation, new, listen).await?,
            id: invitation.site.clone(),
            road: road(invitation.host, new.front).await,
        })
    }

    /// Has a unit answer an invitation with a site that is to listen at `listen`.
    pub(crate) async fn answer_at(
        &self,
        invitation: &Invitation,
        new: NewMember<'_>,
        listen: std::net::SocketAddr,
    ) -> Result<Server, String> {
        let host = invitation.host;
        let name = shared::vietnamese::slug(new.name);
        let server = Server::new("member-site", &name, host, listen, &self.grounds);
        let arguments = [
            "join",
            "--hub",
            self.hub.base_url().as_str(),
            "--code",
            &invitation.code,
            "--base-url",
            host.base_url().as_str(),
            "--link",
            new.link,
            "--listen",
            &listen.to_string(),
            "--private-listen",
            &host.private().to_string(),
        ]
        .map(str::to_owned);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        server.run(&arguments).await?;
        Ok(server)
    }

    /// Has a unit join whose site is in the hands of somebody who means ill.
    pub async fn faulty_peer(&self, name: &str) -> FaultyPeer {
        let invitation = self.invite(&NewMember::commune(name)).await;
        let base_url = invitation.host.base_url();
        FaultyPeer::enrol(self.hub.base_url(), &invitation.code, &base_url).await
    }

    /// Lets the hub read the feed of a portal every second. It is on a private network, so the
    /// operator has to name it first.
    ///
    /// # Panics
    /// When the hub's settings cannot be changed.
    pub async fn reads_feed_of(&mut self, name: &str, portal: &ForeignPortal) {
        let file = self.hub.folder().join("settings.toml");
        let settings = std::fs::read_to_string(&file).expect("settings");
        let allowed = format!("allow = [{:?}, ", portal.at.to_string());
        let changed = match settings.replacen("\nallow = [", &format!("\n{allowed}"), 1) {
            same if same == settings => {
                settings.replacen("# allow = []", &format!("{allowed}]"), 1)
            }
            changed => changed,
        };
        std::fs::write(&file, changed).expect("settings");
        self.hub.restart().await;
        let arguments = [
            "add-feed",
            "--name",
            name,
            "--base-url",
            portal.base_url.as_str(),
            "--feed",
            portal.feed().as_str(),
            "--schedule",
            "* * * * * *",
        ]
        .map(str::to_owned);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        self.hub.command_says(&arguments).await;
    }

    /// [`reads_feed_of`](Self::reads_feed_of) for many at once.
    ///
    /// # Panics
    /// When the hub's settings cannot be changed.
    pub async fn reads_feeds_of(&mut self, portals: &[(&str, &ForeignPortal)]) {
        let hosts: Vec<String> = portals
            .iter()
            .map(|(_, portal)| format!("{:?}", portal.at.to_string()))
            .collect();
        self.hub
            .set("allow", &format!("[{}]", hosts.join(", ")))
            .await;
        // A hub that reads the first of them already keeps the database busy for whoever adds the last.
        self.hub.stop().await;
        for (name, portal) in portals {
            let (base, feed) = (portal.base_url.to_string(), portal.feed().to_string());
            let arguments = [
                "add-feed",
                "--name",
                *name,
                "--base-url",
                &base,
                "--feed",
                &feed,
                "--schedule",
                "* * * * * *",
            ];
            self.hub.command_says(&arguments).await;
        }
        self.hub.start().await;
    }

    /// A free host on the province's network.
    pub(crate) fn host(&self) -> Site {
        self.grounds.network.host()
    }

    /// What the hub has stored.
    pub async fn records(&self) -> Records {
        Records::read(&self.address(records::sqlite)).await
    }

    /// The address of the hub's database.
    fn address(&self, sqlite: fn(&std::path::Path) -> String) -> String {
        match &self.database {
            Some(address) => address.clone(),
            None => sqlite(&self.hub.folder().join("site.db")),
        }
    }

    /// Does something to the hub's database behind it; `$1` is `about`.
    pub async fn behind(&self, what: &str, about: &str) -> u64 {
        records::behind(&self.address(records::sqlite_for_writing), what, about).await
    }

    /// Does statements to the hub's database that only it knows.
    pub async fn behind_plainly(&self, statements: &str) {
        records::behind_plainly(&self.address(records::sqlite_for_writing), statements).await;
    }

    /// What the hub's database says to a statement that it has to refuse.
    ///
    /// # Panics
    /// When it does not refuse it.
    pub async fn behind_refused(&self, statement: &str) -> String {
        records::behind_refused(&self.address(records::sqlite_for_writing), statement).await
    }

    /// What a query of the hub's database counts; `$1` is `about`.
    pub async fn counts(&self, query: &str, about: &str) -> i64 {
        records::counted(&self.address(records::sqlite), query, about).await
    }

    /// The rows of a query of the hub's database, as JSON.
    pub async fn rows(&self, query: &str) -> Vec<serde_json::Value> {
        records::rows(&self.address(records::sqlite), query).await
    }

    /// A second machine with a copy of a stopped member's folder; it listens at an address of its own and
    /// takes itself for the member.
    ///
    /// # Panics
    /// When the folder cannot be copied.
    pub fn twin_of(&self, member: &Member) -> Server {
        let site = self.grounds.network.host();
        let twin = Server::new("member-site", "twin", site, site.public(), &self.grounds);
        let copied = std::process::Command::new("cp")
            .arg("-a")
            .arg(member.folder())
            .arg(twin.folder())
            .status();
        assert!(copied.is_ok_and(|status| status.success()), "copies");
        let file = twin.folder().join("settings.toml");
        let settings = std::fs::read_to_string(&file).expect("settings");
        let moved: String = settings
            .lines()
            .map(|line| match line.split_once(" = ") {
                Some(("listen", _)) => format!("listen = \"{}\"\n", site.public()),
                Some(("private_listen", _)) => format!("private_listen = \"{}\"\n", site.private()),
                _ => format!("{line}\n"),
            })
            .collect();
        std::fs::write(&file, moved).expect("settings");
        twin
    }

    /// Lets a burnt member come back: the code, as the hub prints it.
    pub async fn allow_rebuilding(&self, member: &str) -> String {
        let said = self
            .hub
            .command_says(&["invite", "--rebuild", member])
            .await;
        let (_, rest) = said.split_once("--code ").expect("a code");
        rest.trim().to_owned()
    }

    /// Suspends a member or lets it go on, from the command line of the hub.
    pub async fn set_suspended(&self, member: &str, suspended: bool) {
        let command = if suspended { "suspend" } else { "resume" };
        self.hub.command_says(&[command, member]).await;
    }
}

impl Member {
    /// What it has stored.
    pub async fn records(&self) -> Records {
        Records::read(&records::sqlite(&self.folder().join("site.db"))).await
    }

    /// Does something to its database behind it; `$1` is `about`.
    pub async fn behind(&self, what: &str, about: &str) -> u64 {
        let address = records::sqlite_for_writing(&self.folder().join("site.db"));
        records::behind(&address, what, about).await
    }

    /// Does statements to its database that only it knows.
    pub async fn behind_plainly(&self, statements: &str) {
        let address = records::sqlite_for_writing(&self.folder().join("site.db"));
        records::behind_plainly(&address, statements).await;
    }

    /// What a query of its database counts; `$1` is `about`.
    pub async fn counts(&self, query: &str, about: &str) -> i64 {
        let address = records::sqlite(&self.folder().join("site.db"));
        records::counted(&address, query, about).await
    }
}

fn listen_address(site: Site, front: Front) -> std::net::SocketAddr {
    match front {
        Front::Open => site.public(),
        // Nobody is at the public address of a site behind NAT.
        Front::Proxy | Front::Nat => site.behind(),
    }
}

async fn road(site: Site, front: Front) -> Option<Proxy> {
    match front {
        Front::Open | Front::Nat => None,
        Front::Proxy => Some(Proxy::open(site.public(), site.behind()).await),
    }
}
