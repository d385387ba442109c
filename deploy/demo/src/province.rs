//! The sites of the demo province: where they are, and how they come to be.

use crate::content::{Change, Content, SiteRole, Unit};
use crate::processes::Processes;
use crate::summary::{Account, SiteSummary, Summary};
use anyhow::{Context, ensure};
use hub::founding::{self, Province};
use hub::members::note;
use hub::members::registry::{self, NewMember};
use hub::relay::Relay;
use hub::routing::{Moment, Route, Source, route};
use indicatif::ProgressBar;
use member_site::join::{self, Join};
use shared::accounts::account::NewAccount;
use shared::accounts::{self, Grant, Role};
use shared::directory::Mode as SiteMode;
use shared::entries::Mode;
use shared::folder::{Folder, NewSettings};
use shared::portal;
use shared::server::Shutdown;
use shared::site::Site;
use shared::sync::Selector;
use shared::sync::peer::LinkMode;
use shared::units::attribute::{Attribute, Name};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;
use uuid::Uuid;

/// Where everything of the demo is.
#[derive(Clone, Debug)]
pub struct Layout {
    dir: PathBuf,
    /// The hub.
    pub hub: Place,
    /// The native members.
    pub members: Vec<Place>,
    /// Members that were closed: no process of theirs runs, the hub shows them in their names.
    pub archives: Vec<Place>,
    /// The portal that is not ours.
    pub foreign: Place,
}

/// One site of the demo.
#[derive(Clone, Debug)]
pub struct Place {
    /// The slug of its unit.
    pub unit: String,
    /// Its folder.
    pub folder: Folder,
    /// The port it answers at.
    pub port: u16,
    /// How its hub reaches it.
    pub link: LinkMode,
    /// The name it answers under, where it shares its port.
    pub name: Option<String>,
}

impl Place {
    /// Where it answers.
    pub fn base_url(&self) -> Url {
        let address = match &self.name {
            Some(name) => format!("{name}:{}", self.port),
            None => self.address().to_string(),
        };
        Url::parse(&format!("http://{address}/"))
            .unwrap_or_else(|_| unreachable!("an address is a URL's host"))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }
}

impl Layout {
    /// The hub at `port`, the others at the ports after it.
    pub fn new(dir: &Path, port: u16, content: &Content) -> Self {
        let mut ports = port..;
        let mut place = |unit: &Unit, link| Place {
            unit: unit.slug.clone(),
            folder: Folder::at(dir.join(&unit.slug)),
            port: ports.next().unwrap_or(port),
            link,
            name: None,
        };
        let of_role = |role: SiteRole| content.units.iter().filter(move |unit| unit.role == role);
        let hub = of_role(SiteRole::Hub).next().unwrap_or(&content.units[0]);
        let hub = place(hub, LinkMode::Push);
        let members = of_role(SiteRole::Member)
            .enumerate()
            // Every other member is called by the hub; the rest ask, as from behind a router.
            .map(|(number, unit)| {
                place(
                    unit,
                    if number % 2 == 0 {
                        LinkMode::Push
                    } else {
                        LinkMode::Pull
                    },
                )
            })
            .collect();
        let foreign = of_role(SiteRole::Feed).next().unwrap_or(&content.units[0]);
        let foreign = place(foreign, LinkMode::Pull);
        // Browsers find every name below localhost on this machine.
        let archives = of_role(SiteRole::Archive).map(|unit| Place {
            name: unit
                .host
                .as_ref()
                .and_then(|host| host.split('.').next())
                .map(|name| format!("{name}.localhost")),
            port,
            unit: unit.slug.clone(),
            folder: Folder::at(dir.join(&unit.slug)),
            link: LinkMode::Pull,
        });
        Self {
            dir: dir.to_owned(),
            archives: archives.collect(),
            hub,
            members,
            foreign,
        }
    }

    /// The folder of the demo.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The hub, the native members and those that were closed.
    pub fn native(&self) -> impl Iterator<Item = &Place> {
        std::iter::once(&self.hub)
            .chain(&self.members)
            .chain(&self.archives)
    }

    /// Removes what an interrupted start left behind. Only folders the demo itself makes are touched.
    pub fn clear(&self) -> anyhow::Result<()> {
        for place in self.native() {
            let root = place.folder.root();
            if root.exists() {
                ensure!(
                    place.folder.has_site() || root.read_dir()?.next().is_none(),
                    "{} có dữ liệu không phải của bản minh họa; hãy chọn --dir khác",
                    root.display()
                );
                std::fs::remove_dir_all(root)
                    .with_context(|| format!("không xóa được {}", root.display()))?;
            }
        }
        Ok(())
    }
}

/// Founds the hub, enters all units, and lets every member join over the wire.
pub async fn make(
    layout: &Layout,
    content: &Content,
    shutdown: &Shutdown,
) -> anyhow::Result<Summary> {
    let joining = layout.members.len() + layout.archives.len();
    let bar = ProgressBar::new(joining as u64 + 1);
    bar.set_style(crate::cli_style()?);
    bar.set_message("Lập cổng của tỉnh");
    let province = content
        .unit(&layout.hub.unit)
        .context("thiếu đơn vị của tỉnh")?;
    found_hub(layout, content, province).await?;
    let hub = open_hub(&layout.hub.folder).await?;
    for unit in content
        .units
        .iter()
        .filter(|unit| unit.role == SiteRole::Closed)
    {
        enter_closed(&hub, content, unit).await?;
    }
    add_routes(&hub).await?;
    let mut accounts = vec![(
        layout.hub.unit.clone(),
        add_accounts(&hub, content, &layout.hub.unit).await?,
    )];
    bar.inc(1);
    let running = Processes::start_hub(layout).await?;
    for place in layout.members.iter().chain(&layout.archives) {
        if shutdown.is_triggered() {
            break;
        }
        let unit = content
            .unit(&place.unit)
            .context("đơn vị không có trong nội dung mẫu")?;
        bar.set_message(format!("Kết nối {}", unit.name));
        join_member(&hub, layout, content, place, unit).await?;
        let site = open_member(&place.folder).await?;
        accounts.push((
            place.unit.clone(),
            add_accounts(&site, content, &place.unit).await?,
        ));
        bar.inc(1);
    }
    running.stop().await;
    let foreign = content
        .unit(&layout.foreign.unit)
        .context("thiếu trang ngoài")?;
    add_foreign(&hub, layout, content, foreign).await?;
    bar.finish_with_message("Các đơn vị đã kết nối");
    summarise(layout, content, accounts)
}

async fn found_hub(layout: &Layout, content: &Content, province: &Unit) -> anyhow::Result<()> {
    let settings = NewSettings {
        base_url: layout.hub.base_url(),
        title: province
            .site_name
            .clone()
            .unwrap_or_else(|| province.name.clone()),
        unit_name: province.name.clone(),
        tagline: Some(province.tagline.clone()),
        listen: layout.hub.address(),
        private_listen: None,
        link: LinkMode::Push,
        database_url: None,
        allow: vec![layout.foreign.address().to_string()],
        demo: true,
    };
    let founded = Province {
        unit: Some(province.id),
        attributes: attributes(content, province)?,
        kind: province.kind.clone(),
    };
    founding::found(&layout.hub.folder, &settings, founded).await
}

/// Opens the hub's folder.
pub async fn open_hub(folder: &Folder) -> anyhow::Result<Arc<Site>> {
    Ok(
        portal::open::<migrations::HubSchema>(folder, Arc::new(Relay))
            .await?
            .0,
    )
}

/// Opens a member's folder.
pub async fn open_member(folder: &Folder) -> anyhow::Result<Arc<Site>> {
    let role = Arc::new(member_site::inbox::Member);
    Ok(portal::open::<migrations::SiteSchema>(folder, role)
        .await?
        .0)
}

/// What holds and held of a unit.
fn attributes(content: &Content, unit: &Unit) -> anyhow::Result<Vec<Attribute>> {
    // What ends a unit that went into others is an operation of its own.
    let goes_on = unit.merged_into().next().is_some();
    let dated = |name: Name, value: String| Attribute {
        name,
        value,
        valid_from: unit.from,
        valid_to: unit.until.filter(|_| !goes_on),
        basis: None,
    };
    let mut all = vec![
        dated(Name::Name, unit.name.clone()),
        dated(Name::ShortName, unit.short_name.clone()),
        dated(Name::Kind, unit.kind.clone()),
    ];
    if let Some(parent) = &unit.parent {
        let parent = content
            .unit(parent)
            .with_context(|| format!("thiếu đơn vị cấp trên {parent}"))?;
        all.push(dated(Name::Parent, parent.id.to_string()));
    }
    all.extend(unit.gso_code.clone().map(|code| dated(Name::GsoCode, code)));
    all.extend(unit.agency_eid.clone().map(|id| dated(Name::AgencyEid, id)));
    all.extend(unit.host.clone().map(|host| dated(Name::Host, host)));
    all.extend(
        unit.population
            .map(|people| dated(Name::Population, people.to_string())),
    );
    let stays = |change: &&Change| change.attribute != "merged_into";
    for change in unit.changes.iter().filter(stays) {
        let name: Name =
            serde_json::from_value(serde_json::Value::String(change.attribute.clone()))
                .with_context(|| format!("{}: thuộc tính lạ {}", unit.slug, change.attribute))?;
        let value = match (name, content.unit(&change.value)) {
            (Name::SplitInto | Name::Parent, Some(other)) => other.id.to_string(),
            _ => change.value.clone(),
        };
        all.push(Attribute {
            name,
            value,
            valid_from: change.from,
            valid_to: change.until,
            basis: change.basis.clone(),
        });
    }
    Ok(all)
}

/// A unit that is no more keeps its name and its past, without a portal.
async fn enter_closed(hub: &Arc<Site>, content: &Content, unit: &Unit) -> anyhow::Result<()> {
    let (id, attributes) = (unit.id, attributes(content, unit)?);
    hub.db
        .write(move |tx| {
            Box::pin(async move { shared::units::attribute::replace(tx, id, &attributes).await })
        })
        .await?;
    Ok(())
}

/// The unit that has been silent for longer than it may.
const SILENT: &str = "dak-rve";

/// Besides the routes every province begins with: what the province accepts stands on the communes'
/// pages at once, and flood warnings travel among communes ahead of everything.
async fn add_routes(hub: &Arc<Site>) -> anyhow::Result<()> {
    let neighbours = Route::new(
        "Tin các xã đã được tỉnh tiếp nhận đăng trên trang các xã",
        Source {
            from: Some(Selector::Level("xa".to_owned())),
            kinds: vec!["article".to_owned()],
            ..Source::default()
        },
        Selector::Level("xa".to_owned()),
        Mode::Mandatory,
        Moment::Acceptance,
    );
    let mut flood = Route::new(
        "Cảnh báo thiên tai giữa các xã",
        Source {
            sections: vec!["phong-chong-thien-tai".to_owned()],
            kinds: vec!["notice".to_owned()],
            ..Source::default()
        },
        Selector::Level("xa".to_owned()),
        Mode::Mandatory,
        Moment::Arrival,
    );
    flood.lane = Some(shared::log::Lane::Urgent);
    hub.db
        .write(move |tx| {
            Box::pin(async move {
                route::add(tx, &neighbours).await?;
                route::add(tx, &flood).await
            })
        })
        .await?;
    Ok(())
}

async fn join_member(
    hub: &Arc<Site>,
    layout: &Layout,
    content: &Content,
    place: &Place,
    unit: &Unit,
) -> anyhow::Result<()> {
    let title = unit.site_name.clone().unwrap_or_else(|| unit.name.clone());
    let new = NewMember {
        unit: Some(unit.id),
        attributes: attributes(content, unit)?,
        mode: SiteMode::Native,
        base_url: place.base_url(),
        title,
    };
    let (id, code) = registry::add(hub, new, &shared::audit::Actor::CommandLine).await?;
    settle(hub, id, unit).await?;
    let code = code.context("một trang được mời phải có mã")?;
    let join = Join {
        hub: layout.hub.base_url(),
        code: code.as_str().to_owned(),
        base_url: place.base_url(),
        link: place.link,
        listen: place.address(),
        private_listen: None,
        demo: true,
    };
    join::join(&place.folder, &join).await?;
    Ok(())
}

/// The year the demo tells of ended some time ago: as if the province let most units be silent for long, so that the one
/// that is silent for longer than it may stands out.
async fn settle(hub: &Arc<Site>, site_id: Uuid, unit: &Unit) -> anyhow::Result<()> {
    if unit.slug == SILENT {
        return Ok(());
    }
    let note = note::Model {
        site_id,
        silent_days: Some(*note::SILENT_DAYS.end()),
        changed_at: hub.clock.now().timestamp_millis(),
        ..note::Model::default()
    };
    hub.db
        .write(move |tx| Box::pin(async move { note::put(tx, note).await }))
        .await?;
    Ok(())
}

async fn add_foreign(
    hub: &Arc<Site>,
    layout: &Layout,
    content: &Content,
    unit: &Unit,
) -> anyhow::Result<()> {
    let new = NewMember {
        unit: Some(unit.id),
        attributes: attributes(content, unit)?,
        mode: SiteMode::Feed,
        base_url: layout.foreign.base_url(),
        title: unit.site_name.clone().unwrap_or_else(|| unit.name.clone()),
    };
    let (site_id, _): (Uuid, _) =
        registry::add(hub, new, &shared::audit::Actor::CommandLine).await?;
    settle(hub, site_id, unit).await?;
    let feed = layout.foreign.base_url().join(crate::foreign::PATH)?;
    hub::feed_import::source::add_import(hub, site_id, &feed, "*/30 * * * * *").await?;
    Ok(())
}

async fn add_accounts(
    site: &Arc<Site>,
    content: &Content,
    unit: &str,
) -> anyhow::Result<Vec<Account>> {
    let mut made = Vec::new();
    for account in content
        .accounts
        .iter()
        .filter(|account| account.unit == unit)
    {
        let password = accounts::cli::make_password()?;
        let role = Role::from(account.role);
        let new = NewAccount {
            login: account.login.clone(),
            name: account.name.clone(),
            grants: grants_of(site, role),
            password: password.clone(),
        };
        accounts::cli::create(site, new).await?;
        made.push(Account {
            login: account.login.clone(),
            name: account.name.clone(),
            role,
            password,
        });
    }
    Ok(made)
}

fn summarise(
    layout: &Layout,
    content: &Content,
    accounts: Vec<(String, Vec<Account>)>,
) -> anyhow::Result<Summary> {
    let site = |place: &Place| -> anyhow::Result<SiteSummary> {
        let unit = content
            .unit(&place.unit)
            .context("đơn vị không có trong nội dung mẫu")?;
        let base = place.base_url();
        let feed = |path: &str| base.join(path).map(|url| url.to_string());
        let own = accounts.iter().find(|(unit, _)| *unit == place.unit);
        Ok(SiteSummary {
            unit: unit.name.clone(),
            base_url: base.to_string(),
            accounts: own
                .map(|(_, accounts)| accounts.clone())
                .unwrap_or_default(),
            feeds: vec![feed("atom")?, feed("rss")?, feed("feed.json")?],
        })
    };
    let foreign_unit = content
        .unit(&layout.foreign.unit)
        .context("thiếu trang ngoài")?;
    Ok(Summary {
        office_code: None,
        receipts: Vec::new(),
        port: layout.hub.port,
        hub: site(&layout.hub)?,
        members: layout
            .members
            .iter()
            .map(site)
            .collect::<anyhow::Result<_>>()?,
        foreign: SiteSummary {
            unit: foreign_unit.name.clone(),
            base_url: layout.foreign.base_url().to_string(),
            accounts: Vec::new(),
            feeds: vec![
                layout
                    .foreign
                    .base_url()
                    .join(crate::foreign::PATH)?
                    .to_string(),
            ],
        },
    })
}

/// Who runs a site of the demo may do everything there; who approves at the province also recalls.
fn grants_of(site: &Site, role: Role) -> Vec<Grant> {
    let offered = site.role.account_roles();
    let roles: &[Role] = match role {
        Role::Admin => site.role.first_roles(),
        Role::Approver => &[Role::Approver, Role::HubEditor],
        ref other => std::slice::from_ref(other),
    };
    roles
        .iter()
        .filter(|role| offered.contains(role))
        .copied()
        .map(Grant::from)
        .collect()
}
